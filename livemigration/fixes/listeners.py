"""Repairs of the listener on port 6600."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.addresses import Address, Subnet, listed
from livemigration.facts.network import LocalAddress
from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line
from livemigration.fixes.script import Machine, console
from livemigration.networks import own_addresses
from livemigration.references import SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION

_PERSON_RESTARTS = (
    "If the listener is still missing, a person restarts the service vmms of the host when no "
    "migration and no backup runs: its virtual machines keep running, its management pauses."
)


def address_in_subnets(
    machine: Machine, subnets: Sequence[Subnet], local: Sequence[LocalAddress]
) -> Fix:
    """Return how to bring configured subnets and local addresses together."""
    own = [f"{each.address}/{each.prefix_length}" for each in own_addresses(local)]
    name = one_line(machine.name)
    return Fix(
        key="address-in-migration-subnets",
        summary=f"Bring the migration networks of {name} and its addresses together.",
        console=(
            (
                f"Find out which is wrong: {name} has no address in {listed(subnets)}; its "
                f"addresses are {listed(own)}."
            ),
            "Where the address is missing, mend the network adapter, its team or its VLAN.",
            *console(machine, "Where the list is wrong, correct it; keep the list complete."),
            "Verify that the host then listens on port 6600 on an address of each network.",
        ),
        source=SET_UP_HOSTS,
    )


def other_family(machine: Machine, family: str, local: Sequence[LocalAddress]) -> Fix:
    """Return how to select networks of a host that accepts a family alone which it does not have.

    `family`: such as IPv6.
    """
    own, name = listed(each.address for each in own_addresses(local)), one_line(machine.name)
    return Fix(
        key="address-family",
        summary=f"Select networks for live migration in which {name} has an address.",
        console=(
            *console(
                machine,
                f"The host accepts live migration over {family} alone, and its addresses are "
                f"{own}: select the networks again, so that they cover these addresses.",
            ),
            "Verify that the host then listens on port 6600 on an address of each network.",
        ),
        source=SET_UP_HOSTS,
    )


def listener_missing(machine: Machine, addresses: Sequence[Address]) -> Fix:
    """Return what to look at where vmms does not listen on an address that the host has."""
    where = f"on {listed(addresses)} " if addresses else ""
    return Fix(
        key="listener-missing",
        summary=f"Bring back the live-migration listener of {one_line(machine.name)}.",
        console=(
            (
                f"On the host, look for errors of Hyper-V-VMMS about the listener {where}on port "
                "6600: a network team that comes up after vmms leaves it without its listener."
            ),
            "Verify that the service vmms runs (LM302).",
            _PERSON_RESTARTS,
        ),
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )


def port_taken(machine: Machine, processes: Sequence[int]) -> Fix:
    """Return how to free port 6600 from another process."""
    name = one_line(machine.name)
    return Fix(
        key="port-6600-taken",
        summary=f"Free TCP port 6600 of {name} for the live-migration service.",
        console=(
            (
                f"On {name}, find the program behind process id {listed(processes)} "
                "(Task Manager > Details)."
            ),
            "Give that program another port, or remove it from the host.",
            _PERSON_RESTARTS,
        ),
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )
