"""The verdict table's rows of LM201: the addresses to which VMM resolves a host."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    CONTROL,
    ELSEWHERE,
    MANAGEMENT,
    MANAGEMENT_SUBNET,
    MIGRATION,
    OF_OTHER,
    ON_BOTH,
    ON_MIGRATION,
    TIMED_OUT,
    UNREACHABLE,
    VMM_DOWN,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, NO_ANSWER, PASS, WARNING, Case, Otherwise

from livemigration.facts.model import FailureKind
from livemigration.verdict.networks import USER_MANAGED

UNRESOLVED: dict[str, Any] = {"dns": ()}
STALE = "10.0.0.99"
SUITE_CANNOT_RESOLVE = {
    "lost": {"host-access": failure(FailureKind.NAME_NOT_RESOLVED), "local-addresses": UNREACHABLE}
}
V6 = "2001:db8::11"
CONVERGED = {
    "networks": ((MANAGEMENT_SUBNET, USER_MANAGED),),
    "listeners": (MANAGEMENT,),
    "local": (f"{MANAGEMENT}/24", f"{V6}/64", "fe80::1/64"),
}

CASES = (
    Case("LM201", "resolves to the host", PASS),
    Case("LM201", "resolves to the host", PASS, {"dns": (MANAGEMENT,), **ON_BOTH}),
    Case("LM201", "no resolution", FAIL, UNRESOLVED, says="11001", fix="dns-record"),
    Case("LM201", "no resolution", FAIL, {**UNRESOLVED, "lost": {"host-access": UNREACHABLE}}),
    Case("LM201", "no resolution", BLOCKED, {**UNRESOLVED, **SUITE_CANNOT_RESOLVE}, by="LM302"),
    Case(
        "LM201",
        "first address of another host",
        FAIL,
        {"dns": (OF_OTHER, MANAGEMENT)},
        says="hv02.contoso.com",
        fix="dns-record",
    ),
    # Another machine's address, whoever owns it; whether it is looked at does not matter.
    Case(
        "LM201",
        "first address is not the host's",
        FAIL,
        {"dns": (OF_OTHER, MANAGEMENT), "other": all_lost(UNREACHABLE)},
        says="not an address of this host",
        fix="dns-record",
    ),
    Case("LM201", "first address is not the host's", FAIL, {"dns": (STALE,)}, fix="dns-record"),
    Case("LM201", "first address is not the host's", FAIL, {"dns": ("169.254.7.7", MANAGEMENT)}),
    # Without the host's own table nobody can tell whose address it is not.
    Case(
        "LM201",
        "unreachable",
        BLOCKED,
        {"dns": (OF_OTHER,), "lost": all_lost(UNREACHABLE)},
        notes="an address of hv02.contoso.com",
        by="LM302",
    ),
    Case("LM201", "no own address", BLOCKED, {"local": ("fe80::1/64", "127.0.0.1/8")}),
    Case("LM201", "extra address of another host", WARNING, {"dns": (MANAGEMENT, OF_OTHER)}),
    # An address that both hosts have, such as that of an internal switch, is no other host's.
    Case(
        "LM201",
        "resolves to the host",
        PASS,
        {"dns": (OF_OTHER,), "local": (f"{OF_OTHER}/24", f"{MANAGEMENT}/24")},
    ),
    Case("LM201", "stale address", WARNING, {"dns": (MANAGEMENT, STALE)}, fix="dns-record"),
    Case("LM201", "stale address", WARNING, {"dns": (MANAGEMENT, STALE)}, says="stale"),
    Case("LM201", "first address of no host", FAIL, {"dns": (STALE,)}, fix="dns-record"),
    Case("LM201", "first address of no host", FAIL, {"dns": (STALE, MANAGEMENT)}),
    Case("LM201", "first address of no host", FAIL, {"dns": ("127.0.0.1", MANAGEMENT)}),
    Case(
        "LM201",
        "dead address",
        WARNING,
        {"dns": (MANAGEMENT, MIGRATION), "answers": {(MIGRATION, CONTROL): TIMED_OUT}},
        says="10060",
    ),
    Case("LM201", "link-local address", WARNING, {"dns": (MANAGEMENT, "169.254.1.1")}),
    Case("LM201", "link-local address", WARNING, {"dns": (MANAGEMENT, "fe80::5efe:10.0.0.11")}),
    Case(
        "LM201",
        "migration address",
        WARNING,
        {"dns": (MANAGEMENT, MIGRATION), **ON_MIGRATION},
        says="migration subnet 10.0.50.0/24",
    ),
    Case(
        "LM201",
        "migration address",
        WARNING,
        {"dns": (MANAGEMENT, MIGRATION), **ON_MIGRATION, "networks": ELSEWHERE},
    ),
    Case(
        "LM201",
        "migration address",
        WARNING,
        {"dns": (MIGRATION, MANAGEMENT), **ON_MIGRATION},
    ),
    Case("LM201", "known by IP", INAPPLICABLE, {"known_as": MANAGEMENT, "perimeter": True}),
    Case("LM201", "known by IP", INAPPLICABLE, {"known_as": MANAGEMENT}),
    Case("LM201", "known by a short name", PASS, {"known_as": "HV01", "perimeter": True}),
    Case("LM201", "known by a short name", FAIL, {"known_as": "HV01", **UNRESOLVED}),
    Case("LM201", "not in VMM", PASS, {"known": False}, notes="not to the account of this run"),
    Case("LM201", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM201", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM201", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    # One network for everything: its address is the one to manage by, whatever stands beside it.
    Case(
        "LM201",
        "resolves to the host",
        PASS,
        {**CONVERGED, "dns": (MANAGEMENT, V6)},
    ),
    Case(
        "LM201",
        "link-local address",
        WARNING,
        {**CONVERGED, "dns": (MANAGEMENT, "fe80::1")},
    ),
    Case(
        "LM201",
        "stale address",
        WARNING,
        {**CONVERGED, "dns": (MANAGEMENT, "10.9.9.9")},
    ),
)


OTHERWISE = (
    Otherwise(
        "LM201",
        behind=NO_ANSWER,
        only_warns=frozenset({"vmm-probes", "migration-networks"}),
    ),
)
