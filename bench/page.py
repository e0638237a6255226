"""The page on performance, made of figures that were measured.

python bench/page.py > docs/performance.md
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from figures import Figures, Row, load
from goals import BEHIND, DRAIN, GOALS, LARGE, MANY, OURS, Goal
from model import Model, model_of

HERE = Path(__file__).resolve().parent
PUBLISHED = HERE / "figures.json"
TEMPLATE = HERE / "performance.md.in"
FLEETS = (200, 1_000, 10_000)
LATENCIES = (0.001, 0.02, 0.1)
AT_ONCE = (64, 256)
_NOT = "Not measured in this run."
_DRAINS = """\
## Emptying hosts

Which of these hosts can be emptied, each in turn while the others take what it runs. The fleets
are made up: groups of eight hosts, so full that what one carries takes this much of what the others
have free. HiGHS alone is one program for each host, with a column for each machine and destination
and as many nodes; what it says is believed. This suite carries each plan out on paper, has a proof
for each "no", and looks for machines that make room first. Both leave open what they do not decide
within their effort."""


def page(figures: Figures) -> str:
    """Return the page, in Markdown; what was not measured says so."""

    def told(what: Callable[[], str], otherwise: str = _NOT) -> str:
        try:
            return what()
        except KeyError:
            return otherwise

    def median(part: str, who: str, hosts: int, name: str) -> str:
        return told(lambda: number(figures.row(part, who, hosts).median(name)), "?")

    def logons() -> str:
        row = figures.row(BEHIND, "streams, 256 at once", MANY)
        return number(MANY * row.median("sign-ins a host") / row.median("wall s"))

    parts: defaultdict[str, str] = defaultdict(lambda: _NOT)
    parts.update((each, _part(each, figures)) for each in {row.part for row in figures.rows})
    return TEMPLATE.read_text(encoding="utf-8").format(
        where=_where(figures),
        goals=_goals(figures),
        model=told(lambda: _model(model_of(figures))),
        predicted=told(lambda: _predicted(model_of(figures), figures)),
        fleets=told(lambda: _fleets(model_of(figures))),
        example=told(lambda: _example(model_of(figures)), ""),
        parts=parts,
        drains=_drains(figures),
        logons=told(logons, "?"),
        memory=median(BEHIND, "streams, 64 at once", MANY, "memory kB a host"),
        judging=median("replay", OURS, LARGE, "peak MB"),
        results=median("report", OURS, LARGE, "results kB a host"),
        facts=median("report", OURS, LARGE, "facts kB a host"),
        journal=median("report", OURS, LARGE, "journal kB a host"),
    )


def number(value: float) -> str:
    """Return a number in as many digits as can be believed."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".")


def cell(figures: Figures, row: Row, name: str) -> str:
    """Return a figure's median and, in brackets, its ratio to the peer's."""
    ratio = figures.ratio(row, name)
    more = f" ({ratio:.2f})" if ratio is not None and row.who != row.peer else ""
    return number(row.median(name)) + more


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(each) + " |" for each in lines)


def _where(figures: Figures) -> str:
    machine = figures.machine
    versions = ", ".join(f"{name} {each}" for name, each in figures.versions.items())
    return (
        f"livemigration {figures.release}, form `{figures.form}`;\n{machine.cores} cores, "
        f"{machine.memory_gb} GB, {machine.python}, {machine.system};\n{versions}"
    )


def _goals(figures: Figures) -> str:
    table = _table(("goal", "bound", "measured", ""), [_goal(each, figures) for each in GOALS])
    missed = [each for each in GOALS if each.is_met(figures) is False]
    lines = "".join(f"\n- {each.what}: {_far(each, figures)} {each.missed}" for each in missed)
    return f"{table}\n\nMissed:\n{lines}" if missed else table


def _goal(goal: Goal, figures: Figures) -> list[str]:
    found, met = goal.found(figures), goal.is_met(figures)
    told = "not measured" if found is None else f"{number(found)} {goal.unit}".rstrip()
    bound = f"{'at least' if goal.at_least else 'at most'} {number(goal.bound)} {goal.unit}"
    return [goal.what, bound.rstrip(), told, {None: "", True: "met", False: "**missed**"}[met]]


def _far(goal: Goal, figures: Figures) -> str:
    found = goal.found(figures) or 0.0
    return f"{number(found)} for {number(goal.bound)}."


def _model(of: Model) -> str:
    latest = "one more than `requests` under `traffic` in `results.json`, or than `chain` there"
    return _table(
        ("", "here", "of yours"),
        [
            ["start", f"{of.start:.1f} s", "the same"],
            ["round trips to a host, its connection among them", f"{of.trips:.0f}", latest],
            ["latency", "as the lab was told", "`ping`"],
            ["answering", "0", "what a host takes for a question: not known of Windows"],
            ["at once", "64 or 256", "`concurrent_hosts:`, 64 where nothing is said"],
            ["asking", f"{of.asking * 1e3:.1f} ms", "the processor's time of one core"],
            ["judging", f"{of.judging * 1e3:.1f} ms", "likewise"],
        ],
    )


def _predicted(of: Model, figures: Figures) -> str:
    rows = []
    for at_once in AT_ONCE:
        measured = figures.row(BEHIND, f"streams, {at_once} at once", MANY).median("wall s")
        predicted = of.gathering(MANY, 0.1, at_once)
        rows.append([f"{at_once}", f"{predicted:.0f} s", f"{measured:.0f} s"])
    return _table(("at once", "predicted", "measured"), rows)


def _fleets(of: Model) -> str:
    rows = [
        [f"{hosts:,}", f"{at_once}", *(_seconds(of.whole(hosts, e, at_once)) for e in LATENCIES)]
        for hosts in FLEETS
        for at_once in AT_ONCE
    ]
    return _table(("hosts", "at once", *(f"{each * 1e3:.0f} ms" for each in LATENCIES)), rows)


def _example(of: Model) -> str:
    whole = _seconds(of.whole(MANY, 0.02, 64))
    return (
        f"Such as 1,000 hosts at 20 ms, 64 at once: {of.start:.1f} s + 1,000 × ({of.trips:.0f} × "  # noqa: RUF001 - times
        f"20 ms ÷ 64 + {of.asking * 1e3:.1f} ms + {of.judging * 1e3:.1f} ms) = {whole}. No run is "
        f"shorter than the round trips to one host: {of.trips * 0.1:.1f} s at 100 ms."
    )


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def _part(part: str, figures: Figures) -> str:
    rows = [each for each in figures.rows if each.part == part]
    names = list(dict.fromkeys(name for row in rows for name in row.figures))
    peers = sorted({row.peer for row in rows if row.peer})
    more = f"In brackets: times {' and '.join(peers)}.\n\n" if peers else ""
    return more + _table(("", "hosts", *names), [_line(row, names, figures) for row in rows])


def _drains(figures: Figures) -> str:
    """Return the section on drains; nothing where none were measured."""
    parts = dict.fromkeys(each.part for each in figures.rows if each.part.startswith(DRAIN))
    told = [f"{_full(each)}\n\n{_part(each, figures)}" for each in parts]
    return "\n\n".join((_DRAINS, *told, "")) if told else ""


def _full(part: str) -> str:
    """Return how full the hosts are of which a part tells, as the beginning of a table."""
    return f"{part.removeprefix(f'{DRAIN}, ')}:"


def _line(row: Row, names: Sequence[str], figures: Figures) -> list[str]:
    cells = [cell(figures, row, name) if name in row.figures else "" for name in names]
    return [row.who, f"{row.hosts:,}", *cells]


def main() -> int:
    """Print the page of the published figures."""
    sys.stdout.write(page(load(PUBLISHED)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
