"""What results.json keeps of the facts, in whole runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plugin_runs import Ended, run_here

HOST = "hv03.contoso.com"


def of_host(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in document["evidence"]["targets"] if each["target"] == name)
    assert isinstance(found, dict)
    return found


def test_results_keep_the_facts_behind_what_is_not_in_order(demo: tuple[Ended, Path]) -> None:
    document = demo[0].results
    groups = {each["group"]: each for each in of_host(document, HOST)["facts"]}
    assert '"tags": ["Microsoft:UserManaged"]' in "\n".join(groups["migration-networks"]["lines"])
    assert groups["migration-networks"]["vantage"] == "the host"
    assert groups["vmm-probes"]["vantage"] == "the VMM server"
    healthy = {"hv01.contoso.com", "hv02.contoso.com"}
    assert not healthy & {each["target"] for each in document["evidence"]["targets"]}


def test_results_keep_the_network_as_the_vmm_server_met_it(demo: tuple[Ended, Path]) -> None:
    hosts = {each["name"]: each for each in demo[0].results["network"]["hosts"]}
    assert len(hosts) == 10
    assert {(each["port"], each["reached"]) for each in hosts[HOST]["attempts"]} == {
        (5985, "open"),
        (6600, "refused"),
        (6600, "timed out"),
    }
    assert [each["foreign"] for each in hosts["hv10.contoso.com"]["attempts"]].count(True) == 2
    assert hosts["hv05.contoso.com"]["problem"].startswith("Connecting to hv05.contoso.com")


def test_a_replay_says_when_its_facts_file_was_begun(
    demo: tuple[Ended, Path], tmp_path: Path, demo_facts: str
) -> None:
    again = run_here(tmp_path, demo_facts).results
    live = demo[0].results["gathered"]
    by_this_machine = {"executor": "", "workers": 0}
    assert again["gathered"] == {"began": live["began"], "ended": None, **by_this_machine}
    assert again["valid_until"] == demo[0].results["valid_until"]
    assert demo[0].results["started"] <= live["began"] <= live["ended"]


def test_a_run_names_the_local_time_of_its_machine(demo: tuple[Ended, Path]) -> None:
    zone = demo[0].results["zone"]
    assert isinstance(zone["name"], str)
    assert abs(zone["offset_minutes"]) <= 14 * 60


def test_11_is_evidence_that_breaks_and_the_verdict_stays(
    tmp_path: Path, healthy_replay: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("as a host sent it")

    monkeypatch.setattr("livemigration.run.record.evidence_of", refuse)
    ended = run_here(tmp_path, *healthy_replay)
    assert ended.code == 11, ended.output
    assert "The evidence could not be written: ValueError." in ended.output
    assert "as a host sent it" not in ended.output
    assert ended.results["evidence"] is None
    assert "READY. 6 of 6 hosts are ready." in ended.output
