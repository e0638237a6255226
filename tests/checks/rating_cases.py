"""The verdict table's row of VMM's own rating (LM306)."""

from __future__ import annotations

from typing import Any

from fact_builders import HOST, OTHER, A, B, failure
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, Case

from livemigration.facts.vmm import VMM_RATING, VMM_RECORD, HostRating, VmmRecord

REFUSED = "No connection could be made because the target machine refused it. ({}x8007274D)"

# KB 2853203, its letter O included.
WHOLE = (
    "Migration check for virtual machine web01 failed to create a planned virtual machine in the "
    "target host. The Virtual Machine Management Service failed to establish a connection for a "
    "Virtual Machine migration with host hv02: No connection could be made because the target "
    "machine actively refused it. (Ox8007274D)"
)


def rated(rating: float | None, *reasons: str, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"found": 1, "current_host": OTHER, **more}
    value = HostRating("web01", rating=rating, reasons=reasons, **given)
    return {"also": {VMM_RATING.name: value}}


def in_maintenance(given: dict[str, Any]) -> dict[str, Any]:
    record = VmmRecord(known=True, name=HOST, maintenance=True)
    return {"also": {**given["also"], VMM_RECORD.name: record}}


CASES = (
    # Zero by design, which is LM107's to say.
    Case("LM306", "maintenance", INAPPLICABLE, in_maintenance(rated(0.0)), says="by design"),
    Case("LM306", "maintenance", INAPPLICABLE, in_maintenance(rated(None))),
    Case("LM306", "above 0", PASS, rated(5.0), says="5"),
    Case("LM306", "above 0", PASS, rated(0.5)),
    Case("LM306", "above 0", PASS, rated(1.0, warnings=("No network",)), notes="No network"),
    Case("LM306", "0", FAIL, rated(0.0, "Not enough memory"), says="memory", fix="vmm-rating"),
    Case("LM306", "0", FAIL, rated(0.0), says="no reason", fix="vmm-rating"),
    Case("LM306", "0, the KB", FAIL, rated(0.0, REFUSED.format("0")) | A, fix="vmm-rating"),
    Case("LM306", "0, the KB", FAIL, rated(0.0, REFUSED.format("O")) | A, fix="vmm-rating"),
    Case(
        "LM306",
        "0, the KB",
        FAIL,
        rated(0.0, "Not enough memory", WHOLE) | A,
        fix="vmm-rating",
        says="(Ox8007274D)",
    ),
    Case(
        "LM306",
        "0, refused on B",
        FAIL,
        rated(0.0, "Not enough memory " * 40, WHOLE) | B,
        fix="vmm-rating-refused",
    ),
    Case(
        "LM306",
        "0, refused on B",
        FAIL,
        rated(0.0, REFUSED.format("0")) | B,
        fix="vmm-rating-refused",
    ),
    Case(
        "LM306",
        "0, refused, release unknown",
        FAIL,
        rated(0.0, REFUSED.format("0")) | {"release": None},
        fix="vmm-rating-refused",
    ),
    Case("LM306", "the current host", INAPPLICABLE, rated(None, current_host=HOST)),
    Case("LM306", "the current host", INAPPLICABLE, rated(None, current_host=HOST.upper())),
    Case("LM306", "no such VM", BLOCKED, rated(None, found=0), says="no virtual machine"),
    Case("LM306", "two of the name", BLOCKED, rated(None, found=2), says="2 virtual machines"),
    Case("LM306", "no rating", BLOCKED, rated(None), says="gave no rating"),
    Case(
        "LM306", "not rated", BLOCKED, {"lost": {"vmm-record": failure(root="LM001")}}, by="LM001"
    ),
    Case(
        "LM306", "not rated", BLOCKED, {"lost": {"vmm-rating": failure(root="LM107")}}, by="LM107"
    ),
)
