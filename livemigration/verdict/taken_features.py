"""What the running machines of a host have taken of its processor, and which were not limited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from livemigration.facts.compatibility import COMPATIBILITY_VECTORS, CompatibilityVector
from livemigration.facts.model import FactGroup, Gathered, Inapplicable
from livemigration.facts.virtual_machines import (
    VIRTUAL_MACHINE_PROCESSORS,
    VIRTUAL_MACHINES,
    VirtualMachine,
)
from livemigration.verdict.processors import PROCESSOR_FACTS, ProcessorClass, processor_class
from livemigration.verdict.views import BlockedError, FactsView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    Machine,
    machines_of,
)

# Of each host. The vectors are asked for in a second step, of some hosts only.
COMPARED_FACTS: tuple[FactGroup[Any], ...] = (
    *PROCESSOR_FACTS,
    *MACHINE_FACTS,
    *MACHINE_EVIDENCE,
    VIRTUAL_MACHINE_PROCESSORS,
)
FEATURE_FACTS: tuple[FactGroup[Any], ...] = (*COMPARED_FACTS, COMPATIBILITY_VECTORS)


@dataclass(frozen=True)
class Taken:
    """What a running machine has taken, of processors of these manufacturers.

    `vectors` are None where they are not known: the machine was asked for them and gave none, or
    `asked` is false, because its host has more machines than are asked for them.
    """

    makers: tuple[str, ...]
    vectors: tuple[CompatibilityVector, ...] | None
    asked: bool = True


def taken_by(host: FactsView) -> Iterator[tuple[Taken, Machine]]:
    """Yield what each running machine of a host has taken.

    Raises:
        BlockedError: the vectors were not asked for, or could not be read.
    """
    makers, found = processor_class(host).makers, host[COMPATIBILITY_VECTORS]
    vectors = {each.machine: each.vectors for each in found.machines}
    machines = {each.identifier: each for each in machines_of(host)}
    for identifier, taken in vectors.items():
        machine = machines.get(identifier) or Machine(VirtualMachine(identifier, "", ""), None)
        yield Taken(makers, taken), machine
    for identifier, machine in machines.items():
        # One of a host that was asked for all of them has stopped since.
        if machine.runs and identifier not in vectors and found.left:
            yield Taken(makers, None, asked=False), machine


def compared_of(host: FactsView) -> ProcessorClass:
    """Return the class of a host's processors, where the host has virtual machines at all.

    Raises:
        InapplicableError: Windows has no such classes there.
    """
    if isinstance(host.outcome(VIRTUAL_MACHINES), Inapplicable):
        host[VIRTUAL_MACHINES]
    return processor_class(host)


@dataclass(frozen=True)
class Seen:
    """In what hosts are equals.

    `told` is whether it can be said which machines run there and without processor compatibility,
    `speaks` whether the host said what they have taken.
    """

    processors: ProcessorClass
    told: bool
    speaks: bool


def seen_of(host: FactsView) -> Seen:
    """Return in what hosts are equals."""
    own = processor_class(host)
    try:
        machines_of(host)
    except BlockedError:
        return Seen(own, told=False, speaks=False)
    told = isinstance(host.outcome(VIRTUAL_MACHINE_PROCESSORS), Gathered)
    return Seen(own, told, speaks=isinstance(host.outcome(COMPATIBILITY_VECTORS), Gathered))


def unlimited(host: FactsView) -> Iterator[tuple[Seen, Machine]]:
    """Yield the running machines of a host that have no processor compatibility.

    Raises:
        BlockedError: they could not be read.
    """
    own = seen_of(host)
    limited = {each.owner for each in host[VIRTUAL_MACHINE_PROCESSORS] if each.limited}
    for machine in machines_of(host):
        if machine.runs and machine.identifier not in limited:
            yield own, machine
