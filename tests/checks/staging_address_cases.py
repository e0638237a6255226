"""The verdict table's row of the address that VMM stages on (LM203)."""

from __future__ import annotations

from fact_builders import (
    ANY_V4,
    ELSEWHERE,
    MANAGEMENT,
    MIGRATION,
    NODE,
    NONE,
    OF_OTHER,
    ON_BOTH,
    ON_MIGRATION,
    REFUSED,
    UNREACHABLE,
    VMM_2012,
    VMM_2012_R2,
    VMM_DOWN,
    A,
    B,
    all_lost,
    without_hyperv_v2,
)
from reachability_facts import (
    NOT_TRIED,
    OFF,
    OPEN_OTHER,
    STALE,
    STEALTH,
    UNLISTENING,
    UNRESOLVED,
    answers_of,
)
from verdict_case import (
    BLOCKED,
    FAIL,
    INAPPLICABLE,
    MIGRATION_OFF,
    NO_RELEASE,
    NOT_RESOLVED,
    OFF_LATER,
    PASS,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.verdict.networks import USER_MANAGED

LOST = {
    "networks": (("10.0.0.0/24", USER_MANAGED), ("10.0.50.0/24", USER_MANAGED)),
    "listeners": (MIGRATION,),
}

CASES = (
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
        {**A, **answers_of({(MANAGEMENT, 6600): REFUSED})},
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
        {**A, **ON_MIGRATION, **answers_of(STEALTH)},
        says="KB 2853203",
        fix="use-any-network",
    ),
    Case("LM203", "A: timed out, a listener", WARNING, {**A, **answers_of(STEALTH)}),
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
        {
            **A,
            "dns": (MANAGEMENT, OF_OTHER),
            **answers_of({(MANAGEMENT, 6600): REFUSED}, OPEN_OTHER),
        },
        unsaid=OF_OTHER,
    ),
    Case("LM203", "A: open", PASS, {**A, "dns": (MANAGEMENT, STALE)}, unsaid=STALE),
    # Code 10065, no route to the host: the listener list names the cause, as with a time-out.
    Case(
        "LM203",
        "A: timed out, not a listener",
        FAIL,
        {**A, **ON_MIGRATION, **answers_of({(MANAGEMENT, 6600): 10065})},
        says="failed (10065)",
    ),
    Case("LM203", "A: refused", FAIL, {**A, **UNLISTENING}, fix="use-any-network"),
    Case(
        "LM203",
        "A: refused",
        FAIL,
        {**A, "networks": ANY_V4, **answers_of({(MANAGEMENT, 6600): REFUSED})},
    ),
    Case("LM203", "A: disabled", BLOCKED, {**A, **OFF}, by="LM101"),
    Case("LM203", "B: isolated", INAPPLICABLE, {**B, **ON_MIGRATION}),
    # Whatever DNS says, nobody asks for a listener there.
    *(
        Case("LM203", "B: isolated", INAPPLICABLE, {**B, **ON_MIGRATION, "dns": dns})
        for dns in ((), (STALE,), (OF_OTHER,))
    ),
    Case("LM203", "B: isolated", INAPPLICABLE, {**B, **ON_BOTH, **answers_of(STEALTH)}),
    Case(
        "LM203", "B: managed elsewhere", INAPPLICABLE, {**B, **ON_MIGRATION, "networks": ELSEWHERE}
    ),
    Case("LM203", "B: none", INAPPLICABLE, {**B, "networks": NONE, "listeners": ()}),
    Case("LM203", "B: any, open", PASS, B),
    Case(
        "LM203",
        "B: any, refused",
        FAIL,
        {**B, **answers_of({(MANAGEMENT, 6600): REFUSED})},
        fix="listener-missing",
    ),
    Case(
        "LM203",
        "B: any, refused",
        FAIL,
        {**B, "networks": ANY_V4, **answers_of({(MANAGEMENT, 6600): REFUSED})},
    ),
    Case("LM203", "B: any, refused", FAIL, {**B, "listeners": (MIGRATION,)}, unsaid="2853203"),
    Case("LM203", "B: any, refused", BLOCKED, {**B, **OFF}, by="LM101"),
    Case("LM203", "B: any, timed out", WARNING, {**B, **answers_of(STEALTH)}),
    Case(
        "LM203",
        "B: any, timed out",
        WARNING,
        {**B, "listeners": (MIGRATION,), **answers_of(STEALTH)},
    ),
    Case("LM203", "B: any, timed out", WARNING, {"release": VMM_2012_R2, **answers_of(STEALTH)}),
    Case("LM203", "in-cluster", INAPPLICABLE, {**A, **ON_MIGRATION, **NODE}),
    Case("LM203", "not tried", BLOCKED, {**A, **NOT_TRIED}),
    Case("LM203", "release unknown", BLOCKED, {"release": None}, by="LM001"),
    Case("LM203", "release unknown", BLOCKED, {"release": VMM_2012}, by="LM001"),
    Case("LM203", "VMM down", BLOCKED, {"lost": VMM_DOWN}, by="LM001"),
    Case("LM203", "unresolved", BLOCKED, {**A, **UNRESOLVED}, by="LM201"),
    Case("LM203", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM203", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

OTHERWISE = (
    Otherwise(
        "LM203",
        behind=NO_RELEASE | NOT_RESOLVED | MIGRATION_OFF | OFF_LATER,
    ),
)
