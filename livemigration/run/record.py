"""The record of a run: what is known of it before it begins, and all of it once it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from livemigration.base.text import listed
from livemigration.facts.host import OPERATING_SYSTEM, SERVICES
from livemigration.facts.identity import Listed
from livemigration.facts.model import FactSheet, Gathered, Subject
from livemigration.facts.registry import GROUPS, simulated
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_RELEASE
from livemigration.inventory.change import Change
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.inventory.stamp import Stamp, stamp_of
from livemigration.run.drains import drains_of
from livemigration.run.evidence.facts import evidence_of
from livemigration.run.evidence.model import Evidence, Gathering, NetworkEvidence, Zone
from livemigration.run.evidence.network import network_of
from livemigration.run.exit_code import ExitCode
from livemigration.run.merge.model import Besides
from livemigration.run.not_examined import Managed
from livemigration.run.paths import paths_of
from livemigration.run.plan import PlanEntry, RunSelection
from livemigration.run.result import Result
from livemigration.run.run import SCHEMA_VERSION, HostSummary, Run, what_was_not_examined
from livemigration.run.sessions import (
    retries_of,
    sessions_of,
    slowed_of,
    stores_of,
    traffic_of,
    unfiltered_of,
)
from livemigration.run.waivers.apply import uses_of
from livemigration.run.waivers.model import Waiver
from livemigration.verdict.check import Check
from livemigration.verdict.move_matrix import Matrix, matrix_of
from livemigration.verdict.moves import MOVE_CHECKS, Moves
from livemigration.verdict.release import release_of
from livemigration.verdict.scope import scope_of
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError


@dataclass(frozen=True)
class Beginning:
    """A run before anything is asked: the first line of its journal.

    `servers` are the VMM servers of the run, `reads` the fact groups that each check may read,
    `listed` and `listed_vmms` all machines of the inventory.
    """

    suite_version: str
    inventory: str
    inventory_digest: str
    started: datetime
    zone: Zone
    servers: tuple[str, ...]
    selection: RunSelection
    hosts: tuple[HostSummary, ...]
    plan: tuple[PlanEntry, ...]
    reads: Mapping[str, tuple[str, ...]]
    demands: Demands
    change: Change | None = None
    facts_from: str | None = None
    resumed: datetime | None = None
    waivers: tuple[Waiver, ...] = ()
    gate: str = ""
    lab: str = ""
    listed: tuple[Listed, ...] = ()
    listed_vmms: tuple[Listed, ...] = ()


@dataclass(frozen=True)
class Observed:
    """What a run found out: the facts, when they were gathered, and what the reports show of them.

    `facts` is None where the run ended before there were any.
    """

    facts: RunFacts | None = None
    gathering: Gathering | None = None
    evidence: Evidence | None = None
    network: NetworkEvidence | None = None
    matrix: Matrix | None = None


@dataclass(frozen=True)
class Ending:
    """How a run ended."""

    finished: datetime
    exit_code: ExitCode
    interrupted: bool = False
    stopped_early: str = ""
    problems: tuple[str, ...] = ()
    besides: Besides = field(default_factory=Besides)


def begun_as(run: Run, checks: Iterable[Check], **changed: Any) -> Beginning:
    """Return what a run was before it began, as far as its record says.

    Args:
        run: the record.
        checks: those that the run made, at least.
        changed: what the beginning has in place of what the record says.
    """
    taken = {
        each.name: getattr(run, each.name) for each in fields(Beginning) if hasattr(run, each.name)
    }
    taken |= {
        "reads": {each.identifier: tuple(group.name for group in each.groups) for each in checks},
        "waivers": tuple(each.waiver for each in run.waivers),
    }
    return Beginning(**(taken | changed))


def with_evidence(beginning: Beginning, observed: Observed, results: Sequence[Result]) -> Observed:
    """Return what was found out with what the reports show of it."""
    if observed.facts is None:
        return observed
    facts = of_the_run(beginning, observed.facts)
    groups = {host.name: host.groups for host in beginning.hosts}
    reads = {
        check: tuple(GROUPS[name] for name in names if name in GROUPS)
        for check, names in beginning.reads.items()
    }
    return replace(
        observed,
        network=network_of(facts, groups),
        evidence=evidence_of(facts, results, reads),
        matrix=who_can_go_where(beginning, observed.facts),
    )


# Of more hosts nobody reads the matrix in a report; the command makes it of the facts.
_MOST_IN_A_MATRIX = 2000


def who_can_go_where(beginning: Beginning, facts: RunFacts) -> Matrix | None:
    """Return who can go where; None where the run does not make every check that it takes."""
    hosts = [each.name for each in beginning.hosts]
    planned = {each.check for each in beginning.plan}
    if not planned >= MOVE_CHECKS or not 1 < len(hosts) <= _MOST_IN_A_MATRIX:
        return None
    demands = beginning.demands
    return matrix_of(Moves(facts, demands.policy_of, demands.exchanges_of), hosts)


def of_the_run(beginning: Beginning, facts: RunFacts) -> RunFacts:
    """Return the facts of the machines that the run selected; others may be there to compare."""
    selected = {host.name for host in beginning.hosts}
    servers = {entry.target for entry in beginning.plan if entry.target_kind is Subject.VMM}
    servers |= {*beginning.servers, ""}
    return replace(
        facts,
        hosts={name: sheet for name, sheet in facts.hosts.items() if name in selected},
        vmms={name: sheet for name, sheet in facts.vmms.items() if name in servers},
    )


def concluded(
    beginning: Beginning, observed: Observed, results: Sequence[Result], ending: Ending
) -> Run:
    """Return the whole run."""
    facts = of_the_run(beginning, observed.facts) if observed.facts is not None else None
    managed = _managed(observed.facts) if observed.facts is not None else ()
    stamp = stamp_on(beginning, observed)
    return Run(
        schema=SCHEMA_VERSION,
        suite_version=beginning.suite_version,
        inventory=beginning.inventory,
        inventory_digest=beginning.inventory_digest,
        started=beginning.started,
        finished=ending.finished,
        simulated=bool(stamp.watermark),
        vmm=listed(facts.vmms if facts is not None else beginning.servers),
        vmm_release=_release(facts),
        selection=beginning.selection,
        hosts=tuple(_summary(host, beginning.demands, facts) for host in beginning.hosts),
        plan=beginning.plan,
        results=tuple(results),
        exit_code=ending.exit_code,
        facts_from=beginning.facts_from,
        interrupted=ending.interrupted,
        stopped_early=ending.stopped_early,
        problems=ending.problems,
        zone=beginning.zone,
        gathered=observed.gathering,
        evidence=observed.evidence,
        network=observed.network,
        matrix=observed.matrix,
        change=beginning.change,
        valid_until=stamp.valid_until,
        demands=beginning.demands,
        resumed=beginning.resumed,
        gate=beginning.gate,
        waivers=uses_of(beginning.waivers, results, beginning.started),
        lab=beginning.lab,
        besides=ending.besides,
        stamp=stamp,
        managed=managed,
        not_examined=what_was_not_examined(
            beginning.selection,
            beginning.hosts,
            beginning.plan,
            results,
            beginning.gate,
            managed,
        ),
        sessions=sessions_of(facts) if facts is not None else (),
        retries=retries_of(facts) if facts is not None else (),
        traffic=traffic_of(facts) if facts is not None else (),
        unfiltered=unfiltered_of(facts) if facts is not None else (),
        slowed=slowed_of(facts) if facts is not None else None,
        stores=stores_of(facts) if facts is not None else (),
        paths=paths_of(facts) if facts is not None else (),
        drains=drains_of(observed.facts, beginning.demands, results) if observed.facts else (),
    )


def _managed(facts: RunFacts) -> tuple[Managed, ...]:
    """Return how many hosts each VMM server manages that said so."""
    found = []
    for name, sheet in facts.vmms.items():
        stated = sheet.outcome(VMM_RELEASE)
        if isinstance(stated, Gathered) and (hosts := stated.value.managed_hosts) is not None:
            found.append(Managed(name, len(hosts), facts.outside(name)))
    return tuple(found)


def stamp_on(beginning: Beginning, observed: Observed) -> Stamp:
    """Return what every file of the run carries, of what is known by now.

    A simulated fleet is one before any of its machines has answered.
    """
    facts = observed.facts
    return stamp_of(
        simulated=bool(beginning.lab) or (facts is not None and simulated(facts)),
        change=beginning.change,
        policy_digest=beginning.demands.digest,
        valid_until=_valid_until(observed, beginning.demands.site),
    )


def _valid_until(observed: Observed, site: Policy) -> datetime | None:
    """Return until when facts are evidence, counted from the oldest of them; None without any."""
    gathering = observed.gathering
    if gathering is None or observed.facts is None or not observed.facts.anything:
        return None
    return evidence_ends(gathering.began, site)


def evidence_ends(began: datetime, site: Policy) -> datetime | None:
    """Return until when facts that were gathered from then on are evidence."""
    try:
        return began + timedelta(hours=site.evidence_valid_for)
    except OverflowError:
        return None


def _release(facts: RunFacts | None) -> str:
    """Return the release of the VMM server, or of each by its name."""
    if facts is None:
        return "not read"
    found = {name: _release_of(sheet) for name, sheet in facts.vmms.items()}
    if len(found) == 1:
        return next(iter(found.values()))
    return ", ".join(f"{name}: {release}" for name, release in found.items())


def _release_of(server: FactSheet) -> str:
    outcome = server.outcome(VMM_RELEASE)
    if not isinstance(outcome, Gathered):
        return "not read"
    release, version = release_of(outcome.value)
    return f"{version} ({release.value})"


def _summary(host: HostSummary, demands: Demands, facts: RunFacts | None) -> HostSummary:
    sheet = facts.hosts.get(host.name) if facts is not None else None
    if sheet is None:
        return host
    system = sheet.outcome(OPERATING_SYSTEM)
    text = (
        f"{system.value.caption} ({system.value.version})" if isinstance(system, Gathered) else ""
    )
    return replace(host, system=text, scope=_scope(sheet, demands.policy_of(host.name)))


def _scope(sheet: FactSheet, policy: Policy) -> str:
    view = FactsView(sheet, frozenset({SERVICES.name}))
    try:
        scope = scope_of(view, policy)
    except (BlockedError, InapplicableError):
        return ""
    return f"{scope.kind}{' (assumed)' if scope.assumed else ''}"
