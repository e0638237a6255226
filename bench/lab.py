"""What the lab takes to start with many hosts: processor time, wall time and memory.

    python bench/lab.py [HOSTS ...]

Without numbers: 250, 1,000 and 10,000 hosts of the fleet `healthy`. Measured from the start of the
interpreter until the lab has said where its machines answer, over all its processes. Memory is what
is resident in each (RSS), and the same with shared pages counted once (PSS). Linux only.
"""

from __future__ import annotations

import sys
import time

from figures import Row
from processes import PSS, RSS, megabytes, processor_seconds

from livemigration.lab.launch import start

HOSTS = (250, 1_000, 10_000)


def started(hosts: int) -> dict[str, float]:
    """Return what it takes to start so many hosts."""
    began = time.perf_counter()
    with start("healthy", hosts=hosts) as lab:
        return {
            "wall s": time.perf_counter() - began,
            "processor s": sum(map(processor_seconds, lab.processes)),
            "RSS MB": sum(megabytes(each, RSS) for each in lab.processes),
            "PSS MB": sum(megabytes(each, PSS) for each in lab.processes),
            "processes": float(len(lab.processes)),
        }


def measured(sizes: tuple[int, ...], rounds: int) -> list[Row]:
    """Return what each size takes to start, in turns."""
    found = [[started(hosts) for hosts in sizes] for _ in range(rounds)]
    return [
        Row(
            "lab", "lab up", hosts, {name: tuple(each[name] for each in times) for name in times[0]}
        )
        for hosts, times in zip(sizes, zip(*found, strict=True), strict=True)
    ]


def main() -> int:
    """Print a line for each size."""
    for row in measured(tuple(int(each) for each in sys.argv[1:]) or HOSTS, 1):
        told = "   ".join(f"{name} {row.median(name):6.2f}" for name in row.figures)
        sys.stdout.write(f"{row.hosts:6} hosts   {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
