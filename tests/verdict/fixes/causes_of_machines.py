"""Causes that virtual machines have: their state, and what earlier moves left."""

from __future__ import annotations

from cause_told import Told
from fix_rows import MACHINE

from livemigration.verdict.fixes import drain, machine_files, machines

NAMES = ("web01", "db01")
GUIDS = ("11111111-0000-0000-0000-000000000001", "11111111-0000-0000-0000-000000000002")
MEDIA = (("web01", GUIDS[0], r"D:\iso\a.iso"), ("db01", GUIDS[1], ""))
WHICH = (("Virtual machines", "web01 and db01"),)

OF_MACHINES = (
    Told(
        lambda: drain.make_room(MACHINE, NAMES, ()),
        "Make room elsewhere",
        "have no place",
        "no place",
        "stops at the first",
        WHICH,
    ),
    Told(
        lambda: drain.longer_window(MACHINE, (("Takes", "By an estimate it takes 2 h."),)),
        "more time, or less to do",
        "longer than its window",
        "too long",
        "work on it is to begin",
        (("Takes", "By an estimate it takes 2 h."),),
    ),
    Told(
        lambda: machines.resume_machines(MACHINE, NAMES),
        "Bring back the storage",
        "storage is lost or full",
        "critical pause",
        "cannot be moved",
        WHICH,
    ),
    Told(
        lambda: machines.clear_planned(MACHINE, NAMES),
        "left planned virtual machines",
        "no migration runs",
        "left-overs",
        "the object already exists",
        WHICH,
    ),
    Told(
        lambda: machines.cluster_or_leave(MACHINE, NAMES),
        "roles of the cluster, or let them stay",
        "no roles of its cluster",
        "not clustered",
        "go down with the node",
        WHICH,
    ),
    Told(
        lambda: machine_files.eject_media(MACHINE, MEDIA),
        "Eject what virtual machines",
        "that only their host reaches",
        "local disc",
        "0xC03A0014",
        WHICH,
    ),
    Told(
        lambda: machine_files.detach_disks(MACHINE, NAMES),
        "Take the disks of",
        "pass-through",
        "pass-through",
        "whose disks are virtual",
        WHICH,
    ),
    Told(
        lambda: machine_files.keep_shared_disks(MACHINE, NAMES),
        "share a disk where their disk is",
        "shared VHDX or VHD set",
        "shared disk",
        "inside its cluster alone",
        WHICH,
    ),
    Told(
        lambda: machine_files.move_files(MACHINE, NAMES),
        "to a cluster shared volume",
        "only their own node reaches",
        "files off CSV",
        "Unsupported Cluster Configuration",
        WHICH,
    ),
    Told(
        lambda: machine_files.merge_disks(MACHINE, NAMES),
        "where every host reaches it",
        "build upon one which stays behind",
        "parent disk",
        "does not run elsewhere",
        WHICH,
    ),
)
