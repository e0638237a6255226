"""What it took to ask each machine, and which refused to tell rows apart: told once, and joined."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livemigration.base import codec
from livemigration.facts.host import HOST_ACCESS, HostAccess, Slowed
from livemigration.facts.model import FactSheet, Gathered, Subject, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS, VmmAccess
from livemigration.run.sessions import (
    Traffic,
    Unfiltered,
    joined_slowed,
    joined_traffic,
    joined_unfiltered,
    second_sentence,
    slowed_of,
    slowed_sentence,
    traffic_of,
    unfiltered_of,
    unfiltered_sentences,
)

ACCESS = HostAccess("hv01, port 5985", "", "")
REST = "or another host of the same build did: every row was asked for, to the same verdicts."
ADDRESSES, SERVICES = "MSFT_NetAddressFilter", "MSFT_NetServiceFilter"


def host(
    name: str, requests: int = 0, size: int = 0, unfiltered: tuple[str, ...] = ()
) -> FactSheet:
    access = replace(
        ACCESS, requests=requests, bytes_out=size, bytes_in=2 * size, unfiltered=unfiltered
    )
    return FactSheet(Subject.HOST, name, {HOST_ACCESS.name: Gathered(access, Vantage.SUITE)})


def with_access(name: str, access: HostAccess) -> FactSheet:
    return FactSheet(Subject.HOST, name, {HOST_ACCESS.name: Gathered(access, Vantage.SUITE)})


def facts(*hosts: FactSheet, vmm: int = 0) -> RunFacts:
    access = VmmAccess("vmm01", "Vendor", "1.0", requests=vmm, bytes_out=1, bytes_in=2)
    server = FactSheet(Subject.VMM, "vmm01", {VMM_ACCESS.name: Gathered(access, Vantage.SUITE)})
    return RunFacts({each.name: each for each in hosts}, {"vmm01": server})


def test_each_machine_that_was_asked_has_its_costs() -> None:
    found = traffic_of(facts(host("hv01", 22, 100), host("hv02"), vmm=9))
    assert found == (Traffic("vmm01", 9, 1, 2), Traffic("hv01", 22, 100, 200))


def test_a_machine_of_two_roles_has_one_line() -> None:
    assert traffic_of(facts(host("vmm01", 22, 100), vmm=9)) == (Traffic("vmm01", 22, 100, 200),)


def test_a_joined_run_took_what_its_parts_took() -> None:
    one, other = (
        (Traffic("hv01", 1, 2, 3),),
        (Traffic("hv01", 10, 20, 30), Traffic("hv02", 5, 6, 7)),
    )
    assert joined_traffic([one, other]) == (Traffic("hv01", 11, 22, 33), Traffic("hv02", 5, 6, 7))


def test_what_a_second_connection_cost_and_gained_is_told() -> None:
    one = replace(ACCESS, requests=21, logons=1)
    two = replace(ACCESS, requests=22, logons=2, beside=10)
    told = traffic_of(facts(with_access("hv01", one), with_access("hv02", two)))
    assert [(each.logons, each.chain) for each in told] == [(1, 0), (2, 12)]
    assert second_sentence(told) == (
        "hv02 was asked over a second connection as well, for 1 sign-in more: of 22 requests to "
        "hv02, 12 came one after another."
    )
    assert second_sentence(told[:1]) == ""
    assert second_sentence([*told, replace(told[1], machine="hv03", requests=26, chain=14)]) == (
        "hv02 and hv03 were asked over a second connection as well, for 2 sign-ins more: of 26 "
        "requests to hv03, 14 came one after another."
    )


@pytest.mark.parametrize(
    ("refusals", "lateness", "why"),
    [
        (True, False, "several refused for now"),
        (False, True, "signing in took longer and longer"),
        (True, True, "several refused for now and signing in took longer and longer"),
    ],
)
def test_that_fewer_hosts_were_asked_at_once_is_one_sentence(
    refusals: bool, lateness: bool, why: str
) -> None:
    slowed = Slowed(8, refusals, lateness)
    found = facts(host("hv01"), with_access("hv02", replace(ACCESS, slowed=slowed)))
    assert slowed_of(found) == slowed
    assert slowed_sentence(slowed) == (
        "Fewer hosts were asked side by side than concurrent_hosts allows, 8 at the least, because "
        f"{why}: the inventory can begin with fewer."
    )
    assert slowed_of(facts(host("hv01"))) is None
    assert slowed_sentence(None) == ""
    assert joined_slowed([None, slowed, Slowed(2, refusals=True, lateness=False)]) == (
        Slowed(2, refusals=True, lateness=lateness)
    )


def test_a_joined_run_has_the_chains_of_its_parts() -> None:
    one, two = Traffic("hv01", 21, 0, 0, 1), Traffic("hv01", 22, 0, 0, 2, 12)
    assert joined_traffic([(one,), (one,)]) == (Traffic("hv01", 42, 0, 0, 2),)
    assert joined_traffic([(one,), (two,)]) == (Traffic("hv01", 43, 0, 0, 3, 33),)


def test_what_a_machine_took_is_no_difference_of_its_facts() -> None:
    assert replace(ACCESS, requests=1, bytes_out=2, bytes_in=3) == ACCESS
    assert replace(ACCESS, unfiltered=(ADDRESSES,)) != ACCESS


def test_facts_of_releases_that_counted_nothing_are_read() -> None:
    old = {"endpoint": "hv01", "product_vendor": "V", "product_version": "1", "retries": 2}
    read: HostAccess = codec.from_json(HostAccess, old)
    assert (read.retries, read.requests, read.bytes_in, read.unfiltered) == (2, 0, 0, ())
    assert traffic_of(facts(host("hv01"))) == ()


def test_hosts_that_refused_the_same_are_told_together() -> None:
    both = (ADDRESSES, SERVICES)
    found = unfiltered_of(
        facts(
            host("hv01", unfiltered=both), host("hv02", unfiltered=both), host("hv03"),
            host("hv04", unfiltered=(SERVICES,)),
        )
    )  # fmt: skip
    assert found == (Unfiltered(both, ("hv01", "hv02")), Unfiltered((SERVICES,), ("hv04",)))
    assert unfiltered_sentences(found) == (
        f"hv01 and hv02 refused to be asked for some rows of {ADDRESSES} and {SERVICES}, {REST}",
        f"hv04 refused to be asked for some rows of {SERVICES}, {REST}",
    )
    assert unfiltered_sentences(()) == ()


def test_a_joined_run_names_each_host_once() -> None:
    one, other = Unfiltered((SERVICES,), ("hv01",)), Unfiltered((SERVICES,), ("hv01", "hv02"))
    assert joined_unfiltered([(one,), (other,)]) == (Unfiltered((SERVICES,), ("hv01", "hv02")),)
