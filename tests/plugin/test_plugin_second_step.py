"""A whole run asks what running machines have taken only where the processors of a group differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from plugin_runs import Ended, run_here

from livemigration.facts.compatibility import COMPATIBILITY_VECTORS

INVENTORY = """\
schema: 1
lab: {fleet: processors}
connection: {time_limits: {connect: 30, message: 60, probe: 5}}
"""
MIXED = {"old", "new", "code1", "code2"}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inventory") / "inventory.yaml"
    path.write_text(INVENTORY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pairs(inventory: Path, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    reports = tmp_path_factory.mktemp("reports")
    return run_here(reports, f"--inventory={inventory}", "-m", "livemigration and pairs")


def sheets(ended: Ended) -> Mapping[str, Mapping[str, Any]]:
    """Return the outcomes in the facts file of a run, by the hosts' first labels."""
    document = json.loads((ended.folder / "facts.json").read_text(encoding="utf-8"))
    return {each["name"].partition(".")[0]: each["outcomes"] for each in document["hosts"]}


def asked(ended: Ended) -> set[str]:
    """Return the hosts that were asked for their vectors."""
    group = COMPATIBILITY_VECTORS.name
    return {name for name, outcomes in sheets(ended).items() if group in outcomes}


def test_only_groups_of_unlike_processors_are_asked(pairs: Ended) -> None:
    assert pairs.code == 1, pairs.output
    assert asked(pairs) == MIXED
    failed = {host for (check, host), state in pairs.states().items() if state == "fail"}
    assert {each.partition(".")[0] for each in failed} == {
        *("both1", "both2", "old", "named", "older"),
    }


def test_what_the_second_step_took_is_told_of_the_hosts_that_it_asked(pairs: Ended) -> None:
    traffic = {
        each["machine"].partition(".")[0]: each["requests"] for each in pairs.results["traffic"]
    }
    assert traffic["code1"] > traffic["intel1"]
    # Another sign-in, one question of the service, one of each machine that runs.
    assert traffic["code1"] - traffic["intel1"] <= 20


def test_from_its_facts_file_a_run_comes_to_the_same(
    pairs: Ended, inventory: Path, tmp_path: Path
) -> None:
    again = run_here(
        tmp_path,
        f"--inventory={inventory}",
        f"--facts={pairs.folder / 'facts.json'}",
        "-m",
        "livemigration and pairs",
    )
    assert again.states() == pairs.states()


def test_other_checks_do_not_have_it_asked(inventory: Path, tmp_path: Path) -> None:
    ended = run_here(tmp_path, f"--inventory={inventory}", "-k", "LM502 or LM503")
    assert asked(ended) == set()


def test_a_part_of_a_group_in_which_all_are_alike_is_not_asked(
    inventory: Path, tmp_path: Path
) -> None:
    ended = run_here(
        tmp_path, f"--inventory={inventory}", "--limit=old*", "-m", "livemigration and pairs"
    )
    assert asked(ended) == set()
    # Hosts of its group that were not looked at may stop it.
    assert ended.states()["LM501", "old.contoso.com"] == "blocked"
