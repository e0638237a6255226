"""Causes in how a cluster moves, stores and votes."""

from __future__ import annotations

from cause_told import Told
from fix_rows import MACHINE

from livemigration.facts.cluster_owners import PossibleOwners
from livemigration.verdict.fixes import cluster_moves, cluster_quorum, cluster_storage

OWNERS = (PossibleOwners("Virtual Machine web01", ("HV07",)),)

OF_MOVES = (
    *(
        Told(
            lambda now=now, wanted=wanted, saved=saved: cluster_moves.move_type(  # type: ignore[misc] # mypy infers no lambda with defaults
                MACHINE, "cl01", now, wanted, saved
            ),
            "Have cl01, the cluster of {hosts}, move more machines live",
            f"A drain saves {saved}",
            "saved by a drain",
            "cut off until it runs",
            (("MoveTypeThreshold", shown), ("Set to", str(wanted))),
        )
        for now, wanted, saved, shown in (
            (3001, 2000, "every machine", "3001"),
            (None, 1000, "machines of a low priority", "2000, not set"),
        )
    ),
    Told(
        lambda: cluster_moves.unlock(MACHINE, ["web01", "web02"]),
        "Have nothing lock the virtual machines of",
        "is locked from moving",
        "locked",
        "refuses to move a locked group",
        (("Locked", "web01 and web02"),),
    ),
    Told(
        lambda: cluster_moves.more_owners(MACHINE, "cl01", OWNERS, ["HV07", "HV08"]),
        "Let other nodes own the virtual machines of",
        "no other possible owner that is up",
        "possible owners",
        "leaves the machine on it",
        (("Resources", "1 resource"), ("Owners", "HV07")),
    ),
    Told(
        lambda: cluster_moves.apart(MACHINE, "cl01", ["dc01"]),
        "kept apart",
        "Enforced anti-affinity leaves a machine no other node",
        "kept apart",
        "no two groups of one class",
        (("Kept apart", "dc01"),),
    ),
)

OF_CLUSTER_STORAGE = (
    Told(
        lambda: cluster_storage.bring_back(MACHINE, ["Volume1"]),
        "Bring the shared volumes of the cluster of",
        "cannot be used",
        "volume is lost",
        "is down or will be",
        (("Volumes", "Volume1"),),
    ),
    Told(
        lambda: cluster_storage.wait_for_volumes(MACHINE, ["Volume1"]),
        "in their usual state",
        "not in its usual state",
        "volume state",
        "waits for a backup",
        (("Volumes", "Volume1"),),
    ),
    Told(
        lambda: cluster_storage.wait_for_storage(MACHINE, ["job Repair (4 %)"]),
        "Let the storage of the cluster of",
        "not at rest",
        "storage busy",
        "take volumes offline",
        (("Not at rest", "job Repair (4 %)"),),
    ),
)

OF_QUORUM = (
    Told(
        lambda: cluster_quorum.more_votes(MACHINE, "cl01"),
        "votes enough to do without a node",
        "loses its quorum",
        "quorum",
        "the whole cluster stops",
    ),
)
