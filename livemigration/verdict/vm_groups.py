"""Virtual machines of a host with something in common, and how findings name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import Finding, note
from livemigration.verdict.virtual_machines import Machine


@dataclass(frozen=True)
class MachineGroup:
    """Machines that have something in common, by their names as the host states them.

    `live` may run, so that a move would be a live migration; `resting` are off or saved.
    """

    live: tuple[str, ...]
    resting: tuple[str, ...]

    @property
    def each(self) -> Iterator[str]:
        """The names of those that may run, for a sentence each."""
        return map(one_line, self.live)

    def notes(self, has: str, have: str) -> Iterator[Finding]:
        """Yield a note of those that are off or saved, where there are any.

        Args:
            has: what one machine does, as `has a device`.
            have: what several do.
        """
        if self.resting:
            one = len(self.resting) == 1
            which = f"{some(self.resting)} {has if one else have}"
            yield note(f"{which}; {'it is' if one else 'they are'} off or saved, so not judged.")


def grouped(machines: Sequence[Machine], owners: Collection[str]) -> MachineGroup:
    """Return the machines whose GUIDs are among these."""
    live: list[str] = []
    resting: list[str] = []
    for each in machines:
        if each.identifier in owners:
            (resting if each.is_off or each.is_saved else live).append(stated_name(each))
    return MachineGroup(tuple(live), tuple(resting))


def stated_name(machine: Machine) -> str:
    """Return the name of a machine as the host states it, for a command; else its GUID."""
    return machine.settings.name or machine.identifier
