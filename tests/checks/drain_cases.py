"""The verdict table's rows of drains: whether a host can be emptied, and in time (LM801, LM802)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cluster_facts import node, of_cluster
from drain_facts import free
from fact_builders import HOST, OTHER, UNREACHABLE, all_lost, failure, without_hyperv_v2
from fact_parts import gathered
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case, Otherwise
from vm_facts import OFF, SAVED, Vm, with_machines

from livemigration.facts.adapter_speeds import ADAPTER_SPEEDS
from livemigration.facts.cluster_nodes import ClusterNode
from livemigration.facts.cluster_preferences import CLUSTER_MEMORY_RESERVE
from livemigration.facts.directory import DIRECTORY_CONTROLLERS, DomainController
from livemigration.facts.host_memory import MEMORY_POOL, NUMA_SPANNING, NumaSpanning
from livemigration.facts.identity import Listed
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.facts.virtual_memory import VIRTUAL_MACHINE_MEMORY
from livemigration.facts.vmm import VMM_RECORD, VmmRecord
from livemigration.facts.vmm_disks import VMM_DISKS
from livemigration.facts.volumes import VOLUME_SPACE, VolumeSpace
from livemigration.inventory.drain import DrainRequest

GIGABYTE = 1024
DECLARED = frozenset({HOST, OTHER})
THIRD = "hv03.contoso.com"


def on_share(name: str, **said: Any) -> Vm:
    """Return a machine whose files both hosts reach, of a version that both run."""
    return Vm(name, version="4.0", path=r"\\fs01\vms", **said)


WEB, DB = on_share("web01", memory=4 * GIGABYTE), on_share("db01", memory=6 * GIGABYTE)


LOCAL = Vm("a", version="4.0")


def volumes(*free: tuple[str, int]) -> dict[str, Any]:
    """Return what is free on the volumes of a host, in MB."""
    return {VOLUME_SPACE.name: tuple(VolumeSpace(*each) for each in free)}


def runs(*machines: Vm, there: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a host with these machines, and another one, which runs nothing, with this."""
    nothing = with_machines()
    return {
        "also": with_machines(*machines),
        "second": {"also": {**nothing, **free(10 * GIGABYTE), **(there or {})}},
        **more,
    }


def listed(*names: str) -> tuple[Listed, ...]:
    return tuple(map(Listed, names))


def row(name: str, state: Any, given: dict[str, Any], **more: Any) -> Case:
    return Case("LM801", name, state, given, **{"exchanges": DECLARED, **more})


def in_time(name: str, state: Any, given: dict[str, Any], window: int | None, **more: Any) -> Case:
    asked = DrainRequest((HOST,), window=window)
    return Case("LM802", name, state, given, exchanges=DECLARED, drain=asked, **more)


WITHOUT_OTHER, TO_OTHER = DrainRequest(without=(OTHER,)), DrainRequest(to=(OTHER,))
TO_NOBODY = DrainRequest(to=(THIRD,))
RESERVED = {VMM_RECORD.name: VmmRecord(True, OTHER, memory_reserve=16 * GIGABYTE)}
LOST: dict[str, Any] = {"lost": all_lost(UNREACHABLE)}
KNOWN = gathered(DIRECTORY_CONTROLLERS, (DomainController("dc01.contoso.com"),))
BY_ITS_NAME = "DC01 is a domain controller by its name: the plan moves it last"
TOO_MUCH = runs(WEB, DB, there=free(9 * GIGABYTE))


def beside(third: ClusterNode) -> dict[str, Any]:
    """Return the same of the first of three nodes, of which one is no host of the inventory."""
    nodes = (node(), node("HV02"), third)
    return of_cluster(nodes=nodes, also=with_machines(WEB, DB), second=TOO_MUCH["second"])


CASES = (
    row("a place", PASS, runs(WEB), says="hv02.contoso.com: web01"),
    row("a place", PASS, runs(WEB, DB), says="all 2 virtual machines of hv01.contoso.com"),
    row("a place, assumed", PASS, runs(WEB), exchanges=None, notes="only assumed to exchange"),
    row("a place, as named", PASS, runs(WEB), drain=TO_OTHER),
    row("nothing runs", PASS, runs(), says="No virtual machine has to leave"),
    row("nothing runs", PASS, runs(on_share("a", enabled=OFF)), notes="no place is asked for: a"),
    row("nothing runs", PASS, runs(on_share("a", enabled=SAVED)), notes="Off or saved"),
    row(
        "reserve not known",
        PASS,
        runs(WEB, other={VMM_RECORD.name: failure(root="")}),
        notes="keeps free on hv02.contoso.com could not be read",
    ),
    row("stays", PASS, runs(WEB, there=free(0)), policy={"stays": ("WEB*",)}, notes="shut down"),
    row(
        "no spanning",
        PASS,
        runs(WEB, there={NUMA_SPANNING.name: NumaSpanning(False)}),
        notes="No machine may span NUMA nodes on hv02.contoso.com",
    ),
    row("reserve", WARNING, runs(WEB, there={**RESERVED, **free(4 * GIGABYTE)}), says="keeps free"),
    row("VMM aboard", WARNING, runs(on_share("VMM01")), says="VMM itself runs in VMM01"),
    row("controller aboard", WARNING, runs(on_share("DC01"), lost=KNOWN), says=BY_ITS_NAME),
    row("controller aboard", WARNING, runs(on_share("dc01.b.test"), lost=KNOWN), says="dc01.b.te"),
    row("controller aboard", WARNING, runs(on_share("DC01"), other=KNOWN), says=BY_ITS_NAME),
    row("controller aboard", FAIL, runs(on_share("DC01"), there=free(0), lost=KNOWN), says="1 of"),
    row("no controller", PASS, runs(on_share("DC01-old"), lost=KNOWN)),
    row(
        "controllers not known",
        PASS,
        runs(WEB, lost={DIRECTORY_CONTROLLERS.name: failure(root="")}),
        notes="Whether a machine is a domain controller is not known: ",
    ),
    row("no directory", PASS, runs(WEB), notes="is not known: no directory configured."),
    row("no place", FAIL, TOO_MUCH, says="1 of 2 virtual machines", fix="drain-no-place"),
    row("no place", FAIL, TOO_MUCH, notes="web01 (4 GB) has no place"),
    row("no place", FAIL, runs(WEB, there=free(0)), notes="free 0 MB after the plan, needs 4 GB"),
    row("no place, as named", FAIL, runs(WEB), drain=TO_NOBODY, notes="--to names others"),
    row("no place, the other is down", FAIL, runs(WEB), drain=WITHOUT_OTHER),
    row(
        "no place, refused",
        FAIL,
        runs(WEB, second={"also": with_machines(), "enabled": False}),
        notes="live migration is disabled on the destination (LM101)",
    ),
    row(
        "no place, none may arrive",
        FAIL,
        runs(WEB, second={"also": with_machines(), "maximum": 0}),
        notes="not one live migration is allowed on the destination (LM106)",
    ),
    row("no place in the inventory", BLOCKED, beside(node("HV09")), says="to HV09: it was not lo"),
    row("no place, the node is down", FAIL, beside(node("HV09", 1)), says="1 of 2 virtual"),
    row("no place, assumed", WARNING, TOO_MUCH, exchanges=None, fix="drain-no-place"),
    row(
        "memory not known",
        BLOCKED,
        runs(WEB, other={MEMORY_POOL.name: failure(root="")}),
        says="web01 to hv02.contoso.com: its free memory could not be read",
    ),
    row("disks move along", PASS, runs(LOCAL), says="hv02.contoso.com: a"),
    row("disks move along", PASS, runs(LOCAL, replace(LOCAL, name="b", size=91_000))),
    row(
        "no place for disks",
        FAIL,
        runs(LOCAL, replace(LOCAL, name="b", size=92_161)),
        notes="of disk after the plan, needs",
    ),
    row(
        "disks go to one of several volumes",
        BLOCKED,
        runs(replace(LOCAL, size=30_000), there=volumes(("C:", 20_000), ("D:", 20_000))),
        says="hv02.contoso.com depends on which of its volumes they go to",
    ),
    row(
        "disks go to one of several volumes",
        FAIL,
        runs(replace(LOCAL, size=40_001), there=volumes(("C:", 20_000), ("D:", 20_000))),
    ),
    row(
        "room for disks not known",
        BLOCKED,
        runs(LOCAL, other={VOLUME_SPACE.name: failure(root="")}),
        says="how much is free is not known",
    ),
    row("disks not known", BLOCKED, runs(replace(LOCAL, size=None)), says="how large they are"),
    row("disks not known", BLOCKED, runs(replace(LOCAL, checkpoints=1)), says="how large they are"),
    row("disks not known", BLOCKED, runs(replace(LOCAL, in_backup=True)), says="how large they"),
    row(
        "disks not known",
        BLOCKED,
        runs(LOCAL, lost={VMM_DISKS.name: failure(root="")}),
        says="what its disks build upon is not known (LM702)",
    ),
    row(
        "disks not known",
        BLOCKED,
        runs(replace(LOCAL, bases=(r"\\fs01\base.vhdx",))),
        says="how large they are",
    ),
    row(
        "not looked at",
        BLOCKED,
        runs(WEB, there=free(0), listed=listed(HOST, OTHER, THIRD)),
        exchanges=frozenset({HOST, OTHER, THIRD}),
        says="web01 to hv03.contoso.com: it was not looked at",
    ),
    row(
        "machines there not known",
        BLOCKED,
        runs(WEB, there=free(0), other={VIRTUAL_MACHINES.name: failure(root="")}),
        says="depends on what is not known: Reading it: it failed.",
    ),
    row("no rights", BLOCKED, {"also": with_machines(workers=1)}, says="may not see"),
    row("memory of one", BLOCKED, runs(on_share("a", memory=None)), says="how much memory a has"),
    row("unread", BLOCKED, {"lost": {VIRTUAL_MACHINE_MEMORY.name: failure(root="")}}),
    row("unreachable", BLOCKED, LOST, by="LM302"),
    row("2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    in_time("in time", PASS, runs(WEB), 3600, says="The window is 60 min"),
    in_time("in time", PASS, runs(WEB), 3600, notes="links: 10 Gb/s"),
    in_time("perhaps too long", WARNING, runs(WEB), 20, fix="drain-too-long"),
    in_time("too long", FAIL, runs(WEB), 3, fix="drain-too-long"),
    in_time("no window", INAPPLICABLE, runs(WEB), None, notes="By an estimate it takes"),
    in_time("nothing runs", INAPPLICABLE, runs(), 60, says="Nothing has to leave"),
    in_time("no plan", BLOCKED, TOO_MUCH, 60, by="LM801"),
    in_time(
        "link not known",
        BLOCKED,
        runs(WEB, other={ADAPTER_SPEEDS.name: failure(root="")}),
        3600,
        says="The link for migrations is not known of hv02.contoso.com",
    ),
    in_time(
        "link not known",
        FAIL,
        runs(WEB, other={ADAPTER_SPEEDS.name: failure(root="")}),
        1,
    ),
    in_time("unreachable", BLOCKED, LOST, 60, by="LM302"),
    in_time("2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}, 60),
)

OTHERWISE = (
    Otherwise(
        "LM801",
        only_warns=frozenset(
            {VMM_RECORD.name, CLUSTER_MEMORY_RESERVE.name, DIRECTORY_CONTROLLERS.name}
        ),
    ),
)
