"""The verdict table's row of the ports that VMM manages through (LM204)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    CONTROL,
    MANAGEMENT,
    MIGRATION,
    NODE,
    OF_OTHER,
    ON_MIGRATION,
    REFUSED,
    TIMED_OUT,
    UNREACHABLE,
    VMM_DOWN,
    B,
    all_lost,
    without_hyperv_v2,
)
from verdict_case import (
    BLOCKED,
    FAIL,
    NO_ANSWER_TO_VMM,
    NOT_RESOLVED,
    PASS,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.base.addresses import parse_address
from livemigration.facts.host import SERVICES, Service, Services
from livemigration.facts.network import BITS_SOCKETS, ListeningSocket
from livemigration.facts.vmm import VMM_DATA_PORTS, VMM_PROBES, Probe, VmmProbes

TWO = {"dns": (MANAGEMENT, MIGRATION)}


def control(code: int, address: str = MANAGEMENT) -> dict[str, Any]:
    return {"answers": {(address, CONTROL): code}}


def data(*codes: tuple[int, int], address: str = MANAGEMENT) -> dict[str, Any]:
    probes = tuple(Probe(parse_address(address), port, code, 3) for port, code in codes)
    return {"also": {VMM_DATA_PORTS.name: VmmProbes(probes)}}


def owned(address: str, process: int) -> dict[str, Any]:
    """Return a host on which a process holds port 443, and BITS has another."""
    agent = Service("SCVMMAgent", "Running", "Auto", 66)
    vmms, bits = Service("vmms", "Running", "Auto", 55), Service("BITS", "Running", "Manual", 88)
    return {
        "also": {
            BITS_SOCKETS.name: (ListeningSocket(parse_address(address), process),),
            SERVICES.name: Services((vmms, agent, bits)),
        }
    }


def probed(*codes: tuple[int, int]) -> dict[str, Any]:
    probes = tuple(Probe(parse_address(MANAGEMENT), port, code, 3) for port, code in codes)
    return {"perimeter": True, "also": {VMM_PROBES.name: VmmProbes(probes)}}


OVER_SSL, SSL_CLOSED = probed((6600, 0), (5986, 0)), probed((6600, 0), (5986, REFUSED))

CASES = (
    Case("LM204", "all open", PASS, {}, found=3),
    Case("LM204", "all open", PASS, {**B, **NODE}, found=3),
    Case("LM204", "all open", PASS, OVER_SSL, says="port 5986 open", found=3),
    Case("LM204", "control refused", FAIL, control(REFUSED), says="10061", fix="control-path"),
    Case("LM204", "control refused", FAIL, control(REFUSED) | B, fix="control-path"),
    Case("LM204", "control refused", FAIL, SSL_CLOSED, says="5986", fix="control-path"),
    Case("LM204", "control timed out", FAIL, control(TIMED_OUT), says="10060", fix="control-path"),
    Case("LM204", "control timed out", FAIL, control(10051), says="failed (10051)"),
    Case(
        "LM204",
        "only a stale address",
        FAIL,
        {"dns": ("10.0.0.99",), "answers": {("10.0.0.99", CONTROL): TIMED_OUT}},
        says="The host has no such address",
        fix="dns-record",
    ),
    # What answers under another machine's address says nothing of this host.
    Case("LM204", "another machine's address", BLOCKED, {"dns": ("10.0.0.99",)}, by="LM201"),
    Case("LM204", "another machine's address", BLOCKED, {"dns": (OF_OTHER,)}, by="LM201"),
    # Whose address it is shows only where its owner was looked at, so that decides nothing.
    Case(
        "LM204",
        "another machine's address",
        FAIL,
        {"dns": (OF_OTHER,), "answers": {(OF_OTHER, CONTROL): REFUSED}},
        says="The host has no such address",
        fix="dns-record",
    ),
    Case(
        "LM204",
        "another machine's address",
        PASS,
        {"dns": (MANAGEMENT, "10.0.0.99"), "answers": {("10.0.0.99", CONTROL): TIMED_OUT}},
        notes="10.0.0.99 is not an address of the host",
        found=3,
    ),
    Case(
        "LM204",
        "migration address",
        WARNING,
        {**TWO, **ON_MIGRATION, **control(TIMED_OUT, MIGRATION)},
        fix="dns-registration",
    ),
    Case(
        "LM204",
        "migration address",
        FAIL,
        {"dns": (MIGRATION,), **ON_MIGRATION, **control(TIMED_OUT, MIGRATION)},
        fix="dns-record",
    ),
    Case("LM204", "migration address", PASS, {"dns": (MIGRATION,), **ON_MIGRATION}, found=3),
    Case(
        "LM204",
        "control closed on one of two",
        WARNING,
        {**TWO, **control(TIMED_OUT, MIGRATION)},
        says="LM201",
        fix="dns-registration",
    ),
    Case(
        "LM204",
        "control closed on one of two",
        WARNING,
        {**TWO, **control(REFUSED, MIGRATION)},
        fix="control-path",
    ),
    Case("LM204", "data timed out", WARNING, data((443, TIMED_OUT), (445, 0)), fix="bits-port"),
    Case("LM204", "data timed out", WARNING, data((443, 0), (445, TIMED_OUT)), fix="smb-port"),
    Case("LM204", "data timed out", WARNING, data((443, TIMED_OUT), (445, TIMED_OUT)), found=2),
    Case(
        "LM204",
        "443 refused",
        PASS,
        data((443, REFUSED), (445, 0)),
        notes="while it serves",
        found=2,
    ),
    # File sharing always listens while it is on.
    Case(
        "LM204",
        "445 refused",
        WARNING,
        data((443, 0), (445, REFUSED)),
        says="445 refused (10061)",
        fix="smb-refused",
    ),
    Case("LM204", "445 refused", WARNING, data((443, REFUSED), (445, REFUSED)), fix="smb-refused"),
    Case(
        "LM204",
        "443 of another program",
        WARNING,
        owned("0.0.0.0", 77),  # noqa: S104 - what the host says
        says="process id 77",
        fix="bits-port-taken",
    ),
    Case("LM204", "443 of another program", WARNING, owned(MANAGEMENT, 77)),
    Case("LM204", "all open", PASS, owned(MANAGEMENT, 4), found=3),
    Case("LM204", "all open", PASS, owned("::", 88), found=3),
    Case("LM204", "all open", PASS, owned(MIGRATION, 77), found=3),
    Case(
        "LM204",
        "443 refused",
        PASS,
        {"also": {**owned("::", 77)["also"], **data((443, REFUSED), (445, 0))["also"]}},
        found=2,
    ),
    Case("LM204", "not tried", BLOCKED, data((443, 0)), says="Port 445"),
    Case("LM204", "not tried", BLOCKED, {"also": {VMM_PROBES.name: VmmProbes(())}}, by="LM001"),
    Case("LM204", "unresolved", BLOCKED, {"dns": ()}, by="LM201"),
    Case("LM204", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM204", "unreachable", PASS, {"lost": all_lost(UNREACHABLE)}, found=3),
    Case(
        "LM204",
        "unreachable",
        BLOCKED,
        {"lost": all_lost(UNREACHABLE), **control(TIMED_OUT)},
        by="LM302",
    ),
    Case("LM204", "2008 R2", PASS, {"lost": without_hyperv_v2()}, found=3),
)


OTHERWISE = (
    Otherwise(
        "LM204",
        behind=NO_ANSWER_TO_VMM | NOT_RESOLVED,
        only_warns=frozenset({"bits-sockets", "services"}),
        elsewhere=('raise not_tried(host, vmm.name, "The control port")',),
    ),
)
