"""Every shipped fleet gives the verdicts that its hosts are there to show, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from fix_scripts import changed_without_cause, networks_changed
from fleet_runs import facts_of_shipped, judge_shipped, said
from ruamel.yaml import YAML
from run_builders import made_run

from livemigration.commands.schema import schema_text
from livemigration.lab.fleet import Fleet, FleetHost, load_fleet, shipped_fleets
from livemigration.report.rails import rails_of
from livemigration.run.evidence.network import network_of
from livemigration.run.result import Result, State

pytestmark = pytest.mark.fleet

FLEETS = Path(__file__).parents[2] / "livemigration" / "lab" / "fleets"
ALL = "every host"
# Of the fleet of processors.
NODES = (
    "intel1 intel2 amd1 amd2 both1 both2 old new code1 code2 named switched older newer patched1 "
    "patched2"
)
HEALTHY = [name for name in shipped_fleets() if "healthy" in name]

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


def told(result: Result) -> str:
    by = result.blocked_by.check if result.blocked_by is not None else ""
    return f"{result.state.value} by {by}" if by else result.state.value


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


@pytest.mark.parametrize("fleet", shipped_fleets())
def test_a_shipped_fleet_gives_its_verdicts_and_no_others(fleet: str) -> None:
    found: dict[str, set[str]] = {}
    for (check, target), result in judge_shipped(fleet).items():
        assert result.state is not State.INTERNAL_ERROR, said(result)
        if result.state is not State.PASS:
            verdict = f"{check} {told(result)}"
            found.setdefault(verdict, set()).add(target.partition(".")[0])
    assert found == expected(fleet)


@pytest.mark.parametrize("fleet", shipped_fleets())
def test_a_fix_script_changes_networks_only_where_they_are_the_cause(fleet: str) -> None:
    loaded, results = load_fleet(fleet), judge_shipped(fleet)
    assert changed_without_cause(loaded, results) == []
    if fleet == "kb-2853203":
        assert set(networks_changed(loaded, results)) == {"hv03.contoso.com"}


@pytest.mark.parametrize("fleet", HEALTHY)
def test_a_healthy_fleet_is_expected_to_be_green(fleet: str) -> None:
    assert {each.split()[1] for each in VERDICTS[fleet]} <= {"warning", "not-applicable"}


# By fleet: the marks of management (control port, 6600) and of each migration network (from VMM,
# then by the peers' tables), the state in a word, and the hosts by their first labels.
RAILS = {
    "kb-2853203": (
        ("?? --", "no answer", "hv05"),
        ("●✕ --", "no address", "hv06"),
        ("≠≠ -●", "wrong address", "hv10"),
        ("●✕ --", "turned off", "hv04"),
        ("●✕ ○●", "restricted", "hv03"),
        ("●✕ ○●", "not listening", "hv08"),
        ("●● ○●", "agent stopped", "hv09"),
        ("●● ○●", "warning", "hv07"),
        ("●● ○●", "ready", "hv01 hv02"),
    ),
    "healthy": (("●○ ○●", "ready", "hv01 hv02 hv03 hv04"), ("●○ --", "ready", "hv05 hv06")),
    # Three networks of two nodes each.
    "cluster-s2d": (
        ("●○ ○○· --·", "ready", "node1"),
        ("●○ ○·○ -·-", "ready", "node2"),
        ("●○ ·○○ ·--", "ready", "node3"),
    ),
    "perimeter": (
        ("✕○ ●●", "5986 shut", "dmz03"),
        ("●○ ●●", "Kerberos", "dmz04"),
        ("●○ ●●", "ready", "dmz01 dmz02"),
    ),
}


@pytest.mark.parametrize("fleet", shipped_fleets())
def test_the_network_of_a_shipped_fleet_is_red_only_where_it_has_to_be(fleet: str) -> None:
    results = tuple(judge_shipped(fleet).values())
    found = rails_of(made_run(results, network=network_of(facts_of_shipped(fleet), {})))
    assert found is not None
    rows = tuple(
        (
            "".join(mark.sign for mark in each.marks),
            each.word,
            " ".join(name.partition(".")[0] for name in each.names),
        )
        for each in found.rows
    )
    wanted = RAILS.get(fleet)
    assert wanted is None or rows == tuple(
        (signs.replace(" ", "").replace("-", "\u2013"), word, names)
        for signs, word, names in wanted
    )
    if fleet in HEALTHY:
        assert not any(mark.red for mark in found.marks)


DIFFERENT: dict[str, Callable[[Fleet, FleetHost], bool]] = {
    "a highly available VMM": lambda fleet, _: fleet.vmm.active_node is not None,
    "a perimeter host by its NetBIOS name": lambda _, host: "DMZ" in (host.record.name or ""),
    "a perimeter host by its address": lambda _, host: "." in (host.record.name or ""),
    "SSL on 5986": lambda _, host: host.ssl and host.record.perimeter,
    "a workgroup cluster": lambda _, host: host.workgroup and host.cluster is not None,
    "Server 2008 R2": lambda _, host: host.system is not None and host.system.build == 7601,
    "Server 2012": lambda fleet, host: (host.system or fleet.system).build == 9200,
    "a host of another release": lambda _, host: host.system is not None,
    "SMB transport": lambda _, host: host.performance == "smb",
    "both performance flags": lambda _, host: host.performance == "both",
    "a cluster node without networks": lambda _, host: (
        host.cluster is not None and host.networks == "none"
    ),
    "half any": lambda _, host: host.half_any == "v4",
    "tags of another manager": lambda _, host: bool(host.tags),
    "a migration network behind a gateway": lambda _, host: bool(host.routes),
    "a firewall that is off": lambda _, host: host.firewall.profiles == "off",
    "a rule for the peers only": lambda _, host: bool(host.firewall.scope),
    "a rule of Group Policy": lambda _, host: host.firewall.rule == "group-policy",
    "Credential Guard": lambda _, host: host.credential_guard,
    "CredSSP": lambda _, host: host.authentication == 0 and not host.workgroup,
}


@pytest.mark.parametrize("kind", DIFFERENT)
def test_the_healthy_fleets_hold_what_is_different_and_healthy(kind: str) -> None:
    fleets = [load_fleet(name) for name in HEALTHY if name.startswith("unusual")]
    assert any(DIFFERENT[kind](fleet, host) for fleet in fleets for host in fleet.hosts)


@pytest.mark.parametrize("fleet", shipped_fleets())
def test_a_shipped_fleet_fits_the_published_schema(fleet: str) -> None:
    text = (FLEETS / f"{fleet}.yaml").read_text(encoding="utf-8")
    document = YAML(typ="safe").load(text)
    # JSON has no number keys, which data_ports has.
    jsonschema.validate(json.loads(json.dumps(document)), json.loads(schema_text("fleet")))


@pytest.mark.parametrize(
    "wrong",
    [{"title": 1}, {"nmae": "x"}, {"networks": {"management": {"subnet": "1.0"}}}, {"hosts": None}],
)
def test_the_published_schema_refuses_what_the_lab_refuses(wrong: dict[str, object]) -> None:
    document = YAML(typ="safe").load((FLEETS / "healthy.yaml").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, **wrong}, json.loads(schema_text("fleet")))
