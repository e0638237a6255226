"""The virtual machines of a host, or why nobody can say which there are.

Hyper-V filters rows by the rights of the account, so that no row is no answer: that a host has no
virtual machine counts only where the processes of Windows agree.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from livemigration.base.text import counted, one_line
from livemigration.facts.model import Gathered
from livemigration.facts.virtual_machines import (
    VIRTUAL_MACHINE_STATES,
    VIRTUAL_MACHINES,
    WORKER_PROCESSES,
    VirtualMachine,
    VirtualMachineState,
)
from livemigration.inventory.policy import Policy
from livemigration.verdict.views import BlockedError, FactsView

# What a check about virtual machines declares as needed, and as what it may need besides.
MACHINE_FACTS = (VIRTUAL_MACHINES, VIRTUAL_MACHINE_STATES)
MACHINE_EVIDENCE = (WORKER_PROCESSES,)

# Of Msvm_ComputerSystem.EnabledState; the second number of each is that of older documents
# (windows-facts-2.md section 11).
_RUNS, _OFF, _SAVED, _PAUSED = (2,), (3,), (6, 32769), (9, 32768)
NO_MACHINE = "The host has no virtual machine."
# Of OperationalStatus: all is well. Of HealthState: critical.
_WELL, _CRITICAL = 2, 25
_REPLICA_MODES = (2, 3, 4)
_GUID_LENGTH = 36


@dataclass(frozen=True)
class Machine:
    """One virtual machine: its settings, and its state; None: the host showed none of it."""

    settings: VirtualMachine
    state: VirtualMachineState | None

    @property
    def identifier(self) -> str:
        """Its GUID, in upper case."""
        return self.settings.identifier

    @property
    def name(self) -> str:
        """Its name on one line, for a sentence; its GUID where it has none."""
        return one_line(self.settings.name, limit=80) or one_line(self.identifier, limit=40)

    @property
    def runs(self) -> bool:
        """Whether it runs, so that a live migration can move it."""
        return self._is_one_of(_RUNS)

    @property
    def is_off(self) -> bool:
        """Whether it is off."""
        return self._is_one_of(_OFF)

    @property
    def is_saved(self) -> bool:
        """Whether its state is saved."""
        return self._is_one_of(_SAVED)

    @property
    def is_paused(self) -> bool:
        """Whether it is paused, by someone or by Hyper-V."""
        return self._is_one_of(_PAUSED)

    @property
    def is_critical(self) -> bool:
        """Whether Hyper-V paused it, because its storage was lost or full."""
        if self.state is None or not self.is_paused:
            return False
        status = self.state.operational_status
        return self.state.health_state == _CRITICAL or bool(status and status[0] != _WELL)

    @property
    def is_settled(self) -> bool:
        """Whether it is in a state that lasts."""
        return self.runs or self.is_off or self.is_saved or self.is_paused

    @property
    def is_replica(self) -> bool:
        """Whether it is the replica of another one, which waits here for a failover."""
        return self.state is not None and self.state.replication_mode in _REPLICA_MODES

    def _is_one_of(self, states: Collection[int]) -> bool:
        return self.state is not None and self.state.enabled_state in states


def machines_of(host: FactsView) -> tuple[Machine, ...]:
    """Return the virtual machines of a host, in the host's order; none where it has none.

    The check must declare `MACHINE_FACTS` and `MACHINE_EVIDENCE`.

    Raises:
        BlockedError: the account may not see them, or they could not be read.
    """
    states = {each.identifier: each for each in host[VIRTUAL_MACHINE_STATES]}
    settings = host[VIRTUAL_MACHINES]
    if not settings:
        _agree_that_there_is_none(host, states)
    # A host has one more state than machines: its own.
    elif len(states) > len(settings) + 1:
        _block_where_settings_are_hidden(host, states.keys() - {e.identifier for e in settings})
    return tuple(Machine(each, states.get(each.identifier)) for each in settings)


def _agree_that_there_is_none(host: FactsView, states: Collection[str]) -> None:
    if not states:
        raise _may_not_see(host.name, "Hyper-V shows it not even the host's own row")
    _block_where_settings_are_hidden(host, states)
    workers = len(host[WORKER_PROCESSES].identifiers)
    if workers:
        times = "one runs" if workers == 1 else f"{workers} run"
        raise _may_not_see(
            host.name,
            f"Hyper-V shows it none, though {times}, by the processes vmwp.exe",
        )


def _block_where_settings_are_hidden(host: FactsView, states: Collection[str]) -> None:
    hidden = sum(map(_is_guid, states))
    if hidden:
        shown = counted(hidden, "virtual machine")
        raise _may_not_see(host.name, f"Hyper-V shows it {shown} without settings")


def _is_guid(text: str) -> bool:
    return len(text) == _GUID_LENGTH and text.count("-") == 4


def _may_not_see(host: str, why: str) -> BlockedError:
    return BlockedError(
        "",
        f"This account may not see the virtual machines of {host}: {why}.",
        "Run with an account that is in Administrators or Hyper-V Administrators of the host.",
    )


def unseen_workers(host: FactsView) -> int:
    """Return how many processes vmwp.exe belong to no virtual machine that the account sees.

    0 as well where that cannot be told: the processes were not read, or the host does not state
    which of them belongs to a machine that runs. Containers with Hyper-V isolation have such
    processes too, so that it shows nothing by itself.
    """
    workers = host.outcome(WORKER_PROCESSES)
    if not isinstance(workers, Gathered):
        return 0
    machines = machines_of(host)
    known = {each.state.process for each in machines if each.state and each.state.process}
    if any(each.runs and not (each.state and each.state.process) for each in machines):
        return 0
    return sum(each not in known for each in workers.value.identifiers)


def is_to_stay(machine: Machine, policy: Policy) -> bool:
    """Whether the policy says that a machine belongs to its host and moves nowhere."""
    return is_named(machine.settings.name, policy.stays)


def is_named(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name fits any pattern, in which * is any text and ? any character, in any case."""
    folded = name.strip().casefold()
    whole, open_ones = _in_kinds(patterns)
    return folded in whole or any(fnmatchcase(folded, each) for each in open_ones)


# A bundle has the names themselves, of which there may be one for each host.
@lru_cache(maxsize=64)
def _in_kinds(patterns: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return patterns that are names, and the others as `fnmatch` takes them."""
    folded = [each.casefold() for each in patterns]
    open_ones = tuple(each.replace("[", "[[]") for each in folded if "*" in each or "?" in each)
    return frozenset(each for each in folded if "*" not in each and "?" not in each), open_ones
