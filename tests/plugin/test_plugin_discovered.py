"""Runs of the hosts that a VMM server lists: what it listed is kept, and is gone by afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_runs import PASSWORD, Ended, run_here

from livemigration.commands.main import main
from livemigration.lab.launch import RunningLab, start

VMM = "vmm:vmm01.contoso.com"


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with start("healthy") as running:
        yield running


@pytest.fixture(scope="module")
def variables(lab: RunningLab) -> dict[str, str]:
    return {
        "LIVEMIGRATION_USERNAME": lab.credentials.username,
        "LIVEMIGRATION_PASSWORD": lab.credentials.password.reveal(),
    }


def like(folder: Path, lab: RunningLab, hosts: int = 99) -> Path:
    """Write where the first of the lab's machines answer, which no resolver knows."""
    entries = [f"  - {{name: {each.name}, address: {each.address}}}\n" for each in lab.hosts]
    path = folder / "like.yaml"
    path.write_text(
        f"schema: 1\nvmm: {{name: {lab.vmm.name}, address: {lab.vmm.address}}}\n"
        f"hosts:\n{''.join(entries[:hosts])}"
        f"connection: {{port: {lab.vmm.port}, time_limits: {{connect: 20, probe: 4}}}}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, lab: RunningLab, variables: dict[str, str]
) -> Ended:
    folder = tmp_path_factory.mktemp("whole")
    arguments = (f"--inventory={VMM}", f"--like={like(folder, lab)}", "-k", "LM101 or LM201")
    ended = run_here(folder / "reports", *arguments, variables=variables)
    assert ended.code == 0, ended.output
    return ended


def test_vmms_list_is_checked_at_once_and_kept_beside_the_results(
    whole: Ended, lab: RunningLab
) -> None:
    assert f"inventory: {VMM} (6 of 6 hosts, VMM vmm01.contoso.com)" in whole.output
    kept = (whole.folder / "inventory.yaml").read_text(encoding="utf-8")
    assert all(each.name in kept for each in lab.hosts)
    assert whole.results["inventory"] == VMM


def test_a_host_that_no_file_names_is_checked_because_vmm_lists_it(
    tmp_path: Path, lab: RunningLab, variables: dict[str, str]
) -> None:
    own = like(tmp_path, lab, hosts=5)
    arguments = (f"--inventory={VMM}", f"--like={own}", "-k", "LM201")
    before = own.read_bytes()
    ended = run_here(tmp_path / "reports", *arguments, variables=variables)
    assert "6 of 6 hosts" in ended.output
    assert {target for _, target in ended.states()} >= {each.name for each in lab.hosts}
    # Nobody resolves its name here.
    assert ended.code != 0
    assert own.read_bytes() == before


def test_its_facts_are_judged_again_without_a_question_to_vmm(tmp_path: Path, whole: Ended) -> None:
    # Without any account: who asked would stop.
    beside = (f"--facts={whole.folder / 'facts.json'}", "-k", "LM101 or LM201")
    for inventory in (VMM, str(whole.folder / "inventory.yaml")):
        ended = run_here(tmp_path / inventory[:3], f"--inventory={inventory}", *beside)
        assert ended.code == 0, ended.output
        assert "6 of 6 hosts" in ended.output
    alone = tmp_path / "facts.json"
    shutil.copy(whole.folder / "facts.json", alone)
    ended = run_here(tmp_path / "alone", f"--inventory={VMM}", f"--facts={alone}")
    assert ended.code == 4
    assert "no inventory.yaml is kept beside it" in ended.output


def test_it_is_gone_on_with_by_the_list_that_it_had(
    tmp_path: Path, whole: Ended, lab: RunningLab, variables: dict[str, str]
) -> None:
    own = like(tmp_path, lab)
    arguments = (f"--inventory={VMM}", f"--like={own}", f"--resume={whole.folder}")
    ended = run_here(tmp_path / "reports", *arguments, "-k", "LM101 or LM201", variables=variables)
    assert ended.code == 0, ended.output
    assert "Resumed:" in ended.output
    kept = (ended.folder / "inventory.yaml").read_bytes()
    assert kept == (whole.folder / "inventory.yaml").read_bytes()


def test_its_bundle_stands_for_itself(
    tmp_path: Path, whole: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bundle", str(whole.folder)]) == 0
    capsys.readouterr()
    # Simulated, so no evidence: but right.
    assert main(["verify", str(next(whole.folder.glob("*.zip")))]) == 10
    assert "UNSIGNED" in capsys.readouterr().out


@pytest.mark.parametrize("source", ["ad:contoso.com", "cluster:cl01", "ansible:hosts.yml"])
def test_no_other_source_is_used_at_once(tmp_path: Path, source: str) -> None:
    ended = run_here(tmp_path / "reports", f"--inventory={source}")
    assert ended.code == 4
    assert f"{source} is never used at once" in ended.output
    assert f"livemigration discover {source} FILE" in ended.output
    if source.startswith("ad:"):
        assert "any computer account may" in ended.output
    assert not (tmp_path / "reports").exists()


def test_a_server_that_does_not_take_the_account_is_no_verdict(
    tmp_path: Path, lab: RunningLab, variables: dict[str, str]
) -> None:
    wrong = {**variables, "LIVEMIGRATION_PASSWORD": PASSWORD}
    arguments = (f"--inventory={VMM}", f"--like={like(tmp_path, lab)}")
    ended = run_here(tmp_path / "reports", *arguments, variables=wrong)
    assert ended.code == 10
    assert "Nothing was checked." in ended.output
    assert PASSWORD not in ended.output
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--inventory=lab:healthy", "--like=x.yaml"], "--like is for --inventory vmm:SERVER"),
        ([f"--inventory={VMM}", "--like=x.yaml"], "x.yaml is not there"),
        (
            [f"--inventory={VMM}", "--gate=host-build", "--target=hv42.contoso.com"],
            "--gate asks no VMM server",
        ),
        (["--inventory=vmm:a b"], "is not a machine's name"),
    ],
)
def test_options_that_do_not_go_together_are_refused_before_anybody_is_asked(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    ended = run_here(tmp_path / "reports", *arguments)
    assert ended.code == 4
    assert said in ended.output


def test_a_host_that_cannot_be_checked_is_no_green_run(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    fleet = {
        "name": "ambiguous",
        "title": "two records that may be one machine",
        "domain": "contoso.com",
        "networks": {"management": {"subnet": "1.0/24"}},
        "system": {
            "build": 20348,
            "version": "10.0.20348",
            "caption": "Microsoft Windows Server 2022 Datacenter",
        },
        "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "server": "10.22.1287.0"},
        "hosts": [
            {
                "name": name,
                "shows": "one of two",
                "addresses": {"management": f"1.{11 + number}"},
                "record": {"name": known} if known else {},
            }
            for number, (name, known) in enumerate(
                [("hv01.contoso.com", None), ("hv02.contoso.com", "hv01")]
            )
        ],
    }
    path = tmp_path / "fleet.yaml"
    path.write_text(json.dumps(fleet), encoding="utf-8")
    with start(str(path)) as running:
        own = like(tmp_path, running, hosts=1)
        arguments = (f"--inventory={VMM}", f"--like={own}")
        account = {
            **variables,
            "LIVEMIGRATION_USERNAME": running.credentials.username,
            "LIVEMIGRATION_PASSWORD": running.credentials.password.reveal(),
        }
        ended = run_here(tmp_path / "reports", *arguments, variables=account)
    assert ended.code == 4
    assert "lists hosts that cannot be checked: hv01 (" in ended.output
