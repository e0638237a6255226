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
from verdicts_of_fleets import VERDICTS, expected

from livemigration.commands.schema import schema_text
from livemigration.lab.fleet import Fleet, FleetHost, load_fleet, shipped_fleets
from livemigration.report.rails import rails_of
from livemigration.run.evidence.network import network_of
from livemigration.run.result import Result, State

pytestmark = pytest.mark.fleet

FLEETS = Path(__file__).parents[2] / "livemigration" / "lab" / "fleets"
HEALTHY = [name for name in shipped_fleets() if "healthy" in name]


def told(result: Result) -> str:
    by = result.blocked_by.check if result.blocked_by is not None else ""
    return f"{result.state.value} by {by}" if by else result.state.value


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
