"""The verdict table's rows of reachability (LM2xx)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    ANY_V4,
    CONTROL,
    ELSEWHERE,
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NODE,
    NONE,
    OF_OTHER,
    ON_BOTH,
    ON_MIGRATION,
    REFUSED,
    TIMED_OUT,
    UNREACHABLE,
    VMM_2012,
    VMM_2012_R2,
    A,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts import vmm as vmms
from livemigration.facts.model import FailureKind, Gathered, Vantage
from livemigration.networks import USER_MANAGED

OFF = {"enabled": False, "listeners": ()}
SILENT = {(MIGRATION, 6600): TIMED_OUT}
NO_CONTROL = {(MANAGEMENT, CONTROL): TIMED_OUT}
CONTROL_REFUSED = {(MANAGEMENT, CONTROL): REFUSED}
UNLISTENING = {"networks": NONE, "listeners": ()}
UNRESOLVED = {"dns": ()}
STALE = "10.0.0.99"
FORBIDDEN = {"vmm_reaches_migration_subnets": "forbidden"}
MIGRATION_REFUSED = {"answers": {(MIGRATION, 6600): REFUSED}}


def _answers(*pairs: dict[tuple[str, int], int]) -> dict[str, Any]:
    merged: dict[tuple[str, int], int] = {}
    for each in pairs:
        merged.update(each)
    return {"answers": merged}


VMM_DOWN = {
    group: failure(FailureKind.TIMED_OUT, "LM001")
    for group in ("vmm-record", "vmm-resolution", "vmm-probes", "vmm-wsman-test")
}
NOT_TRIED = {"lost": {"vmm-probes": Gathered(vmms.VmmProbes(()), Vantage.VMM)}}
SUITE_CANNOT_RESOLVE = {
    "lost": {"host-access": failure(FailureKind.NAME_NOT_RESOLVED), "local-addresses": UNREACHABLE}
}

RESOLUTION_CASES = (
    Case("LM201", "resolves to the host", PASS),
    Case("LM201", "resolves to the host", PASS, {"dns": (MANAGEMENT,), **ON_BOTH}),
    Case("LM201", "no resolution", FAIL, UNRESOLVED, says="11001", fix="dns-record"),
    Case("LM201", "no resolution", BLOCKED, {**UNRESOLVED, **SUITE_CANNOT_RESOLVE}, by="LM302"),
    Case(
        "LM201",
        "first address of another host",
        FAIL,
        {"dns": (OF_OTHER, MANAGEMENT)},
        says="hv02.contoso.com",
        fix="dns-record",
    ),
    Case(
        "LM201",
        "first address of another host",
        FAIL,
        {"dns": (OF_OTHER,), "lost": all_lost(UNREACHABLE)},
    ),
    Case("LM201", "extra address of another host", WARNING, {"dns": (MANAGEMENT, OF_OTHER)}),
    # An address that both hosts have, such as that of an internal switch, is no other host's.
    Case(
        "LM201",
        "resolves to the host",
        PASS,
        {"dns": (OF_OTHER,), "local": (f"{OF_OTHER}/24", f"{MANAGEMENT}/24")},
    ),
    Case("LM201", "stale address", WARNING, {"dns": (MANAGEMENT, STALE)}, fix="dns-registration"),
    Case("LM201", "stale address", WARNING, {"dns": (STALE,)}, says="stale"),
    Case(
        "LM201",
        "dead address",
        WARNING,
        {"dns": (MANAGEMENT, MIGRATION), **_answers({(MIGRATION, CONTROL): TIMED_OUT})},
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
    Case("LM201", "not in VMM", PASS, {"known": False}, notes="suite's account"),
    Case("LM201", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM201", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM201", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

SUBNET_CASES = (
    Case(
        "LM202",
        "A: isolated, none reached",
        FAIL,
        {**A, **ON_MIGRATION, **_answers(SILENT)},
        says="10060",
        fix="use-any-network",
    ),
    Case(
        "LM202",
        "A: isolated, some reached",
        WARNING,
        {**A, **ON_BOTH, **_answers(SILENT)},
        says="reaches 10.0.0.0/24, not 10.0.50.0/24",
    ),
    Case("LM202", "A: isolated, all reached", PASS, {**A, **ON_BOTH}),
    Case(
        "LM202",
        "A: isolated, all reached",
        PASS,
        {**A, **ON_MIGRATION, **_answers({(MIGRATION, 6600): REFUSED})},
    ),
    Case("LM202", "A: any, answers", PASS, A),
    Case("LM202", "A: any, answers", PASS, {**A, "networks": ANY_V4, **_answers(SILENT)}),
    Case(
        "LM202",
        "A: any, silent",
        FAIL,
        {**A, **_answers(NO_CONTROL, {(MANAGEMENT, 6600): TIMED_OUT})},
        fix="control-path",
    ),
    Case("LM202", "A: none", INAPPLICABLE, {**A, "networks": NONE, "listeners": ()}, says="LM102"),
    Case("LM202", "A: disabled", BLOCKED, {**A, **OFF, "networks": ISOLATED}, by="LM101"),
    # A refusal shows that the subnet was reached, on the control port as well.
    Case("LM202", "A: any, answers", PASS, {**A, **_answers(SILENT, CONTROL_REFUSED)}),
    Case("LM202", "B: management answers", PASS, {**B, **_answers(CONTROL_REFUSED)}),
    Case("LM202", "B: management answers", PASS, {**B, **UNLISTENING}),
    Case(
        "LM202",
        "B: migration silent",
        PASS,
        {**B, **ON_MIGRATION, **_answers(SILENT)},
        notes="10.0.50.0/24 need not answer vmm01.contoso.com: that is right by design",
    ),
    Case(
        "LM202",
        "B: migration silent",
        PASS,
        {**B, **ON_MIGRATION, **_answers(SILENT)},
        notes="10.0.50.11 port 6600 timed out (10060) from the VMM server vmm01.contoso.com",
    ),
    Case(
        "LM202",
        "B: migration answers",
        PASS,
        {**B, **ON_MIGRATION},
        notes="10.0.50.0/24: 10.0.50.11 port 6600 open",
    ),
    Case(
        "LM202",
        "B: migration answers",
        PASS,
        {**B, **ON_MIGRATION, **_answers({(MIGRATION, 6600): REFUSED})},
        notes="refused (10061)",
    ),
    Case(
        "LM202",
        "B: management silent",
        FAIL,
        {**B, **ON_MIGRATION, **_answers(NO_CONTROL)},
        fix="control-path",
    ),
    Case(
        "LM202",
        "B: management silent",
        BLOCKED,
        {
            **B,
            **ON_MIGRATION,
            **_answers(NO_CONTROL),
            "lost": {"host-access": UNREACHABLE},
        },
        by="LM302",
    ),
    Case("LM202", "B: managed elsewhere", PASS, {**B, **ON_MIGRATION, "networks": ELSEWHERE}),
    Case(
        "LM202",
        "policy required",
        FAIL,
        {**B, **ON_MIGRATION, **_answers(SILENT)},
        {"vmm_reaches_migration_subnets": "required"},
        fix="reachability-policy",
    ),
    Case(
        "LM202",
        "policy required",
        FAIL,
        {**B, **_answers(SILENT)},
        {"vmm_reaches_migration_subnets": "required"},
    ),
    Case(
        "LM202",
        "policy required",
        PASS,
        {**B, **ON_MIGRATION},
        {"vmm_reaches_migration_subnets": "required"},
    ),
    Case(
        "LM202",
        "policy forbidden",
        FAIL,
        {**B, **ON_MIGRATION},
        {"vmm_reaches_migration_subnets": "forbidden"},
        fix="close-migration-subnets",
    ),
    Case(
        "LM202",
        "policy forbidden",
        PASS,
        {**B, **ON_BOTH, **_answers(SILENT)},
        {"vmm_reaches_migration_subnets": "forbidden"},
    ),
    Case(
        "LM202",
        "policy forbidden",
        FAIL,
        {**A, **ON_BOTH},
        FORBIDDEN,
        fix="close-migration-subnets",
    ),
    Case("LM202", "policy forbidden", FAIL, {**B, **ON_MIGRATION, **MIGRATION_REFUSED}, FORBIDDEN),
    Case(
        "LM202",
        "policy forbidden",
        FAIL,
        {**B, **ON_MIGRATION, **NODE},
        FORBIDDEN,
    ),
    Case("LM202", "in-cluster", PASS, {**A, **ON_MIGRATION, **_answers(SILENT), **NODE}),
    Case("LM202", "in-cluster", FAIL, {**A, **_answers(NO_CONTROL), **NODE}),
    Case("LM202", "in-cluster", PASS, {"release": None, **ON_MIGRATION, **NODE}),
    Case("LM202", "not tried", BLOCKED, {**A, **ON_MIGRATION, **NOT_TRIED}),
    Case("LM202", "not tried", BLOCKED, {**B, **ON_MIGRATION, **NOT_TRIED}),
    Case("LM202", "release unknown", BLOCKED, {"release": None}, by="LM001"),
    Case("LM202", "release unknown", BLOCKED, {"release": VMM_2012}, by="LM001"),
    Case("LM202", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM202", "unresolved", BLOCKED, {**A, **UNRESOLVED}, by="LM201"),
    Case("LM202", "unresolved", BLOCKED, {**B, **ON_MIGRATION, **UNRESOLVED}, by="LM201"),
    Case("LM202", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM202", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

STEALTH = {(MANAGEMENT, 6600): TIMED_OUT}
LOST = {
    "networks": (("10.0.0.0/24", USER_MANAGED), ("10.0.50.0/24", USER_MANAGED)),
    "listeners": (MIGRATION,),
}

STAGING_ADDRESS_CASES = (
    Case("LM203", "A: open", PASS, A),
    Case(
        "LM203",
        "A: refused",
        FAIL,
        {**A, **ON_MIGRATION},
        says="10061",
        fix="use-any-network",
    ),
    Case(
        "LM203",
        "A: refused",
        FAIL,
        {**A, **_answers({(MANAGEMENT, 6600): REFUSED})},
        fix="listener-missing",
    ),
    Case("LM203", "A: refused", FAIL, {**A, **LOST}, says="missing", fix="listener-missing"),
    Case(
        "LM203",
        "A: timed out, not a listener",
        FAIL,
        {**A, **ON_MIGRATION, **_answers(STEALTH)},
        says="KB 2853203",
        fix="use-any-network",
    ),
    Case("LM203", "A: timed out, a listener", WARNING, {**A, **_answers(STEALTH)}),
    Case(
        "LM203",
        "A: one of two open",
        WARNING,
        {**A, "dns": (MANAGEMENT, MIGRATION), **ON_MIGRATION},
    ),
    # Code 10065, no route to the host: the listener list names the cause, as with a time-out.
    Case(
        "LM203",
        "A: timed out, not a listener",
        FAIL,
        {**A, **ON_MIGRATION, **_answers({(MANAGEMENT, 6600): 10065})},
        says="failed (10065)",
    ),
    Case("LM203", "A: refused", FAIL, {**A, **UNLISTENING}, fix="use-any-network"),
    Case(
        "LM203",
        "A: refused",
        FAIL,
        {**A, "networks": ANY_V4, **_answers({(MANAGEMENT, 6600): REFUSED})},
    ),
    Case("LM203", "A: disabled", BLOCKED, {**A, **OFF}, by="LM101"),
    Case("LM203", "B: isolated", INAPPLICABLE, {**B, **ON_MIGRATION}),
    Case("LM203", "B: isolated", INAPPLICABLE, {**B, **ON_BOTH, **_answers(STEALTH)}),
    Case(
        "LM203", "B: managed elsewhere", INAPPLICABLE, {**B, **ON_MIGRATION, "networks": ELSEWHERE}
    ),
    Case("LM203", "B: none", INAPPLICABLE, {**B, "networks": NONE, "listeners": ()}),
    Case("LM203", "B: any, open", PASS, B),
    Case(
        "LM203",
        "B: any, refused",
        FAIL,
        {**B, **_answers({(MANAGEMENT, 6600): REFUSED})},
        fix="listener-missing",
    ),
    Case(
        "LM203",
        "B: any, refused",
        FAIL,
        {**B, "networks": ANY_V4, **_answers({(MANAGEMENT, 6600): REFUSED})},
    ),
    Case("LM203", "B: any, refused", BLOCKED, {**B, **OFF}, by="LM101"),
    Case("LM203", "B: any, timed out", WARNING, {**B, **_answers(STEALTH)}),
    Case("LM203", "B: any, timed out", WARNING, {"release": VMM_2012_R2, **_answers(STEALTH)}),
    Case("LM203", "in-cluster", INAPPLICABLE, {**A, **ON_MIGRATION, **NODE}),
    Case("LM203", "not tried", BLOCKED, {**A, **NOT_TRIED}),
    Case("LM203", "release unknown", BLOCKED, {"release": None}, by="LM001"),
    Case("LM203", "release unknown", BLOCKED, {"release": VMM_2012}, by="LM001"),
    Case("LM203", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM203", "unresolved", BLOCKED, {**A, **UNRESOLVED}, by="LM201"),
    Case("LM203", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM203", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

CASES = (*RESOLUTION_CASES, *SUBNET_CASES, *STAGING_ADDRESS_CASES)
