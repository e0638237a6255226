"""One broken thing each: what is changed in a healthy host of a fleet, and what must be found.

`root` is the check that names the cause. `more` are checks that fail for the same cause, `blocked`
those that cannot be judged because of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fact_builders import CHECKS
from test_root_causes import hidden_by

VMM_2012_SP1, VMM_2022 = "3.1.6011.0", "10.22.1287.0"
SERVER_2012 = {
    "build": 9200,
    "version": "6.2.9200",
    "caption": "Microsoft Windows Server 2012 Datacenter",
}
SERVER_2022 = {
    "build": 20348,
    "version": "10.0.20348",
    "caption": "Microsoft Windows Server 2022 Datacenter",
}


def _hidden_by(cause: str) -> tuple[str, ...]:
    """Return the checks of a run without options that a cause hides."""
    return tuple(sorted(each for each in hidden_by(cause) if CHECKS[each].opt_in is None))


BY_VMMS = _hidden_by("vmms is stopped")
BY_ACCESS = _hidden_by("the host is unreachable for the suite")
BY_HOST = _hidden_by("the host is unreachable, from everywhere")
BY_NAME = ("LM202", "LM203", "LM204", "LM301")
# With VMM's release from 2012 R2 on, LM203 does not apply whatever DNS says.
BY_NAME_LATER = ("LM202", "LM204", "LM301")
BY_LISTENERS = ("LM205", "LM305")
STOPPED = {"vmms": "Stopped", "SCVMMAgent": "Running"}
HEALTHY = 2
WITH_DIRECTORY = "directory"
DIRECTORY = {"server": "dc01.contoso.com", "address": "1.6"}


@dataclass(frozen=True)
class Mutation:
    """A change of one host. `policy` is what the site demands of it.

    `mended` says whether the report's own fixes, applied to the fleet, make the host green.
    """

    kind: str
    change: Mapping[str, Any]
    root: str
    more: Sequence[str] = ()
    blocked: Sequence[str] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    mended: bool = True


def fleet(
    name: str,
    registry: str,
    system: Mapping[str, Any],
    healthy: Mapping[str, Any],
    mutations: Sequence[Mutation],
) -> str:
    """Return a fleet file: two healthy hosts, then one for each mutation, as JSON, which is YAML.

    `@management` and `@migration` in a change stand for the host's own addresses.
    """
    hosts = []
    for number, mutation in enumerate((None,) * HEALTHY + tuple(mutations)):
        addresses = {"management": f"1.{number + 11}", "migration": f"50.{number + 11}"}
        host = {"name": host_name(number), "shows": "healthy", "addresses": addresses, **healthy}
        if mutation is not None:
            text = json.dumps(mutation.change)
            for network, address in addresses.items():
                text = text.replace(f"@{network}", address)
            host |= {"shows": mutation.kind, **json.loads(text)}
        hosts.append(host)
    return json.dumps(
        {
            "name": name,
            "title": "one broken thing in each host",
            "domain": "contoso.com",
            "networks": {
                "management": {"subnet": "1.0/24"},
                "migration": {"subnet": "50.0/24", "dropped": True},
            },
            "clusters": {
                "stopped": {"maximum_parallel_migrations": 0, "networks": ["migration"]},
                "storage": {"networks": ["migration"]},
                "slow": {"maximum_parallel_migrations": 1, "networks": ["migration"]},
                "nodes": {"excluded": ["management"]},
                "shut": {"excluded": ["management", "migration"]},
                "edge": {"excluded": ["management"]},
            },
            "system": dict(system),
            "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "registry": registry},
            **({"directory": DIRECTORY} if name == WITH_DIRECTORY else {}),
            "hosts": hosts,
        }
    )


def host_name(number: int) -> str:
    """Return the name of a host of these fleets."""
    return f"hv{number:02}.contoso.com"


KB_2853203 = ("LM202", "LM203", "LM304")
AGENT_STOPPED = {"vmms": "Running", "SCVMMAgent": "Stopped"}
KERBEROS = {"authentication": "kerberos"}
COMPRESSION = {"performance": "compression", "performance_required": True}
TWO_AT_ONCE = {"minimum_migrations": 2, "minimum_migrations_required": True}

OF_2012_SP1 = (
    Mutation("KB 2853203", {"networks": ["migration"]}, "LM102", KB_2853203),
    Mutation("no network", {"networks": "none"}, "LM102", ("LM203", "LM304"), BY_LISTENERS),
    Mutation(
        "disabled, and KB 2853203",
        {"enabled": False, "networks": ["migration"]},
        "LM102",
        ("LM101",),
        ("LM202", "LM203", "LM304", *BY_LISTENERS),
    ),
    Mutation(
        "DNS names another host, and the list holds the own address",
        {"dns": ["1.11"], "networks": ["management", "migration"]},
        "LM201",
        (),
        ("LM102", "LM304", *BY_NAME),
    ),
    Mutation(
        "a listener in the list without its socket",
        {"networks": ["management", "migration"], "closed": ["management"]},
        "LM103",
        ("LM203",),
    ),
    Mutation(
        "a subnet without an address",
        {"networks": ["60.0/24"]},
        "LM102",
        ("LM103", *KB_2853203),
        BY_LISTENERS,
    ),
    Mutation("IPv6 only", {"half_any": "v6"}, "LM102", ("LM103", *KB_2853203), BY_LISTENERS),
    Mutation("no listener", {"no_listener": True}, "LM103", ("LM203",), BY_LISTENERS),
    Mutation("disabled", {"enabled": False}, "LM101", (), ("LM203", *BY_LISTENERS)),
    Mutation("vmms stopped", {"services": STOPPED}, "LM302", (), BY_VMMS),
    Mutation("agent stopped", {"services": AGENT_STOPPED}, "LM302"),
    Mutation("agent not installed", {"services": {"vmms": "Running"}}, "LM302"),
    Mutation("DNS names another host", {"dns": ["1.11"]}, "LM201", (), BY_NAME),
    Mutation("not in DNS", {"dns": "none"}, "LM201", (), BY_NAME),
    Mutation(
        "a stale address first",
        {"dns": ["1.240", "@management"]},
        "LM201",
        (),
        ("LM202", "LM203", "LM301"),
    ),
    Mutation(
        "only a stale address",
        {"dns": ["1.240"]},
        "LM201",
        ("LM204",),
        ("LM202", "LM203", "LM301"),
    ),
    Mutation("management socket closed", {"closed": ["management"]}, "LM103", ("LM203",)),
    Mutation("migration socket closed", {"closed": ["migration"]}, "LM103"),
    Mutation("unknown authentication", {"authentication": 7}, "LM104"),
    Mutation("Kerberos in a workgroup", {"workgroup": True}, "LM104"),
    Mutation("nothing moves", {"maximum_migrations": 0}, "LM106"),
    Mutation("service denies access", {"migration_answer": 32769}, "LM303"),
    Mutation("service fails", {"migration_answer": 32768}, "LM303"),
    Mutation("control refused", {"control": "refused"}, "LM204", (), ("LM301",)),
    Mutation("control dropped", {"control": "dropped"}, "LM204", (), ("LM301",)),
    Mutation("unknown to VMM", {"record": {"known": False}}, "LM107"),
    Mutation("disabled on record", {"record": {"enabled": False}}, "LM107"),
    Mutation("isolated on record", {"record": {"any_subnet": False}}, "LM107"),
    Mutation("nothing moves on record", {"record": {"maximum_migrations": 0}}, "LM107"),
    Mutation(
        "CredSSP on record", {"record": {"authentication": "CredSSP"}}, "LM107", policy=KERBEROS
    ),
    Mutation("CredSSP against the policy", {"authentication": 0}, "LM104", policy=KERBEROS),
    Mutation("blocked by the firewall", {"firewall": {"rule": "block"}}, "LM305", mended=False),
    Mutation("cluster moves nothing", {"cluster": "stopped"}, "LM106"),
)
OF_2022 = (
    Mutation("no network", {"networks": "none"}, "LM102", (), BY_LISTENERS),
    Mutation("a subnet without an address", {"networks": ["60.0/24"]}, "LM103", (), BY_LISTENERS),
    Mutation("disabled", {"enabled": False}, "LM101", (), BY_LISTENERS),
    Mutation("socket closed", {"closed": ["migration"]}, "LM103"),
    Mutation("no listener", {"no_listener": True}, "LM103", (), BY_LISTENERS),
    Mutation("port taken", {"port_owner": 7777}, "LM103"),
    Mutation(
        "blocked by a rule for a range",
        {"firewall": {"rules": [{"name": "Keep-out", "action": "block", "ports": ["6500-6700"]}]}},
        "LM305",
        mended=False,
    ),
    Mutation("vmms stopped", {"services": STOPPED}, "LM302", (), BY_VMMS),
    Mutation("agent stopped", {"services": AGENT_STOPPED}, "LM302"),
    Mutation("CredSSP and guard", {"authentication": 0, "credential_guard": True}, "LM104"),
    Mutation(
        "workgroup and guard",
        {"workgroup": True, "authentication": 0, "credential_guard": True},
        "LM104",
    ),
    Mutation("any network", {"networks": "any"}, "LM102", policy={"network_selection": "isolated"}),
    Mutation("SMB against the policy", {"performance": "smb"}, "LM105", policy=COMPRESSION),
    Mutation("too few at once", {"maximum_migrations": 1}, "LM106", policy=TWO_AT_ONCE),
    Mutation("cluster moves too few", {"cluster": "slow"}, "LM106", policy=TWO_AT_ONCE),
    Mutation("control refused", {"control": "refused"}, "LM204", (), ("LM301",)),
    Mutation("not in DNS", {"dns": "none"}, "LM201", (), BY_NAME_LATER),
    Mutation(
        "no address where the policy wants one",
        {},
        "LM103",
        policy={"migration_subnets": ["127.0.77.0/24"]},
        mended=False,
    ),
    Mutation("blocked by the firewall", {"firewall": {"rule": "block"}}, "LM305", mended=False),
    *(
        Mutation(kind, {"vms": [{"name": "db01"}, {"name": "web01", **vm}]}, root, mended=False)
        for kind, vm, root in (
            ("a disc on a local path", {"disc": "D:\\linux.iso"}, "LM701"),
            ("the DVD drive of the host", {"host_dvd": True}, "LM701"),
            ("a disk of the host", {"disks": [{"physical": True}]}, "LM702"),
            ("a disk that others share", {"disks": [{"shared": True}]}, "LM702"),
            ("a disk that builds upon another", {"disks": [{"base": "D:\\a.vhdx"}]}, "LM702"),
            ("a machine whose storage is lost", {"state": "critical"}, "LM705"),
        )
    ),
    Mutation(
        "a role whose files are on one node",
        {"cluster": "storage", "vms": [{"name": "crm01", "path": "E:\\VMs"}]},
        "LM702",
        mended=False,
    ),
)
# Apart from the rest: a host that cannot be read may be anyone's peer (LM205).
IDENTITY = (
    Mutation("clock", {"clock": 900}, "LM403", mended=False),
    Mutation(
        "logon right",
        {"policy_rights": {"SeServiceLogonRight": ["S-1-5-20"]}},
        "LM402",
        mended=False,
    ),
    Mutation(
        "symbolic links",
        {"policy_rights": {"SeCreateSymbolicLinkPrivilege": ["*S-1-5-32-544"]}},
        "LM402",
        mended=False,
    ),
)
UNREACHABLE = (
    Mutation("silent", {"down": "silent"}, "LM302", (), BY_HOST),
    Mutation("refuses WSMan", {"down": "refused"}, "LM302", (), BY_HOST),
    Mutation("no rights", {"access": "denied"}, "LM302", (), BY_ACCESS),
)
OF_DIRECTORY = (
    Mutation("Kerberos only", {"account": {"protocol": "kerberos"}}, "LM401", mended=False),
    Mutation("account disabled", {"account": {"disabled": True}}, "LM403", mended=False),
    Mutation("no name of migration", {"account": {"names": []}}, "LM403", mended=False),
    Mutation("name on two accounts", {"account": {"shares_names": True}}, "LM403", mended=False),
)


def _with_vm(**more: Any) -> dict[str, Any]:
    return {"vms": [{"name": "web01", **more}]}


SAN, GUARDIAN = "Fabric A", "https://hgs.contoso.com/KeyProtection"
# Nodes of one cluster, which exchange their virtual machines.
DEVICES = (
    Mutation("DDA", _with_vm(devices={"passed_through": True}), "LM703", mended=False),
    Mutation("GPU partition", _with_vm(devices={"gpu": "movable"}), "LM703", mended=False),
    Mutation(
        "a virtual SAN that no other node has",
        {**_with_vm(devices={"virtual_san": SAN}), "devices": {"virtual_sans": [SAN]}},
        "LM703",
        mended=False,
    ),
    Mutation(
        "shielded, and no other node is guarded",
        {**_with_vm(protection={"shielded": True}), "protection": {"guardian": GUARDIAN}},
        "LM704",
        mended=False,
    ),
)
NO_NODE = (
    "LM106",
    "LM107",
    "LM501",
    "LM502",
    "LM503",
    "LM504",
    "LM601",
    "LM603",
    "LM604",
    "LM605",
    "LM606",
)
IN_WORKGROUP = {"cluster": "edge", "workgroup": True, "authentication": 0}
# Of clusters nothing is mended but by a person, and what holds for a cluster holds for two nodes.
OF_CLUSTERS = (
    Mutation(
        "node down",
        {"node": {"state": "down"}},
        "LM602",
        blocked=("LM601",),
        mended=False,
    ),
    Mutation(
        "node quarantined",
        {"node": {"state": "down", "flags": ["quarantined"]}},
        "LM602",
        blocked=("LM601",),
        mended=False,
    ),
    Mutation(
        "node isolated",
        {"node": {"flags": ["isolated"]}},
        "LM602",
        blocked=("LM601",),
        mended=False,
    ),
    Mutation(
        "cluster service stopped",
        {"services": {"vmms": "Running", "SCVMMAgent": "Running", "ClusSvc": "Stopped"}},
        "LM602",
        blocked=NO_NODE,
        mended=False,
    ),
    Mutation(
        "its cluster network down",
        {"node": {"interfaces": {"migration": "unreachable"}}},
        "LM601",
        mended=False,
    ),
    *(
        Mutation(f"every network excluded, {each}", {"cluster": "shut"}, "LM601")
        for each in ("first", "second")
    ),
    *(
        Mutation(f"workgroup before 2025, {each}", IN_WORKGROUP, "LM606", mended=False)
        for each in ("first", "second")
    ),
)
FLEETS: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Any], Sequence[Mutation]]] = {
    "clusters": (
        VMM_2022,
        SERVER_2022,
        {"cluster": "nodes", "networks": "none"},
        OF_CLUSTERS,
    ),
    "VMM 2012 SP1": (VMM_2012_SP1, SERVER_2012, {}, OF_2012_SP1),
    "unreachable": (VMM_2012_SP1, SERVER_2012, {}, UNREACHABLE),
    "identity": (VMM_2022, SERVER_2022, {"networks": ["migration"]}, IDENTITY),
    "VMM 2022": (VMM_2022, SERVER_2022, {"networks": ["migration"]}, OF_2022),
    "devices": (VMM_2022, SERVER_2022, {"cluster": "slow"}, DEVICES),
    WITH_DIRECTORY: (VMM_2022, SERVER_2022, {"networks": ["migration"]}, OF_DIRECTORY),
}
