"""Where a run's facts come from: a file, the machines, or the lab that stands in for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from livemigration.facts.model import FactSheet, FailureKind, GatherFailure, NotGathered, Subject
from livemigration.facts.registry import VMM_SERVER_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.connect import Target, connector
from livemigration.gather.fleet import Fleet, Order, Watch, gather
from livemigration.gather.host import ACCESS_CHECK
from livemigration.inventory import Host, Inventory, Machine
from livemigration.lab.launch import LabError, LabMachine, start
from livemigration.plugin.items import CheckItem
from livemigration.secret import Credentials


def order_for(items: Sequence[CheckItem], hosts: Sequence[str], stage_vm: str) -> Order:
    """Return what the selected items need, and nothing else."""
    needs = {
        host: [
            group
            for item in items
            if item.check.target is Subject.HOST and item.target == host
            for group in item.check.groups
        ]
        for host in hosts
    }
    vmm = any(item.check.needs_vmm for item in items)
    return Order.of(needs, vmm=vmm, stage_vm=stage_vm)


@contextmanager
def live_facts(
    inventory: Inventory, order: Order, credentials: Credentials | None, watch: Watch
) -> Iterator[RunFacts]:
    """Gather from the machines; from the lab, where the inventory names a simulated fleet.

    The lab keeps running until the context ends.

    Raises:
        pytest.UsageError: the lab does not start.
    """
    if inventory.lab_fleet is None:
        if credentials is None:
            raise RuntimeError("machines are asked only with credentials")
        yield gather(_fleet(inventory, credentials, {}), order, watch)
        return
    try:
        with start(inventory.lab_fleet) as lab:
            machines = {each.name: each for each in (lab.vmm, *lab.hosts)}
            yield gather(_fleet(inventory, lab.credentials, machines), order, watch)
    except LabError as error:
        raise pytest.UsageError(f"the lab does not start: {error}") from None


def _fleet(inventory: Inventory, credentials: Credentials, lab: dict[str, LabMachine]) -> Fleet:
    connection = inventory.connection

    def target(machine: Machine) -> Target:
        if (own := lab.get(machine.name)) is not None:
            return Target(machine.name, own.address, own.port)
        ssl = machine.vmm_uses_ssl if isinstance(machine, Host) else None
        return Target(machine.name, machine.address or machine.name, connection.port, ssl)

    return Fleet(
        vmm=target(inventory.vmm),
        hosts={host.name: target(host) for host in inventory.hosts},
        connect=connector(connection, credentials),
        limits=connection.time_limits,
        concurrency=connection.concurrent_hosts,
    )


def replayed_facts(saved: RunFacts, hosts: Sequence[str], vmm: str, label: str) -> RunFacts:
    """Return the facts of a file for these machines; a machine that it lacks is a failure."""

    def missing(name: str, root: str) -> NotGathered:
        return NotGathered(
            GatherFailure(
                FailureKind.NOT_IN_FILE,
                f"Reading the facts of {name} from {label}",
                "the file has none",
                "Gather again with --save-facts and this host in the run.",
                root,
            )
        )

    # The collector names hosts as VMM does, whose case may be another.
    known = {name.casefold(): sheet for name, sheet in saved.hosts.items()}
    sheets = {}
    for name in hosts:
        absent = FactSheet(Subject.HOST, name, {"host-access": missing(name, ACCESS_CHECK)})
        sheets[name] = known.get(name.casefold(), absent)
    server = saved.vmm
    # Without a name it is nobody's: the collector found no VMM server, and says so.
    if server.name.casefold() in (vmm.casefold(), ""):
        outcomes = server.outcomes
    else:
        outcomes = dict.fromkeys((each.name for each in VMM_SERVER_GROUPS), missing(vmm, "LM001"))
    return RunFacts(sheets, FactSheet(Subject.VMM, vmm, outcomes), saved.gathered)
