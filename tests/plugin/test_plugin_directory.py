"""Runs of a fleet with a directory: what is said of accounts is the same on every way to it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from plugin_runs import Ended, run_here

from livemigration.commands.main import main

IDENTITY = ("-m", "identity")
HV03 = "hv03.contoso.com"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    folder = tmp_path_factory.mktemp("whole")
    kept = (f"--save-facts={folder / 'facts.json'}", "--bundle")
    return run_here(folder / "reports", "--inventory=lab:delegation", *IDENTITY, *kept)


def facts(ended: Ended) -> Path:
    return ended.reports.parent / "facts.json"


def told(ended: Ended, check: str) -> dict[str, list[str]]:
    return {
        each["entry"]["target"]: [each["state"], *(e["observed"] for e in each["findings"])]
        for each in ended.results["results"]
        if each["entry"]["check"] == check
    }


def test_a_run_with_a_directory_does_not_say_that_there_is_none(whole: Ended) -> None:
    assert whole.code == 1
    assert not any("Active Directory" in each for each in whole.results["not_examined"])


def test_a_run_without_one_says_so_and_judges_no_account(tmp_path: Path) -> None:
    ended = run_here(tmp_path / "reports", "--inventory=lab:healthy", *IDENTITY)
    assert any("no directory is configured" in each for each in ended.results["not_examined"])
    states = {each[0] for each in told(ended, "LM401").values()}
    assert states == {"not-applicable"}
    assert {each[0] for each in told(ended, "LM403").values()} == {"pass"}


def test_a_replay_comes_to_the_same(whole: Ended, tmp_path: Path) -> None:
    given = ("--inventory=lab:delegation", f"--facts={facts(whole)}")
    ended = run_here(tmp_path / "reports", *given, *IDENTITY)
    for check in ("LM401", "LM403"):
        assert told(ended, check) == told(whole, check)
    assert ended.code == whole.code


def test_one_check_alone_comes_to_the_same(whole: Ended, tmp_path: Path) -> None:
    ended = run_here(tmp_path / "reports", "--inventory=lab:delegation", "-k", "LM401")
    assert told(ended, "LM401") == told(whole, "LM401")


def test_a_host_alone_is_told_that_nobody_was_compared(tmp_path: Path) -> None:
    given = ("--inventory=lab:delegation", f"--limit={HV03}")
    ended = run_here(tmp_path / "reports", *given, *IDENTITY)
    state, *observed = told(ended, "LM401")[HV03]
    assert state == "not-applicable"
    assert "17 hosts of its migration group were not looked at" in observed[0]


def test_a_run_is_gone_on_with_without_asking_anew(whole: Ended, tmp_path: Path) -> None:
    given = ("--inventory=lab:delegation", f"--resume={whole.folder}")
    ended = run_here(tmp_path / "reports", *given, *IDENTITY)
    for check in ("LM401", "LM403"):
        assert told(ended, check) == told(whole, check)


def test_a_bundle_of_it_is_what_its_own_facts_come_to(whole: Ended) -> None:
    # Of a simulated fleet, which is no evidence.
    (bundle,) = whole.reports.rglob("*.zip")
    assert main(["verify", str(bundle)]) == 10
    with zipfile.ZipFile(bundle) as held:
        said = held.read("facts.json").decode().casefold()
    for name in ("contoso", "hv03", "dc01", "-682003330-"):
        assert name not in said
    assert "microsoft virtual system migration service" in said


def test_facts_without_a_directory_block_where_the_inventory_has_one(
    whole: Ended, tmp_path: Path
) -> None:
    document = json.loads(facts(whole).read_text("utf-8"))
    for host in document["hosts"]:
        host["outcomes"] = {
            name: each for name, each in host["outcomes"].items() if "directory" not in name
        }
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    given = ("--inventory=lab:delegation", f"--facts={path}")
    ended = run_here(tmp_path / "reports", *given, *IDENTITY)
    states = [each[0] for each in told(ended, "LM401").values()]
    # Two nodes of a cluster need no delegation, whatever a directory says.
    assert sorted(set(states)) == ["blocked", "not-applicable"]
    assert states.count("not-applicable") == 2
    assert "collect.ps1 asks no directory" in (ended.folder / "results.json").read_text("utf-8")
