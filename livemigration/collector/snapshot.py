"""Facts in a file: the same verdicts come from it as from the machines."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from livemigration import __version__
from livemigration.base import codec
from livemigration.base.codec import compact
from livemigration.base.packed import write_texts
from livemigration.collector.told_again import LinesAgain, LinesOf
from livemigration.facts.identity import Listed
from livemigration.facts.model import (
    FactGroup,
    FactSheet,
    Gathered,
    GatherFailure,
    HostGroup,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
    Vantage,
)
from livemigration.facts.registry import GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.stamp import Stamp

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class SavedOutcome:
    """One group's outcome: exactly one of value, failure and inapplicable is given."""

    vantage: Vantage | None = None
    seconds: float = 0.0
    at: datetime | None = None
    value: Any = None
    failure: GatherFailure | None = None
    inapplicable: str | None = None


@dataclass(frozen=True)
class SavedSheet:
    """One machine's outcomes by group name. `vmm` names the VMM server that manages a host."""

    name: str
    outcomes: dict[str, SavedOutcome]
    vmm: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """The whole file. `gathered` is when the first of the facts was gathered, UTC.

    `stamp` is that of the run that wrote it. `listed` and `listed_vmms` are the machines of the
    inventory as it lists them, also hosts that were not looked at.
    """

    schema: int
    suite_version: str
    gathered: datetime
    inventory: str
    inventory_digest: str
    vmms: Annotated[tuple[SavedSheet, ...], Field(min_length=1)]
    hosts: tuple[SavedSheet, ...]
    change: str | None = None
    stamp: Stamp | None = None
    listed: tuple[Listed, ...] = ()
    listed_vmms: tuple[Listed, ...] = ()


def save(
    path: Path,
    facts: RunFacts,
    *,
    gathered: datetime,
    inventory: str,
    digest: str,
    stamp: Stamp | None = None,
) -> None:
    """Write a snapshot, compressed where the name of the file says so.

    Raises:
        OSError: the file cannot be written; an older one is left as it was.
    """
    write_texts(path, texts_of(facts, gathered, inventory, digest, stamp))


def texts_of(
    facts: RunFacts,
    gathered: datetime,
    inventory: str,
    digest: str,
    stamp: Stamp | None = None,
    keep: Callable[[FactSheet, str], None] | None = None,
    lines: LinesOf | None = None,
) -> Iterator[str]:
    """Yield the text of a snapshot in parts, a line for each machine.

    `keep` is given each machine with the JSON of its outcomes, as it comes. `lines` are those of
    the file that the facts are from: what did not change is copied, of which `keep` hears nothing.
    """
    bare = replace(facts, hosts={}, vmms={})
    document = document_of(bare, gathered=gathered, inventory=inventory, digest=digest, stamp=stamp)
    texts = OutcomeTexts(keep)
    machines = {
        "vmms": (texts.sheet(each, None) for each in facts.vmms.values()),
        "hosts": _hosts(facts, texts, LinesAgain(lines or LinesOf({}), facts.managers)),
    }
    between = "{\n"
    for name, each in document.items():
        yield f"{between}{json.dumps(name)}: "
        if name in machines:
            yield from _lines(machines[name])
        else:
            yield json.dumps(each)
        between = ",\n"
    yield "\n}\n"


def _hosts(facts: RunFacts, texts: OutcomeTexts, again: LinesAgain) -> Iterator[str]:
    for name, sheet in facts.hosts.items():
        yield again.of(sheet) or texts.sheet(sheet, facts.managers.get(name))


def _lines(texts: Iterable[str]) -> Iterator[str]:
    """Yield a JSON array with a line for each of its members."""
    between = "[\n"
    for each in texts:
        yield f"{between}{each}"
        between = ",\n"
    yield "[]" if between == "[\n" else "\n]"


def document_of(
    facts: RunFacts, *, gathered: datetime, inventory: str, digest: str, stamp: Stamp | None = None
) -> Any:
    """Return the JSON of a snapshot."""
    snapshot = Snapshot(
        schema=SCHEMA_VERSION,
        suite_version=__version__,
        gathered=gathered,
        inventory=inventory,
        inventory_digest=digest,
        vmms=tuple(_saved(sheet) for sheet in facts.vmms.values()),
        hosts=tuple(_saved(sheet, facts.managers.get(name)) for name, sheet in facts.hosts.items()),
        change=(stamp.change or None) if stamp is not None else None,
        stamp=stamp,
        listed=facts.listed,
        listed_vmms=facts.listed_vmms,
    )
    return codec.to_json(snapshot)


def facts_of(document: dict[str, Any]) -> RunFacts:
    """Return the facts of a snapshot's document.

    Raises:
        ValueError: the document is not a snapshot that this suite knows.
    """
    if document.get("schema") != SCHEMA_VERSION:
        raise ValueError(f"schema: this suite reads facts files of schema {SCHEMA_VERSION}")
    snapshot: Snapshot = codec.from_json(Snapshot, document)
    values = Values()
    return RunFacts(
        hosts={each.name: sheet_of(each, Subject.HOST, values) for each in snapshot.hosts},
        vmms={each.name: sheet_of(each, Subject.VMM, values) for each in snapshot.vmms},
        managers={each.name: each.vmm for each in snapshot.hosts if each.vmm},
        gathered=snapshot.gathered,
        inventory=snapshot.inventory,
        inventory_digest=snapshot.inventory_digest,
        listed=snapshot.listed,
        listed_vmms=snapshot.listed_vmms,
    )


def _saved(sheet: FactSheet, vmm: str | None = None) -> SavedSheet:
    outcomes = {name: saved_outcome(name, each) for name, each in sheet.outcomes.items()}
    return SavedSheet(sheet.name, outcomes, vmm)


def saved_outcome(name: str, outcome: Outcome[Any]) -> SavedOutcome:
    """Return what is saved of a group's outcome."""
    if isinstance(outcome, NotGathered):
        return SavedOutcome(failure=outcome.failure)
    if isinstance(outcome, Inapplicable):
        return SavedOutcome(inapplicable=outcome.reason)
    value = codec.to_json(outcome.value, GROUPS[name].type)
    return SavedOutcome(outcome.vantage, round(outcome.seconds, 3), outcome.at, value)


class OutcomeTexts:
    """What is saved of outcomes, as JSON; a value that several machines have is written once.

    Args:
        keep: is given each machine of which all is saved, with the JSON of its outcomes.
    """

    def __init__(self, keep: Callable[[FactSheet, str], None] | None = None) -> None:
        self._keep = keep
        # Each value that was met, which keeps it from being another's place, and its text from the
        # second time on: most of the others are met once.
        self._known: dict[tuple[str, int], tuple[object, str]] = {}

    def sheet(self, sheet: FactSheet, vmm: str | None) -> str:
        """Return what is saved of one machine."""
        name, outcomes = compact(sheet.name), self.outcomes(sheet.outcomes)
        if self._keep is not None:
            self._keep(sheet, outcomes)
        return f'{{"name":{name},"outcomes":{outcomes},"vmm":{compact(vmm)}}}'

    def outcomes(self, outcomes: Mapping[str, Outcome[Any]]) -> str:
        """Return what is saved of a machine's groups."""
        parts = [f"{_name(name)}:{self._outcome(name, each)}" for name, each in outcomes.items()]
        return "{" + ",".join(parts) + "}"

    def _outcome(self, name: str, outcome: Outcome[Any]) -> str:
        if not isinstance(outcome, Gathered):
            return compact(codec.to_json(saved_outcome(name, outcome)))
        # As codec writes a SavedOutcome, which takes three times as long.
        return (
            f'{{"vantage":{_VANTAGES[outcome.vantage]},"seconds":{round(outcome.seconds, 3)!r},'
            f'"at":{_moment(outcome.at)},"value":{self._value(name, outcome.value)},"failure":null,'
            '"inapplicable":null}'
        )

    def _value(self, name: str, value: object) -> str:
        key = name, id(value)
        found = self._known.get(key)
        if found is not None and found[1]:
            return found[1]
        text = compact(codec.to_json(value, GROUPS[name].type))
        self._known[key] = value, "" if found is None else text
        return text


_VANTAGES = {each: compact(each.value) for each in Vantage}


@lru_cache(maxsize=256)
def _name(text: str) -> str:
    return compact(text)


def _moment(at: datetime | None) -> str:
    """Return when a fact was gathered, as codec writes it, which takes three times as long."""
    if at is None:
        return "null"
    text = at.isoformat()
    return f'"{text[:-6]}Z"' if text.endswith("+00:00") else compact(codec.to_json(at))


class ValuesByText(dict[tuple[str, str], tuple[Any, str]]):
    """The value of a group by its name and the JSON of it, and what it lacks, else empty.

    What lacks something is not kept, so that `get` returns what a sheet may have.

    Raises, where it is read for the first time:
        KeyError: there is no such group.
        ValueError, RecursionError: it is no JSON, or none of this group's.
    """

    def __missing__(self, key: tuple[str, str]) -> tuple[Any, str]:
        name, text = key
        group = GROUPS[name]
        value = codec.from_json(group.type, json.loads(text))
        found = value, _lack(group, value)
        if not found[1]:
            self[key] = found
        return found


class Values:
    """The values of a file: one for all machines on which a group was read to be the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], Any] = {}
        self.by_text = ValuesByText()

    def of(self, group: FactGroup[Any], document: Any) -> Any:
        """Return the value that a document holds.

        Raises:
            ValueError: it is none of this group's.
        """
        key = group.name, marshal.dumps(document, WITHOUT_REFERENCES)
        if key not in self._known:
            self._known[key] = codec.from_json(group.type, document)
        return self._known[key]


# Equal documents have equal bytes in this version of marshal's form, which leaves this process not.
WITHOUT_REFERENCES = 2


def sheet_of(saved: SavedSheet, subject: Subject, values: Values) -> FactSheet:
    """Return the sheet of a machine, from what was saved of it; raises as `outcome_of` does."""
    outcomes = {
        name: outcome_of(name, each, saved.name, values.of) for name, each in saved.outcomes.items()
    }
    return FactSheet(subject, saved.name, outcomes)


def _read(group: FactGroup[Any], document: object) -> Any:
    return codec.from_json(group.type, document)


def outcome_of(
    name: str,
    saved: SavedOutcome,
    machine: str,
    read: Callable[[FactGroup[Any], object], Any] = _read,
) -> Outcome[Any]:
    """Return what became of a group on a machine, from what was saved of it.

    Raises:
        ValueError: the group is unknown, or what was saved of it is not its.
    """
    if name not in GROUPS:
        raise ValueError(f"{name}: not a fact group of this suite")
    if saved.failure is not None:
        return NotGathered(saved.failure)
    if saved.inapplicable is not None:
        return Inapplicable(saved.inapplicable)
    if saved.vantage is None:
        raise ValueError(f"{name}: neither a value nor a reason")
    group = GROUPS[name]
    value = read(group, saved.value)
    if lack := _lack(group, value):
        return unusable(name, machine, lack)
    return Gathered(value, saved.vantage, saved.seconds, saved.at)


def _lack(group: FactGroup[Any], value: Any) -> str:
    return group.lack(value) if isinstance(group, HostGroup) else ""


def unusable(name: str, machine: str, lack: str) -> NotGathered:
    """Return what became of a group on a machine whose value lacks that."""
    # Of no other group is a lack told.
    return cast("HostGroup[Any]", GROUPS[name]).unusable(machine, lack)
