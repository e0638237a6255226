"""Named groups of facts, and what became of each group on one subject."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from livemigration.cim import WmiMethod, WmiQuery, WmiReader, WmiRow

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Subject(Enum):
    """Whom facts describe and checks target. Pairs, clusters and VMs join them later."""

    HOST = "host"
    VMM = "vmm"


class Vantage(Enum):
    """Where facts were gathered from."""

    SUITE = "the machine that runs the suite"
    HOST = "the host"
    VMM = "the VMM server"


class FailureKind(Enum):
    """Why something could not be gathered."""

    NAME_NOT_RESOLVED = "name not resolved"
    REFUSED = "connection refused"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    AUTHENTICATION = "authentication refused"
    ACCESS_DENIED = "access denied"
    FAULT = "fault"
    PROTOCOL = "unusable reply"
    SCRIPT = "script failed"
    MISSING = "not there"
    DEADLINE = "deadline passed"
    NOT_IN_FILE = "not in the facts file"
    NOT_GATHERED = "not gathered"
    SAME_CREDENTIALS = "credentials refused elsewhere"

    @property
    def is_unreachable(self) -> bool:
        """Whether no conversation with the machine came about at all."""
        return self in _UNREACHABLE


_UNREACHABLE = {
    FailureKind.NAME_NOT_RESOLVED,
    FailureKind.REFUSED,
    FailureKind.TIMED_OUT,
    FailureKind.UNREACHABLE,
    FailureKind.DEADLINE,
}


@dataclass(frozen=True)
class GatherFailure:
    """Something that could not be gathered: what was tried, what came back, what to do next.

    `root` is the check that reports this failure as its own finding: every other check that needed
    the facts is blocked by it.
    """

    kind: FailureKind
    tried: str
    came_back: str
    next_step: str
    root: str
    code: int | None = None

    @property
    def sentence(self) -> str:
        """What was tried and what came back, in one sentence."""
        return f"{self.tried}: {self.came_back}"


@dataclass(frozen=True)
class Gathered(Generic[T_co]):
    """A group's value, where it was seen from, how long it took in seconds, and when it ended, UTC.

    `at` is None where a facts file does not say.
    """

    value: T_co
    vantage: Vantage
    seconds: float = 0.0
    at: datetime | None = field(default=None, compare=False)


def gathered(value: T, vantage: Vantage, started: float) -> Gathered[T]:
    """Return what was just gathered, asked for at `started` of the monotonic clock."""
    return Gathered(value, vantage, time.monotonic() - started, datetime.now(UTC))


@dataclass(frozen=True)
class NotGathered:
    """A group that could not be gathered."""

    failure: GatherFailure


@dataclass(frozen=True)
class Inapplicable:
    """A group that this machine cannot have, and why."""

    reason: str


Outcome = Gathered[T] | NotGathered | Inapplicable


@dataclass(frozen=True)
class FactGroup(Generic[T_co]):
    """A named group of facts of type `T_co` about one kind of subject.

    `type` is what the JSON codec restores; `title` is what people read.
    """

    name: str
    title: str
    subject: Subject
    vantage: Vantage
    type: Any = field(compare=False)


def _nothing(_value: object) -> str:
    return ""


@dataclass(frozen=True)
class HostGroup(FactGroup[T_co]):
    """A group that is read from a host's WMI.

    Args beyond `FactGroup`:
        minimum_build: Windows builds below it do not have the class at all.
        when_absent: the value where the namespace or class does not exist; None: a failure.
        provided_by_vmms: the provider lives in vmms, so a stopped vmms explains a failure.
        lack: says what a value lacks that no host is without; empty: nothing. Such a value was not
            read, whatever the machine answered.
    """

    minimum_build: int = field(default=0, kw_only=True)
    when_absent: T_co | None = field(default=None, kw_only=True, compare=False)
    provided_by_vmms: bool = field(default=False, kw_only=True)
    lack: Callable[[Any], str] = field(default=_nothing, kw_only=True, compare=False)

    @property
    def source(self) -> str:
        """The class or the method that answers."""
        raise NotImplementedError

    def read(self, machine: WmiReader) -> T_co:
        """Return the value that a machine answers.

        Raises:
            WmiRowError, ValueError: what came back does not fit the class.
        """
        raise NotImplementedError

    def unusable(self, machine: str, reason: str) -> NotGathered:
        """Return the outcome of this group on a machine that sent what cannot be."""
        return NotGathered(
            GatherFailure(
                kind=FailureKind.MISSING,
                tried=f"Reading {self.title} of {machine} ({self.source})",
                came_back=reason,
                next_step=f"Compare with what PowerShell shows of {self.source} on the host, and "
                "report the difference.",
                root="",
            )
        )


@dataclass(frozen=True)
class WmiGroup(HostGroup[T_co]):
    """A group that one WQL query on the host answers.

    Args beyond `HostGroup`:
        query: the class, its properties, and the filter.
        parse: turns the rows into the value; raises `WmiRowError` or `ValueError` on odd data.
    """

    query: WmiQuery = field(kw_only=True)
    parse: Callable[[Sequence[WmiRow]], T_co] = field(kw_only=True, compare=False)

    @property
    def source(self) -> str:
        """The class that is queried."""
        return self.query.wmi_class.name

    def read(self, machine: WmiReader) -> T_co:
        """Return the value of the rows."""
        return self.parse(machine.enumerate(self.query))


@dataclass(frozen=True)
class MethodGroup(HostGroup[T_co]):
    """A group that a read-only WMI method on the host answers.

    Args beyond `HostGroup`:
        method: what is called.
        call: asks what the call needs, calls, and turns the output into the value.
    """

    method: WmiMethod = field(kw_only=True)
    call: Callable[[WmiReader], T_co] = field(kw_only=True, compare=False)

    @property
    def source(self) -> str:
        """The method that is called."""
        return self.method.title

    def read(self, machine: WmiReader) -> T_co:
        """Return the value of the method's output."""
        return self.call(machine)


@dataclass(frozen=True)
class FactSheet:
    """The outcomes of all groups that were asked of one subject, by group name."""

    subject: Subject
    name: str
    outcomes: Mapping[str, Outcome[Any]]

    def outcome(self, group: FactGroup[T]) -> Outcome[T]:
        """Return what became of a group; a group that nobody asked for is a failure."""
        found = self.outcomes.get(group.name)
        if found is not None:
            return found
        return NotGathered(
            GatherFailure(
                kind=FailureKind.NOT_GATHERED,
                tried=f"Reading {group.title} of {self.name}",
                came_back="these facts were not gathered in this run",
                next_step="Run the suite again with this check selected.",
                root="LM302" if group.subject is Subject.HOST else "LM001",
            )
        )
