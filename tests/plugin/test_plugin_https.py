"""Whole runs over HTTPS: what every file says of certificates, and that none holds a password."""

from __future__ import annotations

import socket
import ssl
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from canary import every_byte, found_in
from plugin_runs import CREDENTIALS, PASSWORD, Ended, run_here

from livemigration.commands.main import main
from livemigration.inventory.connection import UNENCRYPTED
from livemigration.run import results_file

LOUD = "CERTIFICATES NOT CHECKED on 7 machines (server_certificate: ignore)"
COMMON = ("-m", "livemigration", "--showlocals", "--tb=long")


def lab_run(folder: Path, more: str = "") -> Ended:
    path = folder / "https.yaml"
    path.write_text(
        "schema: 1\nlab: {fleet: healthy}\n"
        f"connection: {{https: true, time_limits: {{connect: 2, probe: 2}}{more}}}\n",
        encoding="utf-8",
    )
    facts = folder / "facts.json"
    return run_here(
        folder / "reports",
        f"--inventory={path}",
        "--bundle",
        f"--junitxml={folder / 'junit.xml'}",
        f"--save-facts={facts}",
        *COMMON,
    )


def bundle(ended: Ended) -> Path:
    return ended.folder / f"{ended.folder.name}.zip"


@pytest.fixture(scope="module")
def unchecked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    """A run that believed whoever answered."""
    folder = tmp_path_factory.mktemp("unchecked")
    return lab_run(folder, ", server_certificate: ignore"), folder


def test_a_run_over_https_checks_and_names_it(tmp_path: Path) -> None:
    ended = lab_run(tmp_path)
    assert ended.code == 0, ended.output
    (session,) = ended.results["sessions"]
    assert session["how"] == "NTLM over HTTPS, certificate checked"
    assert len(session["machines"]) == 7
    assert b"NOT CHECKED" not in every_byte(tmp_path)


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_a_run_that_checked_no_certificate_says_so_in_each_view(
    unchecked: tuple[Ended, Path], name: str
) -> None:
    ended, _ = unchecked
    assert ended.code == 0, ended.output
    with zipfile.ZipFile(bundle(ended)) as packed:
        assert LOUD in packed.read(name).decode()


def test_a_run_that_checked_no_certificate_says_so_wherever_it_is_read(
    unchecked: tuple[Ended, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    ended, folder = unchecked
    assert LOUD in ended.output
    run = results_file.load(ended.folder / "results.json")
    assert [each.how for each in run.sessions] == ["NTLM over HTTPS, certificate NOT checked"]
    assert LOUD in (ended.folder / "report.html").read_text(encoding="utf-8")
    assert LOUD in (folder / "junit.xml").read_text(encoding="utf-8")
    main(["verify", str(bundle(ended))])
    assert LOUD in capsys.readouterr().out
    main(["view", str(ended.folder), "--format", "sarif"])
    assert LOUD in capsys.readouterr().out


def test_a_replay_of_such_facts_says_it_too(unchecked: tuple[Ended, Path], tmp_path: Path) -> None:
    _, folder = unchecked
    replayed = run_here(
        tmp_path / "reports",
        f"--inventory={folder / 'https.yaml'}",
        f"--facts={folder / 'facts.json'}",
        *COMMON,
    )
    assert replayed.code == 0, replayed.output
    assert LOUD in replayed.output


Serve = Callable[[socket.socket], None]


@contextmanager
def machine(address: str, serve: Serve, port: int = 0) -> Iterator[int]:
    listener = socket.create_server((address, port))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(60)


def over_tls(name: str, folder: Path) -> Serve:
    authority = trustme.CA(organization_name="Zugspitze Widgets")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)

    def serve(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as hidden:
            while hidden.recv(65536):
                reply = (
                    b"HTTP/1.1 401 x\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"
                )
                hidden.sendall(reply)

    return serve


def plain_http(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n")


# How it is asked → what LM302 of the host says came back.
FAILURES = {
    "https: true, ca: ca.pem": ": it is for hv02.contoso.com, signed by ",
    "https: true, transport: basic": "this machine does not know who signed the certificate",
    "https: true, server_certificate: ignore": "; its certificate was not checked",
    f"transport: basic, send_password_unencrypted: '{UNENCRYPTED}'": "the port speaks TLS",
}


def failed_run(folder: Path, port: int, connection: str) -> Ended:
    path = folder / "site.yaml"
    path.write_text(
        "schema: 1\nvmm: {name: vmm01, address: 127.0.0.1}\n"
        "hosts: [{name: hv01, address: 127.0.0.1}]\n"
        f"connection: {{port: {port}, {connection}}}\n",
        encoding="utf-8",
    )
    return run_here(
        folder / "reports",
        f"--inventory={path}",
        "--bundle",
        f"--junitxml={folder / 'junit.xml'}",
        f"--save-facts={folder / 'facts.json'}",
        *COMMON,
        variables=CREDENTIALS,
    )


def check_for_secrets(ended: Ended, folder: Path) -> None:
    told = ended.output.encode() + every_byte(folder)
    assert found_in(told, PASSWORD) == []
    assert b"TlRMTVNTU" not in told


@pytest.mark.parametrize(("connection", "words"), list(FAILURES.items()))
def test_each_failure_of_tls_is_one_finding_and_no_file_holds_the_password(
    tmp_path: Path, connection: str, words: str
) -> None:
    with machine("127.0.0.1", over_tls("hv02.contoso.com", tmp_path)) as port:
        ended = failed_run(tmp_path, port, connection)
    assert ended.code == 1, ended.output
    failing = [each for each in ended.results["results"] if each["state"] == "fail"]
    checks = {each["entry"]["check"] for each in failing}
    # One password that is refused is one finding, of the machine that refused it first.
    assert checks == ({"LM001"} if "ignore" in connection else {"LM001", "LM302"})
    for each in failing:
        assert words in each["findings"][0]["observed"]
    check_for_secrets(ended, tmp_path)


def test_plain_http_on_the_https_port_is_one_finding(tmp_path: Path) -> None:
    with machine("127.0.0.1", plain_http) as port:
        ended = failed_run(tmp_path, port, "https: true")
    assert ended.code == 1, ended.output
    assert "what answered does not speak TLS" in ended.output
    check_for_secrets(ended, tmp_path)


def test_facts_of_a_bundle_do_not_name_whose_certificate_it_was(tmp_path: Path) -> None:
    with machine("127.0.0.1", over_tls("alpspitze.zugspitze.example", tmp_path)) as port:
        ended = failed_run(tmp_path, port, "https: true, ca: ca.pem")
    with zipfile.ZipFile(bundle(ended)) as packed:
        facts = packed.read("facts.json").decode().casefold()
    assert "spitze" not in facts


@pytest.mark.parametrize("connection", ["https: true, ca: gone.pem", "ca: ca.pem"])
def test_a_file_or_a_key_that_is_wrong_ends_the_run_before_anybody_is_asked(
    tmp_path: Path, no_sockets: list[object], connection: str
) -> None:
    ended = failed_run(tmp_path, 5986, connection)
    assert ended.code == 4, ended.output
    assert "connection: " in ended.output
    assert not ended.reports.exists()
    assert no_sockets == []
