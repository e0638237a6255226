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


def share_files(machine: Machine, addresses: str) -> Fix:
    """Return how to find out why a host refuses connections to its file shares."""
    name = one_line(machine.name)
    return Fix(
        key="smb-refused",
        summary=f"Find out why nothing listens on TCP port 445 of {name}.",
        console=(
            (
                f"On {name}, check that the service LanmanServer runs, and that File and Printer "
                f"Sharing is on for the network adapter of {addresses} (Get-NetAdapterBinding "
                "-ComponentID ms_server)."
            ),
            "Check that no firewall on the way refuses the port instead of dropping it.",
            "Where no file of VMM travels this way (agent, library, storage migration), leave it.",
        ),
        source=VMM_PORTS,
    )


def free_bits(machine: Machine, addresses: str, processes: str) -> Fix:
    """Return what to do about another program on the port by which VMM copies files."""
    name = one_line(machine.name)
    return Fix(
        key="bits-port-taken",
        summary=f"Find out what holds TCP port 443 of {name}, by which VMM copies files.",
        console=(
            (
                f"On {name}, see which program has process id {processes} (Get-Process -Id), and "
                f"why it listens on port 443 of {addresses}."
            ),
            (
                "Where VMM copies files to this host (templates, storage migration), let the "
                "program listen elsewhere, or give VMM another port for BITS."
            ),
        ),
        source=VMM_PORTS,
    )


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
