"""`livemigration matrix`: who can go where, of a run or of a facts file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.base.files import write_text
from livemigration.base.text import one_line
from livemigration.collector import facts_file
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.described import say
from livemigration.commands.paths import (
    REPORTS,
    given_file,
    given_results,
    given_run,
    not_written,
    runs_in,
)
from livemigration.facts.registry import simulated
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.inventory import load
from livemigration.inventory.nearest import did_you_mean
from livemigration.inventory.policy import Policy
from livemigration.lab.played import machines_of
from livemigration.report.boards import Board, board_of_host, boards_of
from livemigration.report.boards_svg import file_svg
from livemigration.report.boards_text import board_lines, lines_of
from livemigration.report.matrix_document import document_of
from livemigration.report.naming import Names
from livemigration.report.text import plain
from livemigration.report.wording import SIMULATED
from livemigration.run import stored
from livemigration.run.exit_code import ExitCode
from livemigration.run.run import Run
from livemigration.verdict.move_matrix import HostMatrix, Matrix, matrix_of, of_one_host
from livemigration.verdict.moves import Moves
from livemigration.verdict.views import BlockedError


def _fill(matrix: argparse.ArgumentParser) -> None:
    run = matrix.add_argument(
        "path",
        metavar="RUN",
        nargs="?",
        help=f"the run's folder, or its results.json (default: the newest in {REPORTS})",
    )
    completed(run, run_or("results.json"))
    matrix.add_argument(
        "--facts", metavar="FILE", help="of a facts file instead, as --save-facts writes it"
    )
    matrix.add_argument(
        "--inventory",
        metavar="FILE",
        help="with --facts: whose groups and policy count (default: nothing is declared)",
    )
    matrix.add_argument(
        "--host", metavar="HOST", help="the virtual machines of this host, to each destination"
    )
    matrix.add_argument("--json", action="store_true", help="print JSON, as docs/schemas says")
    matrix.add_argument("--svg", metavar="FILE", help="write it as a picture to this file")


@dataclass(frozen=True)
class _Source:
    """What is shown: the matrix, where it is known, and what makes the moves that it is of."""

    simulated: bool
    hosts: tuple[str, ...]
    known: Matrix | None
    moves: Callable[[], Moves]

    def matrix(self) -> Matrix:
        """Return the matrix, made of the facts where the run has none."""
        return self.known if self.known is not None else matrix_of(self.moves(), self.hosts)


def _matrix(chosen: argparse.Namespace) -> int:
    source = _of_facts(chosen) if chosen.facts else _of_run(chosen)
    names = Names(source.hosts)
    if chosen.host:
        found = _one_host(source, chosen.host)
        boards: tuple[Board, ...] = (board_of_host(found, names),)
        document = document_of(found, simulated=source.simulated)
        lines = list(_told_of(found, boards[0]))
        beside: tuple[str, ...] = ()
    else:
        matrix = source.matrix()
        shown = boards_of(matrix, names)
        document = document_of(matrix, simulated=source.simulated)
        boards, lines, beside = shown.boards, list(lines_of(shown)), shown.lines
    if chosen.svg:
        _write(Path(chosen.svg), file_svg(boards, SIMULATED if source.simulated else "", beside))
    if chosen.json:
        say(f"{json.dumps(codec.to_json(document), indent=2)}\n")
    elif not chosen.svg:
        marks = [SIMULATED] if source.simulated else []
        say("\n".join(map(plain, [*marks, *lines])) + "\n")
    sys.stdout.flush()
    return ExitCode.READY


def _told_of(found: HostMatrix, board: Board) -> Iterator[str]:
    if not found.destinations:
        yield f"No other host of this run exchanges virtual machines with {found.host}."
    elif not found.machines:
        yield f"{found.host} has no virtual machine."
    else:
        yield f"From {found.host}:"
        yield from board_lines(board)


def _of_run(chosen: argparse.Namespace) -> _Source:
    if chosen.inventory:
        raise UsageError("--inventory goes with --facts: a run has what its hosts were judged by.")
    path = chosen.path or _newest()
    results = given_results(path)
    run = stored.load(results)
    hosts = tuple(each.name for each in run.hosts)
    return _Source(run.simulated, hosts, run.matrix, lambda: _moves_of(run, path))


def _moves_of(run: Run, path: str) -> Moves:
    """Return the moves of a run by its facts.

    Raises:
        UsageError: they are not there, or the run does not say by what its hosts were judged.
    """
    files = given_run(path)
    if not files.facts.is_file():
        raise UsageError(
            f"{files.folder} holds no facts, of which this is made. Run the whole suite again: "
            "pytest -m livemigration --inventory FILE"
        )
    if run.demands is None:
        raise UsageError(f"{files.results} does not say by what its hosts were judged. Run again.")
    demands = run.demands
    return Moves(facts_file.load(files.facts), demands.policy_of, demands.exchanges_of)


def _of_facts(chosen: argparse.Namespace) -> _Source:
    if chosen.path:
        raise UsageError("name either a run or --facts FILE, not both.")
    facts = facts_file.load(given_file(chosen.facts, "a facts file, as --save-facts writes it"))
    moves = _by_inventory(facts, chosen.inventory) if chosen.inventory else _undeclared(facts)
    return _Source(simulated(facts), tuple(facts.hosts), None, lambda: moves)


def _undeclared(facts: RunFacts) -> Moves:
    policy = Policy()
    return Moves(facts, lambda _: policy, lambda _: None)


def _by_inventory(facts: RunFacts, reference: str) -> Moves:
    inventory = load(reference, Path(), machines_of)
    demands = inventory.demands_on([each.name for each in inventory.hosts])
    return Moves(facts, demands.policy_of, demands.exchanges_of)


def _one_host(source: _Source, host: str) -> HostMatrix:
    known = {each.casefold(): each for each in source.hosts}
    known |= {each.partition(".")[0].casefold(): each for each in source.hosts}
    name = known.get(host.casefold())
    if name is None:
        raise UsageError(
            f"{one_line(host)} is no host of this run.{did_you_mean(host, source.hosts)}"
        )
    try:
        return of_one_host(source.moves(), name)
    except BlockedError as error:
        raise UsageError(f"the virtual machines of {name} are not known: {error}") from None


def _newest() -> str:
    runs = runs_in(Path(REPORTS))
    if not runs:
        raise UsageError(
            f"there is no run in {REPORTS} here. Run the checks first: pytest -m livemigration "
            "--inventory FILE\nWhere the runs are elsewhere, name one: livemigration matrix RUN"
        )
    return str(runs[0])


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise not_written(path, error, "name another file with --svg") from None
    sys.stderr.write(f"Wrote {path}.\n")


COMMAND = Command(
    "print which host can send virtual machines to which, and why not",
    _fill,
    _matrix,
    examples=(
        "livemigration matrix",
        "livemigration matrix reports/FOLDER --svg matrix.svg",
        "livemigration matrix --host hv03.contoso.com",
        "livemigration matrix --host hv03.contoso.com --json",
    ),
    group=Group.RUN,
    order=5,
)
