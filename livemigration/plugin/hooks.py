"""pytest's hooks, each a thin line to the run."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from livemigration.plugin import (
    ending,
    junit_file,
    loop,
    more_views,
    ordering,
    own_tests,
    pasted,
    printing,
    run_files,
    starting,
    wanted,
)
from livemigration.plugin.compat import (
    end_with,
    failures_so_far,
    has_html,
    leave_out_totals,
    load_html,
    say_less,
    write_html_to,
)
from livemigration.plugin.compat_many import collected_as_families, leave_out_new_first
from livemigration.plugin.html_report import HtmlReport
from livemigration.plugin.items import CheckItem, make_items
from livemigration.plugin.options import (
    MARKERS,
    NO_INVENTORY,
    add_options,
    names_an_inventory,
)
from livemigration.plugin.reports import status_of
from livemigration.plugin.root import refuse_a_moved_root
from livemigration.plugin.session import Session
from livemigration.run.exit_code import ExitCode
from livemigration.run.journal import ending_of
from livemigration.run.run import Run
from livemigration.verdict.check import Check

_SESSION = pytest.StashKey[Session]()
_ASKED_HTML = pytest.StashKey[Path | None]()
# Whether a run without an inventory met something that needs one.
_NEEDS_INVENTORY = pytest.StashKey[bool]()


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
    session = starting.prepare(config)
    config.stash[_SESSION] = session
    session.interrupts.take()
    leave_out_new_first(config)
    pasted.fold(config)
    own_tests.offer(config, session)
    run_files.make_folder(session)
    if session.folder is None:
        return
    asked = write_html_to(config, session.folder.unfinished_tests)
    config.stash[_ASKED_HTML] = config.invocation_params.dir / asked if asked else None
    name = session.folder.files.report.name
    report = HtmlReport(lambda: session.run if session.plan else None, name)
    config.pluginmanager.register(report, HtmlReport.NAME)


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


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Leave to pytest only what a person needs, before it writes its first line and any file."""
    config = session.config
    own = config.stash.get(_SESSION, None)
    if own is None:
        return
    if not printing.told(config):
        say_less(config)
    if own.folder is not None:
        junit_file.write_in_place_of_pytest(own, config)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which inventory is checked, where pytest has a header."""
    session = config.stash.get(_SESSION, None)
    return printing.headers(session) if session is not None else []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Say which inventory is checked, where pytest has none, and collect checks as families."""
    own = session.config.stash.get(_SESSION, None)
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if own is not None and reporter is not None and printing.is_usual(session.config):
        for line in printing.headers(own):
            reporter.write_line(line)
    with collected_as_families():
        return (yield)


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
    if not session.asks_for(obj.opt_in):
        return []
    session.offered[obj.identifier] = obj.target
    return list(make_items(collector, name, obj, session.inventory, session.hosts_for(obj)))


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
    ordering.by_number(items)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what the selection leaves out."""
    checks = [item for item in items if isinstance(item, CheckItem)]
    if checks:
        checks[0].config.stash[_SESSION].deselected += checks


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
    seen = own.found or session.items or failures_so_far(session)
    if not (seen or wanted.has_checks(session.config)):
        here = session.config.invocation_params.dir
        pytest.exit(wanted.nothing_here(here), returncode=int(ExitCode.NOTHING_TO_CHECK))
    starting.take_waivers(own)
    ordering.checks_first(session, own)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Gather what the selected checks need, and run everything that was selected.

    In place of pytest's own loop, which would take what failed here for errors of collection.
    """
    own = session.config.stash.get(_SESSION, None)
    items = [item for item in session.items if isinstance(item, CheckItem)]
    goes_on = session.config.option.continue_on_collection_errors
    broken = failures_so_far(session) and not goes_on
    if own is None or not items or session.config.option.collectonly or broken:
        return None
    loop.run_all(session, own, items)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Run a check: no fixtures, one result, its reports."""
    if not isinstance(item, CheckItem):
        return None
    loop.judge_and_tell(item.config.stash[_SESSION], item)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(
    report: pytest.TestReport, config: pytest.Config
) -> tuple[str, str, str] | None:
    """Give our states their own words in the terminal."""
    own = config.stash.get(_SESSION, None)
    return status_of(report, told=printing.told(config), counted=own is not None and not own.alone)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(
    session: pytest.Session, exitstatus: int
) -> Generator[None, object, object]:
    """Fix the verdict first, then let every view be made from it."""
    own = session.config.stash.get(_SESSION, None)
    if own is None or own.folder is None:
        return (yield)
    own.interrupts.finish()
    failed = failures_so_far(session) - ending.count_failures(own.results)
    others = failed if exitstatus == pytest.ExitCode.TESTS_FAILED else 0
    run = ending.finish(own, int(exitstatus), own_tests_failed=others)
    junit_file.name_suite(own, session.config, run)
    if own.plan and own.alone and not printing.told(session.config):
        leave_out_totals(session.config)
    try:
        try:
            outcome = yield
        except pytest.exit.Exception:
            raise
        except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
            own.artefact_problem("A report", error)
            outcome = None
        run_files.publish(own, run, session.config.stash[_ASKED_HTML])
        if own.plan:
            run = ending.finish(own, int(exitstatus), own_tests_failed=others)
            more_views.write(own, run, session.config)
        run = _end(own, session.config, int(exitstatus), others)
    finally:
        run_files.close(own)
    if not own.plan:
        own.folder.discard()
    end_with(session, int(run.exit_code))
    return outcome


def _end(own: Session, config: pytest.Config, exitstatus: int, others: int) -> Run:
    """Write the end into the journal, then the bundle; return the run with what failed on the way.

    The bundle holds results.json as it stands, so nothing that can fail comes between the two.
    """
    run = ending.finish(own, exitstatus, own_tests_failed=others)
    own.to_journal(lambda journal: journal.end(ending_of(run), run.stamp))
    run = ending.finish(own, exitstatus, own_tests_failed=others)
    if own.plan:
        more_views.write_bundle(own, config)
    last = ending.finish(own, exitstatus, own_tests_failed=others)
    if last is not run:
        own.to_journal(lambda journal: journal.end(ending_of(last), last.stamp))
    return ending.finish(own, exitstatus, own_tests_failed=others)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print what is to be mended, and the verdict as the last lines."""
    own = config.stash.get(_SESSION, None)
    own_tests.withdraw(config)
    if own is None:
        return
    try:
        _take_leave(own, config)
    finally:
        own.interrupts.give_back()


def _take_leave(own: Session, config: pytest.Config) -> None:
    if own.run is None:
        # The session never began, or checked nothing: nothing of it is left lying about.
        run_files.abandon(own)
    elif own.plan:
        printing.print_run(own, config, own.run)
    elif own.run.exit_code is ExitCode.NOTHING_TO_CHECK and not config.option.collectonly:
        printing.print_nothing(config)
