"""Repairs of the ports that carry VMM's data."""

from __future__ import annotations

from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line
from livemigration.fixes.script import Machine
from livemigration.references import VMM_PORTS


def open_bits(machine: Machine, addresses: str) -> Fix:
    """Return how to find out what drops the files that VMM copies."""
    return _let_through(machine, 443, addresses, key="bits-port")


def open_smb(machine: Machine, addresses: str) -> Fix:
    """Return how to find out what drops VMM's way to file shares."""
    return _let_through(machine, 445, addresses, key="smb-port")


def _let_through(machine: Machine, port: int, addresses: str, *, key: str) -> Fix:
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    return Fix(
        key=key,
        summary=f"Let TCP port {port} of {name} through from {vmm}.",
        console=(
            f"On the firewalls between {vmm} and {name}, let TCP port {port} to {addresses} pass.",
            (
                f"On {name}, check that an inbound rule of Windows Firewall lets port {port} in "
                f"from {vmm}."
            ),
            "Where no file of VMM travels this way (storage migration, templates), leave it shut.",
        ),
        source=VMM_PORTS,
    )
