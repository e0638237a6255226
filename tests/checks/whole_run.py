"""A whole run of the suite's checks on facts that are given, and the files that it would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fact_builders import CHECKS
from run_builders import entry_of

from livemigration import __version__
from livemigration.collector import snapshot
from livemigration.facts.clock import CLOCK, Clock
from livemigration.facts.identity import Listed
from livemigration.facts.model import FactSheet, Gathered, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.change import Change
from livemigration.inventory.demands import demands_of
from livemigration.inventory.policy import Policy
from livemigration.run import results_file, runner
from livemigration.run.evidence.model import Gathering, Zone
from livemigration.run.exit_code import code_of
from livemigration.run.files import RunFiles
from livemigration.run.merge.model import Besides
from livemigration.run.not_examined import OptIn
from livemigration.run.plan import RunSelection
from livemigration.run.record import Beginning, Ending, Observed, concluded, with_evidence
from livemigration.run.run import HostSummary, Run
from livemigration.run.selected import left_out_of, suite_checks, whole_suite
from livemigration.run.waivers.apply import waive
from livemigration.run.waivers.model import Waiver
from livemigration.run.waivers.roots import signed_roots

BEGAN = datetime(2026, 11, 23, 20, tzinfo=UTC)


def whole_run(
    facts: RunFacts,
    policy: Policy | None = None,
    *,
    began: datetime = BEGAN,
    change: Change | None = None,
    waivers: tuple[Waiver, ...] = (),
    lab: str = "",
    group: str = "",
    peers: Mapping[str, frozenset[str]] = {},
    waited: timedelta | None = timedelta(),
) -> tuple[Run, Observed]:
    """Return the run of every check that no option asks for, and the facts with their time.

    `group` is that of every host, `peers` are the hosts with which some exchange virtual machines.
    `waited` is how long after its beginning the run gathered; None: nobody knows when.
    """
    policy = policy or Policy()
    server = facts.vmm.name
    facts = _moved(facts, began - BEGAN)
    # An inventory lists every host of its run; a case may say how it lists its own.
    known = {each.name for each in facts.listed}
    more = (Listed(name) for name in facts.hosts if name not in known)
    facts = replace(facts, listed=(*facts.listed, *more))
    checks = {name: each for name, each in CHECKS.items() if each.opt_in is None}
    plan = tuple(
        entry_of(each, target)
        for _, each in sorted(checks.items())
        for target in (facts.hosts if each.target is Subject.HOST else [server])
    )
    hosts = tuple(facts.hosts)
    beginning = Beginning(
        suite_version=__version__,
        inventory=f"lab:{lab}" if lab else "prod.yaml",
        inventory_digest="d" * 64,
        started=began,
        zone=Zone("UTC", 0),
        servers=(server,),
        selection=RunSelection(
            len(facts.listed),
            len(hosts),
            0,
            unselected_hosts=facts.not_looked_at,
            left_out=left_out_of(plan, suite_checks()),
            opt_ins=tuple(
                OptIn(each.identifier, each.opt_in)
                for each in whole_suite()
                if each.opt_in is not None
            ),
        ),
        hosts=tuple(HostSummary(name, (group,) if group else ()) for name in hosts),
        plan=plan,
        reads={name: tuple(group.name for group in each.groups) for name, each in checks.items()},
        demands=demands_of(
            hosts,
            digest="p" * 64,
            site=policy,
            policies=dict.fromkeys(hosts, policy),
            peers=peers,
            managers=dict.fromkeys(hosts, server),
        ),
        change=change,
        waivers=waivers,
        lab=lab,
    )
    results = [
        runner.evaluate(
            checks[each.check],
            facts,
            each,
            policy,
            exchanges=beginning.demands.exchanges_of(each.target),
        )
        for each in plan
    ]
    roots = signed_roots(results, waivers, began)
    results = [
        waive(
            each,
            waivers,
            began,
            roots.get(each.entry.target, ()),
            warnings_count=policy.fail_on == "warning",
        )
        for each in results
    ]
    code = code_of(results, plan, Besides(), interrupted=False, stopped_early="")
    ending = Ending(began + timedelta(minutes=1), code)
    ended = began + timedelta(seconds=30)
    gathering = Gathering(began + waited, ended) if waited is not None else None
    asked = Observed(facts, gathering)
    return concluded(beginning, with_evidence(beginning, asked, results), results, ending), asked


def _moved(facts: RunFacts, by: timedelta) -> RunFacts:
    """Return facts that were gathered so much later, by clocks that show as much more."""
    return replace(facts, hosts={name: _later(each, by) for name, each in facts.hosts.items()})


def _later(sheet: FactSheet, by: timedelta) -> FactSheet:
    return replace(
        sheet,
        outcomes={
            name: replace(
                each,
                at=each.at + by,
                value=_clock(each.value, by) if name == CLOCK.name else each.value,
            )
            if isinstance(each, Gathered) and each.at is not None
            else each
            for name, each in sheet.outcomes.items()
        },
    )


def _clock(was: Clock, by: timedelta) -> Clock:
    # Windows tells seconds.
    return Clock((was.shows + by).replace(microsecond=0))


def save(folder: Path, run: Run, asked: Observed) -> RunFiles:
    """Write what such a run leaves; return its files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = RunFiles(folder)
    results_file.save(files.results, run)
    assert asked.facts is not None
    snapshot.save(
        files.facts,
        asked.facts,
        gathered=asked.gathering.began if asked.gathering is not None else run.started,
        inventory=run.inventory,
        digest=run.inventory_digest,
        stamp=run.stamp,
    )
    return files
