"""Whole runs, as a user starts them, against the lab."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from plugin_runs import CREDENTIALS, PASSWORD, ROOT, Ended, real_inventory, run_here

from livemigration.base import codec
from livemigration.run import journal


def test_the_demo_names_the_host_of_the_kb_with_its_fix(demo: tuple[Ended, Path]) -> None:
    ended, _ = demo
    assert ended.code == 1, ended.output
    assert "NOT READY. 7 of 10 hosts are not ready." in ended.output.splitlines()[-12:]
    assert "\n   mend   script: the fix script with -HostName hv03.contoso.com\n" in ended.output
    assert "\nhv03  5. " in ended.output
    failed = {pair for pair, state in ended.states().items() if state == "fail"}
    assert {(check, "hv03.contoso.com") for check in ("LM102", "LM202", "LM203", "LM304")} <= failed
    assert not any(target in {"hv01.contoso.com", "hv02.contoso.com"} for _, target in failed)


def test_each_broken_host_fails_for_its_own_reason(demo: tuple[Ended, Path]) -> None:
    states = demo[0].states()
    expected = {
        "hv04": "LM101",
        "hv05": "LM302",
        "hv06": "LM103",
        "hv08": "LM103",
        "hv09": "LM302",
        "hv10": "LM201",
    }
    for host, check in expected.items():
        assert states[check, f"{host}.contoso.com"] == "fail", host


def test_an_unreachable_host_is_one_failure(demo: tuple[Ended, Path]) -> None:
    mine = {c: s for (c, host), s in demo[0].states().items() if host == "hv05.contoso.com"}
    # Nobody needs the host to say that no directory is configured.
    assert mine.pop("LM401") == "not-applicable"
    assert [check for check, state in mine.items() if state == "fail"] == ["LM302"]
    assert list(mine.values()).count("blocked") == len(mine) - 1


def test_results_follow_the_published_schema(demo: tuple[Ended, Path]) -> None:
    schema = json.loads((ROOT / "docs/schemas/results.schema.json").read_text(encoding="utf-8"))
    document = json.loads((demo[0].folder / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    assert document["simulated"] is True


def test_a_replay_opens_no_socket_and_says_the_same(
    demo: tuple[Ended, Path], tmp_path: Path, no_sockets: list[object]
) -> None:
    ended, facts = demo
    again = run_here(tmp_path / "reports", f"--facts={facts}")
    assert not no_sockets
    assert again.code == ended.code

    assert timeless(again.results) == timeless(ended.results)
    assert again.results["simulated"] is True


def timeless(document: dict[str, Any]) -> dict[str, Any]:
    """Return results.json without what no two runs share: when, how fast, and where from."""
    kept = {name: each for name, each in document.items() if name not in OF_ONE_RUN}
    return {**kept, "results": [{**each, "seconds": 0} for each in document["results"]]}


# The offsets of a zone are recorded around the moments of the run.
OF_ONE_RUN = {"started", "finished", "facts_from", "gathered", "zone"}


def test_a_run_leaves_journal_results_and_reports(demo: tuple[Ended, Path]) -> None:
    reports = demo[0].reports
    (folder,) = (each for each in reports.iterdir() if each.is_dir())
    assert {each.name for each in folder.iterdir()} == {
        f"{folder.name}.fix.ps1",
        "facts.json",
        "journal.jsonl",
        "tests.html",
        "report.html",
        "results.json",
    }
    leads = (reports / "latest.html").read_text(encoding="utf-8")
    assert f'href="{folder.name}/report.html"' in leads


def test_the_journal_tells_everything_that_the_results_hold(demo: tuple[Ended, Path]) -> None:
    ended = demo[0]
    told = journal.read(ended.folder / "journal.jsonl")
    assert codec.to_json(told.run) == ended.results


def test_the_healthy_fleet_is_ready(healthy: tuple[Ended, Path]) -> None:
    ended = healthy[0]
    assert ended.code == 0, ended.output
    assert set(ended.states().values()) == {"pass", "not-applicable"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--limit", "nobody*"), 5, "--limit nobody*: no host of the inventory matches"),
        (("-k", "nobody"), 5, "deselected"),
        (("-o", "livemigration_inventory="), 4, "no inventory is named"),
        (("--inventory", "missing.yaml"), 4, "missing.yaml"),
        (("--inventory", "lab:nowhere"), 4, "no such fleet"),
        (("--inventory={empty}",), 5, "names no host"),
        (("--inventory={typo}",), 4, "line 4: hosts[0].nmae: is not a known key"),
        (("--inventory={twice}",), 4, "line 2: schema: the key is given twice"),
        (("--inventory={real}",), 4, "LIVEMIGRATION_USERNAME is not set"),
        (("--reports={file}",), 4, "reports cannot be written here"),
        (("--limit", " , "), 4, "--limit is empty"),
        (("--facts={file}",), 4, "not a facts file"),
        (
            ("--facts={newer}",),
            4,
            "schema: this suite reads facts files of schema 1.",
        ),
        (("-p", "no:html"), 4, "run without -p no:html"),
    ],
)
def test_bad_input_has_its_own_words_and_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    monkeypatch.delenv("LIVEMIGRATION_USERNAME", raising=False)
    vmm = "vmm: {name: vmm01.contoso.com}\n"
    texts = {
        "empty": f"schema: 1\n{vmm}hosts: []\n",
        "typo": f"schema: 1\n{vmm}hosts:\n  - nmae: hv01\n",
        "twice": "schema: 1\nschema: 1\n",
        "real": f"schema: 1\n{vmm}hosts:\n  - name: hv01.contoso.com\n",
        "file": "",
        "newer": '{"schema": 2}',
    }
    files = {}
    for name, text in texts.items():
        files[name] = tmp_path / f"{name}.yaml"
        files[name].write_text(text, encoding="utf-8")
    ended = run_here(tmp_path / "reports", *(each.format(**files) for each in arguments))
    assert (ended.code, words in ended.output) == (code, True), ended.output


def test_everything_down_is_not_ready_and_the_password_is_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    inventory = real_inventory(tmp_path / "down.yaml", 1)
    junit, facts = tmp_path / "junit.xml", tmp_path / "facts.json"
    options = (f"--inventory={inventory}", f"--junitxml={junit}", f"--save-facts={facts}")
    ended = run_here(tmp_path / "reports", *options)
    assert ended.code == 1, ended.output
    states = ended.states()
    assert (states["LM001", "vmm01"], states["LM302", "hv01"]) == ("fail", "fail")
    assert states.pop(("LM401", "hv01")) == "not-applicable"
    assert set(states.values()) == {"fail", "blocked"}
    written = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert {"junit.xml", "facts.json", "report.html", "journal.jsonl"} <= {
        each.name for each in written
    }
    assert not any(PASSWORD.encode() in each.read_bytes() for each in written)
    assert PASSWORD not in ended.output


def edited(facts: Path, into: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """Write a changed copy of a facts file; return the option that replays it."""
    document = json.loads(facts.read_text(encoding="utf-8"))
    change(document)
    into.write_text(json.dumps(document), encoding="utf-8")
    return f"--facts={into}"


def vmm_down(document: dict[str, Any]) -> None:
    """Let nothing that comes from the VMM server be gathered."""
    failure = {
        "kind": "connection refused",
        "tried": "Connecting to the VMM server",
        "came_back": "refused",
        "next_step": "Start it.",
        "root": "LM001",
    }
    for name in ("vmm-access", "vmm-release"):
        document["vmms"][0]["outcomes"][name] = {"failure": failure}
    for host in document["hosts"]:
        for name in host["outcomes"]:
            if name.startswith("vmm-"):
                host["outcomes"][name] = {"failure": failure}


def vmms_stopped(document: dict[str, Any]) -> None:
    """Stop vmms on the first host, as gathering tells it."""
    outcomes = document["hosts"][0]["outcomes"]
    for service in outcomes["services"]["value"]["installed"]:
        if service["name"] == "vmms":
            service["state"] = "Stopped"
    failure = {
        "kind": "not there",
        "tried": "Reading settings",
        "came_back": "the service vmms, which provides them, does not run",
        "next_step": "Start the service vmms.",
        "root": "LM302",
    }
    for name in ("migration-settings", "migration-networks", "listeners"):
        outcomes[name] = {"failure": failure}


def test_a_stopped_vmms_is_one_failure_of_its_host(
    tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    option = edited(healthy[1], tmp_path / "facts.json", vmms_stopped)
    ended = run_here(tmp_path / "reports", "--inventory=lab:healthy", option)
    assert ended.code == 1, ended.output
    states = ended.states()
    red = {pair for pair, state in states.items() if state == "fail"}
    assert red == {("LM302", "hv01.contoso.com")}
    blocked = {pair for pair, state in states.items() if state == "blocked"}
    assert blocked
    assert {host for _, host in blocked} == {"hv01.contoso.com"}


def test_a_vmm_server_that_is_down_is_one_failure_that_blocks_what_needs_it(
    tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    option = edited(healthy[1], tmp_path / "facts.json", vmm_down)
    ended = run_here(tmp_path / "reports", "--inventory=lab:healthy", option)
    assert ended.code == 1, ended.output
    results = ended.results["results"]
    failed = [each for each in results if each["state"] == "fail"]
    assert [each["entry"]["check"] for each in failed] == ["LM001"]
    blocked = [each for each in results if each["state"] == "blocked"]
    assert {each["blocked_by"]["check"] for each in blocked} == {"LM001"}
    assert {"LM102", "LM201", "LM202"} <= {each["entry"]["check"] for each in blocked}


def test_a_host_that_the_facts_file_lacks_is_not_green(
    tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    option = edited(healthy[1], tmp_path / "facts.json", lambda all_: all_["hosts"].pop())
    ended = run_here(tmp_path / "reports", "--inventory=lab:healthy", option)
    assert ended.code in {1, 10}, ended.output
    mine = {check: state for (check, host), state in ended.states().items() if "hv06" in host}
    assert mine.pop("LM401") == "not-applicable"
    assert set(mine.values()) <= {"fail", "blocked"}


def test_published_schemas_are_current() -> None:
    from livemigration.commands.schema import SCHEMAS, schema_text

    for name in SCHEMAS:
        published = ROOT / "docs/schemas" / f"{name}.schema.json"
        assert published.read_text(encoding="utf-8") == schema_text(name), name
