"""Whole runs, as a user starts them, against the lab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    code: int
    output: str
    reports: Path

    @property
    def results(self) -> dict[str, Any]:
        (found,) = self.reports.glob("*/results.json")
        document: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
        return document

    def states(self) -> dict[tuple[str, str], str]:
        results = self.results["results"]
        return {(r["entry"]["check"], r["entry"]["target"]): r["state"] for r in results}


def run(reports: Path, *arguments: str, cwd: Path = ROOT, **variables: str) -> Ended:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--reports={reports}"]
    ended = subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout + ended.stderr, reports)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    folder = tmp_path_factory.mktemp("demo")
    facts = folder / "facts.json"
    return run(folder / "reports", "-m", "livemigration", f"--save-facts={facts}"), facts


def test_the_demo_names_the_host_of_the_kb_with_its_fix(demo: tuple[Ended, Path]) -> None:
    ended, _ = demo
    assert ended.code == 1, ended.output
    assert ended.output.rstrip().splitlines()[-6] == "NOT READY. 7 of 10 hosts are not ready."
    assert "select Use any available network" in ended.output
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
    assert [check for check, state in mine.items() if state == "fail"] == ["LM302"]
    assert list(mine.values()).count("blocked") == len(mine) - 1


def test_results_follow_the_published_schema(demo: tuple[Ended, Path]) -> None:
    schema = json.loads((ROOT / "docs/schemas/results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(demo[0].results, schema)
    assert demo[0].results["simulated"] is True


def test_a_replay_opens_no_socket_and_says_the_same(
    demo: tuple[Ended, Path], tmp_path: Path
) -> None:
    hooks = "import socket\ndef refuse(*_):\n    raise SystemExit('a socket was opened')\n"
    hooks += "socket.socket.connect = refuse\n"
    (tmp_path / "sitecustomize.py").write_text(hooks, encoding="utf-8")
    ended, facts = demo
    again = run(tmp_path / "reports", f"--facts={facts}", PYTHONPATH=str(tmp_path))
    assert again.code == ended.code

    def timeless(document: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**each, "seconds": 0} for each in document["results"]]

    assert timeless(again.results) == timeless(ended.results)
    assert again.results["simulated"] is True


def test_a_run_leaves_journal_results_and_reports(demo: tuple[Ended, Path]) -> None:
    reports = demo[0].reports
    (folder,) = (each for each in reports.iterdir() if each.is_dir())
    assert {each.name for each in folder.iterdir()} == {
        "journal.jsonl",
        "report.html",
        "results.json",
    }
    assert (reports / "latest.html").read_bytes() == (folder / "report.html").read_bytes()


def test_the_healthy_fleet_is_ready(tmp_path: Path) -> None:
    ended = run(tmp_path, "-m", "livemigration", "--inventory", "lab:healthy")
    assert ended.code == 0, ended.output
    assert set(ended.states().values()) == {"pass", "not-applicable"}


def test_a_selection_that_needs_vmm_checks_the_vmm_server(
    demo: tuple[Ended, Path], tmp_path: Path
) -> None:
    node = "checks/test_migration_settings.py::test_network_selection_suits_vmm[hv01.contoso.com]"
    ended = run(tmp_path, node, f"--facts={demo[1]}")
    assert set(ended.states()) == {("LM001", "vmm01.contoso.com"), ("LM102", "hv01.contoso.com")}
    assert ended.code == 0


def test_only_blocked_is_no_verdict(demo: tuple[Ended, Path], tmp_path: Path) -> None:
    node = "checks/test_migration_settings.py::test_network_selection_suits_vmm[hv05.contoso.com]"
    assert run(tmp_path, node, f"--facts={demo[1]}").code == 10


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
        (("--inventory={twice}",), 4, "line 2: the key is given twice"),
        (("--inventory={real}",), 4, "LIVEMIGRATION_USERNAME is not set"),
        (("--reports={file}",), 4, "reports cannot be written here"),
    ],
)
def test_bad_input_has_its_own_words_and_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    vmm = "vmm: {name: vmm01.contoso.com}\n"
    texts = {
        "empty": f"schema: 1\n{vmm}hosts: []\n",
        "typo": f"schema: 1\n{vmm}hosts:\n  - nmae: hv01\n",
        "twice": "schema: 1\nschema: 1\n",
        "real": f"schema: 1\n{vmm}hosts:\n  - name: hv01.contoso.com\n",
        "file": "",
    }
    files = {}
    for name, text in texts.items():
        files[name] = tmp_path / f"{name}.yaml"
        files[name].write_text(text, encoding="utf-8")
    ended = run(tmp_path / "reports", *(each.format(**files) for each in arguments))
    assert (ended.code, words in ended.output) == (code, True), ended.output


def test_everything_down_is_not_ready(tmp_path: Path) -> None:
    inventory = tmp_path / "down.yaml"
    inventory.write_text(
        "schema: 1\nvmm: {name: vmm01, address: 127.0.0.1}\n"
        "hosts: [{name: hv01, address: 127.0.0.1}]\nconnection: {port: 1}\n",
        encoding="utf-8",
    )
    ended = run(
        tmp_path / "reports",
        f"--inventory={inventory}",
        LIVEMIGRATION_USERNAME="user",
        LIVEMIGRATION_PASSWORD="S3cret-Pw",
    )
    assert ended.code == 1, ended.output
    states = ended.states()
    assert (states["LM001", "vmm01"], states["LM302", "hv01"]) == ("fail", "fail")
    assert set(states.values()) == {"fail", "blocked"}
    written = [each for each in (tmp_path / "reports").rglob("*") if each.is_file()]
    assert not any(b"S3cret-Pw" in each.read_bytes() for each in written)
    assert "S3cret-Pw" not in ended.output


def test_a_check_that_yields_nothing_is_an_internal_error(
    demo: tuple[Ended, Path], tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_silent.py").write_text(
        "from livemigration.check import check\n\n\n"
        "@check('LM199')\ndef test_silent(host):\n    '''Nothing.'''\n    yield from ()\n",
        encoding="utf-8",
    )
    inventory = ("--inventory", str(ROOT / "inventories/lab.yaml"), f"--facts={demo[1]}")
    ended = run(tmp_path / "reports", *inventory, f"--rootdir={tmp_path}", cwd=tmp_path)
    assert ended.code == 3, ended.output


def test_published_schemas_are_current() -> None:
    from livemigration.schemas import SCHEMAS, schema_text

    for name in SCHEMAS:
        published = ROOT / "docs/schemas" / f"{name}.schema.json"
        assert published.read_text(encoding="utf-8") == schema_text(name), name
