"""Where one machine of a drain can go, by what is said of it and each host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from livemigration.verdict.drain_scene import Judgement, Way

_ONLY_ASSUMED = "it is only assumed to exchange machines with this one"


@dataclass(frozen=True)
class Ways:
    """Where one machine can go: judged once, whatever is asked then."""

    of: Mapping[str, Judgement]

    def taken(self, way: Way, *, assumed: bool) -> frozenset[str]:
        """Return the hosts to which it has a way; `assumed`: also by assumption."""
        return frozenset(
            name
            for name, each in self.of.items()
            if each.way is way and (assumed or not each.assumed)
        )

    @cached_property
    def with_disks(self) -> frozenset[str]:
        """The hosts to which its disks move along, as far as it is known that they can."""
        ways = {Way.OPEN, Way.WARNED}
        return frozenset(n for n, each in self.of.items() if each.with_disks and each.way in ways)

    def closed(self, *, assumed: bool) -> Iterator[tuple[str, str]]:
        """Yield the hosts to which it has no way, with the cause."""
        for name, each in self.of.items():
            if each.way is Way.CLOSED:
                yield name, each.cause
            elif each.assumed and not assumed:
                yield name, _ONLY_ASSUMED
