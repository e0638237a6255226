"""How judging grows with the fleet: processor time and memory of each phase of a replay.

    python bench/judging.py [HOSTS...]

Each size is a fleet of the demo's hosts under other names and addresses, of which one in five fails
a check. Its facts are replayed with every check, in a process of its own. What is compared is one
size with the smallest: a ratio of 1 means that a host costs as much in a fleet of that size as in
the smallest one. Goal: 10,000 hosts in 60 processor seconds and 1,000 MB.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import plain
from figures import Row
from many_facts import facts_of_demo, label_of, write_fleet

SIZES = (300, 1_000, 3_000)
BROKEN = 0.2
PHASES = ("start", "read", "collect", "begin", "judge", "write", "tell")
REPLAY, REPORT = "replay", "report"
ONE_FOUND, ONE_HOST = "collection of one host", "replay of one host"
OURS = "this suite"
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Measured:
    """What one run took: processor seconds of each phase, and the peak of its memory in MB.

    `wall` counts in seconds; `reports` is the folder with what it wrote.
    """

    hosts: int
    seconds: dict[str, float]
    peak: float
    wall: float
    reports: Path

    @property
    def growing(self) -> float:
        """The processor milliseconds of a host, without what every run takes to start."""
        return 1e3 * (sum(self.seconds.values()) - self.seconds["start"]) / self.hosts

    @property
    def took(self) -> dict[str, float]:
        """The figures of it."""
        processor = sum(self.seconds.values())
        return {
            "processor s": processor,
            "wall s": self.wall,
            "peak MB": self.peak,
            "processor ms a host but for the start": self.growing,
        }


def replayed(folder: Path, inventory: Path, facts: Path, hosts: int, *more: str) -> Measured:
    """Return what the replay of a fleet's facts takes."""
    return _run(folder, inventory, hosts, f"--facts={facts}", *more)


def collected(folder: Path, inventory: Path, hosts: int, *more: str) -> Measured:
    """Return what a run takes until its items are known, of which nobody is asked."""
    return _run(folder, inventory, hosts, "--collect-only", *more)


def _run(folder: Path, inventory: Path, hosts: int, *more: str) -> Measured:
    told, reports = folder / f"{hosts}.phases", folder / "reports"
    told.unlink(missing_ok=True)
    shutil.rmtree(reports, ignore_errors=True)
    options = (f"--inventory={inventory}", f"--reports={reports}", *more)
    # A cache of its own: pytest reads the names of all tests of earlier runs again.
    cache = f"cache_dir={folder / f'{hosts}.cache'}"
    command = (sys.executable, "-m", "pytest", "-p", "phases", "-q", "-m", "livemigration")
    environment = {**os.environ, "PHASES_FILE": str(told), "PYTHONPATH": str(HERE)}
    began = time.perf_counter()
    ended = subprocess.run(  # noqa: S603 - this suite itself
        (*command, "-o", cache, *options),
        cwd=HERE.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - began
    if not told.exists():
        raise SystemExit(f"The run of {hosts} hosts did not end:\n{ended.stdout}{ended.stderr}")
    lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    seconds = {each["phase"]: each["seconds"] for each in lines}
    return Measured(hosts, seconds, lines[-1]["peak"], wall, folder / "reports")


def written(reports: Path, hosts: int) -> dict[str, float]:
    """Return the sizes of what a run wrote, its number of items, and what its report takes anew."""
    (run,) = (each for each in reports.iterdir() if each.is_dir())
    kept = {path.name.partition(".")[0]: path.stat().st_size for path in run.iterdir()}
    document = json.loads((run / "results.json").read_text(encoding="utf-8"))
    before = os.times()
    program = "import sys; from livemigration.commands.main import main; sys.exit(main())"
    command = (sys.executable, "-c", program, "report", str(run))
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this suite itself
    # As the run itself: something fails.
    if told.returncode != 1:
        raise SystemExit(f"The report was not written again:\n{told.stdout}{told.stderr}")
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    pages = [size for name, size in kept.items() if name.startswith(("report", "hosts"))]
    return {
        "items": float(
            sum(len(each["results"]) for each in (*document["hosts"], *document["others"]))
        ),
        "results kB a host": kept["results"] / hosts / 1e3,
        "facts kB a host": kept["facts"] / hosts / 1e3,
        "journal kB a host": kept["journal"] / hosts / 1e3,
        "first page kB": kept["report"] / 1e3,
        "all pages kB": sum(pages) / 1e3,
        "processor s to write it again": used,
    }


def measured(sizes: Sequence[int], peers_up_to: int, rounds: int) -> list[Row]:
    """Return what replays of each size take, and the same number of plain tests, in turns."""
    times: dict[tuple[str, str, int], list[dict[str, float]]] = {}

    def note(part: str, who: str, hosts: int, took: dict[str, float]) -> None:
        times.setdefault((part, who, hosts), []).append(took)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo = facts_of_demo(folder)
        for hosts in sizes:
            inventory, facts = write_fleet(folder, demo, hosts, BROKEN)
            tests = folder / f"test_{hosts}.py"
            for _ in range(rounds):
                found = replayed(folder, inventory, facts, hosts)
                note(REPLAY, OURS, hosts, found.took)
                sizes_of = written(found.reports, hosts)
                note(REPORT, OURS, hosts, sizes_of)
                if hosts <= peers_up_to:
                    each = round(sizes_of["items"] / hosts)
                    plain.write_tests(tests, facts, hosts, each, BROKEN)
                    page = folder / "plain.html"
                    for peer in (plain.PLAIN, plain.WITH_HTML):
                        note(REPLAY, peer, hosts, plain.run(tests, peer, page))
                    note(
                        REPORT, plain.WITH_HTML, hosts, {"first page kB": page.stat().st_size / 1e3}
                    )
                only = ("-k", label_of(hosts // 2))
                note(ONE_FOUND, OURS, hosts, collected(folder, inventory, hosts, *only).took)
                note(ONE_HOST, OURS, hosts, replayed(folder, inventory, facts, hosts, *only).took)
            facts.unlink()
    return _rows(times, peers_up_to)


def _rows(
    times: Mapping[tuple[str, str, int], Sequence[Mapping[str, float]]], peers_up_to: int
) -> list[Row]:
    """Return a row for each part, size and who took it, with what each round took."""
    ordered = sorted(times.items(), key=lambda each: (each[0][0], each[0][2]))
    return [
        Row(
            part,
            who,
            hosts,
            {each: tuple(one[each] for one in found) for each in found[0]},
            plain.WITH_HTML if part in (REPLAY, REPORT) and hosts <= peers_up_to else "",
        )
        for (part, who, hosts), found in ordered
    ]


def main() -> int:
    """Print a line for each size."""
    sizes = sorted({*map(int, sys.argv[1:])}) or list(SIZES)
    sys.stdout.write("  hosts " + "".join(f"{each:>9}" for each in (*PHASES, "total")))
    sys.stdout.write("   peak MB   ms a host   ratio\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo, smallest = facts_of_demo(folder), 0.0
        for hosts in sizes:
            found = replayed(folder, *write_fleet(folder, demo, hosts, BROKEN), hosts)
            smallest = smallest or found.growing
            seconds = (*(found.seconds[each] for each in PHASES), sum(found.seconds.values()))
            sys.stdout.write(f"{hosts:7,} " + "".join(f"{each:8.2f}s" for each in seconds))
            sys.stdout.write(
                f"{found.peak:10.0f}{found.growing:12.2f}{found.growing / smallest:8.2f}\n"
            )
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
