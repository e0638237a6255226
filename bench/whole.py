"""Measure this suite, and its peers beside it: lab, one host, gathering, judging, reports, drains.

The figures are those of this machine at this time. What is to be believed are the ratios: each is
of two ways that took turns in this run. Nothing is written before all of it is measured.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from figures import Figures, Row, gathered_here, save
from page import cell, page

HERE = Path(__file__).resolve().parent
FIGURES, PAGE = HERE / "figures.json", HERE.parent / "docs" / "performance.md"
LAST = HERE.parent / "build" / "bench" / "figures.json"
COMMAND = "bench/run"


@dataclass(frozen=True)
class Form:
    """How much is measured: sizes in hosts, latencies in seconds, and how often."""

    name: str
    rounds: int
    lab: tuple[int, ...]
    one_host: int
    client_hosts: int
    gather: tuple[tuple[int, float], ...]
    gather_rounds: int
    replay: tuple[int, ...]
    replay_rounds: int
    peers_up_to: int
    # Hosts and virtual machines, and how full they are; a fleet of its own in each round.
    drain: tuple[int, int]
    fills: tuple[float, ...]
    drain_rounds: int


QUICK = Form(
    name="quick",
    rounds=3,
    lab=(250, 1_000, 10_000),
    one_host=40,
    client_hosts=12,
    gather=((1_000, 0.1),),
    gather_rounds=1,
    replay=(300, 1_000, 10_000),
    replay_rounds=1,
    peers_up_to=1_000,
    drain=(64, 2_000),
    fills=(0.98, 1.0),
    drain_rounds=1,
)
FULL = Form(
    name="full",
    rounds=8,
    lab=(250, 1_000, 10_000),
    one_host=40,
    client_hosts=12,
    gather=((200, 0.001), (1_000, 0.1)),
    gather_rounds=3,
    replay=(300, 1_000, 3_000, 10_000),
    replay_rounds=3,
    peers_up_to=3_000,
    drain=(64, 2_000),
    fills=(0.97, 0.98, 0.99, 1.0),
    drain_rounds=3,
)
# Shows that everything still runs; its figures mean nothing.
TRIAL = Form(
    name="trial",
    rounds=1,
    lab=(10,),
    one_host=2,
    client_hosts=2,
    gather=((8, 0.001),),
    gather_rounds=1,
    replay=(20, 40),
    replay_rounds=1,
    peers_up_to=20,
    drain=(8, 250),
    fills=(0.97,),
    drain_rounds=1,
)


def parts(form: Form) -> dict[str, Callable[[], list[Row]]]:
    """Return what is measured, by what it is called while it is."""
    import clients  # noqa: PLC0415 - loads peers, of an extra: a mistake is told without
    import counting  # noqa: PLC0415 - as clients
    import drain  # noqa: PLC0415 - as clients
    import gathering  # noqa: PLC0415 - as clients
    import judging  # noqa: PLC0415 - as clients
    import lab  # noqa: PLC0415 - as clients

    made: dict[str, Callable[[], list[Row]]] = {
        "starting the lab": lambda: lab.measured(form.lab, form.rounds),
        "asking one host": lambda: counting.measured(form.one_host, form.rounds),
        "the same messages by each client": lambda: clients.rows(form.rounds, form.client_hosts),
    }
    for hosts, latency in form.gather:
        title = f"gathering {hosts:,} hosts at {latency * 1e3:.0f} ms"
        made[title] = lambda hosts=hosts, latency=latency: gathering.measured(  # type: ignore[misc]  # a default is no argument
            hosts, latency, form.gather_rounds
        )
    made["judging and reporting"] = lambda: judging.measured(
        form.replay, form.peers_up_to, form.replay_rounds
    )
    made["emptying each host in turn"] = lambda: drain.rows(
        *form.drain, form.fills, form.drain_rounds
    )
    return made


def measured(form: Form, say: Callable[[str], object]) -> Figures:
    """Return the figures of all parts, one after the other."""
    rows: list[Row] = []
    for title, part in parts(form).items():
        began = time.perf_counter()
        say(f"{title} ...")
        rows += part()
        say(f" {time.perf_counter() - began:.0f} s\n")
    return gathered_here(form.name, rows)


def table(figures: Figures) -> str:
    """Return the figures as lines of text: medians, and the ratio to the peer that is named."""
    lines, last = [], ""
    for row in figures.rows:
        head = f"{row.part}, {row.hosts:,} hosts"
        if head != last:
            against = f"; in brackets: times {row.peer}" if row.peer else ""
            lines += ["", head + against]
            last = head
        told = [f"{name} {cell(figures, row, name)}" for name in row.figures]
        lines.append(f"  {row.who:28} " + "   ".join(told))
    return "\n".join(lines).lstrip("\n")


def head(figures: Figures) -> str:
    """Return where and with what was measured."""
    machine = figures.machine
    versions = ", ".join(f"{name} {each}" for name, each in figures.versions.items())
    return (
        f"livemigration {figures.release}, form {figures.form}; {machine.cores} cores, "
        f"{machine.memory_gb} GB, {machine.python}, {machine.system}\n{versions}\n"
    )


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """Return what was chosen; ends the process where that cannot be."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--quick", action="store_const", dest="form", const=QUICK,
        help="each thing once or three times: about ten minutes on two quiet cores",
    )  # fmt: skip
    form.add_argument(
        "--trial", action="store_const", dest="form", const=TRIAL,
        help="a few hosts: whether it all still runs; the figures mean nothing",
    )  # fmt: skip
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--json", type=Path, default=LAST, metavar="FILE",
        help="where the figures go (default: build/bench/figures.json)",
    )  # fmt: skip
    where.add_argument(
        "--publish", action="store_true",
        help="write bench/figures.json, and docs/performance.md from it",
    )  # fmt: skip
    parser.set_defaults(form=FULL)
    chosen = parser.parse_args(given)
    if chosen.publish and chosen.form is TRIAL:
        parser.error("--publish: the figures of a trial mean nothing. Leave out --trial.")
    return chosen


def _ended(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main(given: Sequence[str]) -> int:
    """Measure, print and write."""
    chosen = arguments(given)
    signal.signal(signal.SIGTERM, _ended)
    try:
        figures = measured(chosen.form, _say)
    except KeyboardInterrupt:
        _say(f"\nInterrupted: nothing was written. Run it again: {COMMAND} {shlex.join(given)}\n")
        return 130
    sys.stdout.write(f"\n{head(figures)}\n{table(figures)}\n")
    path = FIGURES if chosen.publish else chosen.json
    path.parent.mkdir(parents=True, exist_ok=True)
    save(figures, path)
    _say(f"\nFigures: {path}\n")
    if chosen.publish:
        PAGE.write_text(page(figures), encoding="utf-8")
        _say(f"Page: {PAGE}\n")
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
