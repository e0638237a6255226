"""Redaction: what was judged of facts is judged of them again when they are redacted."""

from __future__ import annotations

import ipaddress
import json
from datetime import UTC, datetime

import pytest
from case_tables import CASES
from fact_builders import CHECKS
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from run_builders import entry_of
from sampling import sampled

from livemigration.bundle.stays import machine_names, staying
from livemigration.collector import snapshot
from livemigration.collector.redact import redact
from livemigration.facts.firewall_words import Match
from livemigration.facts.model import Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.result import Result
from livemigration.run.runner import evaluate
from livemigration.verdict.firewall.match import addresses_fit, program_fits

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def again(facts: RunFacts, policy: Policy) -> tuple[RunFacts, Policy]:
    """Return facts, and what they are judged by, as they are after redaction."""
    document = snapshot.document_of(facts, gathered=NOW, inventory="site.yaml", digest="")
    subnets = [str(each) for each in policy.migration_subnets]
    facts_of_it = json.loads(json.dumps(document))
    # A pattern fits no replaced name: what it fits takes its place, as in a bundle.
    stays = staying(policy, machine_names(facts_of_it))
    hidden = redact({"facts": facts_of_it, "subnets": subnets, "name": stays})
    changed = policy.model_dump() | {
        "migration_subnets": hidden["subnets"],
        "stays": hidden["name"],
    }
    return snapshot.facts_of(hidden["facts"]), Policy.model_validate(changed)


def in_a_file(facts: RunFacts) -> RunFacts:
    """Return facts as they are in a file: what no host is without was not read, where it is not."""
    document = snapshot.document_of(facts, gathered=NOW, inventory="site.yaml", digest="")
    return snapshot.facts_of(json.loads(json.dumps(document)))


def judge(check: str, facts: RunFacts, policy: Policy) -> Result:
    found = CHECKS[check]
    target = next(iter(facts.hosts if found.target is Subject.HOST else facts.vmms))
    return evaluate(found, facts, entry_of(found, target), policy)


def told(result: Result) -> list[str]:
    blocked = result.blocked_by.check if result.blocked_by is not None else ""
    levels = sorted(each.level.value for each in result.findings)
    return [result.state.value, blocked, *levels]


@pytest.mark.parametrize("check", sampled(sorted(CHECKS), every=len(CHECKS)))
def test_every_row_of_the_verdict_table_is_judged_the_same(check: str) -> None:
    for number, case in enumerate(each for each in CASES if each.check == check):
        facts, policy = case.facts, Policy.model_validate(dict(case.policy))
        before = told(judge(check, facts, policy))
        assert told(judge(check, *again(facts, policy))) == before, (number, case.row)


@pytest.mark.long
def test_a_switch_whose_identifier_is_no_guid_is_of_the_same_kind() -> None:
    for number, case in enumerate(each for each in CASES if each.check == "LM502"):
        facts, policy = case.facts, Policy.model_validate(dict(case.policy))
        before = told(judge("LM703", facts, policy))
        assert told(judge("LM703", *again(facts, policy))) == before, (number, case.row)


@pytest.mark.long
@pytest.mark.parametrize("check", sorted(CHECKS))
def test_rows_of_other_checks_are_judged_the_same_as_well(check: str) -> None:
    # Each ninth: all of them take too long.
    for number, case in enumerate(CASES[sorted(CHECKS).index(check) % 9 :: 9]):
        facts, policy = in_a_file(case.facts), Policy.model_validate(dict(case.policy))
        if not (facts.hosts if CHECKS[check].target is Subject.HOST else facts.vmms):
            continue
        before = told(judge(check, facts, policy))
        assert told(judge(check, *again(facts, policy))) == before, (number, case.check, case.row)


ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)
WORDS = st.sampled_from(["Any", "LocalSubnet", "DNS", "Intranet", "", "10.0.0.9-10.0.0.1"])


@st.composite
def scopes(draw: st.DrawFn) -> str:
    """Draw what a filter of addresses may hold."""
    addresses = draw(st.sampled_from([st.ip_addresses(v=4), st.ip_addresses(v=6)]))
    address = draw(addresses)
    length = draw(st.integers(0, address.max_prefixlen))
    subnet = ipaddress.ip_network(f"{address}/{length}", strict=False)
    other = draw(addresses)
    low, high = sorted((address, other), key=int)
    forms = [str(address), f"{address}/{length}", str(subnet), f"{low}-{high}", draw(WORDS)]
    if address.version == 4:
        forms.append(f"{subnet.network_address}/{subnet.netmask}")
    return draw(st.sampled_from(forms))


@examples(150)
@given(st.lists(scopes(), max_size=3), ADDRESSES)
def test_a_filter_of_addresses_holds_the_same_addresses(
    scope: list[str], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    hidden = redact({"remote": scope, "address": str(address)}, b"key")
    there = ipaddress.ip_address(hidden["address"])
    before = addresses_fit(tuple(scope), address, ())
    after = addresses_fit(tuple(hidden["remote"]), there, ())
    # ISATAP addresses carry an IPv4 address, whose subnets are kept instead.
    if ":5efe:" not in " ".join((*scope, str(address))):
        assert after is before


@in_turn(
    "program, match",
    [
        ("Any", Match.YES),
        ("*", Match.YES),
        ("%systemroot%\\system32\\vmms.exe", Match.YES),
        ("%WINDIR%\\System32\\vmms.exe", Match.YES),
        ('"C:\\Windows\\System32\\VMMS.exe"', Match.YES),
        ("d:/windows/system32/vmms.exe", Match.YES),
        ("E:\\Hyper-V of Kim\\vmms.exe", Match.UNKNOWN),
        ("vmms.exe", Match.UNKNOWN),
        ("System", Match.NO),
        ("C:\\Kim\\backup.exe", Match.NO),
        ("C:\\Kim\\notvmms.exe", Match.NO),
        ("%systemroot%\\system32\\svchost.exe", Match.NO),
    ],
)
def test_a_program_is_replaced_by_one_that_the_firewall_check_takes_as_the_same(
    program: str, match: Match
) -> None:
    assert program_fits(program) is match
    for key in ("program", "AppPath"):
        hidden = redact({key: program})[key]
        assert program_fits(hidden) is match
        assert "kim" not in hidden.casefold()
        stays = match is Match.YES or program in {"System", "vmms.exe"}
        assert (hidden == program) == stays
