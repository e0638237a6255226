"""One result per plan entry, the run around them, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, IntEnum

from livemigration.change import Change
from livemigration.demands import Demands
from livemigration.drift.model import Drift
from livemigration.evidence.model import Evidence, Gathering, Network, Zone
from livemigration.facts.model import Subject
from livemigration.findings import Finding, Level, Reference
from livemigration.merge.model import Besides, Conflict, Part
from livemigration.not_examined import Managed, OptIn, Scope, not_examined
from livemigration.stamp import Stamp
from livemigration.waivers.model import WaiverUse

SCHEMA_VERSION = 1


class State(Enum):
    """What became of one plan entry."""

    PASS = "pass"  # noqa: S105 - a state, not a password
    WARNING = "warning"
    FAIL = "fail"
    BLOCKED = "blocked"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    INTERNAL_ERROR = "internal-error"
    NOT_RUN = "not-run"


class ExitCode(IntEnum):
    """The exit codes of a run."""

    READY = 0
    NOT_READY = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_TO_CHECK = 5
    NO_VERDICT = 10
    ARTEFACT_NOT_WRITTEN = 11


PRECEDENCE = (
    ExitCode.INTERNAL_ERROR,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.NOT_READY,
    ExitCode.NO_VERDICT,
    ExitCode.ARTEFACT_NOT_WRITTEN,
    ExitCode.NOTHING_TO_CHECK,
    ExitCode.READY,
)


# What pytest says by its exit code and no result does: stopped, broken, misused, nothing collected.
OF_PYTEST = {
    ExitCode.INTERRUPTED,
    ExitCode.INTERNAL_ERROR,
    ExitCode.USAGE,
    ExitCode.NOTHING_TO_CHECK,
}


@dataclass(frozen=True)
class PlanEntry:
    """One check on one target, fixed before anything runs."""

    node_id: str
    check: str
    title: str
    area: str
    target_kind: Subject
    target: str


@dataclass(frozen=True)
class Blocker:
    """Why an entry could not be evaluated: the check whose finding explains it, and the reason."""

    check: str
    reason: str
    next_step: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one plan entry. `red` includes warnings where the policy says so."""

    entry: PlanEntry
    state: State
    red: bool = False
    findings: tuple[Finding, ...] = ()
    blocked_by: Blocker | None = None
    reason: str = ""
    seconds: float = 0.0
    refs: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A check, and for how many hosts or VMM servers of the run it was not planned.

    `targets` names them; it is empty where these are all of them.
    """

    check: str
    number: int
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What the run looked at, of all that it could have looked at.

    `lacking` are checks of the suite that the folder of checks does not have. `left_out` are checks
    that are there and are not planned for hosts of the run: together with the plan they are every
    check of every host, so that nothing can be dropped in silence. `unselected_hosts` are the hosts
    of the inventory that were not looked at, `unselected_checks` the checks that were made on no
    target, `opt_ins` those that an option would have asked for.
    """

    inventory_hosts: int
    selected_hosts: int
    deselected_checks: int
    limit: str = ""
    lacking: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unselected_hosts: tuple[str, ...] = ()
    unselected_checks: tuple[str, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()

    @property
    def deselected_hosts(self) -> int:
        """Hosts of the inventory that the run did not look at."""
        return self.inventory_hosts - self.selected_hosts


@dataclass(frozen=True)
class HostSummary:
    """A host of the run, as the report introduces it."""

    name: str
    groups: tuple[str, ...] = ()
    system: str = ""
    scope: str = ""


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
    reason. `drift` is what changed since an earlier run, where one was named. `parts` are the runs
    that a joined one was made of, `conflicts` what they do not agree on.
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
    selection: Selection
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
    network: Network | None = None
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

    @property
    def counts(self) -> Counter[State]:
        """How many entries ended in each state."""
        return Counter(result.state for result in self.results)

    @property
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
    def failing_hosts(self) -> tuple[str, ...]:
        """Hosts with at least one red result, in inventory order."""
        red = {
            result.entry.target
            for result in self.results
            if result.red and result.entry.target_kind is Subject.HOST
        }
        return tuple(host.name for host in self.hosts if host.name in red)

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
    selection: Selection,
    hosts: Iterable[HostSummary],
    plan: Sequence[PlanEntry],
    gate: str,
    managed: tuple[Managed, ...],
) -> tuple[str, ...]:
    """Return what a run did not examine, as it follows from the rest of the run."""
    return not_examined(
        Scope(
            hosts=tuple(host.name for host in hosts),
            plan=plan,
            unselected_hosts=selection.unselected_hosts,
            unselected_checks=selection.unselected_checks,
            opt_ins=selection.opt_ins,
            gate=gate,
            managed=managed,
        )
    )


def state_of(findings: Iterable[Finding]) -> State:
    """Return the state that findings amount to: the worst of them.

    Raises:
        ValueError: there is no finding; silence must not pass.
    """
    levels = {finding.level for finding in findings}
    if not levels:
        raise ValueError("the check yielded nothing")
    if Level.FAIL in levels:
        return State.FAIL
    if Level.WARNING in levels:
        return State.WARNING
    if Level.OK not in levels and Level.NOT_APPLICABLE in levels:
        return State.NOT_APPLICABLE
    return State.PASS


def exit_code_of(results: Iterable[Result]) -> ExitCode:
    """Return the exit code that these results alone amount to.

    Where no check applies, nothing was checked: that is not green.
    """
    known = tuple(results)
    if all(result.state is State.NOT_APPLICABLE for result in known):
        return ExitCode.NOTHING_TO_CHECK
    return worst({_code_of(result) for result in known})


def code_of(
    results: Iterable[Result],
    plan: Iterable[PlanEntry],
    besides: Besides,
    *,
    interrupted: bool,
    stopped_early: str,
) -> ExitCode:
    """Return the exit code of a run: of its results, of what did not run, and of what else failed.

    Where nothing was planned and nothing else happened, nothing was checked.
    """
    known = tuple(results)
    codes = {exit_code_of(known)} if known else set()
    if besides.artefact_missing:
        codes.add(ExitCode.ARTEFACT_NOT_WRITTEN)
    if besides.own_tests_failed:
        codes.add(ExitCode.NOT_READY)
    if besides.pytest_code in OF_PYTEST:
        codes.add(ExitCode(besides.pytest_code))
    if interrupted:
        codes.add(ExitCode.INTERRUPTED)
    done = {result.entry.node_id for result in known}
    missing = any(entry.node_id not in done for entry in plan)
    if missing and besides.pytest_code not in {ExitCode.INTERRUPTED, ExitCode.USAGE}:
        stopped = bool(stopped_early) or interrupted
        codes.add(ExitCode.NO_VERDICT if stopped else ExitCode.INTERNAL_ERROR)
    return worst(codes or {ExitCode.NOTHING_TO_CHECK})


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code that wins where several hold."""
    return min(codes, key=PRECEDENCE.index)


def _code_of(result: Result) -> ExitCode:
    if result.red:
        return ExitCode.NOT_READY
    return {
        State.INTERNAL_ERROR: ExitCode.INTERNAL_ERROR,
        State.BLOCKED: ExitCode.NO_VERDICT,
        State.NOT_RUN: ExitCode.INTERRUPTED,
    }.get(result.state, ExitCode.READY)
