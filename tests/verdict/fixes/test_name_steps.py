"""The steps of a fix of a name: which records go, why, and what is registered before."""

from __future__ import annotations

import pytest

from livemigration.base.addresses import Address, parse_address
from livemigration.verdict.fixes import names as fixes
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_HOST_STATUS

MACHINE = FixTarget("hv07.contoso.com", "vmm01.contoso.com")
NAME = "hv07.mgmt.contoso.com"
WRONG, ALSO, RIGHT, OTHER = map(parse_address, ("10.1.9.7", "10.1.8.7", "10.1.1.7", "10.1.2.7"))
LOOK_UP = (
    f"Resolve-DnsName -Name '{NAME}' -Type 'A'",
    f"Resolve-DnsName -Name '{NAME}' -Type 'AAAA'",
)


def test_a_name_that_keeps_an_address_only_loses_the_wrong_ones() -> None:
    fix = fixes.replace(MACHINE, NAME, (WRONG,), (RIGHT,), (RIGHT,), ", which is stale")
    assert fix.console[0] == (f"In DNS, remove the record of {NAME} with 10.1.9.7, which is stale.")
    assert len(fix.console) == 2
    assert fix.console[1].startswith("On vmm01.contoso.com, ")
    assert fix.summary == f"Remove 10.1.9.7 from the name {NAME}."
    assert fix.commands == LOOK_UP
    assert fix.source == TROUBLESHOOT_HOST_STATUS


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ((), "the management address of the host"),
        ((RIGHT,), "the management address of the host, 10.1.1.7"),
        ((RIGHT, OTHER), "the management address of the host, one of 10.1.1.7 and 10.1.2.7"),
    ],
)
def test_a_name_without_a_right_address_gets_one_before_it_loses_any(
    right: tuple[Address, ...], said: str
) -> None:
    fix = fixes.replace(MACHINE, NAME, (WRONG, ALSO), right)
    register, wait, remove, look = fix.console
    assert register == f"In DNS, register {NAME} with {said}."
    assert wait.startswith("On vmm01.contoso.com, look the name up")
    assert remove == (
        f"Only then, in DNS, remove the records of {NAME} with 10.1.9.7 and 10.1.8.7."
    )
    assert look.startswith("On vmm01.contoso.com, ")
    assert fix.summary == (
        f"Register {said}, and then remove 10.1.9.7 and 10.1.8.7 from the name {NAME}."
    )
    missing = fixes.register(MACHINE, NAME, right)
    assert missing.console[0] == register
    assert missing.console[1].startswith("On vmm01.contoso.com, ")
    assert missing.commands == LOOK_UP
    assert missing.summary == f"Make {NAME} resolve on the VMM server vmm01.contoso.com."
    assert missing.source == TROUBLESHOOT_HOST_STATUS


@pytest.mark.parametrize(
    ("owners", "because"),
    [((), ""), (("hv08", "hv09"), ", which is an address of hv08 and hv09")],
)
def test_an_address_of_another_machine_is_removed_with_its_owners(
    owners: tuple[str, ...], because: str
) -> None:
    fix = fixes.correct(
        MACHINE, NAME, WRONG, owners, (RIGHT,), (RIGHT,), place=fixes.Place.EVERYWHERE
    )
    assert fix == fixes.replace(MACHINE, NAME, (WRONG,), (RIGHT,), (RIGHT,), because)
    assert fix.console[0] == f"In DNS, remove the record of {NAME} with 10.1.9.7{because}."
    bare = fixes.correct(MACHINE, NAME, WRONG, owners, place=fixes.Place.FIRST)
    assert bare.console[2].endswith(f"with 10.1.9.7{because}.")


def test_an_own_address_that_vmm_should_not_use_stays_out_of_dns() -> None:
    fix = fixes.tidy(MACHINE, NAME, (WRONG,), (RIGHT,), (RIGHT,))
    assert fix.console[0].startswith("On hv07.contoso.com, ")
    assert fix.console[1:] == (f"In DNS, remove the record of {NAME} with 10.1.9.7.",)
    assert fix.summary == f"Keep 10.1.9.7 out of the name {NAME}."
    assert fix.commands == LOOK_UP
    assert fix.source == TROUBLESHOOT_HOST_STATUS
    bare = fixes.tidy(MACHINE, NAME, (WRONG,))
    assert bare.console[1] == f"In DNS, register {NAME} with the management address of the host."
    assert bare.summary.startswith("Register the management address of the host, and then keep ")
