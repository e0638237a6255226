"""The command's edges: what it refuses, and that a file is whole or as it was."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from printed_json import held_against

from livemigration.base.errors import UsageError
from livemigration.commands import discover as command
from livemigration.commands.main import main
from livemigration.discovery.found import Found, FoundHost, Scope
from livemigration.discovery.updating import updated
from livemigration.inventory.inventory import load

VMM, SERVER = "vmm:vmm01.contoso.com", "vmm01.contoso.com"
FILE = "schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts:\n  - name: hv01.contoso.com  # first\n"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command in a folder of its own; a source answers with these hosts."""
    monkeypatch.chdir(tmp_path)

    def go(*arguments: str, hosts: tuple[str, ...] | None = None) -> tuple[int, str]:
        with pytest.MonkeyPatch.context() as patch:
            if hosts is not None:
                found = Found(
                    "The VMM server", tuple(map(FoundHost, hosts)), Scope(server=SERVER), (), SERVER
                )
                patch.setattr(command, "ask", lambda *_: found)
            code = main(["discover", *arguments])
        ended = capsys.readouterr()
        return code, ended.out + ended.err

    return go


def test_a_source_without_a_host_leaves_no_file(run: Run) -> None:
    for hosts in ((), ("no name",)):
        code, said = run(VMM, "new.yaml", hosts=hosts)
        assert code == 5
        assert said.endswith("There is no host to write down: new.yaml was not written.\n")
    assert not Path("new.yaml").exists()


def test_a_new_file_is_an_inventory_and_a_second_time_changes_nothing(run: Run) -> None:
    code, said = run(VMM, "new.yaml", hosts=("hv01.contoso.com",))
    assert (code, "Wrote new.yaml" in said) == (0, True)
    text = Path("new.yaml").read_text(encoding="utf-8")
    assert text == (
        f"# Hosts that `livemigration discover {VMM}` found.\nschema: 1\n"
        f"vmm:\n  name: {SERVER}\nhosts:\n  - name: hv01.contoso.com\n"
    )
    code, said = run(VMM, "new.yaml", hosts=("hv01.contoso.com",))
    assert (code, "was left as it is" in said) == (0, True)
    assert Path("new.yaml").read_text(encoding="utf-8") == text


def test_a_source_without_a_host_leaves_a_file_as_it_was(run: Run) -> None:
    Path("prod.yaml").write_text(FILE, encoding="utf-8")
    code, said = run(VMM, "prod.yaml", hosts=())
    assert code == 0
    assert "Not listed there (any more): 1." in said
    assert Path("prod.yaml").read_text(encoding="utf-8") == FILE


def test_json_says_what_became_of_each_host(run: Run) -> None:
    Path("prod.yaml").write_text(f"{FILE}  - name: hv09.contoso.com\n", encoding="utf-8")
    hosts = ("hv01.contoso.com", "hv02.contoso.com", "no name")
    code, said = run(VMM, "prod.yaml", "--json", "--dry-run", hosts=hosts)
    tried = held_against("discovery", said)
    assert (code, tried["changes"], tried["written"]) == (1, True, False)
    code, said = run(VMM, "prod.yaml", "--json", hosts=hosts)
    found = held_against("discovery", said)
    assert (code, found["changes"], found["written"]) == (0, True, True)
    assert found == {**tried, "written": True}
    assert (found["source"], found["inventory"], found["listed"]) == (VMM, "prod.yaml", 3)
    assert [each["name"] for each in found["new"]] == ["hv02.contoso.com"]
    name = "hv01.contoso.com"
    assert found["known"] == [{"name": name, "called": name, "groups": [], "notes": []}]
    assert found["gone"] == [{"name": "hv09.contoso.com", "entry": "hv09.contoso.com"}]
    (left_out,) = found["left_out"]
    assert (left_out["name"], left_out["may_matter"]) == ("no name", True)
    assert left_out["reason"]
    again = held_against("discovery", run(VMM, "prod.yaml", "--json", hosts=hosts)[1])
    assert (again["changes"], again["written"], again["new"]) == (False, False, [])


def test_json_has_what_is_to_be_known_of_a_host(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("prod.yaml").write_text(FILE, encoding="utf-8")
    noted = (
        FoundHost("hv01.contoso.com", groups=("Ams",), notes=("It is paused.",), unfit="It is off"),
        FoundHost("hv02.contoso.com", "10.0.0.2", (), ("Ams",), ("VMM does not reach it.",)),
    )
    found = Found("The VMM server", noted, Scope(server=SERVER), ("So.",), SERVER, simulated=True)
    monkeypatch.setattr(command, "ask", lambda *_: found)
    document = held_against("discovery", run(VMM, "prod.yaml", "--json")[1])
    assert document["known"][0]["groups"] == ["Ams"]
    assert document["known"][0]["notes"] == ["It is off", "It is paused."]
    assert document["new"] == [
        {
            "name": "hv02.contoso.com",
            "address": "10.0.0.2",
            "groups": ["Ams"],
            "notes": ["VMM does not reach it."],
        }
    ]
    assert (document["notes"], document["simulated"]) == (["So."], True)


def test_a_byte_order_mark_and_line_ends_are_kept(run: Run) -> None:
    before = b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode()
    Path("prod.yaml").write_bytes(before)
    assert run(VMM, "prod.yaml", hosts=("hv02.contoso.com",))[0] == 0
    after = Path("prod.yaml").read_bytes()
    assert after == before + b"  - name: hv02.contoso.com\r\n"


def test_a_file_that_changed_in_the_meantime_is_not_written_over(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("prod.yaml")
    path.write_text(FILE, encoding="utf-8")

    def meanwhile(*arguments: Any) -> object:
        path.write_text(f"{FILE}# somebody else\n", encoding="utf-8")
        return updated(*arguments)

    monkeypatch.setattr(command, "updated", meanwhile)
    code, said = run(VMM, "prod.yaml", hosts=("hv02.contoso.com",))
    assert code == 4
    assert "was changed in the meantime" in said
    assert path.read_text(encoding="utf-8").endswith("# somebody else\n")


def test_a_disk_that_is_full_leaves_the_file_as_it_was(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("prod.yaml")
    path.write_text(FILE, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "prod.yaml")

    monkeypatch.setattr(command, "write_bytes", full)
    code, said = run(VMM, "prod.yaml", hosts=("hv02.contoso.com",))
    assert code == 4
    assert "No space left on device" in said
    assert path.read_text(encoding="utf-8") == FILE


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vmm01.contoso.com", "new.yaml"], "names no source"),
        (["vmm:hv[01-20]", "new.yaml"], "is not a machine's name"),
        (["ansible:gone.yml", "new.yaml"], "gone.yml is not there"),
        (["ad:contoso.com", "new.yaml", "--at", "10.0.0.1"], "--at is for vmm: and cluster:"),
        ([VMM, "new.yaml", "--at", "10.0.0.1:5985"], "--at: '10.0.0.1:5985' is neither"),
        ([VMM, "new.yaml", "--vmm", "vmm02.contoso.com"], "--vmm names another server"),
        ([VMM, "new.yaml", "--limit", ","], "--limit is empty"),
        (["ad:contoso.com", "new.yaml"], "--vmm SERVER"),
        (["vmm:vmm02.contoso.com", "prod.yaml"], "and not of vmm02.contoso.com"),
        ([VMM, "csv.yaml"], "gone.csv"),
        ([VMM, "."], "is a folder"),
        ([VMM, "lab.yaml"], "a simulated fleet"),
        ([VMM, "broken.yaml"], "broken.yaml, line 1"),
        ([VMM, "hosts.txt"], "not valid YAML"),
    ],
)
def test_what_cannot_work_is_refused_before_anybody_is_asked(
    run: Run, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("prod.yaml").write_text(FILE, encoding="utf-8")
    Path("csv.yaml").write_text(
        "schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts_from: gone.csv\n", encoding="utf-8"
    )
    Path("lab.yaml").write_text("schema: 1\nlab: {fleet: healthy}\n", encoding="utf-8")
    Path("broken.yaml").write_text("schema: 9\n", encoding="utf-8")
    Path("hosts.txt").write_text("hosts: [\n", encoding="utf-8")
    monkeypatch.setattr(command, "ask", lambda *_: pytest.fail("somebody was asked"))
    code, told = run(*arguments)
    assert code == 4
    assert said in told
    assert not Path("new.yaml").exists()


def test_a_folder_that_is_not_there_is_told(run: Run) -> None:
    code, said = run(VMM, "gone/new.yaml", hosts=("hv01.contoso.com",))
    assert code == 4
    assert "there is no folder gone" in said


@pytest.mark.parametrize("reference", [VMM, "ad:contoso.com", "cluster:cl01", "ansible:x.yml"])
def test_commands_that_need_a_file_say_how_to_get_one(run: Run, reference: str) -> None:
    with pytest.raises(UsageError, match="livemigration discover"):
        load(reference, Path())
    Path(reference).write_text(FILE, encoding="utf-8")
    assert len(load(reference, Path()).hosts) == 1


def test_an_inventory_that_is_json_stays_json(run: Run) -> None:
    path = Path("prod.yaml")
    whole = {"schema": 1, "vmm": {"name": SERVER}, "hosts": [{"name": "hv01.contoso.com"}]}
    path.write_text(json.dumps(whole, indent=2), encoding="utf-8")
    assert run(VMM, "prod.yaml", hosts=("hv02.contoso.com",))[0] == 0
    names = [each["name"] for each in json.loads(path.read_text(encoding="utf-8"))["hosts"]]
    assert names == ["hv01.contoso.com", "hv02.contoso.com"]
