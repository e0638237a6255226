"""What each shipped fleet is there to show: its verdicts, by the first labels of its hosts."""

from __future__ import annotations

from livemigration.lab.fleet import load_fleet

ALL = "every host"
# Of the fleet of processors.
NODES = (
    "intel1 intel2 amd1 amd2 both1 both2 old new code1 code2 named switched older newer patched1 "
    "patched2"
)

# Nodes of a cluster in one domain, whose cluster sets their networks.
OF_HEALTHY_NODES = dict.fromkeys(
    (
        *("LM101 not-applicable", "LM102 not-applicable", "LM103 not-applicable"),
        *("LM104 not-applicable", "LM203 not-applicable", "LM205 not-applicable"),
        *("LM304 not-applicable", "LM401 not-applicable"),
    ),
    ALL,
)
# What is not a pass, by fleet: the check and its state, and the hosts by their first labels.
VERDICTS: dict[str, dict[str, str]] = {
    "cluster-networks": {
        "LM401 not-applicable": ALL,
        "LM101 not-applicable": ALL,
        "LM102 not-applicable": ALL,
        "LM103 not-applicable": (
            "ordered1 ordered2 default1 default2 excluded1 excluded2 link1 link2 up paused drained "
            "quarantined down edge1 edge2 lyon1 nice1"
        ),
        "LM104 not-applicable": ALL,
        "LM106 blocked by LM602": "down",
        "LM107 blocked by LM602": "down",
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": ALL,
        "LM304 not-applicable": ALL,
        "LM403 not-applicable": "edge1 edge2",
        "LM404 not-applicable": "edge1 edge2",
        "LM501 blocked by LM602": "down",
        "LM502 blocked by LM602": "down",
        "LM503 blocked by LM602": "down",
        "LM504 blocked by LM602": "down",
        "LM601 blocked by LM602": "quarantined down",
        "LM601 fail": "excluded1 excluded2 link1",
        "LM601 warning": "ordered1 ordered2 default1 default2",
        "LM602 fail": "quarantined down",
        "LM602 warning": "paused drained",
        "LM603 blocked by LM602": "down",
        "LM604 blocked by LM602": "down",
        "LM605 blocked by LM602": "down",
        "LM606 blocked by LM602": "down",
        "LM606 fail": "edge1 edge2",
    },
    "cluster-s2d": {
        "LM101 not-applicable": ALL,
        "LM102 not-applicable": ALL,
        "LM104 not-applicable": ALL,
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": ALL,
        "LM304 not-applicable": ALL,
        "LM401 not-applicable": ALL,
    },
    "delegation": {
        "LM101 not-applicable": "hv17 hv18",
        "LM102 not-applicable": "hv17 hv18",
        "LM103 not-applicable": "hv17 hv18",
        "LM104 not-applicable": "hv17 hv18",
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": "hv17 hv18",
        "LM304 not-applicable": ALL,
        "LM401 blocked": "hv11 hv12",
        "LM401 fail": "hv04",
        "LM401 not-applicable": "hv17 hv18",
        "LM401 warning": "hv03 hv05 hv06 hv07 hv09",
        "LM403 blocked": "hv11 hv12",
        "LM403 fail": "hv10 hv13 hv14",
        "LM403 warning": "hv15",
    },
    # All but the drain itself is as it should be.
    "drain-does-not-fit": OF_HEALTHY_NODES,
    "drain-fits": OF_HEALTHY_NODES,
    "drain-only-with-swap": OF_HEALTHY_NODES,
    "ha-vmm": {
        "LM107 fail": "hv03",
        "LM107 warning": "hv02",
        "LM203 not-applicable": ALL,
        "LM304 not-applicable": ALL,
        "LM401 not-applicable": ALL,
    },
    "healthy": {
        "LM101 not-applicable": "hv05 hv06",
        "LM102 not-applicable": "hv05 hv06",
        "LM103 not-applicable": "hv05 hv06",
        "LM104 not-applicable": "hv05 hv06",
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": "hv05 hv06",
        "LM304 not-applicable": ALL,
        "LM401 not-applicable": ALL,
    },
    "kb-2853203": {
        "LM402 blocked by LM302": "hv05",
        "LM404 blocked by LM302": "hv05",
        "LM001 warning": "vmm01",
        "LM101 blocked by LM302": "hv05",
        "LM101 fail": "hv04",
        "LM102 blocked by LM302": "hv05",
        "LM102 fail": "hv03 hv06",
        "LM102 warning": "hv07",
        "LM103 blocked by LM302": "hv05",
        "LM103 fail": "hv06 hv08",
        "LM103 not-applicable": "hv04",
        "LM104 blocked by LM302": "hv05",
        "LM105 blocked by LM302": "hv05",
        "LM105 not-applicable": "hv01 hv02 hv03 hv04 hv06 hv07 hv08 hv09 hv10",
        "LM106 blocked by LM302": "hv05",
        "LM107 blocked by LM302": "hv05",
        "LM201 blocked by LM302": "hv05",
        "LM201 fail": "hv10",
        "LM202 blocked by LM201": "hv10",
        "LM202 blocked by LM302": "hv05",
        "LM202 fail": "hv03 hv06",
        "LM202 warning": "hv07",
        "LM203 blocked by LM101": "hv04",
        "LM203 blocked by LM201": "hv10",
        "LM203 blocked by LM302": "hv05",
        "LM203 fail": "hv03 hv06 hv08",
        "LM204 blocked by LM302": "hv05",
        "LM205 blocked by LM101": "hv04",
        "LM205 blocked by LM103": "hv06",
        "LM205 blocked by LM302": "hv05",
        "LM301 blocked by LM201": "hv10",
        "LM301 blocked by LM302": "hv05",
        "LM302 fail": "hv09 hv05",
        "LM303 blocked by LM302": "hv05",
        "LM304 blocked by LM302": "hv05",
        "LM304 fail": "hv03 hv06",
        "LM305 blocked by LM101": "hv04",
        "LM305 blocked by LM103": "hv06",
        "LM305 blocked by LM302": "hv05",
        "LM501 blocked by LM302": "hv05",
        "LM502 blocked by LM302": "hv05",
        "LM503 blocked by LM302": "hv05",
        "LM401 not-applicable": ALL,
        "LM403 blocked by LM302": "hv05",
        "LM504 blocked by LM302": "hv05",
        "LM601 blocked by LM302": "hv05",
        "LM602 blocked by LM302": "hv05",
        "LM603 blocked by LM302": "hv05",
        "LM604 blocked by LM302": "hv05",
        "LM605 blocked by LM302": "hv05",
        "LM606 blocked by LM302": "hv05",
        "LM701 blocked by LM302": "hv05",
        "LM702 blocked by LM302": "hv05",
        "LM703 blocked by LM302": "hv05",
        "LM704 blocked by LM302": "hv05",
        "LM705 blocked by LM302": "hv05",
        "LM706 blocked by LM302": "hv05",
        "LM707 blocked by LM302": "hv05",
    },
    "perimeter": {
        "LM404 not-applicable": ALL,
        "LM501 not-applicable": ALL,
        "LM502 not-applicable": ALL,
        "LM503 not-applicable": ALL,
        "LM104 fail": "dmz04",
        "LM201 not-applicable": "dmz02",
        "LM203 not-applicable": ALL,
        "LM204 fail": "dmz03",
        "LM301 blocked by LM204": "dmz03",
        "LM304 not-applicable": ALL,
        "LM401 not-applicable": ALL,
        "LM403 not-applicable": ALL,
        "LM504 not-applicable": ALL,
    },
    "processors": {
        "LM401 not-applicable": ALL,
        "LM101 not-applicable": NODES,
        "LM102 not-applicable": NODES,
        "LM103 not-applicable": NODES,
        "LM104 not-applicable": NODES,
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": NODES,
        "LM304 not-applicable": ALL,
        "LM501 fail": "both1 both2 old",
        "LM501 not-applicable": "alone",
        "LM502 fail": "named",
        "LM502 not-applicable": "alone",
        "LM503 fail": "older",
        "LM503 not-applicable": "alone",
        "LM504 not-applicable": "alone",
    },
    "unusual-but-healthy": {
        "LM101 not-applicable": "node1 node2 node3 edge01",
        "LM102 not-applicable": "node1 node2 node3 edge01",
        "LM102 warning": "any half",
        "LM103 not-applicable": "node1 node2 edge01",
        "LM103 warning": "sites",
        "LM104 not-applicable": "node1 node2 node3 edge01",
        "LM201 not-applicable": "dmz02",
        "LM203 not-applicable": (
            "isolated sites routed smb both tagged nofirewall scoped policy guarded credssp old "
            "busy node1 node2 node3 dmz01 dmz02 edge01"
        ),
        "LM205 not-applicable": "node1 node2 node3 edge01",
        "LM304 not-applicable": ALL,
        "LM305 warning": "policy",
        "LM501 not-applicable": "dmz01 dmz02 edge01",
        "LM502 not-applicable": "dmz01 dmz02 edge01",
        "LM503 not-applicable": "dmz01 dmz02 edge01",
        "LM401 not-applicable": ALL,
        "LM403 not-applicable": "dmz01 dmz02 edge01",
        "LM404 not-applicable": "dmz01 dmz02 edge01",
        "LM504 not-applicable": "dmz01 dmz02 edge01",
        # One has CredSSP and two have SMB, and nothing says which exchange virtual machines.
        "LM504 warning": (
            "any half isolated sites routed smb both tagged nofirewall scoped policy guarded "
            "credssp old busy"
        ),
    },
    "unusual-but-healthy-2012": {
        "LM404 not-applicable": "old",
        "LM001 warning": "vmm01",
        "LM101 not-applicable": "old node1 node2",
        "LM102 not-applicable": "old node1 node2",
        "LM102 warning": "listed managed",
        "LM103 not-applicable": "old node1",
        "LM104 not-applicable": "old node1 node2",
        "LM105 not-applicable": ALL,
        "LM106 not-applicable": "old",
        "LM107 not-applicable": "old",
        "LM201 not-applicable": "old",
        "LM202 not-applicable": "old",
        "LM202 warning": "listed",
        "LM203 not-applicable": "old node1 node2",
        "LM205 not-applicable": "old node1 node2",
        "LM303 not-applicable": "old",
        "LM304 not-applicable": "old node1 node2",
        "LM305 not-applicable": "old",
        "LM501 not-applicable": "old",
        "LM502 not-applicable": "old",
        "LM503 not-applicable": "old",
        "LM401 not-applicable": ALL,
        "LM504 not-applicable": "old",
        "LM707 not-applicable": "old",
    },
    "virtual-machines": {
        "LM101 not-applicable": "node1 node2 node3",
        "LM102 not-applicable": "node1 node2 node3",
        "LM103 not-applicable": "node1 node2 node3",
        "LM104 not-applicable": "node1 node2 node3",
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": "node1 node2 node3",
        "LM304 not-applicable": ALL,
        "LM401 not-applicable": ALL,
        # Its cluster has no other node.
        "LM501 not-applicable": "node3",
        "LM502 not-applicable": "node3",
        "LM503 not-applicable": "node3",
        "LM504 not-applicable": "node3",
        "LM701 blocked": "node3",
        "LM701 fail": "hv02",
        "LM701 warning": "hv03",
        "LM702 blocked": "node3",
        "LM702 fail": "hv04 node2",
        "LM702 warning": "hv05",
        "LM703 blocked": "node3",
        "LM704 blocked": "node3",
        "LM705 blocked": "node3",
        "LM705 fail": "hv06",
        "LM705 warning": "hv07",
        "LM706 blocked": "node3",
        "LM706 warning": "node1",
        "LM707 blocked": "node3",
        "LM707 warning": "hv08",
    },
    "windows-2012r2": {
        "LM101 not-applicable": "hv05 hv06",
        "LM102 fail": "hv04",
        "LM102 not-applicable": "hv05 hv06",
        "LM102 warning": "hv02",
        "LM103 not-applicable": "hv04 hv05 hv06",
        "LM104 not-applicable": "hv05 hv06",
        "LM203 not-applicable": "hv01 hv03 hv04 hv05 hv06",
        "LM205 blocked by LM102": "hv04",
        "LM205 not-applicable": "hv05 hv06",
        "LM304 not-applicable": ALL,
        "LM305 blocked by LM102": "hv04",
        "LM401 not-applicable": ALL,
        "LM504 warning": "hv01 hv02 hv03 hv04",
    },
    "windows-2025": {
        "LM404 not-applicable": "edge01 edge02",
        "LM101 not-applicable": "edge01 edge02",
        "LM102 not-applicable": "edge01 edge02",
        "LM103 not-applicable": "edge01 edge02",
        "LM104 fail": "hv02",
        "LM104 not-applicable": "edge01 edge02",
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": "edge01 edge02",
        "LM304 not-applicable": ALL,
        "LM401 not-applicable": ALL,
        "LM403 not-applicable": "edge01 edge02",
        "LM504 warning": "hv01 hv02 hv03",
    },
}


# Of these nothing is said above where they do not apply: they are about nodes, about nodes that are
# not alone, about hosts with virtual machines, and about nodes with virtual machines.
OF_NODES = ("LM602", "LM604")
OF_NODES_THAT_ARE_NOT_ALONE = ("LM601", "LM603", "LM605", "LM606")
OF_MACHINES = ("LM701", "LM702", "LM703", "LM704", "LM705")
OF_MACHINES_OF_NODES = ("LM706",)


def expected(fleet: str) -> dict[str, set[str]]:
    loaded = load_fleet(fleet)
    every = {each.name.partition(".")[0] for each in loaded.hosts}
    found = {
        verdict: every if hosts == ALL else set(hosts.split())
        for verdict, hosts in VERDICTS[fleet].items()
    }
    nodes = [each for each in loaded.hosts if each.cluster is not None]
    in_company = [each for each in nodes if len(loaded.nodes(each.cluster or "")) > 1]
    with_machines = [each for each in loaded.hosts if each.vms]
    for checks, judged_hosts in (
        (OF_NODES, nodes),
        (OF_NODES_THAT_ARE_NOT_ALONE, in_company),
        (OF_MACHINES, with_machines),
        (OF_MACHINES_OF_NODES, [each for each in nodes if each.vms]),
    ):
        others = every - {each.name.partition(".")[0] for each in judged_hosts}
        for check in checks:
            said_above = (hosts for verdict, hosts in found.items() if verdict.startswith(check))
            if left := others.difference(*said_above):
                found[f"{check} not-applicable"] = left
    return found
