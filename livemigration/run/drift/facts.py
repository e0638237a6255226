"""Facts that are not what they were, whether a check minds or not."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from livemigration.base import codec
from livemigration.facts.host import BITS, HOST_ACCESS
from livemigration.facts.model import FactSheet, Gathered, NotGathered, Subject
from livemigration.facts.registry import GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.run.drift.model import ChangedFact, Unreached

# What differs between two runs of an unchanged fleet, or is judged anyhow: where and how a machine
# was reached, probes with their times, clocks, which process has a socket, and VMM's ratings.
_NOT_SETTINGS = {
    "host-access",
    "bits-sockets",
    "clock",
    "listening-sockets",
    "migration-answer",
    "vmm-access",
    "vmm-data-ports",
    "vmm-probes",
    "vmm-rating",
    "vmm-wsman-test",
}
# Process numbers change with every start, migrations come and go.
_NOISE = {"process_id", "active_migrations", "active_storage_migrations"}
_LAB_ADDRESS = re.compile(r"\b127\.\d+\.")
_LINK_LOCAL = re.compile(r"\bfe80:[0-9a-f:]+", re.IGNORECASE)
_LONGEST = 300
# Texts that begin alike for longer are shown from shortly before they differ.
_ALIKE = _LONGEST // 2
_BEFORE = 60


def changed_facts(before: RunFacts, after: RunFacts, *, lab: bool = False) -> Iterator[ChangedFact]:
    """Yield every value that changed on a machine that both runs asked.

    The order of rows is not compared: WMI promises none, DNS answers in turns, and where Windows
    ranks rows they carry a metric. What one of the two runs did not gather is not compared.
    """
    for was, now in _pairs(before, after):
        for group in sorted(set(was.outcomes) & set(now.outcomes) - _NOT_SETTINGS):
            old, new = was.outcomes[group], now.outcomes[group]
            if not isinstance(old, Gathered) or not isinstance(new, Gathered):
                continue
            kind = GROUPS[group].type
            values = [
                _flat(_lasting(codec.to_json(each.value, kind)), lab=lab) for each in (old, new)
            ]
            for name, one, other in _differences(*values):
                yield ChangedFact(now.name, GROUPS[group].title, name, one, other)


def newly_unreached(before: RunFacts, after: RunFacts) -> Iterator[Unreached]:
    """Yield the machines that answered the suite in the earlier run, and do not now."""
    for was, now in _pairs(before, after):
        access = VMM_ACCESS if now.subject is Subject.VMM else HOST_ACCESS
        outcome = now.outcomes.get(access.name)
        answered = isinstance(was.outcomes.get(access.name), Gathered)
        if answered and isinstance(outcome, NotGathered) and outcome.failure.kind.is_unreachable:
            yield Unreached(now.name, outcome.failure.sentence)


def _pairs(before: RunFacts, after: RunFacts) -> Iterator[tuple[FactSheet, FactSheet]]:
    for known, current in ((before.vmms, after.vmms), (before.hosts, after.hosts)):
        for name, sheet in current.items():
            if name in known:
                yield known[name], sheet


def _lasting(value: Any) -> Any:
    """Return a value without the service that comes and goes with what it carries."""
    installed = value.get("installed") if isinstance(value, dict) else None
    if not isinstance(installed, list):
        return value
    return {**value, "installed": [each for each in installed if each.get("name") != BITS]}


Flat = dict[str, Counter[str]]


def _flat(value: Any, *, lab: bool) -> Flat:
    """Return a value as names with the texts that stand under each, however often."""
    found: Flat = {}
    for name, text in _walk("", value):
        shown = text
        if lab:
            shown = _LINK_LOCAL.sub("fe80::x", _LAB_ADDRESS.sub("127.x.", text))
        found.setdefault(name, Counter())[shown] += 1
    return found


def _walk(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _NOISE:
                yield from _walk(f"{name}.{key}" if name else str(key), each)
    elif isinstance(value, list):
        for each in value:
            yield name, _text(_quiet(each))
    elif value is not None:
        yield name, _text(value)


def _quiet(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if key not in _NOISE}
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bounded(text: str, start: int = 0) -> str:
    """Return a text from a place on, within bounds."""
    begun = f"…{text[start:]}" if start else text
    return begun if len(begun) <= _LONGEST else f"{begun[: _LONGEST - 1]}…"


def _differences(was: Flat, now: Flat) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name, Counter()), now.get(name, Counter())
        gone, came = sorted((old - new).elements()), sorted((new - old).elements())
        if len(gone) == len(came) == 1:
            yield name, *_from_where_they_differ(gone[0], came[0])
            continue
        yield from ((name, _bounded(each), "") for each in gone)
        yield from ((name, "", _bounded(each)) for each in came)


def _from_where_they_differ(was: str, now: str) -> tuple[str, str]:
    pairs = enumerate(zip(was, now, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(len(was), len(now)))
    # What long texts have in common would hide their difference.
    start = same - _BEFORE if same > _ALIKE else 0
    return _bounded(was, start), _bounded(now, start)
