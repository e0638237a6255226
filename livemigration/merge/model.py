"""What a joined run keeps of the runs that it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from livemigration.change import Change


@dataclass(frozen=True)
class Part:
    """One run of a joined one, as far as it belongs to the whole run and not to a result."""

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


@dataclass(frozen=True)
class Conflict:
    """One check of one target of which the runs say different things. The worst of them counts.

    `states` is one alone where the runs agree on it, but not on what they found.
    """

    check: str
    target: str
    states: tuple[str, ...]
