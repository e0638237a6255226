"""Redaction: what nobody declared harmless is gone from every field."""

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

from case_tables import CASES
from in_turn import in_turn

from livemigration.base import codec
from livemigration.collector import facts_file, rules, snapshot
from livemigration.collector.document import Collected
from livemigration.collector.redact import redact
from livemigration.collector.snapshot import SavedOutcome, SavedSheet, Snapshot
from livemigration.facts.cim import CimType
from livemigration.facts.firewall_words import OTHER_PROTOCOL
from livemigration.facts.model import FactGroup, GatherFailure, Subject
from livemigration.facts.registry import GROUPS, HOST_WMI_GROUPS

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
