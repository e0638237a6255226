"""The verdict table's rows of the performance option and of simultaneous migrations."""

from __future__ import annotations

from typing import Any

from fact_builders import NODE, UNREACHABLE, B, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.cluster import CLUSTER, Cluster

COMPRESSION: dict[str, Any] = {"compression": True, "smb": False}
SMB: dict[str, Any] = {"compression": False, "smb": True}
TCPIP: dict[str, Any] = {"compression": False, "smb": False}
BOTH: dict[str, Any] = {"compression": True, "smb": True}


def demands(option: str, *, required: bool = False) -> dict[str, Any]:
    return {"performance": option, "performance_required": required}


def at_least(number: int, *, required: bool = False) -> dict[str, Any]:
    return {"minimum_migrations": number, "minimum_migrations_required": required}


def in_cluster(limit: int | None, maximum: int = 2) -> dict[str, Any]:
    return {**NODE, "maximum": maximum, "also": {CLUSTER.name: Cluster("cl01", limit)}}


def lost(reason: Any) -> dict[str, Any]:
    return {"lost": all_lost(reason)}


CASES = (
    Case("LM105", "no option", INAPPLICABLE, {}),
    Case("LM105", "no option", INAPPLICABLE, {}, demands("smb", required=True)),
    Case("LM105", "no policy", PASS, COMPRESSION | B, says="Compression"),
    Case("LM105", "no policy", PASS, TCPIP | B, says="TCP/IP"),
    Case("LM105", "no policy", PASS, {"compression": None, "smb": True}, says="SMB"),
    Case("LM105", "follows", PASS, SMB | B, demands("smb", required=True)),
    Case("LM105", "follows", PASS, BOTH | B, demands("smb"), notes="Get-VMHost shows Compression"),
    Case("LM105", "both flags", PASS, BOTH | B, says="SMB", notes="are both set"),
    Case("LM105", "both flags", WARNING, BOTH | B, demands("compression"), notes="are both set"),
    Case("LM105", "differs", WARNING, COMPRESSION | B, demands("smb"), fix="performance-option"),
    Case("LM105", "differs", WARNING, SMB | B, demands("tcpip"), says="asks for TCP/IP"),
    Case(
        "LM105",
        "differs, required",
        FAIL,
        TCPIP | B,
        demands("compression", required=True),
        fix="performance-option",
    ),
    Case("LM105", "differs, required", FAIL, BOTH | B, demands("tcpip", required=True)),
    Case("LM105", "unreachable", BLOCKED, lost(UNREACHABLE), by="LM302"),
    Case("LM105", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    Case("LM106", "0", FAIL, {"maximum": 0}, fix="simultaneous-migrations"),
    Case("LM106", "0", FAIL, {"maximum": 0}, at_least(4), says="asks for 4"),
    Case("LM106", "less than 0, in facts that somebody wrote", FAIL, {"maximum": -1}),
    Case("LM106", "enough", PASS, {"maximum": 1}, says="1 live migration at"),
    Case("LM106", "enough", PASS, {"maximum": 4}, at_least(4, required=True)),
    Case(
        "LM106", "below policy", WARNING, {"maximum": 1}, at_least(2), fix="simultaneous-migrations"
    ),
    Case("LM106", "below policy, required", FAIL, {"maximum": 1}, at_least(2, required=True)),
    Case("LM106", "cluster", PASS, in_cluster(1), says="cl01 allows 1", notes="own value is 2"),
    Case("LM106", "cluster", PASS, in_cluster(2, maximum=0), at_least(2), notes="own value is 0"),
    Case("LM106", "cluster", WARNING, in_cluster(1), at_least(2), fix="cluster-migrations"),
    Case("LM106", "cluster", FAIL, in_cluster(1), at_least(2, required=True)),
    Case("LM106", "cluster", FAIL, in_cluster(0), fix="cluster-migrations"),
    Case("LM106", "cluster without a limit", PASS, in_cluster(None), says="The host allows 2"),
    Case("LM106", "cluster without a limit", FAIL, in_cluster(None, maximum=0)),
    Case("LM106", "cluster unread", BLOCKED, {**NODE, "lost": {"cluster": failure(root="")}}),
    # Its limit would count, so the node's own value shows nothing.
    Case("LM106", "cluster unread", BLOCKED, {**NODE, "also": {CLUSTER.name: Cluster(None, None)}}),
    Case("LM106", "enough", PASS, {"maximum": 1}, says="incoming ones included"),
    Case("LM106", "no node", PASS, {"lost": {"cluster": failure(root="")}}),
    Case("LM106", "unreachable", BLOCKED, lost(UNREACHABLE), by="LM302"),
    Case("LM106", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
