"""How late the lab's machines answer, and which show a fault, where a lab is asked for that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from livemigration.lab.fleet import Fleet
from livemigration.lab.fleet_host import FleetHost

Fault = Literal["silent", "refused", "wrong-password", "http-500", "slow"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
# What is slow answers, though later than a script that probes has patience for.
SLOW_SECONDS = 10.0
_IN_THE_FLEET: Mapping[Fault, dict[str, Any]] = {
    "silent": {"down": "silent"},
    "refused": {"down": "refused"},
    "wrong-password": {"access": "wrong-password"},
}


@dataclass(frozen=True)
class Conduct:
    """How machines answer that could answer at once and rightly.

    `latency`: the seconds by which each reply is late, and the first byte that a new connection
    takes. `faults`: what shows a fault, by its name.
    """

    latency: float = 0.0
    faults: Mapping[str, Fault] = field(default_factory=dict)

    def fault(self, name: str) -> Fault | None:
        """Return the fault that a machine shows."""
        return self.faults.get(name)

    def delay(self, name: str) -> float:
        """Return the seconds by which a machine is late with each reply."""
        return self.latency + (SLOW_SECONDS if self.fault(name) == "slow" else 0.0)


def chosen(hosts: Sequence[FleetHost], share: float) -> dict[str, Fault]:
    """Return the hosts that show a fault: this share of them, one at least where it is above 0.

    A hash of the name chooses, so that it is the same ones each time; each shows another kind than
    the one before. A host that is down in the fleet is left as it is.
    """
    up = sorted((host.name for host in hosts if host.down is None), key=_rank)
    number = max(1, round(len(hosts) * share)) if share > 0 else 0
    return {name: FAULTS[n % len(FAULTS)] for n, name in enumerate(up[:number])}


def _rank(name: str) -> bytes:
    return hashlib.sha256(name.casefold().encode()).digest()


def with_faults(fleet: Fleet, faults: Mapping[str, Fault]) -> Fleet:
    """Return the fleet with what a fleet file could say of these faults."""
    hosts = tuple(
        host.model_copy(update=_IN_THE_FLEET.get(faults[host.name], {}))
        if host.name in faults
        else host
        for host in fleet.hosts
    )
    return fleet.model_copy(update={"hosts": hosts}) if faults else fleet
