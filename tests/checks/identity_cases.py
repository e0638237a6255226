"""The verdict table's rows on who answered: LM302 of a host, LM001 of the VMM server."""

from __future__ import annotations

from typing import Any

from fact_builders import HOST, MANAGEMENT, OTHER, VMM_2022
from verdict_case import FAIL, PASS, WARNING, Case

from livemigration.facts.identity import Listed
from livemigration.run.result import State

KNOWN_BY_ADDRESS = "10.0.0.12"
MANY = tuple(f"hv{number:02}.contoso.com" for number in range(1, 14))
TWO = (Listed(HOST), Listed(OTHER))
# A workgroup's machines may have one name: only a shared address makes them one machine.
CLONES: dict[str, Any] = {"joined": False, "answers_as": "CLONE", "name": "10.0.0.11"}
HA: dict[str, Any] = {"answered_by": "node02.contoso.com", "is_highly_available": True}


def another(says: str, name: str = HOST, **more: Any) -> Case:
    given = {"name": name, "answers_as": says, **more}
    return Case("LM302", "another machine", FAIL, given, says=says, fix="identity")


def right(name: str, says: str, row: str = "accepts, services run", **more: Any) -> Case:
    return Case("LM302", row, PASS, {"name": name, "answers_as": says, **more})


HOST_CASES = (
    another("hv77.contoso.com"),
    another("hv01.fabrikam.com"),
    another("hv011.contoso.com"),
    another("xcontoso.contoso.com"),
    another("hv77", joined=False),
    another("hv77", "hv01", joined=False),
    # Names of which NetBIOS shows the same first part.
    another("verylonghostname-02.contoso.com", "verylonghostname-01.contoso.com"),
    right("verylonghostname-01.contoso.com", "verylonghostname-01.contoso.com"),
    right(HOST, "HV01.CONTOSO.COM"),
    # The suffix of a name and the domain need not be equal where one lies in the other.
    right("hv01.emea.contoso.com", "hv01.contoso.com"),
    right(HOST, "hv01.emea.contoso.com"),
    right(HOST, HOST, domain="CONTOSO"),
    right(HOST, "hv01", joined=False, domain="WORKGROUP"),
    right("hv01", "hv01.contoso.com", "known by a short name"),
    right("HV01", "hv01", "known by a short name", joined=False),
    right("10.0.0.11", "dmz07.fabrikam.com", "known by an address"),
    right("10.0.0.11", "dmz07", "known by an address", joined=False),
    right("fe80::1", "dmz07", "known by an address", joined=False),
    # The inventory says under which name it answers.
    right(HOST, "hv01.corp.example", listed=(Listed(HOST, None, "hv01.corp.example"),)),
    another("hv02.corp.example", listed=(Listed(HOST, None, "hv01.corp.example"),)),
    # Another host of the inventory, whether or not it was looked at.
    Case(
        "LM302",
        "the same machine",
        FAIL,
        {
            "name": "10.0.0.11",
            "answers_as": "hv77.contoso.com",
            "listed": (Listed("10.0.0.11"), Listed("hv77.contoso.com")),
        },
        says="hv77.contoso.com",
        fix="identity",
    ),
    Case(
        "LM302",
        "the same machine",
        FAIL,
        {"listed": (*TWO, Listed(MANAGEMENT))},
        says=MANAGEMENT,
    ),
    Case("LM302", "the same machine", FAIL, {"second": {"answers_as": HOST}}, says=OTHER),
    Case(
        "LM302",
        "the same machine",
        FAIL,
        {**CLONES, "second": {**CLONES, "name": KNOWN_BY_ADDRESS, "local": ("10.0.0.11/24",)}},
        says=KNOWN_BY_ADDRESS,
    ),
    Case(
        "LM302",
        "known by an address",
        PASS,
        {**CLONES, "second": {**CLONES, "name": KNOWN_BY_ADDRESS}},
    ),
)


def server(row: str, state: State, stated: dict[str, Any], **more: Any) -> Case:
    return Case("LM001", row, state, {"vmm_says": stated, "release": VMM_2022}, **more)


SERVER_CASES = (
    server(
        "another computer",
        FAIL,
        {"answered_by": "vmm09.contoso.com", "is_highly_available": False},
        says="vmm09.contoso.com",
        fix="identity",
    ),
    server(
        "another computer",
        FAIL,
        {"answered_by": "vmm01.fabrikam.com", "is_highly_available": False},
    ),
    server("B", PASS, {"answered_by": "VMM01.contoso.com", "is_highly_available": False}),
    server("B", PASS, {"answered_by": None}),
    server("active node", PASS, {**HA, "active_node": "NODE02"}, notes="highly available"),
    server("active node", PASS, HA),
    server("another node", WARNING, {**HA, "active_node": "node01"}, says="node01"),
    server(
        "not known whether highly available",
        PASS,
        {"answered_by": "node02.contoso.com"},
        notes="does not say",
    ),
    server(
        "VMM's own account",
        WARNING,
        {"account": "CONTOSO\\svc-vmm", "service_account": "contoso\\SVC-VMM"},
        says="under which VMM runs",
    ),
    server("B", PASS, {"account": "CONTOSO\\audit", "service_account": "CONTOSO\\svc-vmm"}),
    server("another role", PASS, {"account_role": "DelegatedAdmin"}, notes="may not show"),
    server("B", PASS, {"account_role": "Administrator"}, unsaid="may not show"),
    server(
        "hosts outside the inventory",
        PASS,
        {"managed_hosts": MANY},
        notes="manages 13 hosts; 11 are not in this inventory: hv03.contoso.com",
    ),
    server("B", PASS, {"managed_hosts": (HOST.upper(), "HV02")}, unsaid="not in this inventory"),
)

CASES = (*HOST_CASES, *SERVER_CASES)
