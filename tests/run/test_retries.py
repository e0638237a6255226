"""How often machines were asked again: told where there were any, and only there."""

from __future__ import annotations

from dataclasses import replace

from livemigration.facts.host import HOST_ACCESS, HostAccess
from livemigration.facts.model import FactSheet, Gathered, Subject, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS, VmmAccess
from livemigration.run.sessions import Retried, joined_retries, retries_of, retry_sentence

ACCESS = HostAccess("hv01, port 5985", "Vendor", "1.0")


def host(name: str, retries: int) -> FactSheet:
    access = Gathered(replace(ACCESS, retries=retries), Vantage.SUITE)
    return FactSheet(Subject.HOST, name, {HOST_ACCESS.name: access})


def vmm(name: str, retries: int) -> FactSheet:
    access = Gathered(VmmAccess("vmm01", "Vendor", "1.0", retries=retries), Vantage.SUITE)
    return FactSheet(Subject.VMM, name, {VMM_ACCESS.name: access})


def test_machines_that_were_asked_again_are_told_with_how_often() -> None:
    hosts = {"hv01": host("hv01", 2), "hv02": host("hv02", 0), "hv03": host("hv03", 5)}
    found = retries_of(RunFacts(hosts, {"vmm01": vmm("vmm01", 1)}))
    assert found == (Retried("vmm01", 1), Retried("hv01", 2), Retried("hv03", 5))
    assert retry_sentence(found) == (
        "8 requests were made again because the machine was busy: hv03 (5), hv01 (2) and vmm01 (1)."
    )
    assert retry_sentence(found[:1]).startswith("1 request was made again")


def test_a_machine_that_has_two_roles_is_counted_once() -> None:
    facts = RunFacts({"hv01": host("hv01", 2)}, {"hv01": vmm("hv01", 2)})
    assert retries_of(facts) == (Retried("hv01", 2),)


def test_nothing_is_told_where_nobody_was_busy() -> None:
    assert retries_of(RunFacts({"hv01": host("hv01", 0)}, {})) == ()
    assert not retry_sentence(())


def test_a_joined_run_asked_again_what_its_parts_did() -> None:
    one, other = (Retried("hv01", 2),), (Retried("hv01", 1), Retried("hv02", 4))
    assert joined_retries([one, other]) == (Retried("hv01", 3), Retried("hv02", 4))
