"""Facts in a file: the same verdicts come from it as from the machines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from livemigration import __version__, codec
from livemigration.facts.model import (
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
from livemigration.files import write_text
from livemigration.identity import Listed
from livemigration.stamp import Stamp

SCHEMA_VERSION = 1


@dataclass(frozen=True)
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
    """Write a snapshot.

    Raises:
        OSError: the file cannot be written; an older one is left as it was.
    """
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
    write_text(path, json.dumps(codec.to_json(snapshot), indent=1) + "\n")


def facts_of(document: dict[str, Any]) -> RunFacts:
    """Return the facts of a snapshot's document.

    Raises:
        ValueError: the document is not a snapshot that this suite knows.
    """
    if document.get("schema") != SCHEMA_VERSION:
        raise ValueError(f"schema: this suite reads facts files of schema {SCHEMA_VERSION}")
    snapshot: Snapshot = codec.from_json(Snapshot, document)
    return RunFacts(
        hosts={each.name: _sheet(each, Subject.HOST) for each in snapshot.hosts},
        vmms={each.name: _sheet(each, Subject.VMM) for each in snapshot.vmms},
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


def _sheet(saved: SavedSheet, subject: Subject) -> FactSheet:
    outcomes = {name: outcome_of(name, each, saved.name) for name, each in saved.outcomes.items()}
    return FactSheet(subject, saved.name, outcomes)


def outcome_of(name: str, saved: SavedOutcome, machine: str) -> Outcome[Any]:
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
    value = codec.from_json(group.type, saved.value)
    if isinstance(group, HostGroup) and (lack := group.lack(value)):
        return group.unusable(machine, lack)
    return Gathered(value, saved.vantage, saved.seconds, saved.at)
