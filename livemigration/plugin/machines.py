"""Where the machines of an inventory answer, and the lab that stands in for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from livemigration.base.deadline import Deadline
from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials
from livemigration.executor.address import Scheduler
from livemigration.executor.luggage import refuse_what_stays
from livemigration.gather.connect import Access, Target, connector, knock_at
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.fleet import FleetConnections, Order
from livemigration.gather.reached import Reached
from livemigration.inventory.credentials import CredentialSource, password_variables
from livemigration.inventory.file import InventoryMachine
from livemigration.inventory.inventory import Inventory
from livemigration.lab.errors import LabError
from livemigration.lab.launch import RunningLab, start
from livemigration.wsman.manners import Manners
from livemigration.wsman.register import OWN_TESTS
from livemigration.wsman.session import WsmanSession


class Machines:
    """The machines of one run. A simulated fleet is started when the first of them is asked.

    `network` is the second number of a simulated fleet's addresses, where an earlier run is gone on
    with. `manners` is what all sessions share.

    Args:
        inventory: who they are.
        read: returns the credentials of a source, which it asks once.
    """

    def __init__(
        self, inventory: Inventory, read: Callable[[CredentialSource], Credentials]
    ) -> None:
        self.network: int | None = None
        self.manners = Manners()
        self._inventory = inventory
        self._reached = Reached(inventory, read)
        self._stack = ExitStack()
        self._lab: RunningLab | None = None
        self._hosts = 1

    def take(self, machines: Iterable[str], *, directory: bool = False) -> None:
        """Read what signs in to these machines, before any is asked. The lab has its own account.

        `directory`: what signs in to the directories as well.

        Raises:
            pytest.UsageError: a source does not have it, or a file of a connection cannot be used.
        """
        try:
            self._reached.take(machines, directory=directory)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None

    def fleet(self, order: Order) -> FleetConnections:
        """Return the machines that an order needs, for gathering.

        Raises:
            pytest.UsageError: the lab does not start.
        """
        inventory = self._inventory
        own = inventory.reach.connection
        self._hosts = len(order.hosts)
        asked = order.servers | {
            inventory.managers[host] for host in order.hosts if host in inventory.managers
        }
        return FleetConnections(
            vmms=tuple(
                self._target(each, asked=order.vmm and each.name in asked)
                for each in inventory.vmms
            ),
            hosts={
                each.name: self._target(each)
                for each in inventory.hosts
                if each.name in order.hosts
            },
            connect=connector(manners=self.manners, hosts=self._hosts),
            seconds=own.time_limits.run,
            concurrency=own.concurrent_hosts,
            managers=inventory.managers,
            knock=knock_at,
            manners=self.manners,
            directories=self._directories(order),
        )

    @contextmanager
    def gathering(
        self, order: Order, scheduler: Scheduler | None, tell: Callable[[str], None]
    ) -> Iterator[FleetConnections]:
        """Give the machines that an order needs; a scheduler's workers ask the hosts, if given.

        `tell` gets what is to be known of the cluster afterwards.

        Raises:
            pytest.UsageError: the lab does not start, or the workers cannot be used.
        """
        fleet = self.fleet(order)
        if scheduler is None:
            yield fleet
            return
        from livemigration.executor.gathering import opened  # noqa: PLC0415 - loads Dask, an extra

        try:
            refuse_what_stays(self._inventory.label, fleet.hosts.values())
            with opened(scheduler, fleet, self._authority, tell) as executor:
                yield replace(fleet, executor=executor)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None

    def _authority(self, access: Access) -> str:
        """Return who signs the certificates of hosts that are reached so, in PEM; or nothing."""
        connection = access.connection
        if not connection.https or connection.server_certificate == "ignore":
            return ""
        files = connection.files(self._inventory.reach.folder)
        if files.ca is not None:
            return files.ca.read_text(encoding="ascii", errors="replace")
        return self._lab.authority if self._lab is not None else ""

    def session(self, host: str) -> WsmanSession:
        """Return a session of a site's own test to a host, with the time that one host has.

        Raises:
            pytest.UsageError: the lab does not start, or nobody can sign in.
        """
        machine = next(each for each in self._inventory.hosts if each.name == host)
        target = self._target(machine)
        connect = connector(OWN_TESTS, self.manners, self._hosts)
        return connect(target, Deadline.after(target.limits.host))

    def give_up(self, seconds: float) -> list[str]:
        """Ask nothing more, and end what runs on machines within so many seconds.

        Returns: the machines on which something still runs.
        """
        return self.manners.give_up(seconds)

    def close(self) -> None:
        """End the lab, where it runs."""
        self._lab = None
        self._stack.close()

    def _directories(self, order: Order) -> tuple[DirectoryTarget, ...]:
        """Return the directories that an order needs."""
        if not order.asks_directory:
            return ()
        try:
            return self._reached.directories(self._running())
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None

    def _running(self) -> RunningLab | None:
        """Return the lab, where the machines are simulated."""
        fleet = self._inventory.lab_fleet
        if fleet is not None and self._lab is None:
            try:
                self._lab = self._stack.enter_context(
                    start(
                        fleet,
                        network=self.network,
                        https=self._reached.https,
                        passwords=password_variables(self._inventory.sources),
                    )
                )
            except LabError as error:
                raise pytest.UsageError(f"the lab does not start: {error}") from None
        return self._lab

    def _target(self, machine: InventoryMachine, *, asked: bool = True) -> Target:
        try:
            return self._reached.target(machine, self._running(), asked=asked)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
