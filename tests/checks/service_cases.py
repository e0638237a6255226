"""The verdict table's row of the migration service (LM303)."""

from __future__ import annotations

from typing import Any

from fact_builders import NODE, UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import (
    BLOCKED,
    FAIL,
    INAPPLICABLE,
    NO_ANSWER,
    PASS,
    STOPPED,
    WARNING,
    Case,
    Otherwise,
)

from livemigration.facts.model import FailureKind, GatherFailure, NotGathered
from livemigration.facts.virtualization import MIGRATION_ANSWER, RETURN_VALUES, MigrationAnswer


def answered(value: int | None) -> dict[str, Any]:
    return {"also": {MIGRATION_ANSWER.name: MigrationAnswer(value)}}


def lost(kind: FailureKind, root: str = "") -> dict[str, Any]:
    return {"lost": {MIGRATION_ANSWER.name: failure(kind, root)}}


def full(code: int) -> dict[str, Any]:
    """Lose the answer to a quota of WinRM."""
    kind = FailureKind.FAULT
    found = GatherFailure(kind, "Reading it", "a quota is full", "Wait.", "", code)
    return {"lost": {MIGRATION_ANSWER.name: NotGathered(found)}}


OFF = {"enabled": False, "listeners": ()}

CASES = (
    Case("LM303", "0 or 4096", PASS, answered(0), says="(0)"),
    Case("LM303", "0 or 4096", PASS, answered(4096), says="(4096)"),
    Case("LM303", "0 or 4096", PASS, {**answered(0), **NODE}),
    Case("LM303", "no return value", PASS, answered(None)),
    Case("LM303", "32769", FAIL, answered(32769), says="access denied", fix="hyper-v-rights"),
    *(
        Case("LM303", "else", FAIL, answered(value), says=meaning, fix="migration-service")
        for value, meaning in RETURN_VALUES.items()
        if value != 32769
    ),
    Case("LM303", "else", FAIL, answered(7), says="no document names", fix="migration-service"),
    Case("LM303", "refused", FAIL, lost(FailureKind.ACCESS_DENIED), fix="hyper-v-rights"),
    Case("LM303", "fault", FAIL, lost(FailureKind.FAULT), fix="migration-service"),
    Case("LM303", "quota", BLOCKED, full(0x803381A6)),
    # Disabled live migration may be why, and is one failure.
    Case("LM303", "disabled", BLOCKED, {**answered(32768), **OFF}, by="LM101"),
    Case("LM303", "disabled", BLOCKED, {**answered(32769), **OFF}, by="LM101"),
    Case("LM303", "disabled", BLOCKED, {**lost(FailureKind.FAULT), **OFF}, by="LM101"),
    Case("LM303", "disabled", PASS, {**answered(0), **OFF}),
    Case("LM303", "disabled, in-cluster", WARNING, {**answered(32768), **OFF, **NODE}),
    Case("LM303", "disabled, in-cluster", FAIL, {**answered(32769), **OFF, **NODE}),
    Case("LM303", "not usable", BLOCKED, lost(FailureKind.PROTOCOL)),
    Case("LM303", "not usable", BLOCKED, lost(FailureKind.TIMED_OUT)),
    Case("LM303", "vmms stopped", BLOCKED, lost(FailureKind.MISSING, "LM302"), by="LM302"),
    Case("LM303", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM303", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)


OTHERWISE = (
    Otherwise(
        "LM303",
        behind=NO_ANSWER | STOPPED,
    ),
)
