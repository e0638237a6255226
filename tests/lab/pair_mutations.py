"""One difference in each pair of hosts: what is changed in one or both of them, and what is found.

There is a kind for each row of the verdict tables of LM501 to LM504. Each pair is a group of the
inventory; its first host is the one that is judged as the destination of the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mutations import SERVER_2012, SERVER_2022, VMM_2022, Mutation, fleet, host_name

from livemigration.run.result import State

PASS, WARNING, FAIL, BLOCKED = State.PASS, State.WARNING, State.FAIL, State.BLOCKED
PAIR_CHECKS = ("LM501", "LM502", "LM503", "LM504")


@dataclass(frozen=True)
class PairMutation:
    """A change of the first host of a pair, and of the second.

    `check` is the one that notices it: `state` and `says` are what it comes to on the first host,
    `back` is its state on the second.
    """

    kind: str
    check: str
    state: State
    says: str
    change: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, Any] = field(default_factory=dict)
    back: State = PASS


OLDER = {
    "name": "Intel(R) Xeon(R) Gold 6248 (simulated)",
    "identifier": "BFEBFBFF00050657",
    "microcode": "0x05003604",
    "vectors": {1: "0x9FEBFBFF", 2: "0xD19F07EB00000000"},
}
OTHER_MAKER = {
    "manufacturer": "AuthenticAMD",
    "name": "AMD EPYC 9354 32-Core Processor",
    "identifier": "178BFBFF00A10F11",
    "microcode": "0x0A101148",
}
SERVER_2016 = {
    "build": 14393,
    "version": "10.0.14393",
    "caption": "Microsoft Windows Server 2016 Datacenter",
}
AZURE = {**SERVER_2022, "caption": "Microsoft Azure Stack HCI", "sku": 406}
STANDARD = {**SERVER_2022, "caption": "Microsoft Windows Server 2022 Standard", "sku": 7}


def _vm(**changes: Any) -> dict[str, Any]:
    return {"vms": [{"name": "db01", **changes}]}


MACHINE = _vm()
NODE = {"cluster": "nodes", "networks": "none", **MACHINE}
PAIRS = (
    PairMutation("nothing", "LM504", PASS, "The same as on", MACHINE, MACHINE),
    PairMutation(
        "another manufacturer",
        "LM501",
        FAIL,
        "is of AMD",
        {"processor": OTHER_MAKER, **MACHINE},
        MACHINE,
        back=FAIL,
    ),
    PairMutation(
        "an older generation than a machine has taken",
        "LM501",
        FAIL,
        "lacks what running virtual machines",
        {"processor": OLDER, **MACHINE},
        MACHINE,
    ),
    PairMutation(
        "an older generation, and a machine with compatibility",
        "LM501",
        PASS,
        "processor compatibility",
        {"processor": OLDER, **MACHINE},
        _vm(compatible=True),
    ),
    PairMutation(
        "a machine that does not say what it has taken",
        "LM501",
        BLOCKED,
        "running virtual machine",
        {"processor": OLDER, **MACHINE},
        _vm(vectors_refused=True),
    ),
    PairMutation(
        "a vector that the host does not know",
        "LM501",
        BLOCKED,
        "running virtual machine",
        {"processor": {**OLDER, "vectors": {1: "0x1"}}, **_vm(compatible=True)},
        _vm(vectors={1: "0x1", 9: "0x1"}),
    ),
    PairMutation(
        "another generation without vectors",
        "LM501",
        WARNING,
        "may be refused",
        {"processor": {k: v for k, v in OLDER.items() if k != "vectors"}, "system": SERVER_2012},
        {"system": SERVER_2012, **MACHINE},
    ),
    PairMutation(
        "another microcode without vectors",
        "LM501",
        WARNING,
        "may be refused",
        {"processor": {"microcode": "0x2B000461"}, "system": SERVER_2012},
        {"system": SERVER_2012, **MACHINE},
    ),
    PairMutation(
        "a switch that a machine needs",
        "LM502",
        FAIL,
        '"Converged" is not on this host',
        MACHINE,
        {"switches": ["Tenants", "Converged"], **_vm(switch="Converged")},
    ),
    PairMutation(
        "a switch that a machine needs that is off",
        "LM502",
        PASS,
        "only virtual machines that are off",
        MACHINE,
        {"switches": ["Tenants", "Converged"], **_vm(switch="Converged", state="off")},
    ),
    PairMutation(
        "a switch that nobody needs",
        "LM502",
        PASS,
        "that no virtual machine seen there uses",
        MACHINE,
        {"switches": ["Tenants", "Converged"], **MACHINE},
    ),
    PairMutation(
        "a resource pool that a machine needs",
        "LM502",
        WARNING,
        'The resource pool "Tenant pool" is not on this host',
        MACHINE,
        _vm(pool="Tenant pool"),
    ),
    PairMutation(
        "a resource pool of another case",
        "LM502",
        PASS,
        "that was seen needs a virtual switch",
        {**MACHINE, "devices": {"network_pools": ["TENANT pool"]}},
        _vm(pool="Tenant pool"),
    ),
    PairMutation(
        "a resource pool that the account may not see",
        "LM502",
        PASS,
        "which could not be read",
        {**MACHINE, "devices": {"hides_pools": True}},
        _vm(pool="Tenant pool"),
    ),
    PairMutation(
        "a switch of another case", "LM502", PASS, "tenants", {"switches": ["tenants"]}, MACHINE
    ),
    PairMutation(
        "a version that the host does not run",
        "LM503",
        FAIL,
        "does not run on Windows build 20348",
        MACHINE,
        _vm(version="12.0"),
    ),
    PairMutation(
        "a version of which nothing is published",
        "LM503",
        WARNING,
        "is not published",
        MACHINE,
        _vm(version="254.0"),
    ),
    PairMutation(
        "a version of a machine that is off",
        "LM503",
        PASS,
        "Of virtual machines that are off",
        MACHINE,
        _vm(version="12.0", state="off"),
    ),
    PairMutation(
        "releases with others between",
        "LM503",
        WARNING,
        "other releases lie between them",
        _vm(version="8.0"),
        {"system": SERVER_2016, **MACHINE},
        back=WARNING,
    ),
    PairMutation(
        "another product",
        "LM503",
        WARNING,
        "Azure Stack HCI or Azure Local",
        MACHINE,
        {"system": AZURE, **MACHINE},
        back=WARNING,
    ),
    PairMutation(
        "another edition", "LM503", PASS, "no virtual machine of", {"system": STANDARD}, MACHINE
    ),
    PairMutation(
        "another patch level",
        "LM503",
        PASS,
        "Another patch level",
        {"patch_level": 2700, **MACHINE},
        MACHINE,
    ),
    PairMutation(
        "another protocol",
        "LM504",
        FAIL,
        "with CredSSP",
        {"authentication": 0, **MACHINE},
        MACHINE,
        back=FAIL,
    ),
    PairMutation(
        "another protocol inside a cluster",
        "LM504",
        PASS,
        "The same as on",
        {"authentication": 0, **NODE},
        NODE,
    ),
    PairMutation(
        "another performance option",
        "LM504",
        WARNING,
        "The performance option is",
        {"performance": "tcpip", **MACHINE},
        MACHINE,
        back=WARNING,
    ),
    PairMutation(
        "another MTU",
        "LM504",
        WARNING,
        "The MTU is",
        {"mtu": {"migration": 9000}, **MACHINE},
        MACHINE,
        back=WARNING,
    ),
    PairMutation(
        "RDMA on one end",
        "LM504",
        PASS,
        "RDMA is on here",
        {"performance": "smb", "rdma": ["migration"], **MACHINE},
        {"performance": "smb", **MACHINE},
    ),
)


def ends_of(number: int) -> tuple[str, str]:
    """Return the hosts of a pair."""
    first = 2 + 2 * number
    return host_name(first), host_name(first + 1)


def pair_fleet() -> str:
    """Return a fleet file with both hosts of every pair."""
    changes = (
        Mutation(each.kind, change, each.check)
        for each in PAIRS
        for change in (each.change, each.other)
    )
    healthy = {"networks": ["migration"]}
    return fleet("pairs", VMM_2022, SERVER_2022, healthy, tuple(changes))


def groups_of_pairs() -> dict[str, frozenset[str]]:
    """Return with whom each host exchanges virtual machines."""
    pairs = (frozenset(ends_of(number)) for number in range(len(PAIRS)))
    return {host: pair for pair in pairs for host in pair}
