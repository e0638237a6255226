"""Whole runs in which groups of hosts, and the VMM server, are reached in ways of their own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from plugin_runs import CREDENTIALS, Ended, run_here
from test_plugin_https import machine, over_tls


def no_http(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"220 mail.contoso.com ready\r\n")


def test_one_run_signs_in_in_as_many_ways_as_its_groups_say(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(
        "schema: 1\nlab: {fleet: healthy}\nconnection: {time_limits: {connect: 2, probe: 2}}\n"
        "groups: {ams: {connection: {https: true, transport: negotiate}}}\n",
        encoding="utf-8",
    )
    ended = run_here(tmp_path / "reports", f"--inventory={path}", "-m", "livemigration")
    assert ended.code == 0, ended.output
    ways = {each["how"]: each["machines"] for each in ended.results["sessions"]}
    assert list(ways) == [
        "NTLM over HTTP, messages encrypted",
        "NTLM over HTTPS, certificate checked",
    ]
    assert [len(each) for each in ways.values()] == [5, 2]


def site(folder: Path, plain: int, secure: int, more: str = "") -> Path:
    path = folder / "site.yaml"
    path.write_text(
        "schema: 1\nvmm: {name: vmm01, address: 127.0.0.1}\nhosts:\n"
        "  - {name: hv01, address: 127.0.0.1}\n"
        "  - {name: hv02, address: 127.0.0.2, groups: [edge]}\n"
        f"connection: {{port: {plain}}}\n"
        f"groups: {{edge: {{connection: {{https: true, port: {secure}, ca: ca.pem}}{more}}}}}\n",
        encoding="utf-8",
    )
    return path


def run(folder: Path, inventory: Path, *arguments: str, **variables: str) -> Ended:
    return run_here(
        folder / "reports",
        f"--inventory={inventory}",
        "-m",
        "livemigration",
        *arguments,
        variables={**CREDENTIALS, **variables},
    )


def test_each_machine_is_asked_on_its_groups_port_and_believed_as_its_group_says(
    tmp_path: Path,
) -> None:
    serve = over_tls("other.contoso.com", tmp_path)
    with machine("127.0.0.2", serve) as secure, machine("127.0.0.1", no_http) as plain:
        ended = run(tmp_path, site(tmp_path, plain, secure))
    assert ended.code == 1, ended.output
    observed = {
        each["entry"]["target"]: each["findings"][0]["observed"]
        for each in ended.results["results"]
        if each["state"] == "fail"
    }
    assert f"hv02 at 127.0.0.2, port {secure}" in observed["hv02"]
    assert "it is for other.contoso.com" in observed["hv02"]
    for name in ("vmm01", "hv01"):
        assert f"{name} at 127.0.0.1, port {plain}" in observed[name]


def test_no_account_is_read_of_a_group_that_is_not_asked(tmp_path: Path) -> None:
    more = ", credentials: {password_variable: EDGE_PASSWORD}"
    over_tls("hv02", tmp_path)
    with machine("127.0.0.1", no_http) as port:
        inventory = site(tmp_path, port, port, more)
        ended = run(tmp_path, inventory, "--limit=hv01")
        assert ended.code == 1, ended.output
        both = run(tmp_path / "both", inventory)
    assert both.code == 4
    assert "the environment variable EDGE_PASSWORD is not set" in both.output
    assert not both.reports.exists()


def test_a_file_that_is_wrong_ends_the_run_before_a_password_is_asked_for(
    tmp_path: Path, no_sockets: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(
        "livemigration.gather.credentials.CredentialReader.of", lambda *given: asked.append(given)
    )
    ended = run(tmp_path, site(tmp_path, 5985, 5986))
    assert ended.code == 4
    assert "ca.pem: No such file or directory" in ended.output
    assert asked == []
    assert no_sockets == []
