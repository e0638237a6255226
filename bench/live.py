"""What a live host takes: memory of a run that asks the lab, and bytes of what the run leaves.

    python bench/live.py [HOSTS HOSTS]

Two fleets of different sizes (200 and 1,000 hosts) are asked and judged with every check, each in a
process of its own; the difference between the two, by the difference in hosts, is what one host
takes. Goals: 60 KB of memory, and 4 KB of results.json. Linux only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from livemigration.lab.launch import RunningLab, start
from livemigration.run.files import RunFiles

SIZES = (200, 1_000)
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Taken:
    """What a run took: peak memory in KB once all was gathered, and in all; bytes of its files."""

    hosts: int
    gathered: float
    memory: float
    results: int
    facts: int
    journal: int


def inventory_of(lab: RunningLab, folder: Path) -> Path:
    """Write the inventory of a lab that is not started by the run itself."""
    document = {
        "schema": 1,
        "vmm": {"name": lab.vmm.name, "address": lab.vmm.address},
        "hosts": [{"name": each.name, "address": each.address} for each in lab.hosts],
        "connection": {"port": lab.vmm.port},
    }
    path = folder / "lab.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def taken(hosts: int) -> Taken:
    """Return what the run of so many hosts takes."""
    with tempfile.TemporaryDirectory() as name, start("healthy", hosts=hosts) as lab:
        folder = Path(name)
        told, reports = folder / "phases", folder / "reports"
        options = (f"--inventory={inventory_of(lab, folder)}", f"--reports={reports}")
        environment = {
            **os.environ,
            "PHASES_FILE": str(told),
            "PYTHONPATH": str(HERE),
            "LIVEMIGRATION_USERNAME": lab.credentials.username,
            "LIVEMIGRATION_PASSWORD": lab.credentials.password.reveal(),
        }
        command = (sys.executable, "-m", "pytest", "-p", "phases", "-q", "-m", "livemigration")
        ended = subprocess.run(  # noqa: S603 - this suite itself
            (*command, "-p", "no:cacheprovider", *options),
            cwd=HERE.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if not told.exists():
            raise SystemExit(f"The run of {hosts} hosts did not end:\n{ended.stdout}{ended.stderr}")
        lines = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
        peaks = {each["phase"]: each["peak"] * 1024 for each in lines}
        files = RunFiles.of(next(each for each in reports.iterdir() if each.is_dir()))
        sizes = (each.stat().st_size for each in (files.results, files.facts, files.journal))
        return Taken(len(lab.hosts), peaks["begin"], peaks["tell"], *sizes)


def main() -> int:
    """Print a line for each size, and one for what a host more takes."""
    few, many = map(taken, sorted(map(int, sys.argv[1:])) or SIZES)
    sys.stdout.write("  hosts   gathered MB   peak MB   results.json KB   facts KB   journal KB\n")
    for each in (few, many):
        sys.stdout.write(
            f"{each.hosts:7,}{each.gathered / 1024:14.0f}{each.memory / 1024:10.0f}"
            f"{each.results / 1024:18.0f}{each.facts / 1024:11.0f}{each.journal / 1024:13.0f}\n"
        )
    more = many.hosts - few.hosts
    sys.stdout.write(
        f"a host: {(many.gathered - few.gathered) / more:.1f} KB of memory once it is gathered, "
        f"{(many.memory - few.memory) / more:.1f} KB in all, "
        f"{(many.results - few.results) / more / 1024:.2f} KB of results.json\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
