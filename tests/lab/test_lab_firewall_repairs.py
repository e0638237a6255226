"""What the fix script does to a firewall rule, the lab's `apply` does to a fleet."""

from __future__ import annotations

from pathlib import Path

import pytest
from fleet_runs import judge
from mutations import HEALTHY, SERVER_2022, VMM_2022, Mutation, fleet, host_name

from livemigration.inventory.policy import Policy
from livemigration.lab.apply import apply
from livemigration.lab.fleet import load_fleet
from livemigration.lab.fleet_file import fleet_text
from livemigration.run.repairs import repairs_of
from livemigration.run.result import State

RULES = (
    Mutation("missing", {"firewall": {"rule": "missing"}}, "LM305"),
    Mutation("disabled", {"firewall": {"rule": "disabled", "scope": ["1.9"]}}, "LM305"),
    Mutation("narrow", {"firewall": {"scope": ["1.9"]}}, "LM305"),
)
HOSTS = tuple(host_name(HEALTHY + number) for number in range(len(RULES)))


@pytest.mark.fleet
def test_a_firewall_rule_is_mended_in_a_fleet_as_by_the_script(tmp_path: Path) -> None:
    broken, mended = tmp_path / "broken.yaml", tmp_path / "mended.yaml"
    text = fleet("firewall", VMM_2022, SERVER_2022, {"networks": ["migration"]}, RULES)
    broken.write_text(text, encoding="utf-8")
    policies = dict.fromkeys(HOSTS, Policy.model_validate({"fail_on": "warning"}))
    before = judge(str(broken), policies)
    scripted = {
        each.target
        for each in repairs_of(before.values())
        if each.scripted and each.fix.key == "firewall-rule"
    }
    assert scripted == set(HOSTS)
    applied = apply(load_fleet(str(broken)), before.values())
    assert [each for each in applied.done if "port 6600" in each] == [
        f"{name}: Let the other hosts in on port 6600 of {name}." for name in HOSTS
    ]
    mended.write_text(fleet_text(applied.fleet), encoding="utf-8")
    after = judge(str(mended), policies)
    assert {name: after["LM305", name].state for name in HOSTS} == dict.fromkeys(HOSTS, State.PASS)
