"""Where the machines of an inventory answer, and the lab that stands in for them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from livemigration.deadline import Deadline
from livemigration.gather.connect import Target, connector, knocker
from livemigration.gather.fleet import Fleet
from livemigration.inventory import Host, Inventory, Machine
from livemigration.lab.launch import LabError, LabMachine, RunningLab, start
from livemigration.secret import Credentials
from livemigration.wsman.session import WsmanSession


class Machines:
    """The machines of one run. A simulated fleet is started when the first of them is asked.

    `credentials` are set before a machine is asked that is not simulated. `network` is the second
    number of a simulated fleet's addresses, where an earlier run is gone on with.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.credentials: Credentials | None = None
        self.network: int | None = None
        self._inventory = inventory
        self._stack = ExitStack()
        self._lab: RunningLab | None = None

    def fleet(self) -> Fleet:
        """Return the whole fleet, for gathering.

        Raises:
            pytest.UsageError: the lab does not start.
        """
        credentials, simulated = self._reached()
        connection = self._inventory.connection
        return Fleet(
            vmms=tuple(self._target(each, simulated) for each in self._inventory.vmms),
            hosts={host.name: self._target(host, simulated) for host in self._inventory.hosts},
            connect=connector(connection, credentials),
            limits=connection.time_limits,
            concurrency=connection.concurrent_hosts,
            managers=self._inventory.managers,
            knock=knocker(connection),
        )

    def session(self, host: str) -> WsmanSession:
        """Return a session to a host of the inventory, with the time that one host has.

        Raises:
            pytest.UsageError: the lab does not start.
        """
        fleet = self.fleet()
        return fleet.connect(fleet.hosts[host], Deadline.after(fleet.limits.host))

    def close(self) -> None:
        """End the lab, where it runs."""
        self._lab = None
        self._stack.close()

    def _reached(self) -> tuple[Credentials, dict[str, LabMachine]]:
        if self._inventory.lab_fleet is None:
            if self.credentials is None:
                raise RuntimeError("machines are asked only with credentials")
            return self.credentials, {}
        if self._lab is None:
            try:
                self._lab = self._stack.enter_context(
                    start(self._inventory.lab_fleet, network=self.network)
                )
            except LabError as error:
                raise pytest.UsageError(f"the lab does not start: {error}") from None
        machines = {each.name: each for each in (*self._lab.vmms, *self._lab.hosts)}
        return self._lab.credentials, machines

    def _target(self, machine: Machine, simulated: dict[str, LabMachine]) -> Target:
        ssl = machine.vmm_uses_ssl if isinstance(machine, Host) else None
        if (own := simulated.get(machine.name)) is not None:
            return Target(machine.name, own.address, own.port, ssl)
        address = machine.address or machine.name
        return Target(machine.name, address, self._inventory.connection.port, ssl)
