"""What docs/fleets.md says of fleet files holds: its story, its examples, its list of fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fleet_runs import judge
from in_turn import in_turn
from pydantic import BaseModel
from ruamel.yaml import YAML
from sampling import sampled

from livemigration.lab.fleet import Fleet, FleetCluster, FleetNetwork, FleetVmm
from livemigration.lab.fleet_cluster import FleetNode
from livemigration.lab.fleet_cluster_roles import FleetAffinityRule, FleetRole, FleetVolume
from livemigration.lab.fleet_devices import (
    HostDevices,
    HostProtection,
    VmDevices,
    VmProtection,
)
from livemigration.lab.fleet_directory import FleetAccount, FleetDirectory
from livemigration.lab.fleet_host import FleetHost, HostFirewall, HostRecord, System
from livemigration.lab.fleet_memory import HostMemory, VmMemory
from livemigration.lab.fleet_parts import FleetProcessor, FleetRule
from livemigration.lab.fleet_vms import FleetDisk, FleetVm
from livemigration.run.result import State

PAGE = (Path(__file__).parents[2] / "docs" / "fleets.md").read_text(encoding="utf-8")
MODELS: dict[str, type[BaseModel]] = {
    "Fleet": Fleet,
    "Network": FleetNetwork,
    "VMM server": FleetVmm,
    "Cluster": FleetCluster,
    "Volume": FleetVolume,
    "Affinity rule": FleetAffinityRule,
    "Host": FleetHost,
    "Memory": HostMemory,
    "Memory of a virtual machine": VmMemory,
    "Node": FleetNode,
    "Directory": FleetDirectory,
    "Account": FleetAccount,
    "Role": FleetRole,
    "Virtual machine": FleetVm,
    "Disk": FleetDisk,
    "Devices": HostDevices,
    "Protection": HostProtection,
    "Devices of a virtual machine": VmDevices,
    "Protection of a virtual machine": VmProtection,
    "Firewall": HostFirewall,
    "Firewall rule": FleetRule,
    "Processor": FleetProcessor,
    "Record": HostRecord,
    "System": System,
}
_ROW = re.compile(r"^\| `(\w+)` \| `([^|]+)` \|", re.MULTILINE)


def read(text: str) -> Any:
    return YAML(typ="safe").load(text)


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield the section, the field and the example of each row of the page's tables."""
    for section in PAGE.split("\n### ")[1:]:
        title, _, text = section.partition("\n")
        for field, example in _ROW.findall(text):
            yield title, field, example


ROWS = list(rows())


def fleet(section: str, example: dict[str, Any]) -> dict[str, Any]:
    """Return a whole fleet that has an example in its place."""
    whole: dict[str, Any] = {field: read(text)[field] for at, field, text in ROWS if at == "Fleet"}
    whole.pop("other_vmms")  # each needs a host of its own
    host = whole["hosts"][0] | {"addresses": {"management": "1.11", "migration": "50.11"}}
    firewall = host.setdefault("firewall", {})
    machine = host.setdefault("vms", [{"name": "web01"}])[0]
    places = {
        "Fleet": whole,
        "Network": whole["networks"]["migration"],
        "VMM server": whole["vmm"],
        "Cluster": whole["clusters"]["cluster1"],
        "Volume": whole["clusters"]["cluster1"].setdefault("volumes", {}).setdefault("V", {}),
        "Affinity rule": whole["clusters"]["cluster1"].setdefault("affinity_rules", [RULE])[0],
        "Memory": host.setdefault("memory", {}),
        "Memory of a virtual machine": machine.setdefault("memory", {}),
        "Host": host,
        "Node": host.setdefault("node", {}),
        "Directory": whole["directory"],
        "Account": host.setdefault("account", {}),
        "Role": machine.setdefault("role", {}),
        "Virtual machine": machine,
        "Disk": machine.setdefault("disks", [{}])[0],
        "Devices": host.setdefault("devices", {}),
        "Protection": host.setdefault("protection", {}),
        "Devices of a virtual machine": machine.setdefault("devices", {}),
        "Protection of a virtual machine": machine.setdefault("protection", {}),
        "Firewall": firewall,
        "Firewall rule": firewall.setdefault("rules", [{"name": "Site"}])[0],
        "Processor": host.setdefault("processor", {}),
        "Record": host.setdefault("record", {}),
        "System": whole["system"],
    }
    whole["hosts"] = [host, whole["hosts"][0] | {"name": "node", "addresses": NODE}]
    if section == "Node":
        host["cluster"] = "cluster1"
    if section == "Host":
        whole.pop("virtual_machines")  # they are on the host whose name changes
    places[section].update(example)
    return whole


RULE = {"name": "apart", "roles": ["web01"]}
NODE = {"management": "1.99", "migration": "50.99"}


@in_turn("section", MODELS)
def test_every_field_is_documented_and_no_other(section: str) -> None:
    documented = [field for at, field, _ in ROWS if at == section]
    assert documented == list(dict.fromkeys(documented))
    assert set(documented) == set(MODELS[section].model_fields)


@pytest.mark.parametrize("section", sampled(MODELS, every=4))
def test_every_example_is_taken_and_is_not_what_is_there_anyway(section: str) -> None:
    for at, field, example in ROWS:
        if at == section:
            take(section, field, example)


def take(section: str, field: str, example: str) -> None:
    """Hold the example of a field against the model.

    Raises:
        AssertionError: it is not taken, or is what is there without it.
    """
    given = read(example)
    loaded = Fleet.model_validate(fleet(section, given))
    rules = loaded.hosts[0].firewall.rules
    machine = next(iter(loaded.hosts[0].vms), None)
    parts: dict[str, BaseModel | None] = {
        "Fleet": loaded,
        "Network": loaded.networks["migration"],
        "VMM server": loaded.vmm,
        "Cluster": loaded.clusters["cluster1"],
        "Volume": loaded.clusters["cluster1"].volumes.get("V"),
        "Affinity rule": next(iter(loaded.clusters["cluster1"].affinity_rules), None),
        "Memory": loaded.hosts[0].memory,
        "Memory of a virtual machine": machine.memory if machine is not None else None,
        "Host": loaded.hosts[0],
        "Node": loaded.hosts[0].node,
        "Directory": loaded.directory,
        "Account": loaded.hosts[0].account,
        "Role": machine.role if machine else None,
        "Virtual machine": machine,
        "Disk": next(iter(machine.disks if machine else ()), None),
        "Devices": loaded.hosts[0].devices,
        "Protection": loaded.hosts[0].protection,
        "Devices of a virtual machine": machine.devices if machine else None,
        "Protection of a virtual machine": machine.protection if machine else None,
        "Firewall": loaded.hosts[0].firewall,
        "Firewall rule": next(iter(rules), None),
        "Processor": loaded.hosts[0].processor,
        "Record": loaded.hosts[0].record,
        "System": loaded.system,
    }
    assert field in given
    default = MODELS[section].model_fields[field].get_default(call_default_factory=True)
    assert getattr(parts[section], field) != default


def story() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the page's fleet with a host for each state of hv02, and its last change.

    One fleet of them all, so that the lab starts once and not three times.
    """
    first, *changes = (read(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    isolated, listed, upgraded = changes
    hv01, hv02 = first["hosts"]
    variants = [
        hv02 | change | {"name": f"{name}.contoso.com", "addresses": addresses(number)}
        for number, (name, change) in enumerate((("isolated", isolated), ("listed", listed)))
    ]
    return first | {"hosts": [hv01, hv02, *variants]}, upgraded


@pytest.mark.long
def test_the_story_goes_as_the_page_says(tmp_path: Path) -> None:
    found = verdicts(story()[0], tmp_path / "before.yaml")
    assert found["vmm01"] == {"LM001": "warning"}
    assert found["hv01"] == found["hv02"] == {}
    assert found["isolated"] == dict.fromkeys(("LM102", "LM202", "LM203", "LM304"), "fail")
    assert found["listed"] == {"LM102": "warning", "LM202": "warning"}


@pytest.mark.long
def test_the_story_ends_with_the_upgrade_as_the_page_says(tmp_path: Path) -> None:
    before, upgraded = story()
    found = verdicts(before | upgraded, tmp_path / "after.yaml")
    assert found["vmm01"] == found["isolated"] == {}
    assert found["hv01"] == {"LM102": "warning"}


def addresses(number: int) -> dict[str, str]:
    return {"management": f"1.{20 + number}", "migration": f"50.{20 + number}"}


def verdicts(document: dict[str, Any], file: Path) -> dict[str, dict[str, str]]:
    """Return what is neither a pass nor not applicable, by machine and check."""
    file.write_text(json.dumps(document), encoding="utf-8")
    found: dict[str, dict[str, str]] = {}
    for (check, target), result in judge(str(file)).items():
        own = found.setdefault(target.partition(".")[0], {})
        if result.state not in {State.PASS, State.NOT_APPLICABLE}:
            own[check] = result.state.value
    return found
