"""What processors offer to virtual machines, and what those that run have taken of it.

GetSystemCompatibilityVectors of the migration service, from Windows Server 2012 R2 on
(windows-facts-2.md 10.1): asked of the host's own system and of each virtual machine that runs, one
call each. That is the one question whose number grows with the machines, so it is asked only of
hosts in whose group the processors differ, in a second step, and of no more machines than
`MOST_ASKED`. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.facts.cim import EmbeddedObject, ObjectReference, WmiQuery
from livemigration.facts.model import MethodGroup, Subject, Vantage
from livemigration.facts.reader import MethodOutput, WmiMethod, WmiReader, WmiRefusedError
from livemigration.facts.virtual_machines import VIRTUAL_MACHINE_STATES, owner_of
from livemigration.facts.virtualization import COMPUTER_CLASS, SERVICE_CLASS
from livemigration.facts.windows import WINDOWS_SERVER_2012, single

VECTORS_METHOD = WmiMethod(SERVICE_CLASS, "GetSystemCompatibilityVectors")
VECTORS_OUT = "CompatibilityVectors"
MOST_ASKED = 50
_MEMBERS = ("VectorId", "CompareOperation", "CompatibilityInfo")
_LARGEST = ((1 << 32) - 1, (1 << 32) - 1, (1 << 64) - 1)
_RUNS = 2


@dataclass(frozen=True, order=True)
class CompatibilityVector:
    """Msvm_CompatibilityVector: 64 features, and how a machine's are held against a host's."""

    identifier: int
    operation: int
    features: int


@dataclass(frozen=True)
class MachineVectors:
    """The vectors of a virtual machine, by its GUID in upper case; None: it gave none."""

    machine: str
    vectors: tuple[CompatibilityVector, ...] | None


@dataclass(frozen=True)
class CompatibilityVectors:
    """The vectors of a host and of its running machines; `left` is how many were not asked for."""

    host: tuple[CompatibilityVector, ...]
    machines: tuple[MachineVectors, ...]
    left: int = 0


def _vectors(machine: WmiReader) -> CompatibilityVectors:
    service = single(machine.enumerate(WmiQuery(SERVICE_CLASS)), "migration service")
    keys = {each.name: service.text(each.name) for each in SERVICE_CLASS.properties}
    own = _of(machine, keys, keys["SystemName"])
    if not own:
        raise ValueError(f"the host gave no {VECTORS_OUT} of its own")
    states = VIRTUAL_MACHINE_STATES.read(machine)
    running = sorted(
        each.identifier
        for each in states
        if each.enabled_state == _RUNS and owner_of(f"Microsoft:{each.identifier}")
    )
    found = []
    for name in running[:MOST_ASKED]:
        try:
            vectors = _of(machine, keys, name)
        except WmiRefusedError:
            # It may have moved, or stopped, since.
            vectors = None
        found.append(MachineVectors(name, vectors or None))
    return CompatibilityVectors(own, tuple(found), len(running) - len(found))


def _of(
    machine: WmiReader, keys: Mapping[str, str], name: str
) -> tuple[CompatibilityVector, ...] | None:
    """Return the vectors of a computer system; None where the method gave none."""
    system = ObjectReference(
        COMPUTER_CLASS.resource_uri,
        (("CreationClassName", COMPUTER_CLASS.name), ("Name", name)),
    )
    output: MethodOutput = machine.call(VECTORS_METHOD, keys, {"ComputerSystem": system})
    if output.return_value not in {None, 0}:
        return None
    return tuple(sorted(map(_vector, output.objects(VECTORS_OUT, _MEMBERS))))


def _vector(found: EmbeddedObject) -> CompatibilityVector:
    """Return a vector, in whole numbers of 64 bits.

    Raises:
        ValueError: something of it is not there, or is no such number.
    """
    numbers = []
    for name, largest in zip(_MEMBERS, _LARGEST, strict=True):
        text = (found.text(name) or "").strip()
        if not (text.isascii() and text.isdecimal()) or int(text) > largest:
            raise ValueError(f"{name} of Msvm_CompatibilityVector is no number: {text[:40]!r}")
        numbers.append(int(text))
    return CompatibilityVector(*numbers)


COMPATIBILITY_VECTORS = MethodGroup(
    "compatibility-vectors",
    "the compatibility vectors of the host and its virtual machines",
    Subject.HOST,
    Vantage.HOST,
    CompatibilityVectors,
    method=VECTORS_METHOD,
    call=_vectors,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)
