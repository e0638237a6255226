from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import fact_parts
import pytest
from fact_parts import facts_with, local_addresses, network_row, probes_of
from in_turn import in_turn
from report_runs import blocked, passed, result

from livemigration.base import codec
from livemigration.base.addresses import parse_address
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.migration import (
    LISTENERS,
    MIGRATION_NETWORKS,
    MigrationService,
)
from livemigration.facts.model import (
    FactGroup,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
)
from livemigration.facts.network import LOCAL_ADDRESSES, LocalAddress
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import (
    VMM_PROBES,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_RESOLUTION,
    VmmProbes,
    VmmRecord,
    VmmRelease,
    VmmResolution,
)
from livemigration.run.evidence.facts import MAX_LINE, MAX_LINES, Groups, evidence_of, fact_of
from livemigration.run.evidence.model import Fact, FactState, NetworkHost, Reached, TargetFacts
from livemigration.run.evidence.network import MAX_ATTACHMENTS, MAX_ATTEMPTS, network_of
from livemigration.verdict.findings import Fix, fail, ok, warn
from livemigration.verdict.networks import USER_MANAGED

VMM = "vmm01.lab.test"
OWN, MIGRATION = "10.20.10.11", "10.20.30.11"
DOWN = NotGathered(
    GatherFailure(FailureKind.TIMED_OUT, "Connecting to hv02", "timed out", "Look.", "LM302")
)


def gathered(group: FactGroup[Any], value: Any) -> dict[str, Outcome[Any]]:
    return fact_parts.gathered(group, value, 0.5)


def local(*texts: str) -> tuple[LocalAddress, ...]:
    return local_addresses(texts, "vEthernet")


def probes(*made: tuple[str, int, int]) -> dict[str, Outcome[Any]]:
    found = probes_of({(address, port): code for address, port, code in made}, 1)
    return gathered(VMM_PROBES, VmmProbes(found))


def outcomes(**also: Mapping[str, Outcome[Any]]) -> dict[str, Outcome[Any]]:
    """Return the facts of a host on two subnets that accepts live migration on one."""
    row = network_row("10.20.30.0/24", USER_MANAGED, metric=0)
    service = MigrationService((parse_address(MIGRATION), parse_address("fe80::1")), 0, 0)
    found: dict[str, Outcome[Any]] = {
        **gathered(LOCAL_ADDRESSES, local(f"{OWN}/24", f"{MIGRATION}/24", "127.0.0.1/8")),
        **gathered(MIGRATION_NETWORKS, (row,)),
        **gathered(LISTENERS, service),
        **gathered(VMM_RESOLUTION, VmmResolution("hv01", (parse_address(OWN),))),
        **gathered(VMM_RECORD, VmmRecord(True, "hv01", "hvcl01")),
    }
    for each in also.values():
        found |= each
    return found


def facts_of(**hosts: Mapping[str, Outcome[Any]]) -> RunFacts:
    return facts_with(hosts, VMM, gathered(VMM_RELEASE, VmmRelease("3.1.6011.0", None)))


def host_of(facts: RunFacts, name: str = "hv01") -> NetworkHost:
    found = network_of(facts, {"hv01": ("ams",)}).hosts
    return next(each for each in found if each.name == name)


def test_each_address_of_a_host_says_what_it_is_for() -> None:
    host = host_of(facts_of(hv01=outcomes()))
    assert (host.vmm, host.groups, host.cluster) == (VMM, ("ams",), "hvcl01")
    shown = [
        (str(each.address), str(each.subnet), each.management, each.migration, each.listener)
        for each in host.attachments
    ]
    assert shown == [
        (OWN, "10.20.10.0/24", True, False, False),
        (MIGRATION, "10.20.30.0/24", False, True, True),
    ]


@in_turn(
    "code, reached",
    [
        (0, Reached.OPEN),
        (10061, Reached.REFUSED),
        (10060, Reached.TIMED_OUT),
        (10065, Reached.FAILED),
    ],
)
def test_a_probe_keeps_what_became_of_it(code: int, reached: Reached) -> None:
    (attempt,) = host_of(facts_of(hv01=outcomes(p=probes((OWN, 6600, code))))).attempts
    assert (attempt.reached, attempt.code, attempt.port) == (reached, code, 6600)
    assert (str(attempt.subnet), attempt.foreign) == ("10.20.10.0/24", False)


def test_an_address_that_is_not_the_hosts_own_is_marked_and_placed_by_other_hosts() -> None:
    other = gathered(LOCAL_ADDRESSES, local("10.20.99.12/24"))
    mine = outcomes(p=probes(("10.20.99.12", 5985, 0), ("192.0.2.1", 5985, 10060)))
    stale, nowhere = host_of(facts_of(hv01=mine, hv02=other)).attempts
    assert (str(stale.subnet), stale.foreign) == ("10.20.99.0/24", True)
    assert (nowhere.subnet, nowhere.foreign) == (None, True)


def test_a_host_that_could_not_be_read_says_why_and_calls_no_address_foreign() -> None:
    host = host_of(facts_of(hv01={HOST_ACCESS.name: DOWN, **probes((OWN, 5985, 10060))}))
    assert host.problem == "Connecting to hv02: timed out."
    assert not host.attachments
    assert [each.foreign for each in host.attempts] == [False]


def test_the_addresses_and_attempts_of_a_host_are_bounded() -> None:
    many = [f"10.20.{number}.1/24" for number in range(50)]
    tried = probes(*((each.partition("/")[0], 6600, 0) for each in many))
    host = host_of(facts_of(hv01={**gathered(LOCAL_ADDRESSES, local(*many)), **tried}))
    assert (len(host.attachments), host.attachments_left_out) == (MAX_ATTACHMENTS, 34)
    assert (len(host.attempts), host.attempts_left_out) == (MAX_ATTEMPTS, 18)


CHECKS: dict[str, Groups] = {
    "LM102": (MIGRATION_NETWORKS, LISTENERS, VMM_RELEASE),
    "LM201": (VMM_RESOLUTION,),
    "LM203": (VMM_PROBES, MIGRATION_NETWORKS),
}
FAILS = fail("o", "e", Fix("k", "Mend it."))


def shown(targets: Sequence[TargetFacts]) -> dict[str, list[str]]:
    return {each.target: [fact.group for fact in each.facts] for each in targets}


def test_only_what_is_more_than_a_pass_brings_its_facts_and_each_group_once() -> None:
    facts = facts_of(hv01=outcomes(p=probes((OWN, 6600, 0))), hv02=outcomes())
    results = [
        result("LM102", "hv01", FAILS),
        result("LM203", "hv01", warn("o", "e")),
        result("LM201", "hv01", ok("fine")),
        *passed("hv02"),
    ]
    evidence = evidence_of(facts, results, CHECKS)
    assert shown(evidence.targets) == {
        VMM: ["vmm-release"],
        "hv01": ["migration-networks", "listeners", "vmm-probes"],
    }
    assert {each.check for each in evidence.checks} == {"LM102", "LM203"}
    source = next(each for each in evidence.sources if each.group == "migration-networks")
    assert source.wmi_class == "Msvm_VirtualSystemMigrationNetworkSettingData"
    assert source.namespace == "root/virtualization/v2"
    assert "Tags" in source.properties


@in_turn("group", [MIGRATION_NETWORKS, LISTENERS, VMM_RESOLUTION, LOCAL_ADDRESSES])
def test_the_lines_of_a_fact_are_the_json_of_the_facts_file(group: FactGroup[Any]) -> None:
    outcome = outcomes()[group.name]
    assert isinstance(outcome, Gathered)
    fact = fact_of(group, outcome)
    assert json.loads("\n".join(fact.lines)) == codec.to_json(outcome.value, group.type)
    assert (fact.state, fact.vantage, fact.seconds) == (FactState.GATHERED, group.vantage, 0.5)


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        (DOWN, FactState.NOT_GATHERED, "Connecting to hv02: timed out. Look."),
        (Inapplicable("No such class."), FactState.INAPPLICABLE, "No such class."),
    ],
)
def test_what_was_not_read_says_why(outcome: Outcome[Any], state: FactState, words: str) -> None:
    assert fact_of(LISTENERS, outcome) == Fact("listeners", state, (words,))


def test_a_long_value_is_cut_and_says_so() -> None:
    many = tuple(local(*(f"10.0.{n}.1/24" for n in range(100))))
    fact = fact_of(LOCAL_ADDRESSES, Gathered(many, Vantage.HOST))
    assert len(fact.lines) == MAX_LINES
    assert fact.lines_left_out == 102 - MAX_LINES
    assert not fact.cut
    long = fact_of(VMM_RELEASE, Gathered(VmmRelease("9" * 5000, None), Vantage.VMM))
    assert long.cut
    assert max(map(len, long.lines)) == MAX_LINE


def test_what_does_not_fit_is_named_and_red_results_come_first() -> None:
    facts = facts_of(hv01=outcomes(), hv02=outcomes())
    results = [blocked("LM201", "hv01", "LM001", "down"), result("LM102", "hv02", FAILS)]
    whole = evidence_of(facts, results, CHECKS)
    assert list(shown(whole.targets)) == [VMM, "hv02", "hv01"]
    size = sum(len(line) for each in whole.targets[:2] for f in each.facts for line in f.lines)
    little = evidence_of(facts, results, CHECKS, characters=size)
    assert shown(little.targets) == {**shown(whole.targets), "hv01": []}
    assert little.targets[2].left_out == ("vmm-resolution",)


def test_a_fact_says_when_it_was_gathered_in_whole_seconds() -> None:
    moment = datetime(2026, 11, 23, 16, 0, 1, 999, UTC)
    value = LocalAddress(parse_address("10.0.0.1"), 24, "Ethernet")
    fact = fact_of(LOCAL_ADDRESSES, Gathered((value,), Vantage.HOST, 0.1, moment))
    assert fact.at == datetime(2026, 11, 23, 16, 0, 1, tzinfo=UTC)
    assert codec.from_json(Fact, codec.to_json(fact)) == fact
