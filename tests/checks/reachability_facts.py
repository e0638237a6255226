"""What VMM's connections come to, for the cases of reachability."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    CONTROL,
    MANAGEMENT,
    MANAGEMENT_SUBNET,
    MIGRATION,
    NONE,
    OF_OTHER,
    REFUSED,
    TIMED_OUT,
)

from livemigration.base.addresses import parse_address
from livemigration.facts import vmm as vmms
from livemigration.facts.model import Gathered, Vantage
from livemigration.verdict.networks import USER_MANAGED

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


def answers_of(*pairs: dict[tuple[str, int], int]) -> dict[str, Any]:
    """Return what VMM's connections come to; the later of two answers of a port counts."""
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
