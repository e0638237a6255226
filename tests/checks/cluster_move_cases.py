"""The verdict table's rows of how a drain moves the machines of a node (LM605)."""

from __future__ import annotations

from typing import Any

from cluster_facts import node
from cluster_role_facts import FAILED, NAME, OFFLINE, PARTLY, PENDING, Vm, of_roles
from fact_builders import NODE, RUNNING, UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.cluster_groups import CLUSTER_GROUPS, CLUSTER_RESOURCES
from livemigration.facts.cluster_owners import CLUSTER_MOVE_TYPE, CLUSTER_POSSIBLE_OWNERS

APART: dict[str, Any] = {"properties": {"enforced_anti_affinity": True}}
DC: dict[str, Any] = {"classes": ("DC",)}
THREE = (node(), node("HV02"), node("HV03"))
ALL = ("HV01", "HV02", "HV03")
HERE = ("HV01",)
LONG = "x" * 81
ISOLATED, QUARANTINED, DRAINING, DRAIN_FAILED = 1, 2, 4, 0x10


def unread(group: Any) -> dict[str, Any]:
    return {**of_roles(Vm(priority=1000)), "lost": {group.name: failure(root="")}}


def row(name: str, state: Any, given: dict[str, Any], **more: Any) -> Case:
    return Case("LM605", name, state, given, **more)


CASES = (
    row("live", PASS, of_roles(Vm()), says="moves 1 virtual machine of this node live"),
    row("live", PASS, of_roles(Vm(priority=3000), Vm("web02")), says="2 virtual machines"),
    row("live", PASS, of_roles(Vm(priority=1000, node="HV02")), says="No virtual machine"),
    row("live", PASS, of_roles(Vm(node="hv01", owners=("hv01", "hv02")))),
    row("live", PASS, of_roles(Vm(priority=None))),
    row("live", PASS, of_roles(), says="No virtual machine of the cluster runs"),
    # Not those of the cluster itself, whatever their priority.
    row("live", PASS, of_roles(Vm(locked=None, status=None))),
    row("threshold above", FAIL, of_roles(Vm(), threshold=3001), fix="cluster-move-type"),
    row("threshold above", FAIL, of_roles(threshold=3001), says="a drain saves every machine,"),
    row("threshold above", FAIL, of_roles(Vm(priority=1000), threshold=3001), unsaid="web01"),
    row("threshold above", FAIL, of_roles(Vm(), threshold=2001), says="below 2001, medium ones"),
    row("threshold above", FAIL, of_roles(Vm(), threshold=3000), says="below 3000"),
    row("threshold at or below", PASS, of_roles(Vm(), threshold=2000)),
    row("threshold at or below", PASS, of_roles(Vm(priority=1000), threshold=1000)),
    row("threshold at or below", PASS, of_roles(Vm(priority=0), threshold=0)),
    row("low priority", WARNING, of_roles(Vm(priority=1000)), says="saves web01 (low) and does"),
    row("low priority", WARNING, of_roles(Vm(priority=0)), says="web01 (no automatic start)"),
    row("low priority", WARNING, of_roles(Vm(priority=1999)), fix="cluster-move-type"),
    row("low priority", WARNING, of_roles(Vm(priority=1999)), says="saves web01 (1999)"),
    row("low priority", WARNING, of_roles(Vm(LONG, priority=0)), says=f"{LONG[:77]}... (no auto"),
    row("low priority", WARNING, of_roles(Vm(priority=0), threshold=1000), says="below 1000"),
    row("low priority", WARNING, of_roles(Vm(priority=1000, state=PARTLY))),
    row("low priority", WARNING, of_roles(Vm(priority=1000, state=PENDING))),
    row("low priority", WARNING, of_roles(Vm(priority=1000, state=-1))),
    row("low priority, off", PASS, of_roles(Vm(priority=1000, state=OFFLINE))),
    row("low priority, off", PASS, of_roles(Vm(priority=0, state=FAILED))),
    row(
        "locked", FAIL, of_roles(Vm(locked=1)), says="has locked web01", fix="cluster-locked-group"
    ),
    row("locked", FAIL, of_roles(Vm(locked=None, status=1)), says="has locked web01"),
    row("locked", FAIL, of_roles(Vm(status=0x201))),
    row("locked, off", PASS, of_roles(Vm(locked=1, state=OFFLINE)), notes="not running: web01"),
    row("locked elsewhere", PASS, of_roles(Vm(locked=1, node="HV02"))),
    row("not locked", PASS, of_roles(Vm(status=0x600))),
    row(
        "owners",
        FAIL,
        of_roles(Vm(owners=HERE)),
        says="may own web01: possible owners of Virtual Machine web01 (HV01)",
        fix="cluster-possible-owners",
    ),
    row(
        "owners",
        FAIL,
        of_roles(Vm(configuration=HERE)),
        says="possible owners of Virtual Machine Configuration web01 (HV01)",
    ),
    # The one may be on HV02 only, and the other on HV03.
    row(
        "owners",
        FAIL,
        of_roles(Vm(owners=("HV01", "HV02"), configuration=("HV01", "HV03")), nodes=THREE),
        says="Virtual Machine web01 (HV01 and HV02)",
    ),
    row("owners", PASS, of_roles(Vm(owners=("HV01", "HV03"), configuration=ALL), nodes=THREE)),
    # The only other owner is paused.
    row(
        "owners",
        FAIL,
        of_roles(
            Vm(owners=("HV01", "HV03"), configuration=ALL),
            nodes=(node(), node("HV02"), node("HV03", 2)),
        ),
    ),
    # Those that bar no other node are not named.
    row(
        "owners",
        FAIL,
        of_roles(Vm(owners=("HV02",), configuration=HERE)),
        says="Machine Configuration web01 (HV01)",
        unsaid="Machine web01 (",
    ),
    # Nobody else has its class.
    row("owners", FAIL, of_roles(Vm(owners=HERE, **DC), **APART), fix="cluster-possible-owners"),
    # A group that has no machine any more.
    row("owners of nothing", PASS, of_roles(Vm(), also={CLUSTER_RESOURCES.name: (NAME,)})),
    row("owners, off", PASS, of_roles(Vm(owners=HERE, state=OFFLINE)), notes="does not run: web01"),
    row("owners elsewhere", PASS, of_roles(Vm(node="HV02", owners=("HV02",)))),
    row("owners not named", BLOCKED, of_roles(Vm(owners=None)), says="owner of Virtual Machine we"),
    row(
        "owners not named",
        BLOCKED,
        of_roles(Vm(), also={CLUSTER_POSSIBLE_OWNERS.name: ()}),
        says="names possible owners of no resource",
    ),
    row("apart", FAIL, of_roles(Vm(**DC), Vm("dc02", "HV02", **DC), **APART), says="(class DC)"),
    row(
        "apart",
        FAIL,
        of_roles(Vm(**DC), Vm("dc02", "HV02", classes=("dc", "x")), **APART),
        fix="cluster-anti-affinity",
    ),
    row("apart", FAIL, of_roles(Vm(**DC), Vm("dc02", **DC), **APART), says="take web01 and dc02"),
    row(
        "apart",
        PASS,
        of_roles(
            *(
                Vm(name, at, owners=ALL, configuration=ALL, **DC)
                for name, at in (("a", "HV01"), ("b", "HV02"))
            ),
            nodes=THREE,
            **APART,
        ),
    ),
    # Of three nodes, one is barred by its class and the other by the owners.
    row(
        "apart",
        FAIL,
        of_roles(
            Vm(owners=("HV01", "HV02"), configuration=ALL, **DC),
            Vm("dc02", "HV02", owners=ALL, configuration=ALL, **DC),
            nodes=THREE,
            **APART,
        ),
        says="Possible owners of Virtual Machine web01 (HV01 and HV02)",
    ),
    # Both of its resources may be on the other node.
    row(
        "apart",
        FAIL,
        of_roles(
            Vm(owners=("HV02",), configuration=("HV02",), **DC), Vm("dc02", "HV02", **DC), **APART
        ),
        says="cannot take web01 (class DC).",
        unsaid="ossible owners",
    ),
    row("apart, soft", PASS, of_roles(Vm(**DC), Vm("dc02", "HV02", **DC))),
    row("apart, off", PASS, of_roles(Vm(**DC), Vm("dc02", "HV02", state=OFFLINE, **DC), **APART)),
    row("apart, other class", PASS, of_roles(Vm(**DC), Vm("x", "HV02", classes=("X",)), **APART)),
    row("apart, no class", PASS, of_roles(Vm(), Vm("dc02", "HV02", classes=("",)), **APART)),
    *(
        row(
            "nowhere",
            WARNING,
            of_roles(Vm(), nodes=(node(), node("HV02", **other))),
            says="No other",
        )
        for other in (
            {"state": 1},
            {"state": 2},
            {"state": 3},
            {"status": ISOLATED},
            {"status": QUARANTINED},
            {"status": DRAINING},
            {"state": 2, "status": DRAIN_FAILED},
        )
    ),
    row("nowhere", PASS, of_roles(nodes=(node(), node("HV02", 1)))),
    row("somewhere", PASS, of_roles(Vm(), nodes=(node(), node("HV02", status=DRAIN_FAILED)))),
    row("perhaps", PASS, of_roles(Vm(), nodes=(node(), node("HV02", -1)))),
    row("perhaps", PASS, of_roles(Vm(), nodes=(node(), node("HV02", 9)))),
    row("alone", INAPPLICABLE, of_roles(Vm(priority=1000), nodes=(node(),)), says="one node"),
    row("no node", INAPPLICABLE, {}, says="in no cluster"),
    row(
        "no group",
        BLOCKED,
        of_roles(also={CLUSTER_GROUPS.name: ()}),
        says="cl01 shows this account no group",
    ),
    row(
        "no resource",
        BLOCKED,
        of_roles(also={CLUSTER_RESOURCES.name: ()}),
        says="cl01 shows this account no resource",
    ),
    row("unread", BLOCKED, unread(CLUSTER_GROUPS)),
    row("unread", BLOCKED, unread(CLUSTER_RESOURCES)),
    row("unread", BLOCKED, unread(CLUSTER_POSSIBLE_OWNERS)),
    row("unread", BLOCKED, unread(CLUSTER_MOVE_TYPE)),
    # What is known is said all the same.
    row(
        "unread",
        FAIL,
        {**of_roles(Vm(locked=1)), "lost": {CLUSTER_MOVE_TYPE.name: failure(root="")}},
        says="has locked web01",
    ),
    row("stopped", BLOCKED, {**NODE, "services": {**RUNNING, "ClusSvc": "Stopped"}}, by="LM602"),
    row("unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    row("2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
