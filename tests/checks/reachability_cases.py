"""The verdict table's rows of reachability (LM202 and LM203)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    ANY_V4,
    CONTROL,
    ELSEWHERE,
    ISOLATED,
    MANAGEMENT,
    MANAGEMENT_SUBNET,
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
    VMM_DOWN,
    A,
    B,
    all_lost,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.addresses import parse_address
from livemigration.facts import vmm as vmms
from livemigration.facts.model import Gathered, Vantage
from livemigration.networks import USER_MANAGED

OFF = {"enabled": False, "listeners": ()}
SILENT = {(MIGRATION, 6600): TIMED_OUT}
NO_CONTROL = {(MANAGEMENT, CONTROL): TIMED_OUT}
CONTROL_REFUSED = {(MANAGEMENT, CONTROL): REFUSED}
UNLISTENING = {"networks": NONE, "listeners": ()}
UNRESOLVED = {"dns": ()}
STEALTH = {(MANAGEMENT, 6600): TIMED_OUT}
STALE = "10.0.0.99"
OPEN_OTHER = {(OF_OTHER, 6600): 0}
ON_MANAGEMENT = {
    "networks": ((MANAGEMENT_SUBNET, USER_MANAGED),),
    "listeners": (MANAGEMENT,),
}
FORBIDDEN = {"vmm_reaches_migration_subnets": "forbidden"}
MIGRATION_REFUSED = {"answers": {(MIGRATION, 6600): REFUSED}}


def _answers(*pairs: dict[tuple[str, int], int]) -> dict[str, Any]:
    merged: dict[tuple[str, int], int] = {}
    for each in pairs:
        merged.update(each)
    return {"answers": merged}


NOT_TRIED = {"lost": {"vmm-probes": Gathered(vmms.VmmProbes(()), Vantage.VMM)}}
CONTROL_ONLY = {
    "lost": {
        "vmm-probes": Gathered(
            vmms.VmmProbes((vmms.Probe(parse_address(MANAGEMENT), CONTROL, 0, 3),)), Vantage.VMM
        )
    }
}

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
        "A: isolated, none reached",
        FAIL,
        {**A, "networks": ISOLATED, "listeners": ()},
        says="no usable listener",
    ),
    # The selection is not the cause where VMM uses the listener that it cannot reach.
    Case(
        "LM202",
        "A: isolated, none reached",
        FAIL,
        {
            **A,
            **ON_MIGRATION,
            "dns": (MIGRATION,),
            **_answers(SILENT, {(MIGRATION, CONTROL): TIMED_OUT}),
        },
        says="10060",
        unsaid="The host selects",
        fix="dns-record",
    ),
    Case(
        "LM202",
        "A: isolated, none reached",
        FAIL,
        {**A, **ON_MANAGEMENT, **_answers(STEALTH, NO_CONTROL)},
        unsaid="The host selects",
        fix="control-path",
    ),
    # Any port that answers shows that the network was reached: 6600 may be for the hosts alone.
    Case("LM202", "A: isolated, all reached", PASS, {**A, **ON_MANAGEMENT, **_answers(STEALTH)}),
    *(
        Case("LM202", "foreign address", BLOCKED, {**release, **on, "dns": dns}, by="LM201")
        for release in (A, B)
        for on in ({}, ON_MIGRATION)
        for dns in ((STALE,), (OF_OTHER, MANAGEMENT))
    ),
    Case(
        "LM202",
        "A: isolated, none reached",
        FAIL,
        {**A, **ON_MIGRATION, **_answers(SILENT)},
        says="The host selects",
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
    Case("LM202", "A: any, answers", PASS, {**A, "listeners": (), **CONTROL_ONLY}),
    # A refusal shows that the subnet was reached, on the control port as well.
    Case("LM202", "A: any, answers", PASS, {**A, **_answers(SILENT, CONTROL_REFUSED)}),
    Case("LM202", "B: management answers", PASS, {**B, **_answers(CONTROL_REFUSED)}),
    Case("LM202", "B: management answers", PASS, {**B, **UNLISTENING}),
    Case(
        "LM202",
        "B: management silent",
        FAIL,
        {**B, "dns": (MANAGEMENT, OF_OTHER), **_answers(NO_CONTROL)},
        unsaid=OF_OTHER,
        fix="control-path",
    ),
    # Not beside a failure that says the opposite, and not where VMM must be connected.
    Case(
        "LM202",
        "policy required",
        FAIL,
        {**B, **ON_MIGRATION, **_answers(SILENT)},
        {"vmm_reaches_migration_subnets": "required"},
        unsaid="by design",
    ),
    Case("LM202", "A: any, answers", PASS, {**A, **_answers(SILENT)}, unsaid="by design"),
    Case(
        "LM202",
        "in-cluster",
        PASS,
        {**A, **ON_MIGRATION, **_answers(SILENT), **NODE},
        unsaid="by design",
    ),
    # Only a network that VMM does not use is isolated by design.
    Case(
        "LM202",
        "B: management answers",
        PASS,
        {**B, **_answers({(MANAGEMENT, 6600): TIMED_OUT})},
        unsaid="by design",
    ),
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
        unsaid="by design",
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
    # A listener in the list without a socket: the listener is the cause, not the networks.
    Case(
        "LM203",
        "A: refused",
        FAIL,
        {**A, **ON_BOTH, "sockets": (), "answers": {(MANAGEMENT, 6600): REFUSED}},
        says="LM103",
        unsaid="2853203",
        fix="listener-missing",
    ),
    *(
        Case("LM203", "foreign address", BLOCKED, {**release, **on, "dns": dns}, by="LM201")
        for release, on in ((A, {}), (A, ON_MIGRATION), (B, {}))
        for dns in ((STALE,), (OF_OTHER, MANAGEMENT))
    ),
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
    # What another machine answers is not the host's answer.
    Case(
        "LM203",
        "A: refused",
        FAIL,
        {**A, "dns": (MANAGEMENT, OF_OTHER), **_answers({(MANAGEMENT, 6600): REFUSED}, OPEN_OTHER)},
        unsaid=OF_OTHER,
    ),
    Case("LM203", "A: open", PASS, {**A, "dns": (MANAGEMENT, STALE)}, unsaid=STALE),
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
    # Whatever DNS says, nobody asks for a listener there.
    *(
        Case("LM203", "B: isolated", INAPPLICABLE, {**B, **ON_MIGRATION, "dns": dns})
        for dns in ((), (STALE,), (OF_OTHER,))
    ),
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
    Case("LM203", "B: any, refused", FAIL, {**B, "listeners": (MIGRATION,)}, unsaid="2853203"),
    Case("LM203", "B: any, refused", BLOCKED, {**B, **OFF}, by="LM101"),
    Case("LM203", "B: any, timed out", WARNING, {**B, **_answers(STEALTH)}),
    Case(
        "LM203",
        "B: any, timed out",
        WARNING,
        {**B, "listeners": (MIGRATION,), **_answers(STEALTH)},
    ),
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

CASES = (*SUBNET_CASES, *STAGING_ADDRESS_CASES)
