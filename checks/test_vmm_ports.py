"""The ports through which VMM manages a host and moves its data."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.addresses import Address, listed
from livemigration.check import check
from livemigration.checks_support import (
    addresses_vmm_uses,
    control_probes,
    local_addresses,
    machine_of,
    not_tried,
)
from livemigration.facts.host import (
    BITS,
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    SCVMM_AGENT,
    SERVICES,
)
from livemigration.facts.model import Gathered
from livemigration.facts.network import BITS_SOCKETS, LOCAL_ADDRESSES
from livemigration.facts.vmm import (
    BITS_PORT,
    DATA_PORTS,
    SMB_PORT,
    VMM_DATA_PORTS,
    VMM_PROBES,
    VMM_RESOLUTION,
    Probe,
)
from livemigration.findings import Finding, fail, note, ok, warn
from livemigration.fixes.names import tidy
from livemigration.fixes.ports import free_bits, open_bits, open_smb, share_files
from livemigration.fixes.vmm import control_path
from livemigration.references import STEALTH_MODE, VMM_PORTS
from livemigration.sockets import holders
from livemigration.views import FactsView

_CARRIES = {BITS_PORT: "the files that VMM copies (BITS)", SMB_PORT: "file shares (SMB)"}
_SYSTEM_PROCESS = 4
_REPAIRS = {BITS_PORT: open_bits, SMB_PORT: open_smb}


@check(
    "LM204",
    needs=(VMM_RESOLUTION, VMM_PROBES, VMM_DATA_PORTS),
    may_need=(HOST_ACCESS, DOMAIN_MEMBERSHIP, LOCAL_ADDRESSES, SERVICES, BITS_SOCKETS),
    refs=(VMM_PORTS, STEALTH_MODE),
)
def test_ports_that_vmm_manages_through_are_open(
    host: FactsView, vmm: FactsView
) -> Iterator[Finding]:
    """The ports through which VMM manages the host answer VMM.

    Why: without the control port VMM can do nothing with the host. Ports 443 and 445 carry data. A
    refusal on 443 is normal, because BITS listens only while it serves; file sharing always does.

    Fails: the control port is not open on any address that VMM uses.

    Warns: it is closed on one of several addresses; port 443 or 445 does not answer at all; port
    445 is refused; or another program than BITS holds port 443.
    """
    if not host[VMM_RESOLUTION].addresses:
        host.block_if_unreachable(HOST_ACCESS)
    used = addresses_vmm_uses(host, vmm)
    yield from _control_port(host, vmm, used)
    for port in DATA_PORTS:
        yield from _data_port(host, vmm, used, port)


def _control_port(host: FactsView, vmm: FactsView, used: tuple[Address, ...]) -> Iterator[Finding]:
    tried = control_probes(host[VMM_PROBES], used)
    if not tried:
        raise not_tried(host, vmm.name, "The control port")
    opened = [probe for probe in tried if probe.open]
    if not opened:
        host.block_if_unreachable(HOST_ACCESS)
        told = " ".join(_told(probe, vmm.name) for probe in tried)
        repair = control_path(machine_of(host, vmm), tried[0].port)
        own = {each.address for each in local_addresses(host)}
        if own and own.isdisjoint(used):
            told += " No such address is the host's."
            repair = tidy(machine_of(host, vmm), host[VMM_RESOLUTION].name, used)
        yield fail(told, "Open: VMM manages the host through this port.", repair)
        return
    for probe in tried:
        if probe.open:
            yield ok(_told(probe, vmm.name))
        else:
            yield warn(
                _told(probe, vmm.name),
                f"Open on each address that {vmm.name} resolves, or taken out of DNS (LM201).",
                control_path(machine_of(host, vmm), probe.port),
            )


def _data_port(
    host: FactsView, vmm: FactsView, used: tuple[Address, ...], port: int
) -> Iterator[Finding]:
    probes = host[VMM_DATA_PORTS]
    tried = [probe for each in used if (probe := probes.find(each, port)) is not None]
    if not tried:
        raise not_tried(host, vmm.name, f"Port {port}")
    silent = [probe for probe in tried if not probe.answered]
    if silent:
        yield warn(
            " ".join(_told(probe, vmm.name) for probe in silent),
            f"An answer: port {port} carries {_CARRIES[port]}. Stealth mode of Windows Firewall "
            "hides a port on which nobody listens as well.",
            _REPAIRS[port](machine_of(host, vmm), listed(probe.address for probe in silent)),
        )
        return
    managed = {probe.address for probe in control_probes(host[VMM_PROBES], used) if probe.open}
    refused = [probe for probe in tried if probe.refused and probe.address in managed]
    for probe in tried:
        if probe.open:
            yield ok(_told(probe, vmm.name))
        elif port == BITS_PORT:
            yield note(f"{_told(probe, vmm.name)} BITS listens there only while it serves.")
    if refused and port == SMB_PORT:
        yield warn(
            " ".join(_told(probe, vmm.name) for probe in refused),
            "Open: Windows always listens there while file sharing is on.",
            share_files(machine_of(host, vmm), listed(probe.address for probe in refused)),
        )
    if port == BITS_PORT:
        yield from _strangers(host, vmm, [probe.address for probe in tried if probe.open])


def _strangers(host: FactsView, vmm: FactsView, opened: list[Address]) -> Iterator[Finding]:
    """Warn of a program on port 443 that is not BITS, by the host's own TCP table.

    What listens through HTTP.sys, as VMM's agent does, has the process id of System.
    """
    sockets, services = host.outcome(BITS_SOCKETS), host.outcome(SERVICES)
    if not isinstance(sockets, Gathered) or not isinstance(services, Gathered):
        return
    known = {_SYSTEM_PROCESS}
    for name in (SCVMM_AGENT, BITS):
        if (service := services.value.find(name)) is not None:
            known.add(service.process_id)
    held = {address: set(holders(sockets.value, address)) - known for address in opened}
    taken = [address for address, processes in held.items() if processes]
    if taken:
        processes = listed(sorted({process for each in taken for process in held[each]}))
        where = listed(taken)
        yield warn(
            f"Port 443 of {where} is held by process id {processes}, which is neither System nor "
            "BITS nor VMM's agent.",
            "Free for BITS: VMM copies files through this port.",
            free_bits(machine_of(host, vmm), where, processes),
        )


def _told(probe: Probe, vmm: str) -> str:
    return f"{probe.address} port {probe.port} {probe.outcome} from the VMM server {vmm}."
