"""A whole run of the suite's checks on facts that are given, and the files that it would leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fact_builders import CHECKS

from livemigration import __version__, results_file, runner
from livemigration.change import Change
from livemigration.demands import demands_of
from livemigration.evidence.model import Gathering, Zone
from livemigration.facts import snapshot
from livemigration.facts.model import Subject
from livemigration.facts.sheets import RunFacts
from livemigration.identity import Listed
from livemigration.merge.model import Besides
from livemigration.not_examined import OptIn
from livemigration.policy import Policy
from livemigration.record import Asked, Beginning, Ending, concluded, shown
from livemigration.results import HostSummary, PlanEntry, Run, Selection, code_of
from livemigration.run_files import RunFiles
from livemigration.selected import left_out_of, suite_checks, whole_suite
from livemigration.waivers.apply import waive
from livemigration.waivers.model import Waiver

BEGAN = datetime(2026, 11, 23, 20, tzinfo=UTC)


def whole_run(
    facts: RunFacts,
    policy: Policy | None = None,
    *,
    began: datetime = BEGAN,
    change: Change | None = None,
    waivers: tuple[Waiver, ...] = (),
    lab: str = "",
) -> tuple[Run, Asked]:
    """Return the run of every check that no option asks for, and the facts with their time."""
    policy = policy or Policy()
    server = facts.vmm.name
    if not facts.listed:
        facts = replace(facts, listed=tuple(map(Listed, facts.hosts)))
    checks = {name: each for name, each in CHECKS.items() if each.opt_in is None}
    plan = tuple(
        PlanEntry(f"checks::{name}[{target}]", name, each.title, each.area, each.target, target)
        for name, each in sorted(checks.items())
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
        selection=Selection(
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
        hosts=tuple(HostSummary(name) for name in hosts),
        plan=plan,
        reads={name: tuple(group.name for group in each.groups) for name, each in checks.items()},
        demands=demands_of(
            hosts,
            digest="p" * 64,
            site=policy,
            policies=dict.fromkeys(hosts, policy),
            peers={},
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
    results = [waive(each, waivers, began) for each in results]
    code = code_of(results, plan, Besides(), interrupted=False, stopped_early="")
    ending = Ending(began + timedelta(minutes=1), code)
    asked = Asked(facts, Gathering(began, began + timedelta(seconds=30)))
    return concluded(beginning, shown(beginning, asked, results), results, ending), asked


def save(folder: Path, run: Run, asked: Asked) -> RunFiles:
    """Write what such a run leaves; return its files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = RunFiles(folder)
    results_file.save(files.results, run)
    assert asked.facts is not None
    snapshot.save(
        files.facts,
        asked.facts,
        gathered=run.started,
        inventory=run.inventory,
        digest=run.inventory_digest,
        stamp=run.stamp,
    )
    return files
