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
from case_tables import CASES
from fact_builders import CHECKS
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from run_builders import entry_of
from sampling import sampled

from livemigration.base import codec
from livemigration.bundle.stays import machine_names, staying
from livemigration.collector import facts_file, rules, snapshot
from livemigration.collector.document import Collected
from livemigration.collector.redact import redact
from livemigration.collector.snapshot import SavedOutcome, SavedSheet, Snapshot
from livemigration.facts.cim import CimType
from livemigration.facts.firewall_words import OTHER_PROTOCOL, Match
from livemigration.facts.model import FactGroup, GatherFailure, Subject
from livemigration.facts.registry import GROUPS, HOST_WMI_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.result import Result
from livemigration.run.runner import evaluate
from livemigration.verdict.firewall.match import addresses_fit, program_fits

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


@in_turn("group", GROUPS.values())
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


def test_what_the_suite_says_in_place_of_a_protocol_stays() -> None:
    # In its place, a word would be a protocol that nobody knows: a rule about anything.
    assert redact({"protocol": OTHER_PROTOCOL}) == {"protocol": OTHER_PROTOCOL}


def test_who_ran_it_and_for_which_change_stay_out() -> None:
    document = {"change": "CHG0012345", "operator": "System", "hosts": [{"change": "1"}]}
    hidden = json.dumps(redact(document))
    assert "CHG" not in hidden
    assert "System" not in hidden
    assert hidden.count(rules.REMOVED) == 3


def test_failures_are_replaced_as_values_are() -> None:
    failure = Canaries()
    assert left(failure, failure.of(GatherFailure)) == set()


@in_turn(
    "key, text",
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


def test_a_file_of_facts_holds_what_was_redacted_without_one(tmp_path: Path) -> None:
    facts, path = CASES[0].facts, tmp_path / "facts.json"
    snapshot.save(path, facts, gathered=NOW, inventory="site.yaml", digest="")
    document = snapshot.document_of(facts, gathered=NOW, inventory="site.yaml", digest="")
    assert json.loads(path.read_text(encoding="utf-8")) == document
    path.write_text(json.dumps(redact(document, b"key")), encoding="utf-8")
    assert facts_file.load(path) == snapshot.facts_of(redact(document, b"key"))


def test_a_redacted_snapshot_is_a_facts_file() -> None:
    canaries = Canaries()
    document = saved(canaries)
    for part in ("hosts", "vmms"):
        for outcome in document[part][0]["outcomes"].values():
            outcome |= {"failure": None, "inapplicable": None}
    codec.from_json(Snapshot, redact(document))


VM = "D40BB1B7-1B15-437C-A36B-B142C18C2060"
DEVICE = "83F8638B-8DCA-4152-9EDA-2CA8B33039B4"


def test_settings_of_a_machine_still_name_it() -> None:
    document = {
        "Name": VM,
        "identifier": VM.lower(),
        "InstanceID": [f"Microsoft:{VM}", rf"Microsoft:{VM.lower()}\{DEVICE}\0\0\L"],
        "instanceid": rf"Microsoft:{VM}\Kim's own",
    }
    hidden = redact(document)
    assert VM not in json.dumps(hidden)
    own = hidden["Name"]
    assert hidden["identifier"] == own
    first, second = hidden["InstanceID"]
    assert first == f"Microsoft:{own}"
    assert re.fullmatch(rf"Microsoft:{own}\\{rules.GUID_DIGITS}\\0\\0\\L", second)
    assert "Kim" not in hidden["instanceid"]


@in_turn(
    "path, form",
    [
        (r"C:\Windows\System32\vmguest.iso", r"C:\\Windows\\System32\\vmguest[.]iso"),
        (r"D:\Kim\linux.ISO", r"D:\\path1[.]ISO"),
        (
            r"c:\clusterstorage\Kim\web01\web01_1.avhdx",
            r"c:\\clusterstorage\\volume1\\path1[.]avhdx",
        ),
        (r"C:\ClusterStorage\Kim", r"C:\\ClusterStorage\\volume1"),
        (r"\\kim.contoso.com\Kim\web01.vhds", r"\\\\name1[.]name2[.]name3\\share1\\path1[.]vhds"),
        (r"\\?\unc\kim\Kim\a.iso", r"\\\\[?]\\unc\\name1\\share1\\path1[.]iso"),
        (r"\\?\c:\ClusterStorage\Kim\a.iso", r"\\\\[?]\\c:\\ClusterStorage\\volume1\\path1[.]iso"),
        (r"\\?\Volume{Kim}\a.vhdx", r"\\\\[?]\\path1[.]vhdx"),
        (r"\\KIM\Kim", r"\\\\name1\\share1"),
        ("Kim", "path1"),
    ],
)
def test_a_path_is_replaced_by_one_of_its_kind(path: str, form: str) -> None:
    for key in ("file", "HostResource", "configuration_root"):
        hidden = redact({key: path})[key]
        assert re.fullmatch(form, hidden), hidden
        assert "kim" not in hidden.casefold()


def test_the_path_of_an_object_still_names_its_class_and_its_guid() -> None:
    place = "\\\\KIM\\root\\virtualization\\v2:"
    switch = f'Msvm_Switch.CreationClassName="Msvm_Switch",Name="{VM}"'
    disk = 'Msvm_DiskDrive.DeviceID="Microsoft:Kim\\\\0",SystemName="KIM"'
    hidden = redact({"HostResource": [place + switch, place + disk], "Name": VM})
    first, second = hidden["HostResource"]
    assert first == f'Msvm_Switch.CreationClassName="Msvm_Switch",Name="{hidden["Name"]}"'
    assert second == 'Msvm_DiskDrive.DeviceID="key1",SystemName="key2"'


def test_files_of_one_volume_stay_on_one_volume() -> None:
    files = [r"C:\ClusterStorage\Volume1\a.vhdx", r"c:\ClusterStorage\VOLUME1\b.vhdx", r"\\f\s\a"]
    first, second, third = redact({"file": files})["file"]
    assert first.split("\\")[2] == second.split("\\")[2]
    assert first != second
    assert redact({"file": [*files, r"\\F\s\b"]})["file"][3].startswith(third.rpartition("\\")[0])
