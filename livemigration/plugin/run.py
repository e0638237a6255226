"""One run from its options to its exit code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import pytest

from livemigration import __version__, facts_file, runner
from livemigration.drift.baseline import Baseline
from livemigration.drift.model import Drift
from livemigration.errors import NothingToCheckError, UsageError
from livemigration.evidence.model import Gathering
from livemigration.evidence.moments import zone_of
from livemigration.facts import snapshot
from livemigration.facts.model import Subject
from livemigration.facts.sheets import RunFacts
from livemigration.gate import gate_inventory, without_vmm
from livemigration.gather.fleet import Fleet, Order, Watch, gather
from livemigration.gather.host import Outcomes
from livemigration.inventory import Inventory, limit, load
from livemigration.journal import Journal, Told
from livemigration.merge.model import Besides
from livemigration.plugin import resuming
from livemigration.plugin.artefacts import RunFolder
from livemigration.plugin.comparing import baseline_of, drift_since
from livemigration.plugin.credentials import read_credentials
from livemigration.plugin.facts import (
    as_listed,
    order_for,
    refuse_facts_of_another,
    replayed_facts,
)
from livemigration.plugin.items import CheckItem
from livemigration.plugin.left_out import LeftOut, left_out
from livemigration.plugin.machines import Machines
from livemigration.plugin.options import Options, inventory_base, read_options
from livemigration.plugin.progress import ProgressLine
from livemigration.plugin.waiving import signed_items, waived, waivers_of
from livemigration.policy import Policy
from livemigration.record import (
    Asked,
    Beginning,
    Ending,
    concluded,
    of_the_run,
    shown,
    stamp_on,
)
from livemigration.results import (
    ExitCode,
    HostSummary,
    PlanEntry,
    Result,
    Run,
    Selection,
    State,
    code_of,
)
from livemigration.selected import lab_of, left_out_of, pairs_of, suite_checks
from livemigration.shipped import CHECKS
from livemigration.site.handed_on import lacking
from livemigration.waivers.model import Waiver


@dataclass
class Session:
    """What one run has so far. `machines` is None where no machine may be asked."""

    options: Options
    inventory: Inventory
    hosts: tuple[str, ...]
    started: datetime
    saved: RunFacts | None = None
    earlier: Told | None = None
    baseline: Baseline | None = None
    drift: Drift | None = None
    folder: RunFolder | None = None
    machines: Machines | None = None
    opened: Journal | None = None
    journal: Journal | None = None
    asked: Asked = field(default_factory=Asked)
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plan: tuple[PlanEntry, ...] = ()
    results: list[Result] = field(default_factory=list)
    deselected: list[CheckItem] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    besides: Besides = field(default_factory=Besides)
    interrupted: bool = False
    stopped_early: str = ""
    places: dict[str, str] = field(default_factory=dict)
    found: dict[str, Subject] = field(default_factory=dict)
    offered: dict[str, Subject] = field(default_factory=dict)
    suite: Mapping[str, Subject] = field(default_factory=dict)
    beginning: Beginning | None = None
    waivers: tuple[Waiver, ...] = ()
    signed: dict[str, tuple[CheckItem, ...]] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    left_out: LeftOut = field(default_factory=LeftOut)
    run: Run | None = None
    report: Path | None = None
    bundle: Path | None = None
    problems_shown: int = 0
    collects_only: bool = False
    results_missing: bool = False

    def place_of(self, identifier: str, place: str) -> str:
        """Return where a check of this identifier was first seen, which is here if nowhere."""
        return self.places.setdefault(identifier, place)

    def evaluate(self, item: CheckItem) -> Result:
        """Judge one item, keep the result and write it to the journal."""
        facts = self.asked.facts
        if facts is None:
            raise RuntimeError("facts are gathered before any check runs")
        started = time.perf_counter()
        policy = self.inventory.policies.get(item.target, self.inventory.site_policy)
        result = self._judged(item, facts, policy)
        # Roots are judged here as well: their own turn may come later.
        signed = self.signed.get(item.target, ()) if result.red else ()
        roots = [self._judged(each, facts, policy) for each in signed]
        result = waived(result, roots, self.waivers, self.started, policy)
        result = replace(result, seconds=round(time.perf_counter() - started, 6))
        self.results.append(result)
        self.to_journal(lambda journal: journal.result(result))
        return result

    def _judged(self, item: CheckItem, facts: RunFacts, policy: Policy) -> Result:
        peers = self.inventory.peers.get(item.target)
        return runner.evaluate(item.check, facts, item.entry, policy, exchanges=peers)

    def to_journal(self, write: Callable[[Journal], None]) -> None:
        """Write to the journal; the first failure ends it."""
        if self.journal is None:
            return
        try:
            write(self.journal)
        except OSError as error:
            self.artefact_problem("The journal", error)
            self.journal = None

    def artefact_problem(self, what: str, error: Exception) -> None:
        """Remember that an artefact could not be written; the verdict stays."""
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.problems.append(f"{what} could not be written: {reason[:200]}.")
        self.besides = replace(self.besides, artefact_missing=True)

    def unwritten(self, error: OSError) -> None:
        """Remember once that results.json could not be written."""
        if not self.results_missing:
            self.artefact_problem("results.json", error)
        self.results_missing = True


def prepare(config: pytest.Config) -> Session:
    """Return the session of a run whose input is usable.

    Raises:
        pytest.UsageError: option, inventory, facts file, credentials or report folder (exit 4).
        pytest.exit.Exception: nothing to check (exit 5).
    """
    options = read_options(config)
    try:
        inventory = _inventory(options, config)
        hosts = tuple(host.name for host in limit(inventory.hosts, options.limits))
        saved = facts_file.load(options.facts) if options.facts else None
        if saved is not None:
            refuse_facts_of_another(saved, inventory, str(options.facts))
        earlier = resuming.load(options.resume, inventory) if options.resume else None
        known = baseline_of(options, inventory)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    except NothingToCheckError as error:
        pytest.exit(str(error), returncode=int(ExitCode.NOTHING_TO_CHECK))
    session = Session(options, inventory, hosts, datetime.now(UTC), saved, earlier, known)
    session.collects_only = config.option.collectonly
    if session.collects_only:
        return session
    if saved is None:
        session.machines = Machines(inventory)
        if earlier is not None and inventory.lab_fleet is not None:
            session.machines.network = resuming.lab_network(earlier)
    return session


def take_credentials(session: Session, config: pytest.Config) -> None:
    """Read user name and password, once it is known that machines will be asked.

    Raises:
        pytest.UsageError: a variable is not set, or there is no terminal to ask on.
    """
    if session.machines is not None and session.inventory.lab_fleet is None:
        session.machines.credentials = read_credentials(session.inventory.credentials, config)


def make_folder(session: Session) -> None:
    """Make the folder that the run leaves behind, once everything that was given is usable.

    Raises:
        pytest.UsageError: it cannot be made.
    """
    options = session.options
    if session.collects_only:
        return
    change = options.change.identifier if options.change is not None else ""
    label = session.inventory.label.replace(":", "-")
    session.folder = RunFolder(options.reports, label, session.started, change)


def abandon(session: Session) -> None:
    """End a run that came to nothing, and remove its folder."""
    close(session)
    if session.folder is not None and not session.plan:
        session.folder.discard()


def _inventory(options: Options, config: pytest.Config) -> Inventory:
    named = load(options.inventory, inventory_base(config)) if options.inventory else None
    if options.targets:
        return gate_inventory(options.gate, options.targets, named)
    if named is None:
        raise RuntimeError("without a gate an inventory is named")
    return named


def take_waivers(session: Session) -> None:
    """Hold the waivers against the whole inventory and every check, whatever is selected.

    Raises:
        pytest.UsageError: the file is not usable, or a waiver in it is not.
    """
    path = session.options.waivers
    if path is None:
        return
    try:
        session.waivers = waivers_of(path, session.inventory, session.found, session.started)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def begin(session: Session, items: list[CheckItem], stream: TextIO) -> None:
    """Fix the plan, open the journal and get the facts."""
    session.plan = tuple(item.entry for item in items)
    session.signed = signed_items(items, session.waivers)
    session.lacking = lacking(items[0].config.rootpath / CHECKS, session.found)
    session.suite = suite_checks()
    session.left_out = left_out(items, session.lacking, session.inventory, session.options)
    session.reads = {
        item.check.identifier: tuple(group.name for group in item.check.groups) for item in items
    }
    _open_journal(session)
    hosts = tuple(host for host in session.hosts if host in _targets(session))
    if session.saved is not None:
        label = str(session.options.facts)
        servers = {entry.target for entry in session.plan if entry.target_kind is Subject.VMM}
        # All of the file: what is said of a host does not depend on what else is selected.
        facts = replayed_facts(session.saved, servers, session.inventory, label)
        if session.inventory.gate:
            facts = without_vmm(facts, session.inventory.gate)
        known = Gathering(facts.gathered) if facts.gathered is not None else None
        session.asked = Asked(facts, known)
        if known is not None:
            session.to_journal(lambda journal: journal.gathering(known))
        _keep_all(session, facts)
    elif session.machines is not None:
        watch = ProgressLine(stream, moving=stream.isatty())
        order = order_for(items, hosts, session.options.stage_vm, session.inventory)
        session.asked = _ask(session, session.machines.fleet(), order, watch)
    _save_facts(session)


def _ask(session: Session, fleet: Fleet, order: Order, watch: Watch) -> Asked:
    """Ask the machines; what is known of an earlier run is not asked for again."""

    def keep(subject: Subject, name: str, outcomes: Outcomes) -> None:
        _keep(session, subject, name, outcomes)

    known, began = None, datetime.now(UTC)
    if session.earlier is not None and session.earlier.gathering is not None:
        known, began = session.earlier.facts, session.earlier.gathering.began
    session.to_journal(lambda journal: journal.gathering(Gathering(began)))
    facts = gather(fleet, order, watch, keep=keep, known=known)
    facts = as_listed(facts, session.inventory)
    if session.inventory.gate:
        facts = without_vmm(facts, session.inventory.gate)
    _keep_all(session, facts)
    gathering = Gathering(began, datetime.now(UTC))
    session.to_journal(lambda journal: journal.gathering(gathering))
    return Asked(facts, gathering)


def _keep(session: Session, subject: Subject, name: str, outcomes: Outcomes) -> None:
    session.to_journal(lambda journal: journal.facts(subject, name, outcomes))


def _keep_all(session: Session, facts: RunFacts) -> None:
    for sheet in (*facts.hosts.values(), *facts.vmms.values()):
        _keep(session, sheet.subject, sheet.name, dict(sheet.outcomes))


def _targets(session: Session) -> set[str]:
    return {entry.target for entry in session.plan if entry.target_kind is Subject.HOST}


def _beginning(session: Session) -> Beginning:
    """Return what the run is before anything is asked: worked out once it is planned."""
    if session.beginning is None or session.beginning.plan is not session.plan:
        session.beginning = _begun(session)
    return session.beginning


def _begun(session: Session) -> Beginning:
    inventory, options = session.inventory, session.options
    targets = _targets(session)
    hosts = tuple(host for host in inventory.hosts if host.name in targets)
    left_out = left_out_of(
        session.plan,
        {**session.suite, **session.offered},
        without=session.lacking,
        machines=[(Subject.VMM, each.name) for each in inventory.servers_of(targets)],
    )
    return Beginning(
        suite_version=__version__,
        inventory=inventory.label,
        inventory_digest=inventory.digest,
        started=session.started,
        zone=zone_of(session.started, *_shown_in_local_time(session)),
        servers=tuple(each.name for each in inventory.servers_of(targets)),
        selection=Selection(
            inventory_hosts=len(inventory.hosts),
            selected_hosts=len(targets),
            deselected_checks=max(
                len(session.deselected),
                pairs_of(each for each in left_out if each.check in session.offered),
            ),
            limit=", ".join(options.limits),
            lacking=session.lacking,
            left_out=left_out,
            unselected_hosts=tuple(
                host.name for host in inventory.hosts if host.name not in targets
            ),
            unselected_checks=session.left_out.checks,
            opt_ins=session.left_out.opt_ins,
        ),
        hosts=tuple(HostSummary(host.name, host.groups) for host in hosts),
        plan=session.plan,
        reads=session.reads,
        demands=inventory.demands_on([host.name for host in hosts]),
        change=options.change,
        facts_from=options.facts.name if options.facts else None,
        waivers=session.waivers,
        gate=inventory.gate,
        lab=lab_of(inventory),
        listed=tuple(each.listed for each in inventory.hosts),
        listed_vmms=tuple(each.listed for each in inventory.vmms),
        resumed=session.earlier.beginning.started if session.earlier is not None else None,
    )


def _shown_in_local_time(session: Session) -> tuple[datetime, ...]:
    """Return what may be far from the run's start: its window, and when facts were gathered."""
    window = session.options.change.window if session.options.change is not None else None
    gathered = session.saved.gathered if session.saved is not None else None
    known = (window.start, window.end) if window is not None else ()
    return (*known, gathered) if gathered is not None else known


def _open_journal(session: Session) -> None:
    if session.folder is None:
        return
    beginning = _beginning(session)
    try:
        session.opened = session.journal = Journal(session.folder.files.journal)
    except OSError as error:
        session.artefact_problem("The journal", error)
        return
    session.to_journal(lambda journal: journal.begin(beginning, stamp_on(beginning, Asked())))


def _save_facts(session: Session) -> None:
    facts, gathering = session.asked.facts, session.asked.gathering
    if facts is None:
        return
    stamp = stamp_on(_beginning(session), session.asked)
    own = session.folder.files.facts if session.folder is not None else None
    for path in (own, session.options.save_facts):
        if path is None:
            continue
        try:
            snapshot.save(
                path,
                facts,
                gathered=gathering.began if gathering is not None else session.started,
                inventory=session.inventory.label,
                digest=session.inventory.digest,
                stamp=stamp,
            )
        except OSError as error:
            session.artefact_problem(f"The facts file {path}", error)


def finish(session: Session, pytest_code: int, *, own_tests_failed: int) -> Run:
    """Fix the verdict and write results.json; again, where an artefact failed since.

    What stands on the disk afterwards is this verdict, or nothing.

    Args:
        session: the run.
        pytest_code: the exit code that pytest came to.
        own_tests_failed: how many tests that are not checks failed.
    """
    if session.run is not None and session.run.problems == tuple(session.problems):
        return session.run
    if session.run is None:
        _keep_evidence(session)
        _keep_drift(session)
    session.besides = replace(
        session.besides, own_tests_failed=own_tests_failed, pytest_code=_of_pytest(pytest_code)
    )
    run = _run(session)
    if session.folder is not None:
        try:
            session.folder.write_results(run)
        except OSError as error:
            session.unwritten(error)
            run = _run(session)
    session.run = run
    return run


def _of_pytest(code: int) -> int:
    """Return what pytest ended with, where no test tells it."""
    return code if code in {2, 3, 4, 5} else 0


def _keep_evidence(session: Session) -> None:
    """Work out what the reports show of the facts; the verdict does not depend on it."""
    try:
        session.asked = shown(_beginning(session), session.asked, session.results)
    except Exception as error:  # noqa: BLE001 - what is shown of the facts never takes the verdict along
        # Its message may quote what a host sent.
        session.artefact_problem("The evidence", RuntimeError(type(error).__name__))


def _keep_drift(session: Session) -> None:
    """Work out what changed since the baseline; the verdict does not depend on it."""
    if session.baseline is None:
        return
    try:
        beginning, facts = _beginning(session), session.asked.facts
        selected = of_the_run(beginning, facts) if facts is not None else None
        session.drift = drift_since(session.baseline, _run(session), selected)
    except Exception as error:  # noqa: BLE001 - as for the evidence
        session.artefact_problem("What changed", RuntimeError(type(error).__name__))


def close(session: Session) -> None:
    """End the lab, close the journal and remove what was not finished, however the run ended."""
    if session.machines is not None:
        session.machines.close()
    if session.opened is not None:
        session.opened.close()
    if session.folder is not None:
        session.folder.remove_unfinished()


def publish(session: Session, asked: Path | None) -> None:
    """Give the report its names: in the run's folder, as `latest.html`, and where --html asks."""
    folder = session.folder
    if folder is None:
        return
    try:
        session.report = folder.publish_report()
    except OSError as error:
        session.artefact_problem("The HTML report", error)
        return
    if session.plan:
        try:
            folder.copy_report(session.report)
        except OSError as error:
            session.artefact_problem("latest.html", error)
    if asked is not None:
        try:
            session.report = folder.copy_report(session.report, asked)
        except OSError as error:
            session.artefact_problem(f"The HTML report {asked}", error)


def _run(session: Session) -> Run:
    code = code_of(
        session.results,
        session.plan,
        session.besides,
        interrupted=session.interrupted,
        stopped_early=session.stopped_early,
    )
    if not session.plan and code is ExitCode.NOTHING_TO_CHECK and not session.besides.pytest_code:
        # Only tests of the site's own were chosen, and none of them failed.
        code = ExitCode.READY
    ending = Ending(
        finished=datetime.now(UTC),
        exit_code=code,
        interrupted=session.interrupted,
        stopped_early=session.stopped_early,
        problems=tuple(session.problems),
        besides=session.besides,
    )
    run = concluded(_beginning(session), session.asked, session.results, ending)
    return replace(run, drift=session.drift)


def count_failures(results: list[Result]) -> int:
    """Return how many results pytest counts as failed."""
    states = {State.BLOCKED, State.INTERNAL_ERROR}
    return sum(1 for result in results if result.red or result.state in states)
