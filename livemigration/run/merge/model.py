"""What a joined run keeps of the runs that it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from livemigration.inventory.change import Change
from livemigration.inventory.shard import Shard, number_of, shard_of


@dataclass(frozen=True)
class Besides:
    """What an exit code comes from beside results and plan.

    `own_tests_failed` counts tests of the site that are no checks of this suite. `artefact_missing`
    says that a file could not be written, `pytest_code` is what pytest itself ended with where that
    is neither 0 nor 1, else 0.
    """

    own_tests_failed: int = 0
    artefact_missing: bool = False
    pytest_code: int = 0


@dataclass(frozen=True)
class Part:
    """One run of a joined one, as far as it belongs to the whole run and not to a result.

    `holds` is its exit code where its results alone do not lead to it, else 0: that code holds for
    whatever it is joined with. `shard` is the part of the hosts that it took, such as 3/8.
    """

    inventory: str
    inventory_digest: str
    inventory_hosts: int
    deselected_checks: int
    limit: str
    suite_version: str
    policy_digest: str
    started: datetime
    finished: datetime
    vmm: str
    vmm_release: str
    exit_code: int
    stopped_early: str = ""
    change: Change | None = None
    lacking: tuple[str, ...] = ()
    gate: str = ""
    facts_from: str = ""
    lab: str = ""
    valid_until: datetime | None = None
    besides: Besides = field(default_factory=Besides)
    holds: int = 0
    shard: str = ""


@dataclass(frozen=True)
class Conflict:
    """One check of one target of which the runs say different things. The worst of them counts.

    `states` is one alone where the runs agree on it, but not on what they found.
    """

    check: str
    target: str
    states: tuple[str, ...]


def missing_shards(parts: Sequence[Part], unselected: Iterable[str]) -> tuple[Shard, ...]:
    """Return the shards whose hosts no run looked at, where all runs are shards of one division.

    Args:
        parts: the runs.
        unselected: the hosts of the inventory that none of them looked at.
    """
    taken = {shard_of(part.shard) if part.shard else None for part in parts}
    counts = {each.of for each in taken if each is not None}
    if None in taken or len(counts) != 1:
        return ()
    (of,) = counts
    numbers = {number_of(host, of) for host in unselected}
    return tuple(sorted({Shard(number, of) for number in numbers} - taken))
