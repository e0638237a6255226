"""VMM servers, clusters and directories of simulated fleets, asked over real sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from livemigration.base.deadline import Deadline
from livemigration.commands.main import main
from livemigration.discovery.directory import BY_KERBEROS, ask_directory
from livemigration.discovery.found import Found, NotFoundError
from livemigration.gather.reached import played_directory
from livemigration.inventory.inventory import load
from livemigration.lab.launch import RunningLab, start

VMM = "vmm:vmm01.contoso.com"
NETWORKS = {"management": {"subnet": "1.0/24"}}
SYSTEM = {
    "build": 20348,
    "version": "10.0.20348",
    "caption": "Microsoft Windows Server 2022 Datacenter",
}
# By host: what its record and its account are.
HOSTS: dict[str, dict[str, Any]] = {
    "hv01": {"record": {"host_group": "Amsterdam\\Production"}, "cluster": "cl01.contoso.com"},
    "hv02": {
        "record": {"maintenance": True},
        "cluster": "cl01.contoso.com",
        "node": {"state": "paused"},
    },
    "hv03": {"record": {"communication": "NotResponding", "host_group": "Amsterdam"}},
    "hv04": {"record": {"perimeter": True}, "account": {"disabled": True}},
    "hv05": {"record": {"platform": "VMWareESX"}, "account": {"silent_days": 143}},
    "hv06": {"record": {"known": False}, "account": {"silent_days": None}},
    "hv07": {"record": {"known": False}, "account": {"names": []}},
}


def fleet() -> dict[str, Any]:
    hosts = [
        {
            "name": f"{name}.contoso.com",
            "shows": "discovered",
            "addresses": {"management": f"1.{11 + number}"},
            **own,
        }
        for number, (name, own) in enumerate(HOSTS.items())
    ]
    return {
        "name": "discovered",
        "title": "hosts to be found",
        "domain": "contoso.com",
        "networks": NETWORKS,
        "system": SYSTEM,
        "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "server": "10.22.1287.0"},
        "directory": {"server": "dc01.contoso.com", "address": "1.4"},
        "clusters": {"cl01.contoso.com": {}},
        "hosts": hosts,
    }


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    path = tmp_path_factory.mktemp("lab") / "fleet.yaml"
    path.write_text(json.dumps(fleet()), encoding="utf-8")
    with start(str(path)) as running:
        yield running


Discover = Callable[..., tuple[int, str]]


@pytest.fixture
def discover(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Discover:
    monkeypatch.setenv("LIVEMIGRATION_USERNAME", lab.credentials.username)
    monkeypatch.setenv("LIVEMIGRATION_PASSWORD", lab.credentials.password.reveal())

    def run(*arguments: object) -> tuple[int, str]:
        code = main(["discover", *map(str, arguments)])
        ended = capsys.readouterr()
        return code, ended.out + ended.err

    return run


def begun(folder: Path, lab: RunningLab, more: str = "") -> Path:
    """Write the beginning of an inventory, which says where the lab's VMM server answers."""
    path = folder / "prod.yaml"
    path.write_text(
        "# Ours.\nschema: 1\n"
        f"vmm: {{name: {lab.vmm.name}, address: {lab.vmm.address}}}\n"
        f"connection: {{port: {lab.vmm.port}}}  # the lab's\n{more}",
        encoding="utf-8",
    )
    return path


def document(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_vmms_hosts_are_written_with_its_groups_and_its_clusters(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab)
    before = path.read_text(encoding="utf-8")
    code, said = discover(VMM, path)
    assert code == 0, said
    assert path.read_text(encoding="utf-8").startswith(before)
    found = {host.name: host.groups for host in load(str(path), Path()).hosts}
    assert found == {
        "hv01.contoso.com": ("cl01.contoso.com", "Amsterdam", "Amsterdam.Production"),
        "hv02.contoso.com": ("cl01.contoso.com",),
        "hv03.contoso.com": ("Amsterdam",),
        "hv04.contoso.com": (),
    }
    for line in (
        "  hv02.contoso.com: in maintenance mode",
        "  hv03.contoso.com: VMM does not reach it (NotResponding)",
        "  hv05.contoso.com: VMM has it as a host of VMWareESX",
        "It is simulated (livemigration lab): these hosts are no machines of yours.",
    ):
        assert line in said.splitlines(), said
    assert "hv04.contoso.com: a perimeter host" in said


def test_a_second_time_changes_nothing_and_a_dry_run_never_does(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab)
    before = path.read_bytes()
    code, said = discover(VMM, path, "--dry-run")
    assert (code, path.read_bytes()) == (1, before), said
    assert "would change" in said
    assert discover(VMM, path)[0] == 0
    once = path.read_bytes()
    for more in ([], ["--dry-run"]):
        code, said = discover(VMM, path, *more)
        assert (code, path.read_bytes()) == (0, once), said
        assert "Nothing is new" in said


def test_a_host_that_vmm_lists_no_more_stays_and_is_told(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab, 'hosts:\n  - name: "hv[01-02,90].contoso.com"  # old\n')
    code, said = discover(VMM, path)
    assert code == 0, said
    assert "  hv90.contoso.com (in hv[01-02,90].contoso.com)" in said.splitlines()
    names = [each["name"] for each in document(path)["hosts"]]
    assert names == ["hv[01-02,90].contoso.com", "hv03.contoso.com", "hv04.contoso.com"]


def test_only_some_are_added_by_limit_and_the_others_are_named(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab)
    code, said = discover(VMM, path, "--limit", "group:amsterdam,hv04*")
    assert code == 0, said
    names = [each["name"] for each in document(path)["hosts"]]
    assert names == ["hv01.contoso.com", "hv03.contoso.com", "hv04.contoso.com"]
    assert "Not asked for by --limit: hv02.contoso.com" in said


def test_a_new_file_says_where_its_hosts_are_from(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    if lab.vmm.port != 5985:
        pytest.skip("the port of WinRM is taken on this machine")
    path = tmp_path / "new.yaml"
    code, said = discover(VMM, path, "--at", lab.vmm.address)
    assert code == 0, said
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Hosts that `livemigration discover vmm:vmm01.contoso.com` found.\n")
    inventory = load(str(path), Path())
    assert len(inventory.hosts) == 4
    assert inventory.vmms[0].address == lab.vmm.address


def test_a_wrong_password_is_tried_once_and_nothing_is_written(
    discover: Discover, lab: RunningLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEMIGRATION_PASSWORD", "C4nary-wrong")
    path = begun(tmp_path, lab)
    before = path.read_bytes()
    code, said = discover(VMM, path)
    assert (code, path.read_bytes()) == (10, before)
    assert "Nothing was written." in said
    assert "C4nary" not in said


def test_a_server_that_is_not_there_is_no_empty_fleet(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab)
    code, said = discover("vmm:vmm01.contoso.com", path, "--at", "127.0.0.9")
    assert code == 10
    assert "vmm01.contoso.com at 127.0.0.9" in said


def test_another_server_than_the_inventorys_is_refused(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab)
    code, said = discover("vmm:vmm02.contoso.com", path, "--at", lab.vmm.address)
    assert code == 4
    assert "is of the VMM server vmm01.contoso.com, and not of vmm02.contoso.com" in said


def test_a_clusters_nodes_are_its_group(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab, "hosts:\n- name: hv02.contoso.com\n")
    node = next(each for each in lab.hosts if each.name == "hv01.contoso.com")
    code, said = discover("cluster:cl01.contoso.com", path, "--at", node.address)
    assert code == 0, said
    (_, added) = document(path)["hosts"]
    assert added == {"name": "hv01.contoso.com", "groups": ["cl01.contoso.com"]}
    assert "  cl01.contoso.com: hv02.contoso.com" in said.splitlines()
    assert "  hv02.contoso.com: paused in the cluster" in said.splitlines()
    assert discover("cluster:cl01.contoso.com", path, "--at", node.address)[1].endswith(
        "was left as it is.\n"
    )


def test_a_host_in_no_cluster_is_told_from_one(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    path = begun(tmp_path, lab)
    alone = next(each for each in lab.hosts if each.name == "hv03.contoso.com")
    code, said = discover("cluster:cl09.contoso.com", path, "--at", alone.address)
    assert code == 10
    assert "is no node of a cluster" in said


@pytest.fixture(scope="module")
def accounts(lab: RunningLab) -> Found:
    assert lab.directory is not None
    target = played_directory(lab.directory, lab)
    soon = datetime.now(UTC) + timedelta(hours=1)
    return ask_directory(target, "contoso.com", soon, Deadline.after(30))


def test_accounts_with_the_migration_services_name_are_found(accounts: Found) -> None:
    assert {each.name: each.unfit for each in accounts.hosts} == {
        "hv01.contoso.com": "",
        "hv02.contoso.com": "",
        "hv03.contoso.com": "",
        "hv04.contoso.com": "its account is disabled",
        "hv05.contoso.com": (
            "its account has not signed in for 143 days, since "
            f"{datetime.now(UTC) - timedelta(days=143):%Y-%m-%d}"
        ),
        "hv06.contoso.com": "its account never signed in, as far as the directory shows",
    }
    assert accounts.strict
    assert {each.reaching for each in accounts.hosts} == {BY_KERBEROS}


def test_another_domains_directory_is_refused(lab: RunningLab) -> None:
    assert lab.directory is not None
    target = played_directory(lab.directory, lab)
    with pytest.raises(NotFoundError, match=r"it is the directory of contoso\.com"):
        ask_directory(target, "fabrikam.com", datetime.now(UTC), Deadline.after(30))


def test_hosts_of_a_directory_are_asked_by_kerberos_alone(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    own = lab.directory
    assert own is not None
    path = begun(
        tmp_path,
        lab,
        f"directory: {{server: {own.name}, address: {own.address}, port: {own.port}}}\n",
    )
    code, said = discover("ad:contoso.com", path)
    assert code == 0, said
    inventory = load(str(path), Path())
    assert [each.name for each in inventory.hosts] == [f"hv0{n}.contoso.com" for n in (1, 2, 3)]
    for host in inventory.hosts:
        reach = inventory.reach_of(host.name).connection
        assert (reach.transport, reach.fallback, reach.port) == ("kerberos", None, lab.vmm.port)
    assert inventory.reach.connection.transport == "negotiate"
    assert "  hv04.contoso.com: its account is disabled" in said.splitlines()
    once = path.read_bytes()
    assert discover("ad:contoso.com", path)[0] == 0
    assert path.read_bytes() == once


def test_sources_that_name_the_same_hosts_add_each_of_them_once(
    discover: Discover, lab: RunningLab, tmp_path: Path
) -> None:
    own = lab.directory
    assert own is not None
    path = begun(
        tmp_path,
        lab,
        f"directory: {{server: {own.name}, address: {own.address}, port: {own.port}}}\n",
    )
    node = next(each for each in lab.hosts if each.name == "hv01.contoso.com")
    assert discover(VMM, path)[0] == 0
    once = path.read_bytes()
    for arguments in (
        ["cluster:cl01.contoso.com", path, "--at", node.address],
        ["ad:contoso.com", path],
    ):
        code, said = discover(*arguments)
        assert (code, path.read_bytes()) == (0, once), said
    # VMM has it, and the directory says what is to be known of its account.
    assert "  hv04.contoso.com: its account is disabled" in said.splitlines()
    assert "Not listed there" not in said


@pytest.mark.long
@pytest.mark.parametrize("name", ["ha-vmm", "perimeter", "cluster-s2d", "windows-2012r2"])
def test_every_host_that_a_shipped_fleets_vmm_lists_is_written_down(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(name) as running:
        monkeypatch.setenv("LIVEMIGRATION_USERNAME", running.credentials.username)
        monkeypatch.setenv("LIVEMIGRATION_PASSWORD", running.credentials.password.reveal())
        path = begun(tmp_path, running)
        code = main(["discover", f"vmm:{running.vmm.name}", str(path)])
        said = capsys.readouterr().out
        assert code == 0, said
        assert "Left out" not in said
        listed = load(str(path), Path()).hosts
        assert f"lists {len(listed)} hosts." in said
        once = path.read_bytes()
        assert main(["discover", f"vmm:{running.vmm.name}", str(path)]) == 0
        assert path.read_bytes() == once
