"""The verdict table's rows of devices that tie virtual machines to their host (LM703)."""

from __future__ import annotations

from typing import Any

from device_facts import (
    ADAPTER,
    HIDDEN_SANS,
    HOST_ITSELF,
    SERVER_2025,
    gpus,
    host_with,
    on_san,
    on_switch,
    partitions,
    passed_through,
    persistent_memory,
    protected,
    sans,
    windows,
)
from fact_builders import (
    HOST,
    NODE,
    OTHER,
    UNREACHABLE,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import (
    BLOCKED,
    DRAINED,
    FAIL,
    INAPPLICABLE,
    PASS,
    STOPPED,
    WARNING,
    Case,
    Otherwise,
)
from vm_facts import OFF, PAUSED, SAVED, Vm, with_machines

from livemigration.facts import virtual_devices as devices
from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.connection_pools import CONNECTION_POOLS
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.identity import Listed
from livemigration.facts.virtual_ports import VIRTUAL_PORTS

BOTH_HOSTS = frozenset({HOST, OTHER})
WEB, DB = Vm("web01"), Vm("db01")
ASLEEP, STOPPED_VM = Vm("web01", enabled=SAVED), Vm("web01", enabled=OFF)
HELD, VAGUE = Vm("web01", enabled=PAUSED), Vm("web01", enabled=None)
MANY = tuple(Vm(f"vm{number:03}") for number in range(19))
UNSEEN: dict[str, Any] = {"listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))}
MEANT = f"If {HOST} and {OTHER} are meant to exchange virtual machines"


def also(*machines: Vm, **more: Any) -> dict[str, Any]:
    return {"also": host_with(*machines, **more)}


def of_2025(*machines: Vm, **more: Any) -> dict[str, Any]:
    return {"also": {**host_with(*machines), **SERVER_2025, **more}}


def second(**also: Any) -> dict[str, Any]:
    return {"second": {"also": also}}


def nodes(given: dict[str, Any], **its: Any) -> dict[str, Any]:
    """Return two nodes of one cluster, of which the first has this, and the second that."""
    cluster = {CLUSTER.name: Cluster("cl01", None)}
    return {
        **NODE,
        "also": {**given["also"], **cluster},
        "second": {**NODE, "also": {**its, **cluster}},
    }


def case(row: str, state: Any, given: dict[str, Any], **more: Any) -> Case:
    return Case("LM703", row, state, given, **more)


ON_A = also(WEB, **on_san("Fabric A", WEB), **sans("Fabric A"))
LIVE_GPU = of_2025(WEB, **partitions(WEB, leave=True), **gpus(True))

CASES = (
    case(
        "no device", PASS, also(WEB), says="1 virtual machine, and nothing was seen that ties any"
    ),
    case("no machine", INAPPLICABLE, also(), says="The host has no virtual machine."),
    case("Server 2012", PASS, {}, says="1 virtual machine, and nothing was seen"),
    case("no rights", BLOCKED, {"also": with_machines(workers=1)}, says="may not see"),
    case(
        "DDA",
        FAIL,
        also(WEB, **passed_through(WEB)),
        says="web01 has a PCI Express device of this host (Discrete Device Assignment)",
        fix="passed-through-device",
    ),
    # A machine that is paused still has its memory and its device.
    case("DDA", FAIL, also(HELD, **passed_through(HELD)), says="web01 has"),
    case(
        "DDA",
        FAIL,
        also(WEB, DB, **passed_through(WEB, DB)),
        says="db01 has a PCI Express",
        found=2,
    ),
    # Each is named, and no sentence names more than it can.
    case("DDA", FAIL, also(*MANY, **passed_through(*MANY)), says="vm018 has", found=19),
    # Whether it runs is not known, and so it may.
    case("DDA", FAIL, also(VAGUE, **passed_through(VAGUE)), says="web01 has"),
    case(
        "DDA, off",
        PASS,
        also(STOPPED_VM, **passed_through(STOPPED_VM)),
        notes="it is off or saved, so not judged",
    ),
    # A checkpoint's own settings are none of its machine.
    case("DDA, checkpoint", PASS, also(WEB, **passed_through(DB)), unsaid="PCI"),
    case(
        "GPU-P before 2025",
        FAIL,
        also(WEB, **partitions(WEB, stated=False)),
        says="older than Windows Server 2025",
        fix="gpu-partition",
    ),
    case(
        "GPU-P before 2025",
        FAIL,
        {"also": {**host_with(WEB), **windows(25398), **partitions(WEB, stated=False)}},
        fix="gpu-partition",
    ),
    case(
        "GPU-P before 2025, off",
        PASS,
        also(STOPPED_VM, **partitions(STOPPED_VM, stated=False)),
        notes="web01 has a GPU partition; it is off or saved",
    ),
    case("GPU-P, both true", PASS, {**LIVE_GPU, **second(**gpus(True))}, notes="over TCP/IP with"),
    case("GPU-P, nobody else", PASS, LIVE_GPU, exchanges=frozenset({HOST}), notes="over TCP/IP"),
    case(
        "GPU-P, outgoing false",
        FAIL,
        {**of_2025(WEB, **partitions(WEB, leave=False)), **second(**gpus(True))},
        says="cannot be moved live",
        fix="gpu-partition",
        unsaid="lacks",
    ),
    case(
        "GPU-P, outgoing not stated",
        WARNING,
        {**of_2025(WEB, **partitions(WEB)), **second(**gpus(True))},
        says="does not state whether it can be moved live",
        fix="gpu-partition-unstated",
    ),
    # The row of the partition in use is not found by its keys.
    case(
        "GPU-P, outgoing not stated",
        WARNING,
        {**of_2025(WEB, **partitions(WEB, stated=False)), **second(**gpus(True))},
        fix="gpu-partition-unstated",
    ),
    case(
        "GPU-P, incoming false",
        FAIL,
        {**LIVE_GPU, **second(**gpus(False))},
        says=f"{OTHER} lacks a GPU that takes virtual machines live",
        fix="gpu-on-destination",
        exchanges=BOTH_HOSTS,
    ),
    case("GPU-P, no GPU there", FAIL, nodes(LIVE_GPU), fix="gpu-on-destination"),
    case(
        "GPU-P, incoming false, assumed",
        WARNING,
        {**LIVE_GPU, **second(**gpus(False))},
        says=MEANT,
        fix="gpu-on-destination",
    ),
    case(
        "GPU-P, incoming not stated",
        WARNING,
        {**LIVE_GPU, **second(**gpus(False, None))},
        says=f"takes the partition of web01 live is not stated: {OTHER}",
        exchanges=BOTH_HOSTS,
    ),
    case("GPU-P, one of its GPUs", PASS, {**LIVE_GPU, **second(**gpus(False, True))}),
    case(
        "GPU-P unread there",
        BLOCKED,
        {**LIVE_GPU, "other": {devices.PARTITIONABLE_GPUS.name: failure(root="LM302")}},
        by="LM302",
    ),
    case("vFC, there", PASS, {**ON_A, **second(**sans("FABRIC A", "B"))}, unsaid="lack"),
    case("vFC, nobody else", PASS, ON_A, exchanges=frozenset({HOST})),
    case(
        "vFC, missing",
        FAIL,
        {**ON_A, **second(**sans("Fabric B"))},
        says=f"{OTHER} lacks the virtual SAN Fabric A, which web01 uses.",
        fix="virtual-san",
        exchanges=BOTH_HOSTS,
    ),
    case("vFC, missing", FAIL, nodes(ON_A), fix="virtual-san", says="every host"),
    case("vFC, missing, assumed", WARNING, ON_A, says=MEANT, fix="virtual-san"),
    case(
        "vFC, missing, off",
        PASS,
        also(ASLEEP, **on_san("Fabric A", ASLEEP)),
        notes="web01 uses the virtual SAN Fabric A; it is off or saved",
    ),
    case("vFC on no SAN", PASS, also(WEB, **on_san("", WEB)), unsaid="SAN"),
    case(
        "vFC, hidden there",
        BLOCKED,
        {**ON_A, "second": {"also": {CONNECTION_POOLS.name: HIDDEN_SANS}}},
        exchanges=BOTH_HOSTS,
    ),
    case(
        "vFC unread there",
        BLOCKED,
        {**ON_A, "other": {CONNECTION_POOLS.name: failure(root="LM302")}},
        by="LM302",
    ),
    case(
        "vFC, not looked at",
        WARNING,
        {**ON_A, **UNSEEN},
        notes="1 host of its migration group was not looked at: hv03.contoso.com",
    ),
    case(
        "vFC, not looked at",
        BLOCKED,
        {**ON_A, **UNSEEN, **second(**sans("Fabric A"))},
        policy={"fail_on": "warning"},
        says="hv03.contoso.com",
    ),
    case(
        "vFC, domain unread",
        BLOCKED,
        {**ON_A, "lost": {DOMAIN_MEMBERSHIP.name: failure(root="")}},
    ),
    case(
        "internal switch",
        WARNING,
        also(WEB, **on_switch("Lab", (HOST_ITSELF,), WEB)),
        says="web01 is on the internal switch Lab",
        fix="inner-switch",
    ),
    case(
        "private switch",
        WARNING,
        also(WEB, DB, **on_switch("Lab", (), WEB, DB)),
        says="db01 is on the private switch Lab",
        fix="inner-switch",
        found=2,
    ),
    case("private switch", WARNING, nodes(also(WEB, **on_switch("Lab", (), WEB)))),
    case(
        "private switch, node drained",
        FAIL,
        nodes(also(WEB, **on_switch("Lab", (), WEB))),
        policy=DRAINED,
        fix="inner-switch",
    ),
    case(
        "private switch", WARNING, also(WEB, **on_switch("Lab", (), WEB)), policy=DRAINED, found=1
    ),
    case(
        "private switch, services unread",
        BLOCKED,
        {**also(WEB, **on_switch("Lab", (), WEB)), "lost": {SERVICES.name: failure(root="")}},
        policy=DRAINED,
    ),
    case("external switch", PASS, also(WEB, **on_switch("Lab", (ADAPTER, HOST_ITSELF), WEB))),
    case("not connected", PASS, also(WEB, **on_switch("Lab", (), WEB, connected=False))),
    case("switch of an unknown kind", PASS, also(WEB, **on_switch("Lab", ("",), WEB))),
    case(
        "private switch, off",
        PASS,
        also(STOPPED_VM, **on_switch("Lab", (), STOPPED_VM)),
        notes="web01 is on the private switch Lab; it is off or saved",
    ),
    case(
        "SEV-SNP",
        WARNING,
        also(Vm("web01", isolation=2)),
        says="isolated from the host by the processor",
        fix="isolated-machine",
    ),
    case(
        "TDX",
        WARNING,
        also(Vm("web01", isolation=3), Vm("db01", isolation=3)),
        says="db01 is isolated",
        found=2,
    ),
    case("trusted launch, VBS", PASS, also(Vm("web01", isolation=0), Vm("db01", isolation=1))),
    case(
        "vPMEM",
        WARNING,
        also(WEB, **persistent_memory(WEB)),
        says="web01 has persistent memory. Whether it can be moved live is not known.",
        fix="persistent-memory",
    ),
    case(
        "BindToHostTpm",
        WARNING,
        also(WEB, **protected(WEB, bound_to_host_tpm=True)),
        says="is bound to the TPM of this host",
        fix="bound-to-host-tpm",
    ),
    case(
        "MigratablePolicy",
        WARNING,
        also(WEB, **protected(WEB, migratable_policy=1)),
        fix="migratable-policy",
    ),
    case("MigratablePolicy", PASS, also(WEB, **protected(WEB, migratable_policy=0))),
    case(
        "vPMEM, off",
        PASS,
        also(STOPPED_VM, **persistent_memory(STOPPED_VM)),
        notes="web01 has persistent memory; it is off or saved",
    ),
    case(
        "nested",
        PASS,
        also(Vm("web01", processors={"nested": True})),
        notes="exposed to the guest (nested): web01",
    ),
    case(
        "several",
        FAIL,
        also(WEB, DB, **passed_through(WEB), **persistent_memory(WEB), **on_san("", DB)),
        says="web01 has persistent memory",
        fix="passed-through-device",
    ),
    # What cannot be compared hides nothing of what the host itself shows.
    case(
        "several, one not compared",
        BLOCKED,
        {
            **also(WEB, **persistent_memory(WEB), **on_san("Fabric A", WEB)),
            "other": {CONNECTION_POOLS.name: failure(root="LM302")},
        },
        says="web01 has persistent memory",
        by="LM302",
    ),
    case("unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    case("2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    case("ports unread", BLOCKED, {"lost": {VIRTUAL_PORTS.name: failure(root="")}}),
)

OTHERWISE = (Otherwise("LM703", behind=STOPPED),)
