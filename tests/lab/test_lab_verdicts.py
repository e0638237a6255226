"""Every shipped fleet gives the verdicts that its hosts are there to show, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from fix_scripts import changed_without_cause, networks_changed
from fleet_runs import judge_shipped, said
from ruamel.yaml import YAML

from livemigration.lab.fleet import Fleet, FleetHost, load_fleet, shipped_fleets
from livemigration.results import Result, State
from livemigration.schemas import schema_text

# In one process, so that each fleet runs once.
pytestmark = [pytest.mark.fleet, pytest.mark.xdist_group("shipped fleets")]

FLEETS = Path(__file__).parents[2] / "livemigration" / "lab" / "fleets"
ALL = "every host"
HEALTHY = [name for name in shipped_fleets() if "healthy" in name]

# What is not a pass, by fleet: the check and its state, and the hosts by their first labels.
VERDICTS: dict[str, dict[str, str]] = {
    "cluster-s2d": {
        "LM101 not-applicable": ALL,
        "LM102 not-applicable": ALL,
        "LM104 not-applicable": ALL,
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": ALL,
        "LM304 not-applicable": ALL,
    },
    "ha-vmm": {
        "LM107 fail": "hv03",
        "LM107 warning": "hv02",
        "LM203 not-applicable": ALL,
        "LM304 not-applicable": ALL,
    },
    "healthy": {
        "LM101 not-applicable": "hv05 hv06",
        "LM102 not-applicable": "hv05 hv06",
        "LM103 not-applicable": "hv05 hv06",
        "LM104 not-applicable": "hv05 hv06",
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": "hv05 hv06",
        "LM304 not-applicable": ALL,
    },
    "kb-2853203": {
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
    },
    "perimeter": {
        "LM104 fail": "dmz04",
        "LM201 not-applicable": "dmz02",
        "LM203 not-applicable": ALL,
        "LM204 fail": "dmz03",
        "LM301 blocked by LM204": "dmz03",
        "LM304 not-applicable": ALL,
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
    },
    "unusual-but-healthy-2012": {
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
    },
    "windows-2025": {
        "LM101 not-applicable": "edge01 edge02",
        "LM102 not-applicable": "edge01 edge02",
        "LM103 not-applicable": "edge01 edge02",
        "LM104 fail": "hv02",
        "LM104 not-applicable": "edge01 edge02",
        "LM203 not-applicable": ALL,
        "LM205 not-applicable": "edge01 edge02",
        "LM304 not-applicable": ALL,
    },
}


def told(result: Result) -> str:
    by = result.blocked_by.check if result.blocked_by is not None else ""
    return f"{result.state.value} by {by}" if by else result.state.value


def expected(fleet: str) -> dict[str, set[str]]:
    every = {each.name.partition(".")[0] for each in load_fleet(fleet).hosts}
    return {
        verdict: every if hosts == ALL else set(hosts.split())
        for verdict, hosts in VERDICTS[fleet].items()
    }


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
