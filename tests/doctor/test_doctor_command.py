"""The command: what it needs, how it ends, and that a password goes to nobody but machines."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from logons import counted
from troubled import Doctor, fleet, told, write

from livemigration.base.secret import Credentials, Secret
from livemigration.commands import doctor as command
from livemigration.commands.main import main
from livemigration.doctor import examination, inside
from livemigration.gather.stalls import Stalls
from livemigration.lab.launch import RunningLab, start

WRONG = "C4nary-wrong-pässword"
HOSTS: dict[str, dict[str, Any]] = {f"hv{number:02}": {} for number in range(1, 9)}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    path = tmp_path_factory.mktemp("lab") / "fleet.yaml"
    path.write_text(json.dumps(fleet(HOSTS)), encoding="utf-8")
    with start(str(path), https=True) as started:
        yield started


def site(folder: Path, lab: RunningLab, **connection: Any) -> str:
    """Write an inventory of real machines, which are the lab's; return its path."""
    port = {each.port for each in (*lab.vmms, *lab.hosts)}
    assert len(port) == 1
    document = {
        "schema": 1,
        "vmm": {"name": lab.vmm.name, "address": lab.vmm.address},
        "hosts": [{"name": each.name, "address": each.address} for each in lab.hosts],
        "connection": {"port": port.pop(), **connection},
    }
    path = folder / "site.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.fixture
def logons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return counted(monkeypatch)


def sign_in(monkeypatch: pytest.MonkeyPatch, credentials: Credentials) -> None:
    monkeypatch.setenv("LIVEMIGRATION_USERNAME", credentials.username)
    monkeypatch.setenv("LIVEMIGRATION_PASSWORD", credentials.password.reveal())


def test_a_wrong_password_goes_to_two_machines_and_is_one_problem(
    doctor: Doctor,
    lab: RunningLab,
    logons: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_in(monkeypatch, Credentials(lab.credentials.username, Secret(WRONG)))
    code, found = doctor.json(site(tmp_path, lab))
    assert code == 1
    assert len(logons) == len(set(logons)) == 2
    states = [each["state"] for each in found["machines"]]
    assert states.count("cannot be asked") == 1
    assert states.count("not tried") == len(HOSTS)
    assert "were tried on no other machine" in told(found["machines"][-1], "note")
    assert WRONG not in json.dumps(found, ensure_ascii=False)


@pytest.mark.long
def test_machines_that_are_not_simulated_are_not_said_to_be(
    doctor: Doctor, lab: RunningLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(monkeypatch, lab.credentials)
    code, said = doctor.text(site(tmp_path, lab))
    assert code == 0
    assert "SIMULATED" not in said
    assert lab.credentials.password.reveal() not in said


def test_over_https_each_machine_tells_its_certificate(doctor: Doctor, tmp_path: Path) -> None:
    inventory = tmp_path / "https.yaml"
    write(tmp_path, {"a": {}})
    connection = {"https": True}
    document = {"schema": 1, "lab": {"fleet": "fleet.yaml"}, "connection": connection}
    inventory.write_text(json.dumps(document), encoding="utf-8")
    code, found = doctor.json(str(inventory))
    assert code == 0, found
    for machine in found["machines"]:
        assert machine["tls"]["version"].startswith("TLSv1.")
        assert machine["tls"]["checked"] is True
        assert "certificate checked" in machine["signed_in"]
    window = f"--window={found['machines'][0]['tls']['ends'].replace('Z', '')}Z/2999-01-01T00:00Z"
    code, late = doctor.json(str(inventory), window)
    assert code == 1
    assert all("before the window does" in told(each) for each in late["machines"])
    assert all(each["signed_in"] for each in late["machines"]), "it is asked all the same"


MISTAKES = {
    "no such file": (["--inventory", "none.yaml"], "none.yaml"),
    "no such fleet": (["--inventory", "lab:none"], "none"),
    "nobody matches": (["--inventory", "lab:healthy", "--limit", "x"], "no host of the inventory"),
    "empty limit": (["--inventory", "lab:healthy", "--limit", " ,"], "--limit is empty"),
    "no window": (["--inventory", "lab:healthy", "--window", "tonight"], "--window 'tonight'"),
    "no inventory": ([], "no inventory is named"),
    "no such option": (["--inventroy", "x"], "there is no option --inventroy"),
}


@pytest.mark.parametrize(("arguments", "words"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_ends_with_four_and_asks_nobody(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "examination", None)
    try:
        code = main(["doctor", *arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    assert code == 4
    assert words in said.err
    assert said.out == ""


def test_a_variable_that_is_not_set_is_a_mistake(
    lab: RunningLab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("LIVEMIGRATION_USERNAME", raising=False)
    assert main(["doctor", "--inventory", site(tmp_path, lab)]) == 4
    assert "LIVEMIGRATION_USERNAME is not set" in capsys.readouterr().err


def test_the_inventory_of_the_folder_is_asked_where_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = write(tmp_path, {"a": {}})
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.pytest]\nlivemigration_inventory = {json.dumps(reference)}\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    assert "2 machines" in capsys.readouterr().out


def test_a_defect_of_the_suite_on_one_machine_is_told_and_the_others_are_asked(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = write(tmp_path, {"a": {}, "b": {}})
    real = inside.examine

    def breaking(look: Any, *more: Any) -> None:
        if look.machine.name.startswith("a."):
            raise ZeroDivisionError
        real(look, *more)

    monkeypatch.setattr(examination, "examine", breaking)
    code, found = doctor.json(inventory)
    states = {each["name"].partition(".")[0]: each["state"] for each in found["machines"]}
    assert code == 1
    assert states == {"a": "cannot be asked", "b": "can be asked", "vmm01": "can be asked"}


@pytest.mark.long
def test_a_runner_that_stood_still_blames_no_machine(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = write(tmp_path, {"a": {"down": "silent"}, "b": {}})
    monkeypatch.setattr(Stalls, "explain", lambda *_: True)
    code, found = doctor.json(inventory)
    states = {each["name"].partition(".")[0]: each["state"] for each in found["machines"]}
    assert code == 1
    assert states == {"a": "not tried", "b": "can be asked", "vmm01": "can be asked"}
    silent = next(each for each in found["machines"] if each["name"].startswith("a."))
    assert "stood still meanwhile" in told(silent, "note")


def test_no_more_is_asked_than_tells_whether_it_can_be_asked(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(json.dumps(fleet({"a": {}, "b": {}, "c": {}})), encoding="utf-8")
    record = tmp_path / "messages.jsonl"
    with start(str(path), record=str(record)) as lab:
        sign_in(monkeypatch, lab.credentials)
        assert doctor.text(site(tmp_path, lab))[0] == 0
    lines = [json.loads(each) for each in record.read_text(encoding="utf-8").splitlines()]
    asked = [each["request"] for each in lines if each["machine"] == "a.contoso.com"]
    queries = [found[1] for each in asked if (found := re.search(r" FROM (\w+)", each))]
    # One for each namespace, and the services; what a patch brings may be asked for once more.
    assert len(queries) <= 8
    assert len(set(queries)) <= 7
    assert not any("MSFT_NetFirewallRule" in each or "_NetTCPConnection" in each for each in asked)
    # Where nothing but methods is read, one of them that reads; elsewhere none.
    called = [found[0] for each in asked if (found := re.search(r"\w+(?=_INPUT)", each))]
    assert sorted(called) == ["Get", "GetBinaryValue"]
    scripts = [
        base64.b64decode(found[1]).decode()
        for each in lines
        if (found := re.search(r"<rsp:Stream[^>]*>([^<]+)<", each["request"]))
    ]
    assert ["Get-SCVMMServer" in each for each in scripts] == [True], "one script, on the server"


@pytest.mark.long
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_program_gives_the_password_and_is_told_of_where_the_inventory_is_from_elsewhere(
    lab: RunningLab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    elsewhere: bool,
) -> None:
    password = lab.credentials.password.reveal()
    inventory, here = Path(site(tmp_path, lab)), tmp_path / "here"
    here.mkdir()
    document = json.loads(inventory.read_text(encoding="utf-8"))
    document["credentials"] = {
        "from": "command",
        "command": [sys.executable, "-c", f"print('{password}')"],
        "username": lab.credentials.username,
    }
    inventory.write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.chdir(here if elsewhere else tmp_path)
    code = main(["doctor", "--inventory", str(inventory), "--json"])
    said = capsys.readouterr()
    assert code == 0, said.out
    assert json.loads(said.out)
    assert password not in said.out + said.err
    told_first = f"{inventory} lies outside of {here}, and has this run start a program"
    assert said.err.startswith(told_first) is elsewhere
    assert bool(said.err) is elsewhere
