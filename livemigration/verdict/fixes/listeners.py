"""Fixes of the listener on port 6600."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from livemigration.base.addresses import Address, Subnet
from livemigration.base.text import listed, one_line
from livemigration.facts.network import LocalAddress, own_addresses
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget, console
from livemigration.verdict.references import SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION

_PERSON_RESTARTS = (
    "If the listener is still missing, a person restarts the service vmms of the host when no "
    "migration and no backup runs: its virtual machines keep running, its management pauses."
)

_NOWHERE = "Nothing listens on port 6600, so no virtual machine can be sent there."


class Lacking(Enum):
    """In which networks a host has no address."""

    EVERY_SELECTED = "every network that it selects"
    SOME_SELECTED = "some of the networks that it selects"
    OF_THE_POLICY = "a network that the policy names"


def address_in_subnets(
    machine: FixTarget,
    subnets: Sequence[Subnet],
    local: Sequence[LocalAddress],
    lacking: Lacking = Lacking.EVERY_SELECTED,
) -> Fix:
    """Return how to bring configured subnets and local addresses together."""
    own = [f"{each.address}/{each.prefix_length}" for each in own_addresses(local)]
    name = one_line(machine.name)
    return Fix(
        key="address-in-migration-subnets",
        summary=f"Bring the migration networks of {name} and its addresses together.",
        console=(
            (
                f"Find out which is wrong: {name} has no address in {listed(subnets)}; it has "
                f"{listed(own)}."
            ),
            "Where the address is missing, mend the network adapter, its team or its VLAN.",
            *console(machine, "Where the list is wrong, correct it; keep the list complete."),
            "Verify that the host then listens on port 6600 on an address of each network.",
        ),
        source=SET_UP_HOSTS,
        cause=_without_address(subnets, listed(own), lacking),
    )


def _without_address(subnets: Sequence[Subnet], own: str, lacking: Lacking) -> Cause:
    # No subnet is named: each site has its own, and the cause is the same.
    one = len(subnets) == 1
    where = "the migration network" if one else "its migration networks"
    rest = "or correct the list of migration networks"
    if lacking is Lacking.EVERY_SELECTED:
        wrong = f"No address in {'the only' if one else 'any'} selected migration network"
        why = _NOWHERE
    elif lacking is Lacking.SOME_SELECTED:
        wrong = f"No address in {'one' if one else 'some'} of the selected migration networks"
        why = (
            "Live migration works on the other networks alone. Right where several sites share one "
            "list."
        )
    else:
        wrong = f"No address in {'a network' if one else 'networks'} that the policy names"
        why = (
            "Nothing can listen there on port 6600, so live migration cannot use what the policy "
            "asks for."
        )
        where, rest = "each network of the policy", "or correct the policy"
    return Cause(
        title=f"Give {HOSTS} an address in {where}, {rest}",
        wrong=wrong,
        word="no address",
        why=why,
        values=(("No address in", listed(subnets)), ("Own addresses", own)),
    )


def other_family(machine: FixTarget, family: str, local: Sequence[LocalAddress]) -> Fix:
    """Return how to select networks of a host that accepts a family alone which it does not have.

    `family`: such as IPv6.
    """
    own = listed(each.address for each in own_addresses(local))
    cause = Cause(
        title=f"Select live-migration networks that {HOSTS} can listen on",
        wrong=f"Live migration is accepted over {family} alone, without an {family} address",
        word=f"no {family} address",
        why=_NOWHERE,
        values=(("Accepts", f"{family} alone"), ("Own addresses", own)),
    )
    return by_hand(
        machine,
        cause,
        key="address-family",
        console=(
            *console(
                machine,
                f"The host accepts live migration over {family} alone, and has "
                f"{own}: select the networks again, so that they cover these addresses.",
            ),
            "Verify that the host then listens on port 6600 on an address of each network.",
        ),
        source=SET_UP_HOSTS,
    )


def listener_missing(machine: FixTarget, addresses: Sequence[Address]) -> Fix:
    """Return what to look at where vmms does not listen on an address that the host has."""
    cause = Cause(
        title=f"Bring back the listener on port 6600 of {HOSTS}",
        wrong="Port 6600 is not open where the settings ask for a listener",
        word="not listening",
        why="No virtual machine can be sent to an address at which this port is not open.",
        values=(("Should listen on", listed(addresses)),) if addresses else (),
    )
    where = f"on {listed(addresses)} " if addresses else ""
    return by_hand(
        machine,
        cause,
        key="listener-missing",
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


def port_taken(machine: FixTarget, processes: Sequence[int]) -> Fix:
    """Return how to free port 6600 from another process."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Free TCP port 6600 of {HOSTS} for the live-migration service",
        wrong="Another program holds port 6600",
        word="port taken",
        why="vmms cannot listen there, so no virtual machine can be sent to that address.",
        values=(("Process id", listed(processes)),),
    )
    return by_hand(
        machine,
        cause,
        key="port-6600-taken",
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
