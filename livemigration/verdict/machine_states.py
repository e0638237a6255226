"""What goes on with a virtual machine that keeps it from being moved. Pure."""

from __future__ import annotations

from livemigration.verdict.virtual_machines import Machine

# Of OperationalStatus (windows-facts-2.md section 11); merging disks and deleting a checkpoint are
# LM702's.
_OPERATIONS = {
    32768: "a checkpoint of it is being made",
    32769: "a checkpoint is being applied to it",
    32771: "it waits to start",
    32773: "it is being exported",
    32774: "it is being migrated",
}
_WAITS_FOR_DISKS = (32770, 32772)
_RUNNING_STATES = {4: "it shuts down", 10: "it starts"}
# Above these numbers, states are Hyper-V's own, each on the way to another.
_FIRST_OF_HYPER_V = 32770
# Of ReplicationState: 5 recovered, 6 committed, 12 failover in progress.
_FAILOVERS = (5, 6, 12)


def fails_over(machine: Machine) -> bool:
    """Whether a failover of a replica is in progress, or not finished."""
    state = machine.state
    if state is None or not state.replication_mode:
        return False
    return state.replication_state in _FAILOVERS


def what_goes_on(machine: Machine) -> str:
    """Return what goes on with a machine; empty: nothing that LM702 does not tell."""
    state = machine.state
    if state is None or state.enabled_state is None:
        return "the host does not say in which state it is"
    for number in state.operational_status:
        if number in _OPERATIONS:
            return _OPERATIONS[number]
    if fails_over(machine):
        failover = f"ReplicationState {state.replication_state}"
        return f"a failover of its replica is not finished ({failover})"
    if machine.is_settled or not set(_WAITS_FOR_DISKS).isdisjoint(state.operational_status):
        return ""
    return _between(state.enabled_state)


def _between(number: int) -> str:
    if number >= _FIRST_OF_HYPER_V:
        return f"it is on the way from one state to another (EnabledState {number})"
    return _RUNNING_STATES.get(number, f"its state is not known (EnabledState {number})")


def rests(machine: Machine) -> bool:
    """Whether a machine is off or a replica, so that no drain has to move it."""
    return machine.is_off or machine.is_replica
