"""The files of a run, from its folder to its report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from livemigration.base.files import write_bytes, write_text
from livemigration.base.packed import write_large, write_texts
from livemigration.collector import snapshot
from livemigration.facts.model import FactSheet
from livemigration.facts.sheets import RunFacts
from livemigration.plugin.artefacts import RunFolder
from livemigration.plugin.outline import beginning_of
from livemigration.plugin.session import Session
from livemigration.report.html.files import write_pages
from livemigration.report.html.page import pages
from livemigration.run.files import FACTS, INVENTORY
from livemigration.run.journal import Journal
from livemigration.run.record import Observed, stamp_on
from livemigration.run.run import Run


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
    if session.discovered is not None:
        try:
            write_text(session.folder.files.named(INVENTORY), session.discovered.text)
        except OSError as error:
            session.artefact_problem("The inventory that VMM gave", error)


def abandon(session: Session) -> None:
    """End a run that came to nothing, and remove its folder."""
    close(session)
    if session.folder is not None and not session.plan:
        session.folder.discard()


def open_journal(session: Session) -> None:
    """Open the journal and write what the run is; where it cannot be, that is a problem."""
    if session.folder is None:
        return
    beginning = beginning_of(session)
    try:
        session.opened = session.journal = Journal(session.folder.files.journal)
    except OSError as error:
        session.artefact_problem("The journal", error)
        return
    session.to_journal(lambda journal: journal.begin(beginning, stamp_on(beginning, Observed())))


def save_facts(session: Session) -> None:
    """Write the facts into the run's folder, and where --save-facts asks for them.

    Those of the folder are compressed where they are large, the others where their name says so.
    What the journal does not know of them yet is written there as well; of a replay, whose facts
    nobody would have to gather again, only that they are in the folder.
    """
    if session.observed.facts is None:
        return
    replays = session.saved is not None
    keep = None if replays else _to_journal(session)
    facts, folder = session.observed.facts, session.folder
    if folder is not None:
        written = _write_facts(session, facts, folder.files.named(FACTS), write_large, keep)
        if replays and written:
            session.to_journal(Journal.facts_beside)
        else:
            # What was written with the facts file is not written again.
            keep_all(session, facts)
    if session.options.save_facts is not None:
        _write_facts(session, facts, session.options.save_facts, write_texts)


def keep_all(session: Session, facts: RunFacts) -> None:
    """Write into the journal what it does not know of facts yet."""
    keep = _to_journal(session)
    for sheet in (*facts.hosts.values(), *facts.vmms.values()):
        keep(sheet, "")


def _to_journal(session: Session) -> Callable[[FactSheet, str], None]:
    def keep(sheet: FactSheet, text: str) -> None:
        session.to_journal(
            lambda journal: journal.facts(sheet.subject, sheet.name, sheet.outcomes, text)
        )

    return keep


def _write_facts(
    session: Session,
    facts: RunFacts,
    path: Path,
    write: Callable[[Path, Iterable[str]], object],
    keep: Callable[[FactSheet, str], None] | None = None,
) -> bool:
    """Write a facts file; return whether it is there."""
    gathering = session.observed.gathering
    began = gathering.began if gathering is not None else session.started
    inventory = session.inventory
    stamp = stamp_on(beginning_of(session), session.observed)
    try:
        write(
            path,
            snapshot.texts_of(
                facts, began, inventory.label, inventory.digest, stamp, keep, session.lines
            ),
        )
    except OSError as error:
        session.artefact_problem(f"The facts file {path}", error)
        return False
    return True


def close(session: Session) -> None:
    """End the lab, close the journal and remove what was not finished, however the run ended."""
    if session.machines is not None:
        session.machines.close()
    if session.opened is not None:
        session.opened.close()
    if session.folder is not None:
        session.folder.remove_unfinished()


def publish(session: Session, run: Run, asked: Path | None) -> None:
    """Write the report into the run's folder, lead to it, and write it where --html asks.

    Without a check there is nothing to report: what --html asks for says so, as pytest's own page.
    """
    folder = session.folder
    if folder is None:
        return
    try:
        folder.publish_tests()
    except OSError as error:
        session.artefact_problem("tests.html", error)
    if not session.plan:
        _copy_tests(session, folder, asked)
        return
    try:
        session.report = folder.write_report(run)
    except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
        session.artefact_problem("The HTML report", error)
        return
    try:
        folder.lead_to(session.report, run)
    except OSError as error:
        session.artefact_problem("latest.html", error)
    if asked is not None:
        try:
            write_pages(asked, pages(run, (), asked.name))
            session.report = asked
        except OSError as error:
            session.artefact_problem(f"The HTML report {asked}", error)


def _copy_tests(session: Session, folder: RunFolder, asked: Path | None) -> None:
    if asked is None:
        return
    try:
        asked.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(asked, folder.files.tests.read_bytes())
    except OSError as error:
        session.artefact_problem(f"The HTML report {asked}", error)
