"""Named groups of facts, and what became of each group on one subject."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from livemigration.facts.cim import EmbeddedObject, WmiQuery, WmiRow
from livemigration.facts.reader import WmiMethod, WmiReader

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Subject(Enum):
    """Whom facts describe and checks target. Pairs, clusters and VMs join them later."""

    # There is one of each: Enum's own is a call of Python's for every look into a table.
    __hash__ = object.__hash__

    HOST = "host"
    VMM = "vmm"


class Vantage(Enum):
    """Where facts were gathered from."""

    SUITE = "the machine that runs the suite"
    HOST = "the host"
    VMM = "the VMM server"
    DIRECTORY = "the directory"


class FailureKind(Enum):
    """Why something could not be gathered."""

    NAME_NOT_RESOLVED = "name not resolved"
    REFUSED = "connection refused"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate not accepted"
    TLS = "no TLS"
    KERBEROS = "Kerberos failed"
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
    STARVED = "no time on this machine"

    @property
    def is_unreachable(self) -> bool:
        """Whether no conversation with the machine came about at all."""
        return self in _UNREACHABLE


_UNREACHABLE = {
    FailureKind.NAME_NOT_RESOLVED,
    FailureKind.REFUSED,
    FailureKind.TIMED_OUT,
    FailureKind.UNREACHABLE,
    FailureKind.CERTIFICATE,
    FailureKind.TLS,
    FailureKind.KERBEROS,
    FailureKind.DEADLINE,
    FailureKind.STARVED,
}


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class NotGathered:
    """A group that could not be gathered."""

    failure: GatherFailure


@dataclass(frozen=True, slots=True)
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
        minimum_build: Windows builds below it do not have the class at all; they are not asked.
        when_absent: the value where the namespace or class does not exist; None: a failure.
        provided_by_vmms: the provider lives in vmms, so a stopped vmms explains a failure.
        only_with: the service without which a machine has nothing of it: where that is known not
            to be installed, the value is that of `when_absent`, and nothing is asked.
        of_cluster: it is the whole cluster's, and any of its nodes says the same: one is asked.
        of_machines: it is of virtual machines and their checkpoints alone: of a host that is known
            to have no machine the value is that of no row, and nothing is asked.
        lack: says what a value lacks that no host is without; empty: nothing. Such a value was not
            read, whatever the machine answered.
    """

    minimum_build: int = field(default=0, kw_only=True)
    when_absent: T_co | None = field(default=None, kw_only=True, compare=False)
    provided_by_vmms: bool = field(default=False, kw_only=True)
    only_with: str = field(default="", kw_only=True)
    of_cluster: bool = field(default=False, kw_only=True)
    of_machines: bool = field(default=False, kw_only=True)
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
class Singly:
    """An object that a host may leave out of all rows of a query, and shows where one is asked for.

    Args:
        missing: the property that holds the object.
        key: the property by which one row is asked for.
        of_kind: a property, and what it is in the rows that have such an object.
        owner: the property that names the machine whose row it is: of others' none is asked for.
        most: how many rows are asked for; the rest stay as they came.
    """

    missing: str
    key: str
    of_kind: tuple[str, str]
    owner: str
    most: int

    def lacks(self, row: WmiRow) -> bool:
        """Whether a row is without its object, or with one that holds nothing."""
        name, kind = self.of_kind
        found = row.get(self.missing)
        empty = isinstance(found, EmbeddedObject) and not found.texts
        return (found is None or empty) and (
            row.text_or_none(name) or ""
        ).casefold() == kind.casefold()


@dataclass(frozen=True)
class WmiGroup(HostGroup[T_co]):
    """A group that one WQL query on the host answers.

    Args beyond `HostGroup`:
        query: the class, its properties, and the filter.
        parse: turns the rows into the value; raises `WmiRowError` or `ValueError` on odd data.
        may_be_empty: why a host may have no row at all; empty: no host is without one.
        narrow: queries for the rows that can matter, where those are few: the narrowest first.
        by_instance: whether single rows of any of the queries may be asked for.
        singly: what is asked for row by row, where a host leaves it out of all of them.
    """

    query: WmiQuery = field(kw_only=True)
    narrow: tuple[WmiQuery, ...] = field(default=(), kw_only=True)
    by_instance: bool = field(default=False, kw_only=True)
    singly: Singly | None = field(default=None, kw_only=True)
    parse: Callable[[Sequence[WmiRow]], T_co] = field(kw_only=True, compare=False)
    may_be_empty: str = field(default="", kw_only=True, compare=False)

    @property
    def source(self) -> str:
        """The class that is queried."""
        return self.query.wmi_class.name

    def read(self, machine: WmiReader) -> T_co:
        """Return the value of every row."""
        return self.value_of(machine.enumerate(self.query))

    def value_of(self, rows: Sequence[WmiRow]) -> T_co:
        """Return the value of every row that the machine has.

        Raises:
            WmiRowError, ValueError: a row does not fit the class, or there must be one.
        """
        value = self.parse(rows)
        if not rows and not self.may_be_empty and not self.lack(value):
            raise ValueError(f"the host sent no row of {self.source}, and every host has one")
        return value


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
