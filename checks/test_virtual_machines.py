"""The virtual machines of a host: their states, and what an earlier move left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from livemigration.base.text import counted, one_line, some
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.machine_moves import MIGRATION_JOBS, PLANNED_MACHINES
from livemigration.facts.migration import LISTENERS
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.cluster_membership import NO_NODE
from livemigration.verdict.clustered_machines import (
    CLUSTERED_MACHINES,
)
from livemigration.verdict.drain import for_the_drain, is_to_be_drained
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.machines import (
    clear_planned,
    cluster_or_leave,
    resume_machines,
)
from livemigration.verdict.machine_roles import machines_of_node
from livemigration.verdict.machine_states import fails_over, what_goes_on
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import MAINTENANCE_MODE, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import BlockedError, FactsView, GroupView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    NO_MACHINE,
    Machine,
    machines_of,
    unseen_workers,
)


@check(
    "LM705",
    needs=MACHINE_FACTS,
    may_need=(*MACHINE_EVIDENCE, DOMAIN_MEMBERSHIP),
    refs=(TROUBLESHOOT_LIVE_MIGRATION,),
)
def test_each_virtual_machine_is_in_a_state_in_which_it_can_move(
    host: FactsView, vmm: FactsView
) -> Iterator[Finding]:
    """Each virtual machine of the host is in a state in which it can be moved.

    Why: a machine that starts, is exported or is moved already refuses another move, and one that
    Hyper-V paused for want of storage can go nowhere. One that is off or saved moves without
    running, which takes no live migration.

    Fails: Hyper-V paused a machine, because its storage is lost.

    Warns: something is going on with a machine, such as an export, a checkpoint, a failover of its
    replica or a migration; or its state is not known.

    Does not apply: the host has no virtual machine, or only replicas.
    """
    machines = machines_of(host)
    judged = [each for each in machines if not each.is_replica or fails_over(each)]
    lost = [each for each in judged if each.is_critical]
    for each in lost:
        yield fail(
            f"Hyper-V paused {each.name}, because its storage is lost or full.",
            "It runs, is off or is saved.",
            resume_machines(machine_of(host, vmm), [each.name for each in lost]),
        )
    busy = [(each, why) for each in judged if (why := what_goes_on(each)) and each not in lost]
    for each, why in busy:
        yield warn(f"{each.name} cannot be moved right now: {why}.", _LATER)
    if not judged:
        yield _nothing(machines)
        return
    if not (lost or busy):
        yield ok(f"{counted(len(judged), 'virtual machine')}, and nothing goes on with any.")
    yield from _said_beside(host, machines)


_LATER = "Nothing goes on with it. Wait for the end of it, then run again."


def _nothing(machines: tuple[Machine, ...]) -> Finding:
    if machines:
        return not_applicable(f"It has only replicas: {some(each.name for each in machines)}.")
    return not_applicable(NO_MACHINE)


def _said_beside(host: FactsView, machines: Iterable[Machine]) -> Iterator[Finding]:
    known = tuple(machines)
    for said, found in (
        ("Off, so that no live migration is needed", [each for each in known if each.is_off]),
        ("Saved, and moved as it is, without running", [each for each in known if each.is_saved]),
        ("Paused", [each for each in known if each.is_paused and not each.is_critical]),
        ("Replicas, which are not judged", [each for each in known if each.is_replica]),
    ):
        if found:
            yield note(f"{said}: {some(each.name for each in found)}.")
    if unseen := unseen_workers(host):
        runs = "1 process vmwp.exe runs" if unseen == 1 else f"{unseen} processes vmwp.exe run"
        yield note(
            f"{runs} for no virtual machine that this account sees: containers, or machines that "
            "it may not see."
        )


@check(
    "LM707",
    needs=(*MACHINE_FACTS, LISTENERS, PLANNED_MACHINES, MIGRATION_JOBS),
    may_need=(*MACHINE_EVIDENCE, DOMAIN_MEMBERSHIP),
    refs=(TROUBLESHOOT_LIVE_MIGRATION,),
)
def test_no_earlier_move_left_a_planned_virtual_machine(
    host: FactsView, vmm: FactsView
) -> Iterator[Finding]:
    """No planned virtual machine is left on the host by a move that failed half-way.

    Why: a move makes a planned machine on its destination first. Where that stays, a machine with
    the same id is refused: "Failed to create Planned Virtual Machine … The object already exists".
    What such a move left in folders cannot be seen.

    Warns: planned virtual machines are there while no migration runs.
    """
    machines_of(host)
    planned, service = host[PLANNED_MACHINES], host[LISTENERS]
    jobs = sum(not each.ended for each in host[MIGRATION_JOBS])
    names = [one_line(each.name, limit=80) or each.identifier for each in planned]
    if planned and (jobs or service.active_migrations or service.active_storage_migrations):
        yield ok(f"A migration runs, and {some(names)} may be about to come by it.")
    elif planned:
        left = "A planned virtual machine is" if len(names) == 1 else "Planned virtual machines are"
        yield warn(
            f"{left} left, and no migration runs: {some(names)}.",
            "None is left while no migration runs.",
            clear_planned(machine_of(host, vmm), names),
        )
    else:
        yield ok("No planned virtual machine is there.")


@check(
    "LM706",
    needs=(*MACHINE_FACTS, SERVICES),
    may_need=(*MACHINE_EVIDENCE, *CLUSTERED_MACHINES),
    refs=(MAINTENANCE_MODE,),
)
def test_each_virtual_machine_of_a_node_is_a_role_of_its_cluster(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """Each virtual machine of a cluster node is a role of the cluster, unless it is to stay.

    Why: a drain, and VMM's maintenance mode, move the roles of the cluster. Any other machine stays
    where it is and goes down with the node. Some belong to their node, such as a storage controller
    or an agent: the policy names them under `stays`.

    Fails: a machine that is not off is no role of the cluster, the policy does not name it, and the
    node is to be drained.

    Warns: the same, of a node that is not to be drained.

    Does not apply: the host is in no cluster, or it has no virtual machine.
    """
    if not is_cluster_node(host[SERVICES]):
        yield not_applicable(NO_NODE)
        return
    if not machines_of(host):
        yield not_applicable(NO_MACHINE)
        return
    found = machines_of_node(host, policy)
    repair = cluster_or_leave(machine_of(host, vmm), _names(found.left))
    for each in found.left:
        yield for_the_drain(
            f"{each.name} is no role of the cluster: a drain leaves it where it is.",
            "It is a role of the cluster, or the policy names it under stays.",
            repair,
            drained=is_to_be_drained(host, policy, group),
        )
    if found.staying:
        yield note(f"To be shut down before the node, by the policy: {_some(found.staying)}.")
    if found.resting:
        yield note(f"Off or a replica, and no role of the cluster: {_some(found.resting)}.")
    if found.unknown:
        raise BlockedError(
            "",
            f"The cluster does not say which virtual machine belongs to {some(found.silent)}, so "
            f"that nobody can say of {_some(found.unknown)} whether it is a role.",
            _ASK_CLUSTER,
        )
    if not found.left:
        yield ok("Each virtual machine that is on is a role of the cluster, or is to stay.")


_ASK_CLUSTER = "Compare with what Get-ClusterResource shows on the host."


def _some(machines: Iterable[Machine]) -> str:
    return some(_names(machines))


def _names(machines: Iterable[Machine]) -> list[str]:
    return [each.name for each in machines]
