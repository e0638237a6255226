"""Whether a device ties virtual machines to the host on which they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.base.text import counted, one_line, some
from livemigration.facts.connection_pools import CONNECTION_POOLS
from livemigration.facts.host import OPERATING_SYSTEM, SERVICES
from livemigration.facts.virtual_devices import (
    FIBRE_CHANNEL_CONNECTIONS,
    GPU_PARTITION_SETTINGS,
    GPU_PARTITIONS,
    PARTITIONABLE_GPUS,
    PASSED_THROUGH_DEVICES,
)
from livemigration.facts.virtual_disks import PHYSICAL_DRIVES
from livemigration.facts.virtual_machines import VIRTUAL_MACHINE_PROCESSORS
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtual_security import VIRTUAL_SECURITY
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.facts.windows import WINDOWS_SERVER_2025
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.drain import for_the_drain, is_to_be_drained
from livemigration.verdict.exchange import EXCHANGE
from livemigration.verdict.findings import Finding, Level, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes import vm_devices as fixes
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.machine_devices import (
    Unconfirmed,
    inner_switches,
    partitions_of,
    unconfirmed_of,
)
from livemigration.verdict.readings import machine_of
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import FactsView, GroupView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    NO_MACHINE,
    Machine,
    machines_of,
)
from livemigration.verdict.vm_destinations import towards_gpus, towards_sans
from livemigration.verdict.vm_groups import MachineGroup, grouped
from livemigration.verdict.vm_references import (
    ASSIGN_DEVICES,
    GPU_PARTITIONING,
    HIGH_AVAILABILITY_GUIDANCE,
    VIRTUAL_FIBRE_CHANNEL,
)

_SAID = (Level.WARNING, Level.FAIL)


@check(
    "LM703",
    needs=(
        *MACHINE_FACTS,
        OPERATING_SYSTEM,
        VIRTUAL_MACHINE_PROCESSORS,
        VIRTUAL_SWITCHES,
        VIRTUAL_PORTS,
        VIRTUAL_SECURITY,
        PASSED_THROUGH_DEVICES,
        GPU_PARTITION_SETTINGS,
        FIBRE_CHANNEL_CONNECTIONS,
        PHYSICAL_DRIVES,
    ),
    may_need=(*MACHINE_EVIDENCE, *EXCHANGE, GPU_PARTITIONS, PARTITIONABLE_GPUS, CONNECTION_POOLS),
    refs=(ASSIGN_DEVICES, GPU_PARTITIONING, VIRTUAL_FIBRE_CHANNEL, HIGH_AVAILABILITY_GUIDANCE),
)
def test_no_device_ties_virtual_machines_to_the_host(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """No device ties a virtual machine to this host.

    Why: what a virtual machine has of its host stays there: a device that was given to it, a
    partition of a GPU, a virtual SAN, a switch without a way out. The move is refused, or the drain
    of a node stops. Machines that are off or saved are not moved live; they are noted.

    Fails: a machine has a PCI Express device of the host (Discrete Device Assignment); it has a GPU
    partition before Windows Server 2025, or one that says that it cannot be moved live; another
    host has no GPU that takes one, or lacks the virtual SAN of a machine. A machine is on an
    internal or private switch, and the host is a cluster node that is to be drained.

    Warns: a machine is on an internal or private switch of any other host; it is isolated by the
    processor (SEV-SNP, TDX), has persistent memory, is bound to the TPM of the host, or a policy of
    its own keeps it: no document says that these can be moved live. Also where a GPU partition, or
    another host's GPU, does not state it, and where hosts that lack something are only assumed to
    exchange virtual machines with this one.

    Does not apply: the host has no virtual machine.
    """
    machines = machines_of(host)
    if not machines:
        yield not_applicable(NO_MACHINE)
        return
    scene = _Scene(host, machine_of(host, vmm), machines)
    told = False
    # What other hosts lack comes last: where it cannot be compared, the rest has been said.
    for findings in (
        _passed_through(scene),
        _inner_switches(scene, to_be_drained=is_to_be_drained(host, policy, group)),
        _unconfirmed(scene),
        _nested(scene),
        _gpu_partitions(scene, policy, group),
        _fibre_channel(scene, policy, group),
    ):
        for finding in findings:
            told = told or finding.level in _SAID
            yield finding
    if not told:
        number = counted(len(machines), "virtual machine")
        yield ok(f"{number}, and nothing was seen that ties any to this host.")


@dataclass(frozen=True)
class _Scene:
    """What the findings of one host have in common."""

    host: FactsView
    target: FixTarget
    machines: tuple[Machine, ...]

    def owners(self, *owners: str) -> MachineGroup:
        """Return the machines among these, by their GUIDs."""
        return grouped(self.machines, frozenset(owners))


def _passed_through(scene: _Scene) -> Iterator[Finding]:
    held = scene.owners(*(each.owner for each in scene.host[PASSED_THROUGH_DEVICES]))
    what = "a PCI Express device of this host (Discrete Device Assignment)"
    for who in held.each:
        yield fail(
            f"{who} has {what}.",
            "No such device: Windows moves no virtual machine live that has one.",
            fixes.take_devices_away(scene.target, held.live),
        )
    yield from held.notes(f"has {what}", f"have each {what}")


def _gpu_partitions(scene: _Scene, policy: Policy, group: GroupView) -> Iterator[Finding]:
    settings = scene.host[GPU_PARTITION_SETTINGS]
    held = scene.owners(*(each.owner for each in settings))
    if held.live and scene.host[OPERATING_SYSTEM].build < WINDOWS_SERVER_2025:
        for who in held.each:
            yield fail(
                f"{who} has a GPU partition, and this host is older than Windows Server 2025.",
                "No GPU partition, or Windows Server 2025 on both ends.",
                fixes.partition_cannot_move(scene.target, held.live),
            )
    elif held.live:
        yield from _stated_partitions(scene, policy, group)
    yield from held.notes("has a GPU partition", "have each a GPU partition")


def _stated_partitions(scene: _Scene, policy: Policy, group: GroupView) -> Iterator[Finding]:
    found = partitions_of(scene.host)
    cannot = scene.owners(*found.fixed)
    for who in cannot.each:
        yield fail(
            f"{who} has a GPU partition that says that it cannot be moved live.",
            "SupportsOutgoingLiveMigration of the partition is true.",
            fixes.partition_cannot_move(scene.target, cannot.live),
        )
    unknown = scene.owners(*found.unstated)
    for who in unknown.each:
        yield warn(
            f"{who} has a GPU partition, and the host does not state whether it can be moved live.",
            "SupportsOutgoingLiveMigration of the partition is true.",
            fixes.partition_may_not_move(scene.target, unknown.live),
        )
    can = scene.owners(*(found.owners - found.fixed - found.unstated))
    if can.live:
        yield note(
            f"A GPU partition moves over TCP/IP with compression, whatever the performance option: "
            f"{some(can.live)} may take longer."
        )
    leaving = scene.owners(*(found.owners - found.fixed))
    if leaving.live:
        yield from towards_gpus(scene.host, scene.target, leaving, policy, group)


def _fibre_channel(scene: _Scene, policy: Policy, group: GroupView) -> Iterator[Finding]:
    owners: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for each in scene.host[FIBRE_CHANNEL_CONNECTIONS]:
        if each.san:
            san = names.setdefault(each.san.casefold(), each.san)
            owners.setdefault(san, set()).add(each.owner)
    held = {san: scene.owners(*guids) for san, guids in owners.items()}
    used = {san: each for san, each in held.items() if each.live}
    if used:
        yield from towards_sans(scene.host, scene.target, used, policy, group)
    for san, users in held.items():
        yield from users.notes(
            f"uses the virtual SAN {one_line(san)}", f"use the virtual SAN {one_line(san)}"
        )


def _inner_switches(scene: _Scene, *, to_be_drained: bool) -> Iterator[Finding]:
    found = [(each, scene.owners(*each.owners)) for each in inner_switches(scene.host)]
    repair = fixes.connect_outside(
        scene.target, {switch.name: on.live for switch, on in found if on.live}
    )
    # Only the drain of a cluster node is known to be refused by them.
    drained = bool(found) and to_be_drained and is_cluster_node(scene.host[SERVICES])
    for switch, held in found:
        what = f"on the {switch.kind.value} switch {one_line(switch.name)}"
        for who in held.each:
            yield for_the_drain(
                f"{who} is {what}: between cluster nodes such a move is refused (event 21502). On "
                "which releases, and outside clusters, is not known.",
                "An external switch, or none while it is moved.",
                repair,
                drained=drained,
            )
        yield from held.notes(f"is {what}", f"are {what}")


def _unconfirmed(scene: _Scene) -> Iterator[Finding]:
    """Yield what no document says of a live migration, so that it fails no host."""
    for what, owners in unconfirmed_of(scene.host, scene.machines):
        held = scene.owners(*owners)
        for who in held.each:
            yield warn(
                f"{who} {what.value}. Whether it can be moved live is not known.",
                "None of it where a machine is to be moved live: no document says whether it can.",
                _REPAIRS[what](scene.target, held.live),
            )
        yield from held.notes(what.value, _HAVE[what])


_REPAIRS = {
    Unconfirmed.ISOLATED: fixes.isolated,
    Unconfirmed.MEMORY: fixes.with_persistent_memory,
    Unconfirmed.TPM: fixes.bound_to_tpm,
    Unconfirmed.POLICY: fixes.not_migratable,
}
# The same of several machines.
_HAVE = {
    Unconfirmed.ISOLATED: "are isolated from the host by the processor (SEV-SNP or TDX)",
    Unconfirmed.MEMORY: "have persistent memory",
    Unconfirmed.TPM: "are bound to the TPM of this host (BindToHostTpm)",
    Unconfirmed.POLICY: "have MigratablePolicy: disabled",
}


def _nested(scene: _Scene) -> Iterator[Finding]:
    processors = scene.host[VIRTUAL_MACHINE_PROCESSORS]
    held = scene.owners(*(each.owner for each in processors if each.nested))
    if held.live:
        yield note(
            f"Virtualization is exposed to the guest (nested): {some(held.live)}. Microsoft's page "
            "on it is silent about live migration."
        )
