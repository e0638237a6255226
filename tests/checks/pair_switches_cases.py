"""The verdict table's rows of virtual switches on hosts that exchange machines (LM502)."""

from __future__ import annotations

from typing import Any

from fact_builders import (
    HOST,
    NODE,
    OTHER,
    UNREACHABLE,
    all_lost,
    failure,
    without_hyperv_v2,
)
from pair_facts import with_switches
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case, Otherwise
from vm_facts import OFF, Vm, with_machines

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.connection_pools import CONNECTION_POOLS, ConnectionPools
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.facts.virtual_ports import VIRTUAL_PORTS, VirtualPort
from livemigration.facts.virtualization import VIRTUAL_SWITCHES

BOTH = frozenset({HOST, OTHER})
MEANT = f"If {HOST} and {OTHER} are meant to exchange virtual machines"
UNSEEN: dict[str, Any] = {"listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))}
# The account sees no machine of the other host, though one runs.
HIDDEN = with_machines(workers=1)


DATABASE = Vm("db01")
ASLEEP = Vm("db01", OFF)


def pools(*names: str, shown: bool = True) -> dict[str, Any]:
    """Return a host's virtual switch and its resource pools of network connections."""
    found = ConnectionPools((), shown, names, shown)
    return {**with_switches("Tenants"), CONNECTION_POOLS.name: found}


def other_has(*switches: str, **machines: str) -> dict[str, Any]:
    """Return a second host with these switches, and machines on them."""
    return {"second": {"also": with_switches(*switches, **machines)}}


def other_ports(*ports: VirtualPort, machine: Vm = DATABASE) -> dict[str, Any]:
    also = {**with_switches("Tenants"), **with_machines(machine), VIRTUAL_PORTS.name: ports}
    return {"second": {"also": also}}


def port(**said: Any) -> VirtualPort:
    values = {"connected": True, "resource": "", "switch": "", **said}
    return VirtualPort(DATABASE.identifier, **values)


IN_CLUSTER = {
    **NODE,
    "also": {CLUSTER.name: Cluster("cl01", None)},
    "second": {
        **NODE,
        "also": {CLUSTER.name: Cluster("CL01", None), **with_switches("Green", db01="Green")},
    },
}

CASES = (
    Case("LM502", "same names", PASS, {}, says='it has "Tenants"', exchanges=BOTH),
    Case("LM502", "same names", PASS, other_has("TENANTS", db01="TENANTS"), exchanges=BOTH),
    Case(
        "LM502",
        "used there, missing here",
        FAIL,
        other_has("Green", "Tenants", db01="Green", web02="Tenants"),
        says=f'The virtual switch "Green" is not on this host, and it is needed by db01 of {OTHER}',
        unsaid="web02",
        fix="virtual-switches",
        exchanges=BOTH,
    ),
    Case("LM502", "used there, missing here", FAIL, IN_CLUSTER, says="db01", unsaid="meant to"),
    Case(
        "LM502",
        "used there, missing here",
        WARNING,
        other_has("Green", db01="Green"),
        says=MEANT,
        fix="virtual-switches",
    ),
    Case(
        "LM502",
        "two of them",
        FAIL,
        other_has("Green", "Blue", db01="Green", db02="Blue"),
        found=2,
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "very many of them",
        FAIL,
        other_has(*(f"S{n}" for n in range(10)), **{f"vm{n}": f"S{n}" for n in range(10)}),
        found=8,
        notes='switches "S8" and "S9"',
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "this host has none",
        FAIL,
        {"also": with_switches(web01=""), **other_has("Green", db01="Green")},
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "no switch anywhere",
        PASS,
        {"also": with_switches(web01=""), **other_has(db01="")},
        says="it has no virtual switch",
        exchanges=BOTH,
    ),
    # It is used here alone, so no machine of another host asks for it.
    Case("LM502", "only here", PASS, {"also": with_switches("Green", "Tenants", a="Green")}),
    Case(
        "LM502",
        "nobody uses it",
        PASS,
        other_has("Green", "Tenants", db01="Tenants"),
        notes=f'uses: "Green" ({OTHER})',
        unsaid="db01",
        exchanges=BOTH,
    ),
    Case("LM502", "nobody uses it", PASS, other_has("Green", db01=""), notes="Green"),
    Case(
        "LM502",
        "only one that is off",
        PASS,
        {
            "second": {
                "also": {**with_switches("Green", db01="Green"), **with_machines(Vm("db01", OFF))}
            }
        },
        notes=f"only virtual machines that are off are connected to it: db01 of {OTHER}",
        exchanges=BOTH,
    ),
    # A switch that was there is known by the name that Windows noted.
    Case(
        "LM502",
        "a switch that is gone",
        FAIL,
        other_ports(port(switch="GONE", last_switch="Green")),
        says='"Green"',
        exchanges=BOTH,
    ),
    Case("LM502", "a switch that is gone", PASS, other_ports(port(switch="GONE")), exchanges=BOTH),
    Case(
        "LM502",
        "disconnected",
        PASS,
        other_ports(port(connected=False, last_switch="Green")),
        unsaid="Green",
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "by a pool",
        PASS,
        other_ports(port(pool="Pool 1")),
        notes='pool "Pool 1", which this host must have too, and which could not be read: db01',
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "by a pool that is not shown",
        PASS,
        {**other_ports(port(pool="Pool 1")), "also": pools("Pool 1", shown=False)},
        notes="which could not be read: db01",
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "by a pool of another case",
        PASS,
        {**other_ports(port(pool="Pool 1")), "also": pools("POOL 1")},
        unsaid="Pool 1",
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "by a pool that is missing",
        WARNING,
        {**other_ports(port(pool="Pool 1")), "also": pools("Pool 2")},
        says='The resource pool "Pool 1" is not on this host, and it is needed by db01',
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "by a pool that is missing, of a machine that is off",
        PASS,
        {**other_ports(port(pool="Pool 1"), machine=ASLEEP), "also": pools()},
        unsaid="Pool 1",
        exchanges=BOTH,
    ),
    # Of a checkpoint, or of a machine that went away in between.
    Case(
        "LM502",
        "of no machine",
        PASS,
        other_ports(port(switch="GONE", last_switch="Green"), machine=Vm("web02")),
        unsaid="Green",
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "machines not seen",
        BLOCKED,
        {"second": {"also": {**with_switches("Green"), **HIDDEN}}},
        says=f"could not be read: {OTHER}",
        exchanges=BOTH,
    ),
    Case("LM502", "machines not seen", BLOCKED, {"second": {"also": HIDDEN}}, exchanges=BOTH),
    Case("LM502", "own machines not seen", BLOCKED, {"also": HIDDEN}, says="may not see"),
    Case(
        "LM502",
        "connections unread",
        BLOCKED,
        {**other_has("Green", db01="Green"), "other": {VIRTUAL_PORTS.name: failure(root="")}},
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "switches unread",
        BLOCKED,
        {"other": {VIRTUAL_SWITCHES.name: failure(root="")}},
        says=f"What is needed of {OTHER} could not be read: Reading it",
        exchanges=BOTH,
    ),
    Case(
        "LM502",
        "some not looked at",
        PASS,
        UNSEEN,
        notes="1 host of its migration group was not looked at: hv03",
    ),
    Case("LM502", "some not looked at", BLOCKED, UNSEEN, {"fail_on": "warning"}, says="hv03"),
    Case("LM502", "no other host", INAPPLICABLE, {"second": {"name": "hv02.other.example"}}),
    Case("LM502", "no other host", INAPPLICABLE, {"other": without_hyperv_v2()}),
    Case("LM502", "domain unread", BLOCKED, {"lost": {DOMAIN_MEMBERSHIP.name: failure()}}),
    Case("LM502", "machines unread", BLOCKED, {"lost": {VIRTUAL_MACHINES.name: failure(root="")}}),
    Case("LM502", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM502", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

OTHERWISE = (Otherwise("LM502", only_warns=frozenset({CONNECTION_POOLS.name})),)
