"""The verdict table's rows of WSMan and staging (LM3xx)."""

from __future__ import annotations

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
    RUNNING,
    UNREACHABLE,
    VMM_2012,
    VMM_2012_R2,
    A,
    B,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import (
    BLOCKED,
    FAIL,
    INAPPLICABLE,
    MIGRATION_OFF,
    NO_ANSWER_TO_VMM,
    NO_RELEASE,
    NOT_RESOLVED,
    PASS,
    VMM_IS_DOWN,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.facts.model import FailureKind

TWO_NAMES = {"dns": (MANAGEMENT, MIGRATION)}
PROXY = {"wsman": (False, -2144108250, "The WinRM client cannot complete the operation.")}
SILENT = {"wsman": (False, None, "No answer before the deadline.")}
NOT_ASKED = {
    "wsman": (False, None, "Not asked: the port through which VMM manages the host did not open.")
}

ANSWER_CASES = (
    Case("LM301", "answers", PASS),
    Case("LM301", "answers", PASS, {"lost": all_lost(UNREACHABLE)}),
    # What the machine answers is not judged: not its product version, not its age.
    Case("LM301", "answers", PASS, {"lost": without_hyperv_v2()}),
    Case("LM301", "does not answer", FAIL, PROXY, says="0x80338126", fix="wsman-from-vmm"),
    Case("LM301", "does not answer", FAIL, SILENT, says="No answer before the deadline"),
    Case(
        "LM301",
        "control port shut",
        BLOCKED,
        {**SILENT, "answers": {(MANAGEMENT, CONTROL): REFUSED}},
        by="LM204",
        says="refused (10061)",
    ),
    Case(
        "LM301",
        "control port shut",
        BLOCKED,
        {**NOT_ASKED, "answers": {(MANAGEMENT, CONTROL): REFUSED}},
        by="LM204",
    ),
    # PowerShell's own error says nothing of the host.
    Case(
        "LM301",
        "could not be tried",
        BLOCKED,
        {"lost": {"vmm-wsman-test": failure(FailureKind.SCRIPT, root="")}},
    ),
    # What answers under the host's name may be another machine.
    Case("LM301", "foreign address", BLOCKED, {"dns": (OF_OTHER,)}, by="LM201"),
    Case("LM301", "foreign address", BLOCKED, {**SILENT, "dns": ("10.0.0.99",)}, by="LM201"),
    Case("LM301", "unreachable", BLOCKED, {**SILENT, "lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case(
        "LM301",
        "no service answers the suite either",
        BLOCKED,
        {**SILENT, "lost": all_lost(failure(FailureKind.PROTOCOL))},
        by="LM302",
    ),
    Case(
        "LM301",
        "the account of this run is refused",
        FAIL,
        {**SILENT, "lost": all_lost(failure(FailureKind.AUTHENTICATION))},
    ),
    Case(
        "LM301",
        "the account of this run has no rights",
        FAIL,
        {**SILENT, "lost": all_lost(failure(FailureKind.ACCESS_DENIED))},
    ),
    Case("LM301", "unresolved", BLOCKED, {**SILENT, "dns": ()}, by="LM201"),
    Case(
        "LM301",
        "VMM down",
        BLOCKED,
        {"lost": {"vmm-wsman-test": failure(root="LM001")}},
        by="LM001",
    ),
)

ACCEPT_CASES = (
    Case("LM302", "accepts, services run", PASS),
    Case("LM302", "unreachable", FAIL, {"lost": all_lost(UNREACHABLE)}, fix="wsman-access"),
    Case("LM302", "unreachable", FAIL, {"lost": all_lost(failure(FailureKind.REFUSED))}),
    Case("LM302", "unreachable", FAIL, {"lost": all_lost(failure(FailureKind.DEADLINE))}),
    Case(
        "LM302",
        "authentication refused",
        FAIL,
        {"lost": all_lost(failure(FailureKind.AUTHENTICATION))},
        fix="wsman-access",
    ),
    Case(
        "LM302",
        "access denied",
        FAIL,
        {"lost": {"services": failure(FailureKind.ACCESS_DENIED)}},
        fix="wsman-access",
    ),
    Case(
        "LM302",
        "vmms",
        FAIL,
        {"services": {**RUNNING, "vmms": "Stopped"}},
        says="Stopped",
        fix="run-vmms",
    ),
    Case("LM302", "vmms", FAIL, {"services": {"SCVMMAgent": "Running"}}, says="not installed"),
    *(
        Case(
            "LM302",
            "pending",
            FAIL,
            {"services": {**RUNNING, name: state}},
            says=f"The service {name} {words} ({state})",
            fix="wait-for-service",
        )
        for name in ("vmms", "SCVMMAgent")
        for state, words in (
            ("Start Pending", "is still starting"),
            ("Continue Pending", "is still resuming"),
            ("Pause Pending", "is pausing"),
            ("Stop Pending", "is stopping"),
        )
    ),
    Case("LM302", "vmms", FAIL, {"services": {**RUNNING, "vmms": "Paused"}}, fix="run-vmms"),
    Case("LM302", "vmms", FAIL, {"services": {}}, found=2),
    Case(
        "LM302",
        "SCVMMAgent",
        FAIL,
        {"services": {**RUNNING, "SCVMMAgent": "Stopped"}},
        fix="run-vmm-agent",
    ),
    Case("LM302", "SCVMMAgent", FAIL, {"services": {"VMMS": "Running"}}, says="not installed"),
    Case("LM302", "2008 R2", PASS, {"lost": without_hyperv_v2()}),
)

STAGING_CASES = (
    Case("LM304", "A: any", PASS, A),
    Case("LM304", "A: any", PASS, {**A, "networks": ANY_V4}),
    Case(
        "LM304",
        "A: no address is a listener",
        FAIL,
        {**A, **ON_MIGRATION},
        says="0x8007274D",
        fix="use-any-network",
    ),
    Case("LM304", "A: no address is a listener", FAIL, {**A, "networks": NONE, "listeners": ()}),
    Case("LM304", "A: some are", WARNING, {**A, **ON_MIGRATION, **TWO_NAMES}, says="tried first"),
    Case("LM304", "A: all are", PASS, {**A, **ON_BOTH}),
    Case("LM304", "A: all are", PASS, {**A, **ON_BOTH, **TWO_NAMES}),
    Case("LM304", "A: all are", PASS, {**A, **ON_BOTH, "networks": ELSEWHERE}),
    Case(
        "LM304",
        "A: disabled",
        BLOCKED,
        {**A, "networks": ISOLATED, "enabled": False, "listeners": ()},
        by="LM101",
    ),
    Case("LM304", "A: foreign address", BLOCKED, {**A, **ON_BOTH, "dns": (OF_OTHER,)}, by="LM201"),
    Case("LM304", "A: foreign address", PASS, {**A, "dns": (OF_OTHER,)}),
    Case("LM304", "B", INAPPLICABLE, {**B, **ON_MIGRATION}, says="resolved in this release"),
    Case("LM304", "B", INAPPLICABLE, {"release": VMM_2012_R2, "networks": NONE, "listeners": ()}),
    Case("LM304", "in-cluster", INAPPLICABLE, {**A, **ON_MIGRATION, **NODE}),
    Case("LM304", "release unknown", BLOCKED, {"release": None}, by="LM001"),
    Case("LM304", "release unknown", BLOCKED, {"release": VMM_2012}, by="LM001"),
    Case("LM304", "unresolved", BLOCKED, {**A, **ON_MIGRATION, "dns": ()}, by="LM201"),
    Case("LM304", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM304", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

CASES = (*ANSWER_CASES, *ACCEPT_CASES, *STAGING_CASES)


OTHERWISE = (
    Otherwise(
        "LM301",
        behind=NO_ANSWER_TO_VMM | NOT_RESOLVED,
    ),
    Otherwise(
        "LM304",
        behind=VMM_IS_DOWN | NO_RELEASE | NOT_RESOLVED | MIGRATION_OFF,
        at_the_gate=INAPPLICABLE,
    ),
)
