"""Redaction: what nobody declared harmless is gone from every field, and every verdict stays."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import re
import types
import typing
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from fact_builders import CHECKS, run_facts
from hypothesis import given, settings
from hypothesis import strategies as st
from test_verdict_table import CASES

from livemigration import codec, facts_file
from livemigration.cim import CimType
from livemigration.collector import rules
from livemigration.collector.document import Collected
from livemigration.collector.redact import redact
from livemigration.facts import snapshot
from livemigration.facts.model import FactGroup, GatherFailure, Subject
from livemigration.facts.registry import GROUPS, HOST_WMI_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.snapshot import SavedOutcome, SavedSheet, Snapshot
from livemigration.firewall_match import Match, addresses_fit, program_fits
from livemigration.policy import Policy
from livemigration.results import PlanEntry, Result
from livemigration.runner import evaluate

NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Canaries:
    """Makes values of any type of the facts, with a word of its own in every text."""

    def __init__(self) -> None:
        self.planted: list[str] = []

    def of(self, kind: Any, group: str = "") -> Any:
        """Return a value of a type, as JSON, with canaries in it."""
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is typing.Annotated:
            return self.of(arguments[0], group)
        if origin in {types.UnionType, typing.Union}:
            return self._of_one(arguments, group)
        if origin is tuple:
            return [self.of(arguments[0], group), self.of(arguments[0], group)]
        if origin is dict:
            return {"key": self.of(arguments[1], group)}
        if dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind, include_extras=True)
            return {
                each.name: self.of(hints[each.name], group) for each in dataclasses.fields(kind)
            }
        return self._scalar(kind, group)

    def _of_one(self, kinds: tuple[Any, ...], group: str) -> Any:
        known = [each for each in kinds if each is not types.NoneType]
        if ipaddress.IPv4Address in known or ipaddress.IPv4Network in known:
            return self.address(network=ipaddress.IPv4Network in known)
        return self.of(known[0], group)

    def _scalar(self, kind: Any, group: str) -> Any:
        if kind is str:
            return self.word()
        if kind is datetime:
            return NOW.isoformat()
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next(iter(kind)).value
        if kind is Any:
            return self.of(GROUPS[group].type) if group else None
        return {int: 7, float: 1.5, bool: True}[kind]

    def word(self) -> str:
        # Neither a number nor a name of Windows: it may stand in any text.
        self.planted.append(f"Canary{len(self.planted)}Xy.corp Bird\\{len(self.planted)}")
        return self.planted[-1]

    def address(self, *, network: bool) -> str:
        number = len(self.planted) + 1
        address = f"203.{number // 200}.{number % 200}.0"
        self.planted.append(address)
        return f"{address}/24" if network else address


def left(canaries: Canaries, document: Any) -> set[str]:
    """Return every part of a canary that a document still has."""
    text = json.dumps(redact(document, b"key"))
    words = set(re.findall(r"(?i)canary[0-9]*|bird|corp", text))
    return words | {each for each in canaries.planted if each[:4] == "203." and f'"{each}' in text}


def saved(canaries: Canaries) -> Any:
    """Return a facts file with a canary in every text of every group, and of its frame."""
    document = canaries.of(Snapshot)
    for part, subject in (("hosts", Subject.HOST), ("vmms", Subject.VMM)):
        sheet = canaries.of(SavedSheet)
        sheet["outcomes"] = {
            name: canaries.of(SavedOutcome, name)
            for name, group in GROUPS.items()
            if group.subject is subject
        }
        document[part] = [sheet]
    return document


def test_no_text_of_a_facts_file_survives_that_nobody_declared_harmless() -> None:
    canaries = Canaries()
    document = saved(canaries)
    # Every text of every group's type is in it, so that a new field is as well.
    assert set(document["hosts"][0]["outcomes"]) | set(document["vmms"][0]["outcomes"]) == set(
        GROUPS
    )
    assert len(canaries.planted) > 150
    assert left(canaries, document) == set()


@pytest.mark.parametrize("group", GROUPS.values(), ids=lambda each: each.name)
def test_each_text_of_a_group_is_replaced_by_itself(group: FactGroup[Any]) -> None:
    canaries = Canaries()
    value = canaries.of(group.type)
    assert left(canaries, {"value": value}) == set()


def test_no_text_of_a_collectors_file_survives_that_nobody_declared_harmless() -> None:
    canaries = Canaries()
    document = canaries.of(Collected)
    (host, _) = document["hosts"]
    host["answers"] = [
        {
            "group": group.name,
            "failure": {"code": 5, "text": canaries.word()},
            "rows": [
                {
                    each.name: [canaries.word()] if each.array else canaries.word()
                    for each in group.query.wmi_class.properties
                    if each.type is CimType.STRING
                }
            ],
        }
        for group in HOST_WMI_GROUPS
    ]
    document["operator"] = canaries.word()
    assert left(canaries, document) == set()


def test_who_ran_it_and_for_which_change_stay_out() -> None:
    document = {"change": "CHG0012345", "operator": "System", "hosts": [{"change": "1"}]}
    hidden = json.dumps(redact(document))
    assert "CHG" not in hidden
    assert "System" not in hidden
    assert hidden.count(rules.REMOVED) == 3


def test_failures_are_replaced_as_values_are() -> None:
    failure = Canaries()
    assert left(failure, failure.of(GatherFailure)) == set()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("version", "10.0.20348"),
        ("product_version", "OS: 10.0.20348 SP: 0.0 Stack: 3.0"),
        ("registry", "3.1.6011.0"),
        ("caption", "Microsoft Windows Server 2012 R2 Datacenter"),
        ("LocalPort", "6600"),
        ("local_ports", "5000-7000"),
        ("AddressMask", "255.255.254.0"),
        ("gathered", "2026-11-24T09:00:00.123456Z"),
        ("at", "2026-11-24T09:00:00+01:00"),
        ("root", "LM302"),
        ("state", "Running"),
        ("tags", "Microsoft:UserManaged"),
        ("kind", "timed out"),
    ],
)
def test_what_is_harmless_stays_in_its_own_field_only(key: str, text: str) -> None:
    assert redact({key: text}) == {key: text}
    assert redact({key: f"{text} of Kim"}) != {key: f"{text} of Kim"}
    assert "Kim" not in json.dumps(redact({key: f"{text} of Kim"}))


# Verdicts.


def again(facts: RunFacts, policy: Policy, folder: Path) -> tuple[RunFacts, Policy]:
    """Return facts, and what they are judged by, as they are after redaction."""
    path = folder / "facts.json"
    snapshot.save(path, facts, gathered=NOW, inventory="site.yaml", digest="", change="CHG1")
    subnets = [str(each) for each in policy.migration_subnets]
    hidden = redact({"facts": json.loads(path.read_text(encoding="utf-8")), "subnets": subnets})
    path.write_text(json.dumps(hidden["facts"]), encoding="utf-8")
    changed = {**policy.model_dump(), "migration_subnets": hidden["subnets"]}
    return facts_file.load(path), Policy.model_validate(changed)


def judge(check: str, facts: RunFacts, policy: Policy) -> Result:
    found = CHECKS[check]
    target = next(iter(facts.hosts if found.target is Subject.HOST else facts.vmms))
    entry = PlanEntry("", check, found.title, found.area, found.target, target)
    return evaluate(found, facts, entry, policy)


def told(result: Result) -> list[str]:
    blocked = result.blocked_by.check if result.blocked_by is not None else ""
    levels = sorted(each.level.value for each in result.findings)
    return [result.state.value, blocked, *levels]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("redaction")


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_every_row_of_the_verdict_table_is_judged_the_same(check: str, folder: Path) -> None:
    for number, case in enumerate(each for each in CASES if each.check == check):
        facts, policy = run_facts(**case.given), Policy.model_validate(dict(case.policy))
        before = told(judge(check, facts, policy))
        assert told(judge(check, *again(facts, policy, folder))) == before, (number, case.row)


ADDRESSES = st.ip_addresses(v=4) | st.ip_addresses(v=6)
WORDS = st.sampled_from(["Any", "LocalSubnet", "DNS", "Intranet", "", "10.0.0.9-10.0.0.1"])


@st.composite
def scopes(draw: st.DrawFn) -> str:
    """Draw what a filter of addresses may hold."""
    version = draw(st.sampled_from([4, 6]))
    address = draw(st.ip_addresses(v=version))
    length = draw(st.integers(0, address.max_prefixlen))
    subnet = ipaddress.ip_network(f"{address}/{length}", strict=False)
    other = draw(st.ip_addresses(v=version))
    low, high = sorted((address, other), key=int)
    forms = [str(address), f"{address}/{length}", str(subnet), f"{low}-{high}", draw(WORDS)]
    if version == 4:
        forms.append(f"{subnet.network_address}/{subnet.netmask}")
    return draw(st.sampled_from(forms))


@settings(max_examples=150, deadline=None)
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


@pytest.mark.parametrize(
    ("program", "match"),
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
        assert (hidden == program) == (match is Match.YES or program == "System")


def test_what_the_cluster_excludes_still_names_its_networks() -> None:
    document = {
        "networks": [{"identifier": "8A1B2C3D-0000-1111-2222-333344445555"}, {"ID": "own name"}],
        "excluded": ["8a1b2c3d-0000-1111-2222-333344445555"],
        "output": {"sValue": "8A1B2C3D-0000-1111-2222-333344445555; Own Name"},
    }
    hidden = redact(document)
    first, second = (next(iter(each.values())) for each in hidden["networks"])
    assert hidden["excluded"] == [first]
    assert hidden["output"]["sValue"] == f"{first};{second}"


def test_the_netbios_form_of_a_long_name_is_still_its_beginning() -> None:
    document = [
        {"name": "hv-production-01.contoso.com", "Name": "HV-PRODUCTION-0"},
        {"name": "hv-production-02.contoso.com", "Name": "hv-short"},
        {"name": "hv-short.contoso.com"},
    ]
    first, second, third = redact(document)
    one, two = (each["name"].partition(".")[0] for each in (first, second))
    assert one != two
    assert one[:15] == two[:15] == first["Name"]
    assert third["name"].partition(".")[0] == second["Name"]


def test_codes_in_a_sentence_are_kept_without_the_sentence() -> None:
    reasons = ["Cannot reach hv01 (0x8007274D) at Kim's desk", "no code", "OX8007274D"]
    hidden = redact({"reasons": reasons})["reasons"]
    assert hidden == [
        f"{rules.REMOVED} (0x8007274D)",
        rules.REMOVED,
        f"{rules.REMOVED} (OX8007274D)",
    ]


def test_an_array_as_windows_powershell_wraps_it_keeps_the_rules_of_its_key() -> None:
    document = {"LocalPort": {"value": ["6600", "Kim"], "Count": 2}}
    assert redact(document) == {"LocalPort": {"value": ["6600", "text1"], "Count": 2}}


def test_a_redacted_snapshot_is_a_facts_file(folder: Path) -> None:
    canaries = Canaries()
    document = saved(canaries)
    for part in ("hosts", "vmms"):
        for outcome in document[part][0]["outcomes"].values():
            outcome |= {"failure": None, "inapplicable": None}
    codec.from_json(Snapshot, redact(document))
