"""Which configuration versions of virtual machines a build of Windows runs, and which it follows.

The table is Microsoft's of January 2025 (windows-facts-2.md 10.2). The version of Windows Server
2012 is from memory, and what builds between those of the table run is not published.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

Version = tuple[int, int]

_WRITTEN = re.compile(r"([0-9]{1,5})\.([0-9]{1,5})")
# Of every build: the least and the greatest version. Those between are taken as well: another table
# has 10.5, which Microsoft's does not list.
_RUNS: tuple[tuple[int, Version, Version], ...] = (
    (9200, (4, 0), (4, 0)),
    (9600, (5, 0), (5, 0)),
    (14393, (5, 0), (8, 0)),
    (17763, (5, 0), (9, 0)),
    (20348, (8, 0), (10, 0)),
    (26100, (8, 0), (12, 0)),
)
_BUILDS = tuple(build for build, *_ in _RUNS)
_OF_2012 = 9200
_STEPS_TO_THE_NEXT = 2
# 254.0 is that of prereleases, 255.0 that of experiments.
_NO_RELEASE = (254, 0)


class Runs(Enum):
    """Whether a build runs a version, as far as that is published."""

    YES = "yes"
    NO = "no"
    NOT_PUBLISHED = "not published"


class Stand(Enum):
    """How a version that a build does not run stands to those that it runs."""

    OLDER = "older"
    NEWER = "newer"
    NOT_STATED = "not stated"


def version_of(text: str) -> Version | None:
    """Return a configuration version as two numbers, by which versions are compared; or None."""
    found = _WRITTEN.fullmatch(text.strip())
    return (int(found[1]), int(found[2])) if found is not None else None


@dataclass(frozen=True)
class Release:
    """Where a build stands among the releases of Windows Server with Hyper-V.

    Args:
        build: the operating-system build.
    """

    build: int

    @property
    def _before(self) -> int:
        """The place of the last release that is not newer; -1: older than all."""
        return bisect_right(_BUILDS, self.build) - 1

    @property
    def is_published(self) -> bool:
        """Whether it is one of the releases."""
        return self.build in _BUILDS

    @property
    def span(self) -> str:
        """The versions that it runs, for a sentence; of a build in between: what is known."""
        least, greatest = self._span
        shown = [f"{each[0]}.{each[1]}" for each in (least, greatest)]
        return shown[0] if least == greatest else f"{shown[0]} to {shown[1]}"

    @property
    def _span(self) -> tuple[Version, Version]:
        place = max(self._before, 0)
        if self.is_published or place + 1 == len(_RUNS):
            return _RUNS[place][1:]
        (_, least, greatest), (_, later_least, later_greatest) = _RUNS[place : place + 2]
        floor = max(least, later_least)
        return floor, max(floor, min(greatest, later_greatest))

    def runs(self, version: Version) -> Runs:
        """Return whether a virtual machine of a version runs here.

        That of Windows Server 2012 becomes 5.0 on its way to the next release (from memory).
        """
        least, greatest = self._span
        if least <= version <= greatest:
            return Runs.YES
        if version == _RUNS[0][1]:
            return Runs.YES if self.build == _BUILDS[1] else Runs.NOT_PUBLISHED
        known = self.is_published and self.build != _OF_2012
        return Runs.NO if known and version < _NO_RELEASE else Runs.NOT_PUBLISHED

    def stand(self, version: Version | None) -> Stand:
        """Return how a version stands that is not known to run here; None: it is not stated."""
        if version is None:
            return Stand.NOT_STATED
        return Stand.OLDER if version < self._span[0] else Stand.NEWER

    def runs_all_of(self, other: Release) -> bool:
        """Whether each version that another build is known to run, and any it may, runs here."""
        if other.build == self.build:
            return True
        least, greatest = self._span
        its_least, its_greatest = other._span
        return other.is_published and least <= its_least and its_greatest <= greatest

    def is_neighbour(self, other: Release) -> bool:
        """Whether no release lies between the two."""
        return abs(self._step - other._step) <= _STEPS_TO_THE_NEXT

    @property
    def _step(self) -> int:
        """Where it stands: each release on an even step, what lies between two on an odd one."""
        return self._before * 2 + (not self.is_published)
