"""pytest's hooks, each a thin line to the run."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from livemigration.addresses import listed
from livemigration.check import Check
from livemigration.compat import terminal_stream
from livemigration.facts.model import Subject
from livemigration.journal import ending_of
from livemigration.plugin import more_views, own_tests, wanted
from livemigration.plugin import run as runs
from livemigration.plugin.html import has_html, load_html
from livemigration.plugin.items import CheckItem, make_items
from livemigration.plugin.options import (
    MARKERS,
    NO_INVENTORY,
    add_options,
    names_an_inventory,
)
from livemigration.plugin.reports import reports_of, status_of
from livemigration.plugin.root import refuse_a_moved_root
from livemigration.plugin.run import Session
from livemigration.report.html import HtmlReport
from livemigration.report.text import closing_lines, host_blocks, plain
from livemigration.results import ExitCode, Run

_SESSION = pytest.StashKey[Session]()
_ASKED_HTML = pytest.StashKey[Path | None]()
# Whether a run without an inventory met something that needs one.
_NEEDS_INVENTORY = pytest.StashKey[bool]()
VMM_CHECKS = "test_vmm_server.py"


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add --inventory, --limit, --facts, --save-facts and --reports."""
    load_html(pluginmanager)
    add_options(parser)
    more_views.add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Refuse a run whose root pytest took from the value of an option."""
    refuse_a_moved_root(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Check the input before anything runs, and hand pytest-html its file."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if _only_shows_help(config) or not wanted.is_wanted(config):
        return
    if not (names_an_inventory(config) or wanted.is_asked_for(config)):
        # A site's tests of its own checks ask nobody; a check that is met all the same is refused.
        config.stash[_NEEDS_INVENTORY] = False
        return
    wanted.look_in_the_roots_checks(config)
    _refuse_what_cannot_work(config)
    session = runs.prepare(config)
    config.stash[_SESSION] = session
    own_tests.offer(config, session)
    runs.make_folder(session)
    if session.folder is None:
        return
    asked = config.option.htmlpath
    config.stash[_ASKED_HTML] = config.invocation_params.dir / asked if asked else None
    config.option.htmlpath = str(session.folder.unfinished_report)
    config.option.self_contained_html = True
    report = HtmlReport(lambda: session.run if session.plan else None)
    config.pluginmanager.register(report, "livemigration-html")


def _refuse_what_cannot_work(config: pytest.Config) -> None:
    option = config.option
    spread = getattr(option, "numprocesses", None) or getattr(option, "dist", "no") != "no"
    if hasattr(config, "workerinput") or spread:
        raise pytest.UsageError("all hosts are asked at once already: run without -n.")
    if not has_html(config.pluginmanager):
        raise pytest.UsageError("pytest-html makes the report: run without -p no:html.")


def _only_shows_help(config: pytest.Config) -> bool:
    option = config.option
    names = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")
    return any(getattr(option, name, False) for name in names)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which inventory is checked."""
    session = config.stash.get(_SESSION, None)
    if session is None:
        return []
    chosen, all_hosts = len(session.hosts), len(session.inventory.hosts)
    source = (
        f"facts of {session.options.facts}"
        if session.saved
        else "VMM " + listed(each.name for each in session.inventory.servers_of(session.hosts))
    )
    if session.inventory.gate:
        source = f"{f'{source}, ' if session.saved else ''}VMM is not asked"
    return [f"inventory: {session.inventory.label} ({chosen} of {all_hosts} hosts, {source})"]


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let ordinary tests with testinfra's `host` run on the hosts of the inventory."""
    session = metafunc.config.stash.get(_SESSION, None)
    if session is not None:
        own_tests.choose_hosts(metafunc, session.hosts)
    elif own_tests.asks_hosts(metafunc):
        _need_inventory(metafunc.config)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> Sequence[pytest.Item] | None:
    """Turn each `@check` into one item per target."""
    session = collector.config.stash.get(_SESSION, None)
    if not isinstance(obj, Check) or not name.startswith("test_"):
        return None
    if session is None:
        _need_inventory(collector.config)
        return None
    _refuse_a_second(session, obj, collector.path)
    session.found[obj.identifier] = obj.target
    if not session.options.asks_for(obj.opt_in):
        return []
    session.offered[obj.identifier] = obj.target
    return list(make_items(collector, name, obj, session.inventory, session.hosts))


def _need_inventory(config: pytest.Config) -> None:
    if _NEEDS_INVENTORY in config.stash:
        config.stash[_NEEDS_INVENTORY] = True


def _refuse_a_second(session: Session, found: Check, module: Path) -> None:
    code = found.function.__code__
    here = f"{code.co_filename}:{code.co_firstlineno}"
    if module != Path(code.co_filename):
        # A site's module that hands on the check; in two of them it would be counted twice.
        here = f"{module} ({here})"
    first = session.place_of(found.identifier, here)
    if first != here:
        raise pytest.Collector.CollectError(
            f"two checks are called {found.identifier}: {first} and {here}. Renumber or remove one "
            "of them."
        )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put checks in the order of their numbers: causes come before what follows from them.

    Before other plugins, so that --ff and its like have the last word.
    """
    places = [place for place, item in enumerate(items) if isinstance(item, CheckItem)]
    checks = [item for item in items if isinstance(item, CheckItem)]
    checks.sort(key=lambda item: item.check.identifier)
    for place, item in zip(places, checks, strict=True):
        items[place] = item


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what the selection leaves out."""
    for item in items:
        if isinstance(item, CheckItem):
            item.config.stash[_SESSION].deselected.append(item)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Put checks first, those of the VMM server in every selection that needs VMM.

    Not with the other plugins' selections, as --lf would take out again what is put in. Ordinary
    tests follow in one piece: a check between two of them would keep pytest from closing the
    fixtures of the first.
    """
    own = session.config.stash.get(_SESSION, None)
    if session.config.stash.get(_NEEDS_INVENTORY, False):
        raise pytest.UsageError(NO_INVENTORY)
    if own is None:
        return
    if not (own.found or session.items or session.testsfailed or wanted.has_checks(session.config)):
        here = session.config.invocation_params.dir
        pytest.exit(wanted.nothing_here(here), returncode=int(ExitCode.NOTHING_TO_CHECK))
    runs.take_waivers(own)
    items = session.items
    checks = [item for item in items if isinstance(item, CheckItem)]
    server = [item for item in checks if item.check.target is Subject.VMM]
    managed = own.inventory.managers
    needing = [
        item
        for item in checks
        if item.check.needs_vmm and item not in server and item.target in managed
    ]
    needed = {managed[item.target] for item in needing}
    if lacking := needed - {item.target for item in server}:
        found = _vmm_items(session, own, needing[0])
        server += [item for item in found if item.target in lacking]
    own.deselected[:] = [item for item in own.deselected if item not in server]
    others = [item for item in items if not isinstance(item, CheckItem)]
    if checks or any(map(own_tests.takes_host, others)):
        runs.take_credentials(own, session.config)
    items[:] = [*server, *(item for item in checks if item not in server), *others]


def _vmm_items(session: pytest.Session, own: Session, beside: CheckItem) -> list[CheckItem]:
    found = [item for item in own.deselected if item.check.target is Subject.VMM]
    path = _nearest(VMM_CHECKS, beside.path, session.config.rootpath)
    if found or path is None:
        return found
    module = pytest.Module.from_parent(session, path=path)
    # Not through pytest's collection, from which --lf leaves out files without failures.
    return [item for item in module.collect() if isinstance(item, CheckItem)]


def _nearest(name: str, beside: Path, root: Path) -> Path | None:
    """Return the file beside a module, else in a folder above: a site's own may lie deeper."""
    above = [folder for folder in beside.parents[1:] if folder.is_relative_to(root)]
    places = (folder / name for folder in (beside.parent, *above))
    return next((path for path in places if path.is_file()), None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Gather what the selected checks need, then let them run."""
    own = session.config.stash.get(_SESSION, None)
    items = [item for item in session.items if isinstance(item, CheckItem)]
    broken = session.testsfailed and not session.config.option.continue_on_collection_errors
    if own is None or not items or session.config.option.collectonly or broken:
        return (yield)
    try:
        runs.begin(own, items, terminal_stream(session.config))
        return (yield)
    except (KeyboardInterrupt, pytest.exit.Exception):
        own.interrupted = True
        raise
    except session.Failed as stopped:
        own.stopped_early = str(stopped)
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Run a check: no fixtures, one result, its reports."""
    if not isinstance(item, CheckItem):
        return None
    session = item.config.stash[_SESSION]
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    result = session.evaluate(item)
    reports = list(reports_of(item, result))
    more_views.name_case(session, item.config, result, reports)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Give our states their own words in the terminal."""
    return status_of(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(
    session: pytest.Session, exitstatus: int
) -> Generator[None, object, object]:
    """Fix the verdict first, then let every view be made from it."""
    own = session.config.stash.get(_SESSION, None)
    if own is None or own.folder is None:
        return (yield)
    failed = session.testsfailed - runs.count_failures(own.results)
    others = failed if exitstatus == pytest.ExitCode.TESTS_FAILED else 0
    run = runs.finish(own, int(exitstatus), own_tests_failed=others)
    more_views.name_suite(own, session.config, run)
    try:
        try:
            outcome = yield
        except pytest.exit.Exception:
            raise
        except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
            own.artefact_problem("A report", error)
            outcome = None
        runs.publish(own, session.config.stash[_ASKED_HTML])
        if own.plan:
            run = runs.finish(own, int(exitstatus), own_tests_failed=others)
            more_views.write(own, run, session.config)
        run = _end(own, session.config, int(exitstatus), others)
    finally:
        runs.close(own)
    if not own.plan:
        own.folder.discard()
    session.exitstatus = int(run.exit_code)
    return outcome


def _end(own: Session, config: pytest.Config, exitstatus: int, others: int) -> Run:
    """Write the end into the journal, then the bundle; return the run with what failed on the way.

    The bundle holds results.json as it stands, so nothing that can fail comes between the two.
    """
    run = runs.finish(own, exitstatus, own_tests_failed=others)
    own.to_journal(lambda journal: journal.end(ending_of(run), run.stamp))
    run = runs.finish(own, exitstatus, own_tests_failed=others)
    if own.plan:
        more_views.write_bundle(own, config)
    last = runs.finish(own, exitstatus, own_tests_failed=others)
    if last is not run:
        own.to_journal(lambda journal: journal.end(ending_of(last), last.stamp))
    return runs.finish(own, exitstatus, own_tests_failed=others)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print each failing host with its findings and its fix."""
    own = config.stash.get(_SESSION, None)
    if own is None or own.run is None:
        return
    lines = list(host_blocks(own.run))
    own.problems_shown = len(own.run.problems)
    if lines:
        terminalreporter.write_sep("=", "findings")
    for line in lines:
        terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the verdict as the last lines."""
    own = config.stash.get(_SESSION, None)
    own_tests.withdraw(config)
    if own is not None and own.run is None:
        # The session never began, or checked nothing: nothing of it is left lying about.
        runs.abandon(own)
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if own is None or own.run is None or not own.plan or reporter is None:
        return
    for line in more_views.github_lines(own, config):
        reporter.write_line(line)
    for problem in own.problems[own.problems_shown :]:
        reporter.write_line(plain(problem))
    for line in closing_lines(own.run, str(own.report) if own.report else None):
        reporter.write_line(line)
    if own.bundle is not None:
        reporter.write_line(plain(f"Bundle: {own.bundle}"))
