"""What a run prints beside pytest's own lines, and how much of those it leaves in."""

from __future__ import annotations

from pathlib import Path

import pytest

from livemigration.base.text import listed
from livemigration.plugin import more_views
from livemigration.plugin.compat import has_colour, terminal_stream
from livemigration.plugin.progress import ProgressLine
from livemigration.plugin.session import Session
from livemigration.report.terminal.closing import Places, meaning
from livemigration.report.terminal.lines import Tone
from livemigration.report.terminal.telling import told as told_of
from livemigration.report.terminal.telling import width_of
from livemigration.report.terminal.whole import Detail
from livemigration.report.text import plain
from livemigration.run.exit_code import ExitCode
from livemigration.run.run import Run

NOTHING = "NO VERDICT: nothing was checked. What was selected with -k, -m or a name is no check."
_MARKUP: dict[Tone, dict[str, bool]] = {
    Tone.TEXT: {},
    Tone.TITLE: {"bold": True},
    Tone.BAD: {"red": True, "bold": True},
    Tone.WARNING: {"yellow": True},
    Tone.GOOD: {"green": True, "bold": True},
}


def detail_of(config: pytest.Config) -> Detail:
    """Return how much is said: what -q and -v ask for."""
    return Detail(max(Detail.LITTLE, min(Detail.ALL, config.option.verbose)))


def told(config: pytest.Config) -> bool:
    """Whether pytest shows each check in its own way, and everything else that it says."""
    return detail_of(config) is Detail.ALL


def is_usual(config: pytest.Config) -> bool:
    """Whether neither -q nor -v was given."""
    return detail_of(config) is Detail.USUAL


def headers(session: Session) -> list[str]:
    """Return which inventory is checked, and what is to be known of one that was just found."""
    found = session.discovered
    return [header(session), *(found.notes if found is not None else ())]


def header(session: Session) -> str:
    """Return which inventory is checked."""
    chosen, all_hosts = len(session.hosts), len(session.inventory.hosts)
    source = (
        f"facts of {session.options.facts}"
        if session.saved
        else "VMM " + listed(each.name for each in session.inventory.servers_of(session.hosts))
    )
    if session.inventory.gate:
        source = f"{f'{source}, ' if session.saved else ''}VMM is not asked"
    return plain(f"inventory: {session.inventory.label} ({chosen} of {all_hosts} hosts, {source})")


def progress(config: pytest.Config) -> ProgressLine:
    """Return what shows progress on the terminal; nothing where -q asks for silence."""
    stream = terminal_stream(config)
    quiet = detail_of(config) is Detail.LITTLE
    return ProgressLine(stream, moving=stream.isatty() and has_colour(config), quiet=quiet)


def print_run(session: Session, config: pytest.Config, run: Run) -> None:
    """Print what a run came to, as the last that is said."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        return
    stream = terminal_stream(config)
    for said in more_views.github_lines(session, config):
        reporter.write_line(said)
    places, width = _places(session, config), width_of(stream)
    for tone, said in told_of(run, places, width, detail_of(config)):
        reporter.write_line(said, **_MARKUP[tone])


def print_nothing(config: pytest.Config) -> None:
    """Print that the selection left nothing to check, which is never green."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        for tone, said in (
            (Tone.WARNING, NOTHING),
            (Tone.TEXT, meaning(ExitCode.NOTHING_TO_CHECK)),
        ):
            reporter.write_line(said, **_MARKUP[tone])


def _places(session: Session, config: pytest.Config) -> Places:
    folder = session.folder
    if folder is None:
        return Places()
    here = config.invocation_params.dir
    script = folder.files.fix_script
    goes_on = session.saved is None and session.opened is not None
    return Places(
        report=_shown(session.report, here),
        fix_script=_shown(script if script.is_file() else None, here),
        bundle=_shown(session.bundle, here),
        resume=_shown(folder.files.folder if goes_on else None, here),
        facts=_shown(folder.files.folder if folder.files.facts.is_file() else None, here),
    )


def _shown(path: Path | None, here: Path) -> str:
    """Return a path as it can be typed in the folder where the run was started."""
    if path is None:
        return ""
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
