"""What a run has to find out, and the facts of a file in place of the machines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from livemigration.base.errors import UsageError
from livemigration.collector.rules import REMOVED
from livemigration.facts.directory import NO_DIRECTORY
from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS
from livemigration.facts.identity import address_of
from livemigration.facts.model import (
    FactGroup,
    FactSheet,
    FailureKind,
    GatherFailure,
    NotGathered,
    Outcome,
    Subject,
)
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.registry import DIRECTORY_GROUPS, VMM_SERVER_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.fleet import Order
from livemigration.gather.host import ACCESS_CHECK
from livemigration.inventory.inventory import LAB_PREFIX, Inventory
from livemigration.plugin.items import CheckItem
from livemigration.verdict.second_step import OF_THE_SECOND_STEP, of_different_processors


def order_for(
    items: Sequence[CheckItem],
    hosts: Sequence[str],
    stage_vm: str,
    inventory: Inventory,
    of_drains: Iterable[FactGroup[Any]] = (),
) -> Order:
    """Return what the selected items need, and which machine answers under each host's name.

    That is asked of every host, because no check holds for another machine. A host that is known by
    an address alone is told apart by the addresses of the others. `of_drains` is asked of every
    host too: of one that is not emptied, whether it takes what another one runs.
    """
    by_address = any(address_of(host.name) is not None for host in inventory.hosts)
    identity = (DOMAIN_MEMBERSHIP, *((LOCAL_ADDRESSES,) if by_address else ()))
    wanted: dict[str, list[FactGroup[Any]]] = {host: [*identity] for host in hosts}
    for item in items:
        if item.check.target is Subject.HOST and item.target in wanted:
            first = (each for each in item.check.groups if each.name not in OF_THE_SECOND_STEP)
            wanted[item.target] += first
    everywhere = [each for each in of_drains if each.name not in OF_THE_SECOND_STEP]
    wanted = {host: [*groups, *everywhere] for host, groups in wanted.items()}
    vmm = any(item.check.needs_vmm for item in items)
    servers = [item.target for item in items if item.check.target is Subject.VMM]
    return Order.of(wanted, vmm=vmm, stage_vm=stage_vm, servers=servers)


def hosts_to_ask_further(
    items: Sequence[CheckItem], facts: RunFacts, inventory: Inventory, *, drains: bool = False
) -> tuple[str, ...]:
    """Return the hosts that are asked, in a second step, for what running machines have taken.

    That depends on what all of the run said in the first one. `drains`: all of them may be.
    """
    wanted = dict.fromkeys(
        item.target
        for item in items
        if item.target in facts.hosts and OF_THE_SECOND_STEP & item.check.declared
    )
    wanted |= dict.fromkeys(facts.hosts if drains else ())
    return tuple(
        of_different_processors(
            facts,
            wanted,
            lambda host: inventory.policies.get(host, inventory.site_policy),
            inventory.peers.get,
        )
    )


def refuse_facts_of_another(saved: RunFacts, inventory: Inventory, label: str) -> None:
    """Refuse a facts file of another inventory than the run's: its hosts were judged by it.

    An inventory may have changed since, or have another name, or its file another place.

    Raises:
        UsageError: with the inventory that the file is of.
    """
    if saved.inventory in {"", REMOVED} or saved.inventory_digest == inventory.digest:
        # The collector, and a redacted file, do not say which inventory it was.
        return
    if inventory.gate or _name_of(saved.inventory) == _name_of(inventory.label):
        return
    fleets = saved.inventory.startswith(LAB_PREFIX) and inventory.label.startswith(LAB_PREFIX)
    if not fleets and _machines(saved) == {
        each.name.casefold() for each in (*inventory.hosts, *inventory.vmms)
    }:
        return
    raise UsageError(
        f"{label}: these are facts of {saved.inventory}, not of {inventory.label}. Give "
        f"--inventory={saved.inventory}, or gather again."
    )


def _machines(facts: RunFacts) -> set[str]:
    return {name.casefold() for name in (*facts.hosts, *facts.vmms)}


def _name_of(inventory: str) -> str:
    return inventory.replace("\\", "/").rpartition("/")[2]


def replayed_facts(
    saved: RunFacts,
    wanted: Collection[str],
    inventory: Inventory,
    label: str,
) -> RunFacts:
    """Return the facts of a file for every host of the inventory, whatever a run selects.

    With those of their VMM servers, and of the wanted ones. A machine that the file lacks is a
    failure.
    """
    hosts = [host.name for host in inventory.hosts]

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

    # The collector names machines as VMM does, whose case may be another.
    known = {name.casefold(): sheet for name, sheet in saved.hosts.items()}
    sheets = {}
    for name in hosts:
        absent = FactSheet(Subject.HOST, name, {"host-access": missing(name, ACCESS_CHECK)})
        sheets[name] = with_directory(
            known.get(name.casefold(), absent), configured=bool(inventory.directories), label=label
        )
    servers = {name.casefold(): sheet for name, sheet in saved.vmms.items()}
    vmms = {}
    needed = {*wanted, *(each.name for each in inventory.servers_of(hosts))}
    for server in (each for each in inventory.vmms if each.name in needed):
        # Without a name it is nobody's: the collector found no VMM server, and says so.
        found = servers.get(server.name.casefold(), servers.get(""))
        outcomes = (
            found.outcomes
            if found is not None
            else {each.name: missing(server.name, "LM001") for each in VMM_SERVER_GROUPS}
        )
        vmms[server.name] = FactSheet(Subject.VMM, server.name, outcomes)
    managers = {name: inventory.managers[name] for name in hosts if name in inventory.managers}
    facts = RunFacts(sheets, vmms, managers, gathered=saved.gathered)
    return as_listed(facts, inventory)


def with_directory(sheet: FactSheet, *, configured: bool, label: str) -> FactSheet:
    """Return a host's sheet in which what a directory says of it is there, or why it is not.

    A file that was written without a directory, as collect.ps1 does, has nothing of one. Where it
    has anything, what else there is was not asked for.
    """
    if any(each.name in sheet.outcomes for each in DIRECTORY_GROUPS):
        return sheet
    found: Outcome[Any] = NO_DIRECTORY
    if configured:
        access = sheet.outcomes.get(HOST_ACCESS.name)
        found = access if isinstance(access, NotGathered) else _without_directory(sheet.name, label)
    return replace(
        sheet, outcomes={**sheet.outcomes, **{each.name: found for each in DIRECTORY_GROUPS}}
    )


def _without_directory(name: str, label: str) -> NotGathered:
    return NotGathered(
        GatherFailure(
            FailureKind.NOT_IN_FILE,
            f"Reading what the directory says of {name} from {label}",
            "the file has nothing of it",
            "Gather again with --save-facts and directory: in the inventory; collect.ps1 asks no "
            "directory.",
            "",
        )
    )


def as_listed(facts: RunFacts, inventory: Inventory) -> RunFacts:
    """Return facts with the machines as the inventory lists them."""
    return replace(
        facts,
        listed=tuple(each.listed for each in inventory.hosts),
        listed_vmms=tuple(each.listed for each in inventory.vmms),
    )
