"""The ports through which VMM manages a host and moves its data."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.addresses import Address
from livemigration.base.text import listed
from livemigration.facts.host import (
    BITS,
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    SCVMM_AGENT,
    SERVICES,
)
from livemigration.facts.migration import MIGRATION_NETWORKS
from livemigration.facts.model import Gathered
from livemigration.facts.network import BITS_SOCKETS, LOCAL_ADDRESSES, ROUTES
from livemigration.facts.vmm import (
    BITS_PORT,
    DATA_PORTS,
    SMB_PORT,
    VMM_DATA_PORTS,
    VMM_PROBES,
    VMM_RESOLUTION,
    Probe,
)
from livemigration.verdict.blocking import addresses_vmm_uses, not_tried
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, fail, note, ok, warn
from livemigration.verdict.fixes.names import tidy
from livemigration.verdict.fixes.ports import free_bits, open_bits, open_smb, share_files
from livemigration.verdict.fixes.vmm import control_path
from livemigration.verdict.readings import control_probes, machine_of
from livemigration.verdict.references import STEALTH_MODE, VMM_PORTS
from livemigration.verdict.resolution import (
    addresses_to_manage_by,
    block_if_foreign,
    foreign_addresses,
    good_addresses,
    manage_again,
)
from livemigration.verdict.sockets import holders
from livemigration.verdict.views import FactsView

_CARRIES = {BITS_PORT: "the files that VMM copies (BITS)", SMB_PORT: "file shares (SMB)"}
_SYSTEM_PROCESS = 4
_REPAIRS = {BITS_PORT: open_bits, SMB_PORT: open_smb}


@check(
    "LM204",
    needs=(VMM_RESOLUTION, VMM_PROBES, VMM_DATA_PORTS),
    may_need=(
        HOST_ACCESS,
        DOMAIN_MEMBERSHIP,
        LOCAL_ADDRESSES,
        ROUTES,
        MIGRATION_NETWORKS,
        SERVICES,
        BITS_SOCKETS,
    ),
    refs=(VMM_PORTS, STEALTH_MODE),
)
def test_ports_that_vmm_manages_through_are_open(
    host: FactsView, vmm: FactsView
) -> Iterator[Finding]:
    """The ports through which VMM manages the host answer VMM.

    Why: without the control port VMM can do nothing with the host. Ports 443 and 445 carry data. A
    refusal on 443 is normal, because BITS listens only while it serves; file sharing always does.
    Addresses that are another machine's or nobody's are for LM201: no port is to be opened there.

    Fails: the control port is not open on any address that VMM uses.

    Warns: it is closed on one of several addresses; port 443 or 445 does not answer at all; port
    445 is refused; or another program than BITS holds port 443.
    """
    if not host[VMM_RESOLUTION].addresses:
        host.block_if_unreachable(HOST_ACCESS)
    used = addresses_vmm_uses(host, vmm)
    foreign = foreign_addresses(host)
    own = tuple(each for each in used if each not in foreign)
    if not own:
        yield _nobody_manages(host, vmm, used)
        return
    yield from _control_port(host, vmm, own)
    for address in foreign:
        yield note(f"{address} is not an address of the host: not judged here (LM201).")
    # VMM's data goes where VMM manages: what DNS has too much need not let it in.
    opened = {probe.address for probe in control_probes(host[VMM_PROBES], own) if probe.open}
    managed = tuple(each for each in own if each in opened) or own
    for port in DATA_PORTS:
        yield from _data_port(host, vmm, managed, port)


def _nobody_manages(host: FactsView, vmm: FactsView, used: tuple[Address, ...]) -> Finding:
    """Say that VMM meets nobody under the host's name, whosever its addresses are.

    Raises:
        BlockedError: another machine lets VMM in, which says nothing of this host.
    """
    tried = control_probes(host[VMM_PROBES], used)
    if not tried:
        raise not_tried(host, vmm.name, "The control port")
    if any(probe.open for probe in tried):
        block_if_foreign(host, vmm)
    told = " ".join(_told(probe, vmm.name) for probe in tried)
    return fail(
        f"{told} The host has no such address.",
        "Open: VMM manages the host through this port.",
        manage_again(host, machine_of(host, vmm), tried),
    )


def _control_port(host: FactsView, vmm: FactsView, used: tuple[Address, ...]) -> Iterator[Finding]:
    tried = control_probes(host[VMM_PROBES], used)
    if not tried:
        raise not_tried(host, vmm.name, "The control port")
    opened = [probe for probe in tried if probe.open]
    if not opened:
        host.block_if_unreachable(HOST_ACCESS)
        told = " ".join(_told(probe, vmm.name) for probe in tried)
        repair = manage_again(host, machine_of(host, vmm), tried)
        yield fail(told, "Open: VMM manages the host through this port.", repair)
        return
    machine, good = machine_of(host, vmm), good_addresses(host)
    name, right = host[VMM_RESOLUTION].name, addresses_to_manage_by(host)
    for probe in tried:
        if probe.open:
            yield ok(_told(probe, vmm.name))
            continue
        repair = control_path(machine, probe.port, (probe,))
        if good and probe.address not in good:
            repair = tidy(machine, name, (probe.address,), right, good)
        yield warn(
            _told(probe, vmm.name),
            f"Open on each address that {vmm.name} resolves, or taken out of DNS (LM201).",
            repair,
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
