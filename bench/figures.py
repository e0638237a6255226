"""What was measured, as data: written by `bench/run`, and read by what makes a page of it."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from livemigration import __version__
from livemigration.base import codec
from livemigration.base.files import write_text

SCHEMA = 1
# Whose versions a figure may depend on.
PACKAGES = (
    "pytest",
    "pyspnego",
    "h11",
    "requests",
    "urllib3",
    "pydantic",
    "pywinrm",
    "pypsrp",
    "pytest-testinfra",
    "pytest-html",
    "highspy",
)


@dataclass(frozen=True)
class Machine:
    """Where it was measured; nothing in it names the machine."""

    cores: int
    memory_gb: int
    python: str
    system: str


@dataclass(frozen=True)
class Row:
    """What one way of doing a part took.

    Args:
        part: what was done, such as `gather`.
        who: the way, or the peer.
        hosts: for how many hosts.
        figures: by a name that ends with the unit, one figure for each round.
        peer: with whose row of the same part and hosts it is compared; empty: with none.
    """

    part: str
    who: str
    hosts: int
    figures: Mapping[str, tuple[float, ...]]
    peer: str = ""

    def median(self, name: str) -> float:
        """Return the median of a figure over its rounds."""
        return statistics.median(self.figures[name])


@dataclass(frozen=True)
class Figures:
    """One run of the benchmark."""

    schema: int
    form: str
    release: str
    machine: Machine
    versions: Mapping[str, str]
    rows: tuple[Row, ...]

    def row(self, part: str, who: str, hosts: int | None = None) -> Row:
        """Return a row; of several sizes the largest, where none is named.

        Raises:
            KeyError: nobody measured that.
        """
        found = [
            each
            for each in self.rows
            if (each.part, each.who) == (part, who) and hosts in {None, each.hosts}
        ]
        if not found:
            raise KeyError(f"{part}: {who}, {hosts or 'any number of'} hosts")
        return max(found, key=lambda each: each.hosts)

    def ratio(self, row: Row, name: str) -> float | None:
        """Return how a figure of a row compares with its peer's; None: there is nothing to."""
        if not row.peer:
            return None
        theirs = self.row(row.part, row.peer, row.hosts)
        if name not in theirs.figures or not theirs.median(name):
            return None
        return row.median(name) / theirs.median(name)


def this_machine() -> Machine:
    """Return what matters of the machine that this runs on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = 0
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return Machine(cores or 1, round(memory / 2**30), python, platform.system())


def versions_here() -> dict[str, str]:
    """Return the versions of the packages that figures depend on."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            raise SystemExit(
                f"The benchmark needs {name}, which is not installed. Run bench/run, which makes "
                "an environment of its own."
            ) from None
    return found


def gathered_here(form: str, rows: Iterable[Row]) -> Figures:
    """Return rows that were measured on this machine just now."""
    return Figures(SCHEMA, form, __version__, this_machine(), versions_here(), tuple(rows))


def save(figures: Figures, path: Path) -> None:
    """Write figures to a file, whole or not at all."""
    write_text(path, json.dumps(codec.to_json(figures), indent=1) + "\n")


def load(path: Path) -> Figures:
    """Return the figures of a file.

    Raises:
        ValueError: it holds something else.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("schema") != SCHEMA:
        raise ValueError(f"{path}: schema {document.get('schema')}, and {SCHEMA} is read here")
    read: Figures = codec.from_json(Figures, document)
    return read
