"""One run, whole: what every view is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from livemigration.facts.directory import NONE_FOR_THE_DOMAIN
from livemigration.facts.host import Slowed
from livemigration.facts.model import Subject
from livemigration.inventory.change import Change
from livemigration.inventory.demands import Demands
from livemigration.inventory.stamp import Stamp
from livemigration.run.drift.model import Drift
from livemigration.run.evidence.model import Evidence, Gathering, NetworkEvidence, Zone
from livemigration.run.exit_code import ExitCode, exit_code_of
from livemigration.run.merge.model import Besides, Conflict, Part
from livemigration.run.not_examined import (
    OF_DELEGATION,
    OF_POLICY_RIGHTS,
    Examined,
    Managed,
    not_examined,
)
from livemigration.run.paths import MigrationPath
from livemigration.run.plan import PlanEntry, RunSelection
from livemigration.run.result import Result, State
from livemigration.run.sessions import InActiveStore, Retried, SignedIn, Traffic, Unfiltered
from livemigration.run.waivers.model import WaiverUse

T = TypeVar("T")

SCHEMA_VERSION = 2
# A run that was read from an older file keeps its schema, and is written in the form of it.
READABLE_SCHEMAS = (1, SCHEMA_VERSION)


@dataclass(frozen=True)
class HostSummary:
    """A host of the run, as the report introduces it."""

    name: str
    groups: tuple[str, ...] = ()
    system: str = ""
    scope: str = ""


@dataclass(frozen=True)
class Earlier:
    """What an earlier run of the inventory came to: of so many hosts, so many were not ready."""

    started: datetime
    hosts: int
    not_ready: int


@dataclass(frozen=True)
class Run:
    """One run, whole: what every view is made from.

    `facts_from` names the facts file of a replay. `lab` names the fleet that the inventory puts in
    the place of machines. `simulated` says that there is one, or that a peer identified itself as
    the lab: such a run is never evidence. Times are UTC; `zone` is the local time of the machine
    that ran. `evidence` and `network` are what the reports show of the facts, `gathered` is when
    they were gathered; None: not known, or there are none. `change` is what the run is evidence
    for, until `valid_until`. `demands` is what its hosts were judged by. `resumed` is when the run
    began that this one goes on with. `waivers` are those of its file, whatever was selected.
    `besides` is what the exit code comes from beside the results, `stamp` what every file of the
    run carries. `gate` names the gate of a run without a VMM server. `managed` is how many hosts
    each VMM server manages, `not_examined` what the run did not look at, a sentence for each
    reason. `trend` is what earlier runs of this inventory came to, the oldest first. `sessions` is
    how the suite signed in to the machines that answered. `drift` is what changed since an earlier
    run, where one was named. `parts` are the runs that a joined one was made of, `conflicts` what
    they do not agree on. `retries` is how often each machine was asked again, `traffic` what it
    took to ask each, `unfiltered` which hosts refused to be asked for some rows, and `slowed` how
    few were asked side by side, where it were fewer than configured. `stores` is which hosts were
    asked for the firewall's active store. `paths` are the networks over which each cluster moves
    virtual machines.
    """

    schema: int
    suite_version: str
    inventory: str
    inventory_digest: str
    started: datetime
    finished: datetime
    simulated: bool
    vmm: str
    vmm_release: str
    selection: RunSelection
    hosts: tuple[HostSummary, ...]
    plan: tuple[PlanEntry, ...]
    results: tuple[Result, ...]
    exit_code: ExitCode
    facts_from: str | None = None
    interrupted: bool = False
    stopped_early: str = ""
    problems: tuple[str, ...] = field(default=())
    zone: Zone | None = None
    gathered: Gathering | None = None
    evidence: Evidence | None = None
    network: NetworkEvidence | None = None
    change: Change | None = None
    valid_until: datetime | None = None
    demands: Demands | None = None
    resumed: datetime | None = None
    waivers: tuple[WaiverUse, ...] = ()
    drift: Drift | None = None
    gate: str = ""
    parts: tuple[Part, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    lab: str = ""
    besides: Besides = field(default_factory=Besides)
    stamp: Stamp | None = None
    managed: tuple[Managed, ...] = ()
    not_examined: tuple[str, ...] = ()
    trend: tuple[Earlier, ...] = ()
    sessions: tuple[SignedIn, ...] = ()
    retries: tuple[Retried, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    unfiltered: tuple[Unfiltered, ...] = ()
    slowed: Slowed | None = None
    stores: tuple[InActiveStore, ...] = ()
    paths: tuple[MigrationPath, ...] = ()

    @cached_property
    def _made(self) -> dict[object, Any]:
        return {}

    def once(self, make: Callable[[Run], T]) -> T:
        """Return what a function makes of this run: made once, as every view of it asks for it."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    @property
    def counts(self) -> Counter[State]:
        """How many entries ended in each state."""
        return Counter(self._counts)

    @cached_property
    def _counts(self) -> Counter[State]:
        return Counter(result.state for result in self.results)

    @cached_property
    def not_run(self) -> tuple[PlanEntry, ...]:
        """Plan entries without a result."""
        done = {result.entry.node_id for result in self.results}
        return tuple(entry for entry in self.plan if entry.node_id not in done)

    def of_host(self, name: str) -> tuple[Result, ...]:
        """Return the results of one host."""
        return tuple(
            result
            for result in self.results
            if result.entry.target_kind is Subject.HOST and result.entry.target == name
        )

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        words = {
            ExitCode.READY: "ready",
            ExitCode.NOT_READY: "NOT READY",
            ExitCode.INTERRUPTED: "NO VERDICT: interrupted",
            ExitCode.INTERNAL_ERROR: "NO VERDICT: internal error",
            ExitCode.USAGE: "NO VERDICT: usage or configuration",
            ExitCode.NOTHING_TO_CHECK: "NO VERDICT: nothing was checked",
            ExitCode.NO_VERDICT: "NO VERDICT: something could not be checked",
        }
        if self.exit_code is ExitCode.ARTEFACT_NOT_WRITTEN:
            return words[exit_code_of(self.results)]
        return words[self.exit_code]


def what_was_not_examined(
    selection: RunSelection,
    hosts: Iterable[HostSummary],
    plan: Sequence[PlanEntry],
    results: Iterable[Result],
    gate: str,
    managed: tuple[Managed, ...],
) -> tuple[str, ...]:
    """Return what a run did not examine, as it follows from the rest of the run."""
    names = tuple(host.name for host in hosts)
    left_out = [each for each in results if each.state is State.NOT_APPLICABLE]
    without_rsop = {e.entry.target for e in left_out if e.entry.check == OF_POLICY_RIGHTS}
    without_directory = {
        each.entry.target
        for each in left_out
        if each.entry.check == OF_DELEGATION and each.reason.startswith(NONE_FOR_THE_DOMAIN)
    }
    return not_examined(
        Examined(
            hosts=names,
            plan=plan,
            unselected_hosts=selection.unselected_hosts,
            unselected_checks=selection.unselected_checks,
            opt_ins=selection.opt_ins,
            gate=gate,
            managed=managed,
            directory=selection.directory,
            without_rsop=tuple(each for each in names if each in without_rsop),
            without_directory=tuple(each for each in names if each in without_directory),
        )
    )
