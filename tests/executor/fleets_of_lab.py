"""A running lab as gathering knows it."""

from __future__ import annotations

from livemigration.base.secret import Credentials, Secret
from livemigration.gather.connect import Access, Target, connector, knock_at
from livemigration.gather.fleet import FleetConnections
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.lab.launch import LabMachine, RunningLab
from livemigration.wsman.manners import Manners

LIMITS = TimeLimits(connect=5, probe=2)


def fleet_of(lab: RunningLab, password: str = "", concurrency: int = 16) -> FleetConnections:
    own = lab.credentials
    access = Access(
        Connection(time_limits=LIMITS),
        Credentials(own.username, Secret(password)) if password else own,
    )

    def target(machine: LabMachine) -> Target:
        return Target(machine.name, machine.address, machine.port, access=access)

    manners = Manners()
    return FleetConnections(
        vmms=tuple(target(each) for each in lab.vmms),
        hosts={each.name: target(each) for each in lab.hosts},
        connect=connector(manners=manners, hosts=len(lab.hosts)),
        seconds=LIMITS.run,
        concurrency=concurrency,
        managers={},
        knock=knock_at,
        manners=manners,
    )
