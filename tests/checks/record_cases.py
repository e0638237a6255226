"""The verdict table's row of VMM's record (LM107)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    ANY,
    ANY_V4,
    BOTH,
    ELSEWHERE,
    ISOLATED,
    MANAGEMENT_SUBNET,
    MIGRATION_SUBNET,
    NODE,
    NONE,
    UNREACHABLE,
    VMM_DOWN,
    A,
    B,
    all_lost,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.vmm import VmmHostSettings


def recorded(**values: Any) -> dict[str, Any]:
    return {"recorded": VmmHostSettings(**values)}


SUBNETS = (MANAGEMENT_SUBNET, MIGRATION_SUBNET)

CASES = (
    Case("LM107", "agrees", PASS, A, says="6 settings stated"),
    Case("LM107", "agrees", PASS, {"networks": ISOLATED, **B}),
    Case("LM107", "agrees", PASS, {"networks": BOTH, **recorded(subnets=SUBNETS[::-1])}),
    Case("LM107", "agrees", PASS, {"networks": NONE, **recorded(any_subnet=False, subnets=())}),
    # A list that is kept beside "any network" says nothing.
    Case("LM107", "agrees", PASS, {"networks": ANY, **recorded(any_subnet=True, subnets=SUBNETS)}),
    Case("LM107", "agrees", PASS, recorded(authentication=" KERBEROS ")),
    Case("LM107", "agrees", PASS, recorded(authentication="1")),
    Case(
        "LM107",
        "agrees",
        PASS,
        {"compression": True, "smb": False, **recorded(performance="usecompression")},
    ),
    # Names and numbers that nobody documents are no difference.
    Case("LM107", "unknown spelling", PASS, recorded(enabled=True, authentication="Negotiate")),
    Case("LM107", "unknown spelling", PASS, recorded(enabled=True, performance="2")),
    Case("LM107", "unknown spelling", PASS, {"networks": BOTH, **recorded(subnets=("all",))}),
    Case("LM107", "inexpressible", PASS, {"networks": ANY_V4, **recorded(any_subnet=True)}),
    Case("LM107", "inexpressible", PASS, {"networks": ELSEWHERE, **recorded(any_subnet=True)}),
    Case(
        "LM107",
        "inexpressible",
        PASS,
        {"compression": True, "smb": True, **recorded(performance="UseSmbTransport")},
    ),
    Case("LM107", "inexpressible", PASS, recorded(performance="UseCompression", enabled=True)),
    Case(
        "LM107",
        "differs",
        WARNING,
        recorded(maximum_migrations=4),
        says="VMM has 4, the host 2",
        fix="refresh-record",
    ),
    Case("LM107", "differs", WARNING, recorded(maximum_storage_migrations=8)),
    Case("LM107", "differs", WARNING, recorded(authentication="CredSSP"), says="has CredSSP"),
    Case("LM107", "differs", WARNING, recorded(authentication="0"), says="has CredSSP"),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"compression": True, "smb": False, **recorded(performance="Standard")},
        says="VMM has Standard, the host UseCompression",
    ),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"networks": BOTH, **A, **recorded(any_subnet=False, subnets=(MIGRATION_SUBNET,))},
        says=MANAGEMENT_SUBNET,
    ),
    Case("LM107", "differs", WARNING, {"networks": ISOLATED, **B, **recorded(any_subnet=True)}),
    Case(
        "LM107",
        "differs",
        WARNING,
        {"networks": ANY, "release": None, **recorded(any_subnet=False)},
    ),
    Case(
        "LM107",
        "differs",
        WARNING,
        {**NODE, **recorded(enabled=False, authentication="0")},
        found=2,
    ),
    Case("LM107", "turns a verdict", FAIL, recorded(enabled=False), says="LM101"),
    Case("LM107", "turns a verdict", FAIL, recorded(maximum_migrations=0), says="LM106"),
    Case("LM107", "turns a verdict", FAIL, {"maximum": 0, **recorded(maximum_migrations=2)}),
    Case(
        "LM107", "turns a verdict", FAIL, {**NODE, **recorded(maximum_migrations=0)}, says="LM106"
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        recorded(authentication="CredSSP"),
        {"authentication": "kerberos"},
        says="LM104",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"networks": ISOLATED, **A, **recorded(any_subnet=True)},
        says="LM102",
        fix="refresh-record",
    ),
    Case(
        "LM107",
        "turns a verdict",
        FAIL,
        {"networks": ANY, **B, **recorded(any_subnet=False)},
        {"network_selection": "isolated"},
        says="LM102",
    ),
    Case("LM107", "unknown to VMM", FAIL, {"known": False}, says="may not", fix="missing-record"),
    Case("LM107", "nothing stated", INAPPLICABLE, recorded()),
    Case("LM107", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM107", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM107", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
