"""The verdict table's rows of what virtual machines have in their drives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fact_builders import NODE, UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import (
    BLOCKED,
    FAIL,
    INAPPLICABLE,
    PASS,
    VMM_IS_DOWN,
    WARNING,
    Case,
    Otherwise,
)
from vm_facts import OFF, SAVED, Vm, role_of, with_machines

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, ClusterResource
from livemigration.facts.host import OPERATING_SYSTEM, OperatingSystem
from livemigration.facts.model import FailureKind

CSV = r"C:\ClusterStorage\Volume1"
ISO, GUEST_DISC = r"D:\iso\linux.iso", r"C:\Windows\system32\vmguest.iso"
WEB = Vm("web01")
DISCS = tuple(Vm(f"m{each}", disc=ISO) for each in (1, 2))


def vms(*machines: Vm, build: int = 9200, **said: Any) -> dict[str, Any]:
    system = OperatingSystem(build, f"10.0.{build}", "Windows")
    return {"also": {**with_machines(*machines, **said), OPERATING_SYSTEM.name: system}}


def node(*machines: Vm, roles: tuple[str, ...] = (), silent: str = "") -> dict[str, Any]:
    """Return machines of a node, of which those of these names are roles of its cluster."""
    found = [role_of(Vm(name)) for name in roles]
    if silent:
        found.append(ClusterResource(silent, "Virtual Machine", 2, silent, "HV01"))
    found.append(ClusterResource("Cluster Name", "Network Name", 2, "Cluster Group", "HV01"))
    also = {
        **with_machines(*machines),
        CLUSTER.name: Cluster("cl01", None),
        CLUSTER_RESOURCES.name: tuple(found),
    }
    return {**NODE, "also": also}


def on_csv(name: str, **said: Any) -> Vm:
    return Vm(name, path=CSV, **said)


STAYS = {"stays": ("M1", "x*")}
CROSSING = {"migration_scope": "cross-host"}
ALL_LOST = {"lost": all_lost(UNREACHABLE)}
OLD = {"lost": without_hyperv_v2()}
PASSED = Vm("sql01", physical=("disk",))
SHARED = Vm("a", shared=True)
VHDS = Vm("a", disks=(r"\\fs\vms\a.VHDS",))
LEFT_OVER = Vm("a", disks=(r"D:\a\a_5F3C.avhdx",))

BASE, SHARED_BASE, CSV_BASE = r"D:\base.vhdx", r"\\fs01\base.vhdx", rf"{CSV}\base.vhdx"
OF_CHECKPOINT = Vm("a", disks=(r"D:\a\a_5F3C.avhdx",), checkpoints=1)
NOT_ASKED = failure(FailureKind.NOT_IN_FILE, "")
NO_RECORD = {"also": {**vms(WEB)["also"], "vmm-disks": ()}}

CASES = (
    Case("LM701", "none", PASS, vms(WEB), says="1 virtual machine"),
    Case("LM701", "local path", FAIL, vms(WEB, *DISCS), found=2, fix="eject-media", says=ISO),
    Case("LM701", "local path", FAIL, vms(Vm("a", disc="E:/x.iso")), unsaid="web01"),
    Case("LM701", "local path", FAIL, vms(Vm("a", SAVED, disc=ISO))),
    Case("LM701", "local path", FAIL, vms(Vm("a", disc=r"\\?\D:\x.iso"))),
    Case("LM701", "local path of a node", FAIL, node(on_csv("a", disc=ISO), roles=("a",))),
    Case("LM701", "physical drive", FAIL, vms(Vm("a", physical=("dvd",))), says="the DVD drive of"),
    Case("LM701", "physical drive", FAIL, vms(Vm("a", physical=("dvd",), disc=ISO)), says=ISO),
    Case("LM701", "physical disk", PASS, vms(PASSED)),
    Case("LM701", "CSV", WARNING, node(on_csv("a", disc=rf"{CSV}\x.iso")), says="shared volume"),
    Case("LM701", "CSV", WARNING, vms(Vm("a", disc=r"c:\clusterstorage\library\x.ISO"))),
    Case("LM701", "share", WARNING, vms(Vm("a", disc=r"\\fs01\iso\x.iso")), says="on a share"),
    Case("LM701", "share", WARNING, vms(Vm("a", disc=r"\\?\UNC\fs01\iso\x.iso"))),
    Case("LM701", "share", FAIL, vms(Vm("a", disc=r"\\fs01\iso\x.iso", physical=("dvd",)))),
    Case("LM701", "guest disc, 2012 R2", PASS, vms(Vm("a", disc=GUEST_DISC), build=9600)),
    Case("LM701", "guest disc, 2012 R2", PASS, vms(Vm("a", disc=GUEST_DISC.upper()), build=9200)),
    Case("LM701", "guest disc, 2016", FAIL, vms(Vm("a", disc=GUEST_DISC), build=14393)),
    Case("LM701", "off", PASS, vms(WEB, Vm("a", OFF, disc=ISO)), notes="to reach: a"),
    Case("LM701", "off", PASS, vms(Vm("a", OFF, disc=r"\\fs01\iso\x.iso")), unsaid="a."),
    Case("LM701", "stays", PASS, vms(WEB, DISCS[0]), STAYS, notes="not judged: m1"),
    Case("LM701", "stays", INAPPLICABLE, vms(DISCS[0]), STAYS, says="are to stay: m1"),
    Case("LM701", "stays", FAIL, vms(*DISCS), {"stays": ("m1",)}, unsaid="m1 has"),
    Case("LM701", "no machine", INAPPLICABLE, vms(), says="no virtual machine"),
    Case("LM701", "unseen", BLOCKED, vms(workers=2), says="may not see"),
    Case("LM701", "unread", BLOCKED, {"lost": {"virtual-disks": failure(root="")}}),
    Case("LM701", "unreachable", BLOCKED, ALL_LOST, by="LM302"),
    Case("LM701", "2008 R2", INAPPLICABLE, OLD),
    Case("LM702", "files", PASS, vms(WEB), says="no disk stays behind"),
    Case("LM702", "state unseen", PASS, vms(WEB, Vm("a", path=r"\\fs01\vms", shows_state=False))),
    Case("LM702", "files", PASS, vms(Vm("a", path=r"\\fs01\vms"))),
    Case("LM702", "files", PASS, node(on_csv("a"), roles=("a",))),
    Case("LM702", "pass-through", FAIL, vms(PASSED), says="sql01 has a disk of this host"),
    Case("LM702", "pass-through", FAIL, vms(PASSED), fix="pass-through-disks"),
    Case("LM702", "pass-through", FAIL, node(PASSED), says="sql01"),
    Case("LM702", "pass-through role", WARNING, node(replace(PASSED, path=CSV), roles=("sql01",))),
    Case(
        "LM702",
        "pass-through, not known",
        WARNING,
        node(replace(PASSED, path=CSV), silent="other"),
        says="is not known",
    ),
    Case("LM702", "DVD drive", PASS, vms(Vm("a", physical=("dvd",)))),
    Case("LM702", "shared", FAIL, vms(SHARED), says="a shares a disk", fix="shared-disks"),
    Case("LM702", "shared", FAIL, vms(VHDS)),
    Case("LM702", "shared", FAIL, node(on_csv("a", shared=True), roles=("a",)), CROSSING),
    Case("LM702", "shared in its cluster", PASS, node(on_csv("a", shared=True), roles=("a",))),
    Case("LM702", "shared in its cluster", PASS, vms(VHDS), {"migration_scope": "in-cluster"}),
    Case("LM702", "not shared", PASS, vms(Vm("a", shared=None))),
    Case("LM702", "role off CSV", FAIL, node(Vm("a"), roles=("a",)), fix="files-off-csv"),
    Case("LM702", "role off CSV", FAIL, node(on_csv("a", disks=(r"J:\a.vhdx",)), roles=("a",))),
    Case("LM702", "role off CSV", PASS, node(Vm("a", OFF), roles=("a",))),
    Case("LM702", "role on SMB", PASS, node(Vm("a", path=r"\\sofs\vms"), roles=("a",))),
    Case("LM702", "local, no role", PASS, node(Vm("a"), on_csv("b"), roles=("b",))),
    Case("LM702", "local, not known", WARNING, node(Vm("a"), silent="b"), says="not known"),
    Case("LM702", "backup", WARNING, vms(Vm("a", in_backup=True)), says="a backup of it runs"),
    Case("LM702", "merge", WARNING, vms(Vm("a", status=(2, 32772))), says="being merged"),
    Case("LM702", "merge", WARNING, vms(Vm("a", status=(2, 32770))), says="being deleted"),
    Case("LM702", "merge due", WARNING, vms(LEFT_OVER), says="a merge of its disks is due"),
    Case("LM702", "checkpoint", PASS, vms(replace(LEFT_OVER, checkpoints=1))),
    Case("LM702", "checkpoint", PASS, vms(replace(LEFT_OVER, checkpoints=None))),
    Case("LM702", "parent", FAIL, vms(Vm("a", bases=(BASE,))), says=BASE, fix="parent-disks"),
    Case("LM702", "parent", FAIL, vms(Vm("a", bases=(BASE,)), Vm("b", bases=(BASE,))), found=2),
    Case("LM702", "parent", FAIL, vms(Vm("a", bases=(SHARED_BASE, BASE))), says=BASE),
    Case("LM702", "parent", FAIL, vms(Vm("a", bases=(CSV_BASE,)))),
    Case("LM702", "parent", FAIL, node(on_csv("a", bases=(BASE,)), roles=("a",))),
    Case("LM702", "parent", FAIL, node(on_csv("a", bases=(CSV_BASE,)), roles=("a",)), CROSSING),
    Case("LM702", "parent on CSV", PASS, node(on_csv("a", bases=(CSV_BASE,)), roles=("a",))),
    Case("LM702", "parent on a share", PASS, vms(Vm("a", bases=(SHARED_BASE,)))),
    Case("LM702", "parent, off", PASS, vms(WEB, Vm("a", OFF, bases=(BASE,)))),
    Case("LM702", "parent of a checkpoint", PASS, vms(replace(OF_CHECKPOINT, bases=(BASE,)))),
    Case("LM702", "parent of a checkpoint", PASS, vms(replace(OF_CHECKPOINT, bases=(None,)))),
    Case("LM702", "parent of a checkpoint", FAIL, vms(replace(OF_CHECKPOINT, bases=(BASE, BASE)))),
    Case("LM702", "parent without path", BLOCKED, vms(Vm("a", bases=(None,))), says="where that"),
    Case("LM702", "parent without path", BLOCKED, vms(replace(OF_CHECKPOINT, bases=(None, None)))),
    Case("LM702", "parent without path", BLOCKED, vms(Vm("a", differencing=True)), says=": a"),
    Case("LM702", "kind not known", PASS, vms(Vm("a", differencing=None))),
    Case("LM702", "parents unread", BLOCKED, vms(WEB) | {"lost": {"vmm-disks": failure(root="")}}),
    Case("LM702", "parents not asked for", PASS, vms(WEB) | {"lost": {"vmm-disks": NOT_ASKED}}),
    Case(
        "LM702",
        "no record",
        PASS,
        {"also": {**vms(WEB)["also"], "vmm-disks": ()}},
        notes="build upon: web01",
    ),
    Case("LM702", "off", PASS, vms(WEB, replace(PASSED, enabled=OFF)), notes="runs: sql01"),
    Case("LM702", "off", PASS, vms(replace(SHARED, enabled=OFF)), notes="runs: a"),
    Case("LM702", "off", PASS, vms(Vm("a", OFF, in_backup=True))),
    Case("LM702", "replica", INAPPLICABLE, vms(Vm("r", OFF, mode=2)), says="only replicas: r"),
    Case("LM702", "stays", PASS, vms(WEB, PASSED), {"stays": ("SQL01",)}, notes="judged: sql01"),
    Case("LM702", "stays", INAPPLICABLE, vms(PASSED), {"stays": ("SQL01",)}, says="to stay: sql01"),
    Case("LM702", "no machine", INAPPLICABLE, vms()),
    Case("LM702", "unseen", BLOCKED, vms(workers=2)),
    Case("LM702", "unread", BLOCKED, {"lost": {"physical-drives": failure(root="")}}),
    Case(
        "LM702",
        "cluster unread",
        BLOCKED,
        {**node(Vm("a")), "lost": {CLUSTER_RESOURCES.name: failure(root="")}},
    ),
    Case("LM702", "unreachable", BLOCKED, ALL_LOST, by="LM302"),
    Case("LM702", "2008 R2", INAPPLICABLE, OLD),
)

# Upon what disks build, nobody else says.
OTHERWISE = (Otherwise("LM702", behind=VMM_IS_DOWN),)
