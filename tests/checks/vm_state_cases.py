"""The verdict table's rows of the states of virtual machines, and of what moves left."""

from __future__ import annotations

from typing import Any

from fact_builders import MANAGEMENT, UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case
from vm_facts import OFF, PAUSED, SAVED, Vm, machine_groups, with_machines

from livemigration.base.addresses import parse_address
from livemigration.facts.migration import LISTENERS, MigrationService


def vms(*machines: Vm, **said: Any) -> dict[str, Any]:
    return {"also": with_machines(*machines, **said)}


def lost_row(*machines: Vm) -> dict[str, Any]:
    """Return machines whose states the host shows for none of them."""
    groups = {group.name: value for group, value in machine_groups(*machines)}
    return {"also": groups | {"virtual-machine-states": with_machines()["virtual-machine-states"]}}


WEB, DB, OFF_ONE, SAVED_ONE = Vm("web01"), Vm("db01"), Vm("old01", OFF), Vm("bak01", SAVED)
REPLICA = Vm("rep01", OFF, mode=2)
CRITICAL = Vm("sql01", PAUSED, status=(3,), health=25)


def moving(active: int = 0, storage: int = 0, **said: Any) -> dict[str, Any]:
    service = MigrationService((parse_address(MANAGEMENT),), active, storage)
    return {"also": {**with_machines(WEB, **said), LISTENERS.name: service}}


CASES = (
    Case("LM705", "runs", PASS, vms(WEB, DB), says="2 virtual machines"),
    Case("LM705", "off", PASS, vms(WEB, OFF_ONE), notes="Off, so that no live migration"),
    Case("LM705", "saved", PASS, vms(SAVED_ONE), notes="moved as it is, without running: bak01"),
    Case("LM705", "saved", PASS, vms(Vm("a", 32769)), notes="Saved"),
    Case("LM705", "paused by a person", PASS, vms(Vm("a", PAUSED)), notes="Paused: a"),
    Case("LM705", "critical pause", FAIL, vms(WEB, CRITICAL), says="sql01", fix="resume-machines"),
    Case("LM705", "critical pause", FAIL, vms(Vm("a", PAUSED, health=25)), unsaid="web01"),
    Case("LM705", "critical pause", FAIL, vms(Vm("a", PAUSED, status=(3,), health=None))),
    Case("LM705", "critical pause", FAIL, vms(CRITICAL, Vm("b", PAUSED, (6,))), found=2),
    Case("LM705", "runs", PASS, vms(Vm("a", health=25, status=(3,)))),
    Case("LM705", "migrating", WARNING, vms(WEB, Vm("a", status=(2, 32774))), says="migrated"),
    Case("LM705", "exporting", WARNING, vms(Vm("a", OFF, (2, 32773))), says="a cannot be moved"),
    Case("LM705", "checkpoint", WARNING, vms(Vm("a", status=(2, 32768))), says="being made"),
    Case("LM705", "checkpoint", WARNING, vms(Vm("a", status=(2, 32769))), says="applied"),
    Case("LM705", "waits", WARNING, vms(Vm("a", OFF, (2, 32771))), says="waits to start"),
    Case("LM705", "disks are LM702's", PASS, vms(Vm("a", status=(2, 32772))), unsaid="merg"),
    Case("LM705", "disks are LM702's", PASS, vms(Vm("a", status=(2, 32770)))),
    Case("LM705", "starts", WARNING, vms(Vm("a", 10)), says="it starts"),
    Case("LM705", "shuts down", WARNING, vms(Vm("a", 4)), says="shuts down"),
    Case("LM705", "between two states", WARNING, vms(Vm("a", 32773)), says="EnabledState 32773"),
    Case("LM705", "unknown", WARNING, vms(Vm("a", 0)), says="not known (EnabledState 0)"),
    Case("LM705", "unknown", WARNING, vms(Vm("a", None, ())), says="does not say"),
    Case("LM705", "unknown", WARNING, vms(WEB, Vm("a", shows_state=False)), says="a cannot"),
    Case("LM705", "failover", WARNING, vms(Vm("a", mode=2, replication=5)), says="failover"),
    Case("LM705", "failover", WARNING, vms(Vm("a", mode=1, replication=12)), says="State 12"),
    Case("LM705", "primary", PASS, vms(Vm("a", mode=1, replication=4)), unsaid="replica"),
    Case("LM705", "without replication", PASS, vms(Vm("a", mode=0, replication=5))),
    Case("LM705", "replica", PASS, vms(WEB, REPLICA), notes="not judged: rep01"),
    Case("LM705", "replica", INAPPLICABLE, vms(REPLICA, Vm("r", OFF, mode=4)), says="rep01 and r"),
    Case("LM705", "replica", PASS, vms(WEB, Vm("t", 10, mode=3))),
    Case("LM705", "none", INAPPLICABLE, vms(), says="no virtual machine"),
    Case("LM705", "unseen", BLOCKED, vms(workers=4), says="may not see"),
    Case("LM705", "unseen", BLOCKED, vms(own_row=False)),
    Case("LM705", "unseen", PASS, vms(OFF_ONE, workers=1), notes="1 process vmwp.exe runs"),
    Case("LM705", "states unseen", WARNING, lost_row(WEB), says="does not say"),
    Case("LM705", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM705", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    Case("LM707", "none", PASS, moving(), says="No planned"),
    Case("LM707", "none", PASS, vms(), says="No planned"),
    Case(
        "LM707", "left", WARNING, moving(planned=("a", "b")), says="a and b", fix="planned-machines"
    ),
    Case(
        "LM707", "left", WARNING, moving(planned=("a",), jobs=(7, 10)), says="no migration runs: a"
    ),
    Case("LM707", "a migration runs", PASS, moving(1, planned=("a",)), says="A migration runs"),
    Case("LM707", "a migration runs", PASS, moving(0, 1, planned=("a",))),
    Case("LM707", "a migration runs", PASS, moving(planned=("a",), jobs=(7, 4))),
    Case("LM707", "a migration runs", PASS, moving(planned=("a",), jobs=(None,))),
    Case("LM707", "unseen", BLOCKED, vms(workers=1), says="may not see"),
    Case("LM707", "unread", BLOCKED, {"lost": {"planned-machines": failure(root="")}}),
    Case("LM707", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM707", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
