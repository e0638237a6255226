"""What to do with virtual machines that a device ties to their host.

None of it is scripted: each takes a machine down, or off a network, and a person says when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import (
    MACHINES,
    by_hand,
    down,
    leave,
    move_while_off,
    piped,
    shut_down,
    which,
)
from livemigration.verdict.fixes.quoting import quote
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.vm_references import (
    ASSIGN_DEVICES,
    GPU_PARTITIONING,
    HIGH_AVAILABILITY_GUIDANCE,
    VIRTUAL_FIBRE_CHANNEL,
)


def take_devices_away(machine: FixTarget, names: Sequence[str]) -> Fix:
    """Return how to move machines that have PCI Express devices of the host."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Take the PCI Express devices of virtual machines of {HOSTS} away for the move",
        wrong="Virtual machines have PCI Express devices of their host",
        word="device of host",
        why="Windows moves no virtual machine live that has one, and drains none.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="passed-through-device",
        console=(
            shut_down(machine, names),
            (
                "Write down which devices they have, which is what the undo needs: "
                f"{piped(names, 'Get-VMAssignableDevice')}"
            ),
            (
                "Take away each of them, with the values that the line above shows: "
                "Remove-VMAssignableDevice -VMName NAME -LocationPath PATH."
            ),
            (
                "Move the virtual machines while they are off. On the other host, give each a "
                "device of that host, where it needs one: Add-VMAssignableDevice -VMName NAME "
                "-LocationPath PATH. Then start it."
            ),
            (
                f"To undo it, before the move: Add-VMAssignableDevice -VMName NAME -LocationPath "
                f"PATH on {name}, then Start-VM."
            ),
        ),
        cost=f"{down(names)} It needs a device there that is dismounted for it.",
        alternative=leave(machine),
        source=ASSIGN_DEVICES,
    )


def partition_cannot_move(machine: FixTarget, names: Sequence[str]) -> Fix:
    """Return how to move machines whose GPU partition keeps them from moving live."""
    cause = Cause(
        title=f"Move the virtual machines of {HOSTS} with a GPU partition while they are off",
        wrong="Virtual machines have a GPU partition that cannot be moved live",
        word="GPU partition",
        why="Live migration of a GPU partition needs Windows Server 2025, and a processor, a GPU "
        "and a driver that take part.",
        values=which(names),
    )
    return move_while_off(machine, names, cause, key="gpu-partition", source=GPU_PARTITIONING)


def partition_may_not_move(machine: FixTarget, names: Sequence[str]) -> Fix:
    """Return how to find out whether a GPU partition can be moved live."""
    name = one_line(machine.name)
    look = "Get-VMGpuPartitionAdapter | Select-Object *LiveMigration*"
    cause = Cause(
        title=f"See whether the GPU partitions of {HOSTS} can be moved live",
        wrong="The host does not state whether GPU partitions can be moved live",
        word="GPU partition",
        why="Where they cannot, the move fails.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="gpu-partition-unstated",
        console=(
            (
                "While they run, SupportsOutgoingLiveMigration should be True, on "
                f"{name}: {piped(names, look)}"
            ),
            "Where it is not, shut them down for the move and start them on the other host.",
        ),
        source=GPU_PARTITIONING,
    )


def offer_gpu(machine: FixTarget, names: Sequence[str], hosts: str) -> Fix:
    """Return what to do where other hosts have no GPU that takes machines live.

    Args:
        machine: the host of the machines.
        names: the machines with a GPU partition.
        hosts: the hosts without such a GPU, for a sentence.
    """
    cause = Cause(
        title=f"Move the GPU partitions of {HOSTS} only to hosts with a GPU that takes them",
        wrong="Other hosts have no GPU that takes virtual machines live",
        word="no such GPU",
        why="A virtual machine with a GPU partition moves live only to a GPU of the same kind "
        "that says so.",
        values=((MACHINES, some(names)), ("Without a GPU", hosts)),
    )
    return Fix(
        key="gpu-on-destination",
        summary=f"Move {some(names)} of {one_line(machine.name)} only to hosts with a GPU for it.",
        console=(
            (
                f"On {hosts}: Get-VMHostPartitionableGpu | Select-Object Name, "
                "SupportsIncomingLiveMigration. One GPU of the same kind should say True."
            ),
            (
                "Where there is one and it says False, update its driver, or see whether the "
                "processor supports it. Else choose another destination."
            ),
        ),
        source=GPU_PARTITIONING,
        cause=cause,
    )


def add_virtual_sans(machine: FixTarget, lacking: Mapping[str, str]) -> Fix:
    """Return how to give other hosts the virtual SANs that the machines of a host use.

    Args:
        machine: the host of the machines.
        lacking: the hosts that lack each virtual SAN, for a sentence.
    """
    cause = Cause(
        title=f"Give the other hosts the virtual SANs that virtual machines of {HOSTS} use",
        wrong="Other hosts lack a virtual SAN of a virtual machine",
        word="no virtual SAN",
        why="A virtual Fibre Channel adapter needs a virtual SAN of the same name there: without "
        "it the move is refused.",
        values=(
            ("Virtual SAN", some(lacking)),
            ("Missing on", "; ".join(dict.fromkeys(lacking.values()))),
        ),
    )
    where = (
        f"On {hosts}: New-VMSan -Name {quote(san)} -WorldWideNodeName NODE -WorldWidePortName PORT."
        for san, hosts in lacking.items()
    )
    return by_hand(
        machine,
        cause,
        key="virtual-san",
        console=(
            (
                "On each of these hosts, see which adapter is in the fabric of the virtual SAN: "
                "Get-InitiatorPort shows its NODE and its PORT."
            ),
            *where,
            (
                "See that both address sets of each virtual adapter (Get-VMFibreChannelHba on "
                f"{one_line(machine.name)}) are zoned in that fabric: a move uses the other one."
            ),
            (
                "To undo it, remove the virtual SAN there in Hyper-V Manager, Virtual SAN Manager, "
                "while no virtual machine uses it."
            ),
        ),
        cost="The port must support NPIV, and the storage must let the virtual addresses in.",
        source=VIRTUAL_FIBRE_CHANNEL,
    )


def connect_outside(machine: FixTarget, switches: Mapping[str, Sequence[str]]) -> Fix:
    """Return what to do with machines on a switch that leads to no network outside the host.

    Args:
        machine: the host.
        switches: the machines on each switch, by its name.
    """
    name = one_line(machine.name)
    names = list(dict.fromkeys(each for on in switches.values() for each in on))
    cause = Cause(
        title=f"Take virtual machines of {HOSTS} off internal and private switches for the move",
        wrong="Virtual machines are on an internal or private switch",
        word="inner switch",
        why="Cluster nodes refuse such a move with event 21502, even where the other has a switch "
        "of that name. On which releases is not known.",
        values=(("Switch", some(switches)), (MACHINES, some(names))),
    )
    adapters = "Get-VMNetworkAdapter | Where-Object"
    off = (
        f"On {name}: {piped(on, adapters)} {{ $_.SwitchName -eq {quote(switch)} }} | "
        "Disconnect-VMNetworkAdapter"
        for switch, on in switches.items()
    )
    back = (
        f"After the move, where the other host has that switch, and to undo it: "
        f"Connect-VMNetworkAdapter -VMName NAME -Name ADAPTER -SwitchName {quote(switch)}."
        for switch in switches
    )
    return by_hand(
        machine,
        cause,
        key="inner-switch",
        console=(
            (
                "Where they can do with an external switch, connect them to one for good. Else "
                "disconnect these adapters for the move:"
            ),
            *off,
            *back,
        ),
        cost="Disconnected, they do not reach each other and the host over that switch.",
        source=HIGH_AVAILABILITY_GUIDANCE,
    )


def isolated(machine: FixTarget, names: Sequence[str]) -> Fix:
    """Return how to move machines whose memory the processor isolates from the host."""
    cause = Cause(
        title=f"Move the isolated virtual machines of {HOSTS} while they are off",
        wrong="The processor isolates virtual machines from their host",
        word="isolated",
        why="No document of Windows Server says that they can be moved live.",
        values=which(names),
    )
    return move_while_off(machine, names, cause, key="isolated-machine")


def with_persistent_memory(machine: FixTarget, names: Sequence[str]) -> Fix:
    """Return how to move machines with persistent memory."""
    cause = Cause(
        title=f"Move the virtual machines of {HOSTS} with persistent memory while they are off",
        wrong="Virtual machines have persistent memory of their host",
        word="persistent memory",
        why="No document says that they can be moved live.",
        values=which(names),
    )
    return move_while_off(machine, names, cause, key="persistent-memory")


def bound_to_tpm(machine: FixTarget, names: Sequence[str]) -> Fix:
    """Return what to do with machines that are bound to the TPM of their host."""
    cause = Cause(
        title=f"See whether virtual machines that are bound to the TPM of {HOSTS} start elsewhere",
        wrong="Virtual machines are bound to the TPM of their host",
        word="bound to TPM",
        why="By its name, BindToHostTpm keeps them on this host; no document says more.",
        values=which(names),
    )
    return move_while_off(machine, names, cause, key="bound-to-host-tpm")


def not_migratable(machine: FixTarget, names: Sequence[str]) -> Fix:
    """Return what to do with machines that a policy of their own keeps where they are."""
    cause = Cause(
        title=f"Ask who keeps virtual machines of {HOSTS} from moving",
        wrong="MigratablePolicy of virtual machines is disabled",
        word="kept by policy",
        why="By its name, it keeps them from moving; no document says more.",
        values=which(names),
    )
    return move_while_off(machine, names, cause, key="migratable-policy")
