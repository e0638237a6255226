"""`livemigration merge`: the runs of shards or sites as one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.files import words_beside
from livemigration.collector import facts_file
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.exits import VERDICT
from livemigration.commands.paths import given_results, not_written
from livemigration.report.html.files import write_pages
from livemigration.report.html.page import pages
from livemigration.report.terminal.closing import Places
from livemigration.report.terminal.telling import tell
from livemigration.run import results_file, stored
from livemigration.run.exit_code import ExitCode, worst
from livemigration.run.files import RunFiles
from livemigration.run.merge.join import join
from livemigration.run.merge.shards import ShardRun, are_shards, judged_as_one
from livemigration.run.run import Run
from livemigration.run.selected import whole_suite
from livemigration.verdict.loader import checks_folder, load_checks


def _fill(merge: argparse.ArgumentParser) -> None:
    results = merge.add_argument(
        "results", nargs="+", metavar="RESULTS", help="a results.json, or the folder of a run, each"
    )
    completed(results, run_or("results.json"))
    merge.add_argument("--output", required=True, metavar="FILE", help="the joined results.json")
    merge.add_argument("--html", metavar="FILE", help="also write their report")


def _merge(chosen: argparse.Namespace) -> int:
    to, page = Path(chosen.output), Path(chosen.html) if chosen.html else None
    if page is not None and page.resolve() == to.resolve():
        raise UsageError(f"{page}: --output and --html name the same file. Name two.")
    paths = [given_results(each) for each in chosen.results]
    run = _joined({str(path): stored.load(path) for path in paths})
    try:
        results_file.save(to, run)
    except OSError as error:
        raise not_written(to, error, "name another file with --output") from None
    written = page is not None and _write_page(page, run)
    if page is not None and not written:
        run = replace(run, exit_code=worst({run.exit_code, ExitCode.ARTEFACT_NOT_WRITTEN}))
    words = (
        sys.stderr if page is not None and words_beside(page) is sys.stderr else words_beside(to)
    )
    tell(run, Places(report=str(page) if written else "", results=str(to)), words)
    return run.exit_code


def _joined(runs: Mapping[str, Run]) -> Run:
    """Return the runs as one; shards are judged anew, on the facts of all of them."""
    if not are_shards(runs):
        return join(list(runs.values()))
    shards = [
        ShardRun(label, run, facts_file.load(RunFiles.of(Path(label)).facts))
        for label, run in runs.items()
    ]
    folder = checks_folder()
    own = load_checks(folder) if folder is not None else ()
    checks = (*whole_suite(), *(each.check for each in own))
    return judged_as_one(shards, {each.identifier: each for each in checks})


def _write_page(page: Path, run: Run) -> bool:
    """Write the report, or say why not: the joined results are there whatever happens to it."""
    try:
        write_pages(page, pages(run, (), page.name))
    except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
        # Another message may quote what a host sent.
        why = error.strerror if isinstance(error, OSError) else None
        why = why or type(error).__name__
        sys.stderr.write(f"livemigration: {page}: the report could not be written: {why}.\n")
        return False
    return True


COMMAND = Command(
    "join the results of several runs, of shards or sites, into one",
    _fill,
    _merge,
    examples=(
        "livemigration merge ams.json fra.json --output all.json --html all.html",
        "livemigration merge reports/shard-* --output all.json",
    ),
    exits=VERDICT,
    group=Group.RUN,
    order=5,
)
