"""Changes the code one place at a time, and lists the changes that no test finds.

    pip install -e '.[test,mutate]' && python tests/mutation [PLACE ...] [--help]

A place is a package or module of `livemigration`, as a path or with dots; without one, it is
`livemigration/verdict`. The tests are those of the room that the place lies in, long ones as well.
It ends with 0 where every change is found by a test or stands in equivalent.toml with the reason
why no input tells it from the code; with 1 where one is not, or was not run; with 4 where it cannot
begin.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import equivalents
import mutants
import pytest
from forked_session import Forks, Outcome

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = "livemigration/verdict"
# The tests that are meant to find a change in a room; others may find it as well.
TESTS = {
    "verdict": ("tests/checks", "tests/verdict"),
    "run": ("tests/run",),
    "bundle": ("tests/bundle",),
    "placement": ("tests/placement",),
    "discovery": ("tests/discovery",),
    "vmm": ("tests/vmm",),
}
# The quick ones and the long: what kills a change may be in what the quick tests only sample.
MARKED = "not (browser or dask or faults or fleet or handbook or kerberos or peer)"
FOUND, LEFT, CANNOT = 0, 1, 4


def main(arguments: Sequence[str]) -> int:
    """Run the changes of every place, room by room, and return the exit code."""
    options = _options(arguments)
    try:
        rooms = _rooms(options.places)
        reasons = equivalents.read()
        made = {
            path: mutants.of_module(path, path.relative_to(ROOT).as_posix())
            for path in _named(reasons) | {path for paths in rooms.values() for path in paths}
        }
    except (LookupError, OSError, equivalents.ListError) as error:
        _say(error, sys.stderr)
        return CANNOT
    stale = equivalents.without_mutant(
        reasons, (each.key for some in made.values() for each in some)
    )
    until = time.monotonic() + options.minutes * 60
    outcomes: dict[mutants.Mutant, Outcome] = {}
    for room, paths in rooms.items():
        every = [each for path in paths for each in made[path]]
        chosen = every[:: options.every]
        _say(f"{room}: {len(chosen)} of {len(every)} changes")
        forks = _run(options.tests or TESTS[room], chosen, until, options.processes)
        if forks.broken:
            _say(forks.broken, sys.stderr)
            return CANNOT
        outcomes |= forks.outcomes
        _count(room, forks.outcomes, reasons)
    return _report(outcomes, reasons, stale)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tests/mutation", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("places", nargs="*", default=[DEFAULT], metavar="PLACE")
    parser.add_argument("--minutes", type=float, default=60, help="when to end; 60 unless told")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=2, help="2 unless told")
    parser.add_argument("--every", type=int, default=1, help="a sample: every so many changes")
    parser.add_argument("--tests", nargs="+", default=(), help="in place of those of the room")
    return parser.parse_args(arguments)


def _rooms(places: Sequence[str]) -> dict[str, list[Path]]:
    """Return the modules of the places, by the room that they lie in.

    Raises:
        LookupError: A place is no module of a room that has tests named here.
    """
    rooms: dict[str, set[Path]] = {}
    for place in places:
        path = ROOT / (place if "/" in place else place.replace(".", "/"))
        path = path.with_suffix(".py") if not path.exists() else path
        parts = path.relative_to(ROOT).parts
        if not path.exists() or parts[0] != "livemigration" or parts[1:2] == ():
            raise LookupError(f"{place} is no module or package of livemigration.")
        if parts[1] not in TESTS:
            raise LookupError(f"{place}: no tests are named for {parts[1]}, only {list(TESTS)}.")
        rooms.setdefault(parts[1], set()).update([path] if path.is_file() else path.rglob("*.py"))
    return {room: sorted(paths) for room, paths in rooms.items()}


def _named(reasons: dict[mutants.Key, str]) -> set[Path]:
    """Return the modules that the list names."""
    return {ROOT / key.module for key in reasons}


def _run(
    tests: Sequence[str], chosen: Sequence[mutants.Mutant], until: float, processes: int
) -> Forks:
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")

    def tell(mutant: mutants.Mutant, outcome: Outcome) -> None:
        if outcome is not Outcome.KILLED:
            _say(f"{outcome.value}: {mutant.lines.start}: {mutant.key}", told)

    with tempfile.TemporaryDirectory() as scratch, told:
        forks = Forks(chosen, until, processes, Path(scratch), tell)
        with _silenced(Path(scratch) / "output") as output:
            code = pytest.main(
                [*tests, "-m", MARKED, "-n0", "-q", "--hypothesis-profile=unshrunk"],
                plugins=[forks],
            )
            if not forks.outcomes and chosen and not forks.broken:
                output.seek(0)
                forks.broken = f"pytest ended with {code}.\n{output.read()}"
    return forks


class _silenced:  # noqa: N801 - read as a function, as those of contextlib
    """Sends what this process and its forks print to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> TextIO:
        sys.stdout.flush()
        self.output = self.path.open("w+", encoding="utf-8")
        self.kept = (os.dup(1), os.dup(2))
        for stream in (1, 2):
            os.dup2(self.output.fileno(), stream)
        return self.output

    def __exit__(self, *_: object) -> None:
        sys.stdout.flush()
        for stream, kept in zip((1, 2), self.kept, strict=True):
            os.dup2(kept, stream)
            os.close(kept)
        self.output.close()


def _say(what: object, stream: TextIO = sys.stdout) -> None:
    stream.write(f"{what}\n")
    stream.flush()


def _count(
    room: str, outcomes: dict[mutants.Mutant, Outcome], reasons: dict[mutants.Key, str]
) -> None:
    counted = Counter(outcomes.values())
    listed = sum(
        each.key in reasons and outcome is not Outcome.KILLED for each, outcome in outcomes.items()
    )
    words = ", ".join(f"{counted[each]} {each.value}" for each in Outcome if counted[each])
    _say(f"{room}: {words}; {listed} of these listed as equivalent")


def _report(
    outcomes: dict[mutants.Mutant, Outcome],
    reasons: dict[mutants.Key, str],
    stale: Sequence[mutants.Key],
) -> int:
    left = [
        (mutant, outcome)
        for mutant, outcome in outcomes.items()
        if outcome is not Outcome.KILLED and mutant.key not in reasons
    ]
    wrong = [
        mutant.key
        for mutant, outcome in outcomes.items()
        if outcome is Outcome.KILLED and mutant.key in reasons
    ]
    _say(f"\n{len(left)} changes are left that no test finds.")
    for mutant, outcome in left:
        _say(f"{outcome.value}, line {mutant.lines.start} of {mutant.key}")
    for key in stale:
        _say(f"equivalent.toml names a change that there is not: {key}")
    for key in wrong:
        _say(f"equivalent.toml names a change that a test finds: {key}")
    return LEFT if left or stale or wrong else FOUND


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
