"""Facts that are not what they were, whether a check minds or not."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from livemigration import codec
from livemigration.drift.model import ChangedFact
from livemigration.facts.model import FactSheet, Gathered
from livemigration.facts.registry import GROUPS
from livemigration.facts.sheets import RunFacts

# What differs between two runs of an unchanged fleet, or is judged anyhow: where and how a machine
# was reached, probes with their times, which process has a socket, and VMM's ratings.
_NOT_SETTINGS = {
    "host-access",
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
_MOST = 2000
_LONGEST = 300


def changed_facts(before: RunFacts, after: RunFacts, *, lab: bool = False) -> Iterator[ChangedFact]:
    """Yield every value that changed on a machine that both runs asked, up to a bound.

    The order of rows says nothing, but for subnets of live migration. What one of the two runs did
    not gather is not compared.
    """
    found = 0
    for was, now in _pairs(before, after):
        for group in sorted(set(was.outcomes) & set(now.outcomes) - _NOT_SETTINGS):
            old, new = was.outcomes[group], now.outcomes[group]
            if not isinstance(old, Gathered) or not isinstance(new, Gathered):
                continue
            kind = GROUPS[group].type
            values = [_flat(codec.to_json(each.value, kind), lab=lab) for each in (old, new)]
            for name, one, other in _differences(*values):
                found += 1
                if found > _MOST:
                    return
                yield ChangedFact(now.name, GROUPS[group].title, name, one, other)


def _pairs(before: RunFacts, after: RunFacts) -> Iterator[tuple[FactSheet, FactSheet]]:
    for known, current in ((before.vmms, after.vmms), (before.hosts, after.hosts)):
        for name, sheet in current.items():
            if name in known:
                yield known[name], sheet


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
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _differences(was: Flat, now: Flat) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name, Counter()), now.get(name, Counter())
        gone, came = sorted((old - new).elements()), sorted((new - old).elements())
        if len(gone) == len(came) == 1:
            yield name, gone[0], came[0]
            continue
        yield from ((name, each, "") for each in gone)
        yield from ((name, "", each) for each in came)
