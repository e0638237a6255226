"""Fixes of how a host selects its migration networks."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.addresses import Address, Subnet
from livemigration.base.text import listed, one_line
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.network import LocalAddress, own_addresses
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.quoting import comment
from livemigration.verdict.fixes.script import (
    PRECONDITION,
    FixTarget,
    any_network_still_set,
    console,
    networks_are,
    opening,
    recorded,
    rows_unchanged,
    set_host,
    subnet_list,
)
from livemigration.verdict.networks import (
    NetworkSelection,
    SelectionKind,
    select,
    subnet_of,
    subnets_without_address,
)
from livemigration.verdict.references import KB_2853203, SET_UP_HOSTS


def any_network(
    machine: FixTarget,
    rows: Sequence[MigrationNetwork],
    addresses: Sequence[Address],
    local: Sequence[LocalAddress],
) -> Fix:
    """Return the KB's repair, for VMM 2012 SP1 only."""
    name, selection = one_line(machine.name), select(rows)
    precondition = PRECONDITION
    if selection.kind is SelectionKind.MANAGED_ELSEWHERE:
        precondition += (
            " The networks carry tags of another manager, which may set them back: where a cluster "
            "set them, change the live-migration networks of the cluster instead."
        )
    return Fix(
        key="use-any-network",
        summary=f"Let {name} accept live migration on any network, as VMM 2012 SP1 needs it.",
        console=console(
            machine,
            "Under Incoming live migration settings, select Use any available network.",
            "Repeat this on the hosts that exchange virtual machines with it.",
        ),
        precondition=precondition,
        commands=(
            *opening(machine),
            *rows_unchanged(machine, rows),
            set_host("-UseAnyMigrationSubnet $true"),
        ),
        undo=(
            *recorded(rows),
            *opening(machine),
            *any_network_still_set(machine),
            *_back_to(rows),
        ),
        cost=(
            "VM memory travels on every network of the host, unencrypted unless the VM encrypts it."
        ),
        alternative=_without_any_network(rows, addresses, local),
        source=KB_2853203,
        cause=_kept_from_vmm(selection, addresses),
    )


def _kept_from_vmm(selection: NetworkSelection, addresses: Sequence[Address]) -> Cause:
    used = (("VMM uses", listed(addresses)),) if addresses else ()
    title = f"Let {HOSTS} accept live migration on any network"
    if selection.kind is SelectionKind.NONE:
        return Cause(
            title=title,
            wrong="No network is selected for live migration",
            word="no network",
            why="VMM 2012 SP1 stages on the address that it uses for a host, so the host must "
            "listen there.",
            values=used,
        )
    where = listed(selection.subnets) if selection.subnets else selection.words
    return Cause(
        title=title,
        wrong="Live migration is limited to networks that VMM does not use (KB 2853203)",
        word="restricted",
        why="VMM 2012 SP1 first stages a virtual machine on the address that it uses for a host. "
        "Nothing listens there, so its wizard rates the host zero (0x8007274D).",
        values=(("Limited to", where), *used),
    )


def _back_to(rows: Sequence[MigrationNetwork]) -> tuple[str, ...]:
    """Return the cmdlets that restore the list first, and only then turn the rest off."""
    subnets = select(rows).subnets
    if not subnets:
        return (set_host("-UseAnyMigrationSubnet $false"),)
    complete = subnet_list(subnets)
    return (set_host(complete), set_host("-UseAnyMigrationSubnet $false", complete))


def _without_any_network(
    rows: Sequence[MigrationNetwork], addresses: Sequence[Address], local: Sequence[LocalAddress]
) -> str:
    upgrade = "Upgrade VMM to 2012 R2 or later, which stages on isolated networks"
    configured = select(rows).subnets
    for address in addresses:
        subnet = subnet_of(address, local)
        if subnet is not None and subnet not in configured:
            complete = listed((*configured, subnet))
            return (
                f"{upgrade}; or add {subnet}, the subnet of {address}, to the migration networks. "
                f"The complete list is then {complete}."
            )
    return f"{upgrade}."


def isolate(
    machine: FixTarget,
    rows: Sequence[MigrationNetwork],
    wanted: Sequence[Subnet],
    local: Sequence[LocalAddress],
) -> Fix:
    """Return how to restrict a host to specific networks, in the order that keeps listeners.

    A person switches: both ends must be ready, which no script on one host can see.
    """
    cause = Cause(
        title=f"Restrict live migration to {HOSTS} to specific networks",
        wrong="Live migration is accepted on any network",
        word="any network",
        why="VM memory may travel on every network, unencrypted unless the VM encrypts it.",
        values=(("Accepts", select(rows).words), _networks_for(wanted, local)),
    )
    return Fix(
        key="isolate-networks",
        summary=cause.order(machine.name),
        console=console(
            machine,
            f"Add the migration networks to the list, on both ends. {_candidates(wanted, local)}",
            "Verify that each end has a local address in each network of the list, and that the "
            "address is among its listeners.",
            "Only then select the option that uses these networks alone, on both ends. Selecting "
            "it first removes every listener.",
        ),
        undo=(
            *recorded(rows),
            comment("To go back, select in the VMM console what these rows say."),
        ),
        cost="Until both ends are restricted, migrations between them may find no common network.",
        source=SET_UP_HOSTS,
        cause=cause,
    )


def choose_networks(
    machine: FixTarget, wanted: Sequence[Subnet], local: Sequence[LocalAddress]
) -> Fix:
    """Return how to give a host without migration networks its list.

    Scripted where the policy names subnets and the host has an address in each; else a person
    must choose.
    """
    missing = subnets_without_address(wanted, local)
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    if wanted and not missing:
        change = set_host("-UseAnyMigrationSubnet $false", subnet_list(wanted))
        commands = (*opening(machine), *rows_unchanged(machine, ()), change)
        undo = (
            *recorded(()),
            comment("To go back, remove these networks from the list in the VMM console."),
        )
        done = (*opening(machine), *networks_are(machine, wanted))
    cause = Cause(
        title=f"Select networks for live migration on {HOSTS}",
        wrong="No network is selected for live migration",
        word="no network",
        why="Nothing listens on port 6600, so no virtual machine can be sent there.",
        values=(_networks_for(wanted, local),),
    )
    return Fix(
        key="choose-networks",
        summary=cause.order(machine.name),
        console=console(
            machine,
            f"Add the migration networks to the list. {_candidates(wanted, local)}",
            "Verify that the host has a local address and a listener in each of them.",
        ),
        precondition=PRECONDITION if commands else "",
        commands=commands,
        undo=undo,
        done=done,
        source=SET_UP_HOSTS,
        cause=cause,
    )


def _networks_for(wanted: Sequence[Subnet], local: Sequence[LocalAddress]) -> tuple[str, str]:
    if wanted:
        return "The policy names", listed(wanted)
    return "Has addresses in", listed(dict.fromkeys(each.subnet for each in own_addresses(local)))


def _candidates(wanted: Sequence[Subnet], local: Sequence[LocalAddress]) -> str:
    if wanted:
        return f"The policy names {listed(wanted)}."
    own = dict.fromkeys(each.subnet for each in own_addresses(local))
    return f"The host has addresses in {listed(own)}." if own else ""


def managed_elsewhere(machine: FixTarget, subnets: Sequence[Subnet]) -> Fix:
    """Return where to change networks that a cluster, VMM or Network ATC set."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Correct the migration networks of {HOSTS} where they are managed",
        wrong="Nothing listens on the networks that a cluster, VMM or Network ATC manages",
        word="not listening",
        why="No virtual machine can be sent there. A change on the host itself may be set back.",
        values=(("Networks", listed(subnets)),),
    )
    return by_hand(
        machine,
        cause,
        key="managed-networks",
        console=(
            (
                f"The rows for {listed(subnets)} were not set by hand: find out whether a "
                "cluster, VMM or Network ATC manages them."
            ),
            (
                "In a cluster, change the live-migration networks of the cluster; with Network "
                "ATC, its override. Do not change the node itself."
            ),
            f"Verify that {name} has an address in one of the networks and listens on it.",
        ),
        source=SET_UP_HOSTS,
    )
