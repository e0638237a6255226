"""Repairs of name resolution."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.addresses import Address, listed
from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line, quote
from livemigration.fixes.script import Machine
from livemigration.references import TROUBLESHOOT_HOST_STATUS


def _look_up(name: str) -> tuple[str, ...]:
    return (
        f"Resolve-DnsName -Name {quote(name)} -Type 'A'",
        f"Resolve-DnsName -Name {quote(name)} -Type 'AAAA'",
    )


def register(machine: Machine, name: str) -> Fix:
    """Return how to make a name resolve on the VMM server."""
    return Fix(
        key="dns-record",
        summary=f"Make {one_line(name)} resolve on the VMM server {one_line(machine.vmm)}.",
        console=(
            (
                f"In DNS, check that {one_line(name)} has a record with the management address of "
                "the host."
            ),
            (
                f"On {one_line(machine.vmm)}, check the DNS servers, the suffixes and the hosts "
                "file, and look the name up again."
            ),
        ),
        commands=_look_up(name),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def correct(machine: Machine, name: str, address: Address, owners: Sequence[str]) -> Fix:
    """Return how to take another host's address out of this host's name."""
    return Fix(
        key="dns-record",
        summary=f"Remove {address} from the name {one_line(name)}.",
        console=(
            (
                f"In DNS, remove the record {one_line(name)} with {address}, which is an address "
                f"of {listed(map(one_line, owners))}, and check the record of the host itself."
            ),
            f"On {one_line(machine.vmm)}, check the hosts file, and look the name up again.",
        ),
        commands=_look_up(name),
        source=TROUBLESHOOT_HOST_STATUS,
    )


def tidy(machine: Machine, name: str, addresses: Sequence[Address]) -> Fix:
    """Return how to keep addresses that VMM should not use out of DNS."""
    return Fix(
        key="dns-registration",
        summary=f"Keep {listed(addresses)} out of the name {one_line(name)}.",
        console=(
            (
                f"On {one_line(machine.name)}, for adapters of migration and storage networks, "
                "clear Register this connection's addresses in DNS (IPv4 and IPv6 properties > "
                "Advanced > DNS)."
            ),
            f"In DNS, remove the records of {one_line(name)} with {listed(addresses)}.",
        ),
        commands=_look_up(name),
        source=TROUBLESHOOT_HOST_STATUS,
    )
