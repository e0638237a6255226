"""What virtual machines have of their host, so that they may be tied to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from livemigration.facts.virtual_devices import GPU_PARTITION_SETTINGS, GPU_PARTITIONS
from livemigration.facts.virtual_disks import PHYSICAL_DRIVES
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtual_security import VIRTUAL_SECURITY
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.verdict.switch_kinds import SwitchKind, kinds_of
from livemigration.verdict.views import FactsView
from livemigration.verdict.virtual_machines import Machine

# GuestStateIsolationType: AMD SEV-SNP and Intel TDX (windows-facts-2.md section 11).
_HARDWARE_ISOLATION = (2, 3)
_DISABLED = 1
_INNER = (SwitchKind.INTERNAL, SwitchKind.PRIVATE)


@dataclass(frozen=True)
class Partitions:
    """Machines with a GPU partition, by their GUIDs.

    `fixed` cannot be moved live by what the host states, of `unstated` it states nothing.
    """

    owners: frozenset[str]
    fixed: frozenset[str]
    unstated: frozenset[str]


def partitions_of(host: FactsView) -> Partitions:
    """Return the machines of a host with a GPU partition, from Windows Server 2025 on."""
    stated = host[GPU_PARTITIONS]
    owners = frozenset(each.owner for each in host[GPU_PARTITION_SETTINGS])
    fixed = frozenset(guid for e in stated if e.leaves_live is False for guid in e.machines)
    movable = frozenset(guid for each in stated if each.leaves_live for guid in each.machines)
    return Partitions(owners, owners & fixed, owners - fixed - movable)


@dataclass(frozen=True)
class InnerSwitch:
    """A virtual switch without a way out of its host, and the machines on it by their GUIDs."""

    kind: SwitchKind
    name: str
    owners: tuple[str, ...]


def inner_switches(host: FactsView) -> Iterator[InnerSwitch]:
    """Yield the internal and private switches of a host."""
    kinds = kinds_of(host[VIRTUAL_SWITCHES], host[VIRTUAL_PORTS])
    for switch in host[VIRTUAL_SWITCHES]:
        guid = switch.identifier.upper()
        if kinds[guid] in _INNER:
            users = (
                p.owner for p in host[VIRTUAL_PORTS] if p.connected and p.switch.upper() == guid
            )
            yield InnerSwitch(kinds[guid], switch.name, tuple(users))


class Unconfirmed(Enum):
    """What no document says of a live migration, so that it fails no host: what a machine has."""

    ISOLATED = "is isolated from the host by the processor (SEV-SNP or TDX)"
    MEMORY = "has persistent memory"
    TPM = "is bound to the TPM of this host (BindToHostTpm)"
    POLICY = "has MigratablePolicy: disabled"


def unconfirmed_of(
    host: FactsView, machines: Sequence[Machine]
) -> Iterator[tuple[Unconfirmed, frozenset[str]]]:
    """Yield each of these, and the machines of a host that have it, by their GUIDs."""
    security = host[VIRTUAL_SECURITY]
    isolated = (e.identifier for e in machines if e.settings.isolation in _HARDWARE_ISOLATION)
    memory = (each.owner for each in host[PHYSICAL_DRIVES] if each.is_memory)
    yield Unconfirmed.ISOLATED, frozenset(isolated)
    yield Unconfirmed.MEMORY, frozenset(memory)
    yield Unconfirmed.TPM, frozenset(each.owner for each in security if each.bound_to_host_tpm)
    disabled = (each.owner for each in security if each.migratable_policy == _DISABLED)
    yield Unconfirmed.POLICY, frozenset(disabled)
