"""Fixes of the ports that carry VMM's data."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import VMM_PORTS


def open_bits(machine: FixTarget, addresses: str) -> Fix:
    """Return how to find out what drops the files that VMM copies."""
    return _let_through(
        machine, 443, addresses, "the files that VMM copies (BITS)", key="bits-port"
    )


def open_smb(machine: FixTarget, addresses: str) -> Fix:
    """Return how to find out what drops VMM's way to file shares."""
    return _let_through(machine, 445, addresses, "file shares (SMB)", key="smb-port")


def share_files(machine: FixTarget, addresses: str) -> Fix:
    """Return how to find out why a host refuses connections to its file shares."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Find out what refuses VMM on TCP port 445 of {HOSTS}",
        wrong="Port 445, which carries file shares (SMB), refuses VMM",
        word="445 refused",
        why="Windows always listens there while file sharing is on. What VMM moves over file "
        "shares does not arrive.",
        values=(("Address", addresses),),
    )
    return by_hand(
        machine,
        cause,
        key="smb-refused",
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


def free_bits(machine: FixTarget, addresses: str, processes: str) -> Fix:
    """Return what to do about another program on the port by which VMM copies files."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Find out what holds TCP port 443 of {HOSTS}, by which VMM copies files",
        wrong="A program that is not System, BITS or VMM's agent holds port 443",
        word="443 taken",
        why="VMM copies files through this port (BITS), and cannot while another program has it.",
        values=(("Process id", processes), ("Address", addresses)),
    )
    return by_hand(
        machine,
        cause,
        key="bits-port-taken",
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


def _let_through(machine: FixTarget, port: int, addresses: str, carries: str, *, key: str) -> Fix:
    name, vmm = one_line(machine.name), one_line(machine.vmm)
    cause = Cause(
        title=f"Let TCP port {port} of {HOSTS} through from VMM",
        wrong=f"Port {port}, which carries {carries}, does not answer VMM",
        word=f"{port} no answer",
        why="What VMM sends this way does not arrive, if a firewall drops it. A port on which "
        "nobody listens may be hidden as well.",
        values=(("Address", addresses),),
    )
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
        cause=cause,
    )
