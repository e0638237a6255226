"""One password over every way to sign in, and from every source: it stands in nothing that is kept.

Each run is as talkative as pytest can be. What travels is looked at as well, so that the search is
known to find what is there: only Basic without TLS shows the password, and only on the wire.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import os
import re
import socket
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import keyring
import keyring.backend
import pytest
import trustme
from attaching import attached
from canary import CANARY, every_byte, found_in
from canary_runs import (
    ADDRESSES,
    WAYS,
    WRONG,
    check,
    given_files,
    inventory,
    loud_run,
    relayed,
    running,
)
from keyrings import Kept
from plugin_runs import site
from test_plugin_https import machine

from livemigration.lab.launch import RunningLab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running(tmp_path_factory.mktemp("lab")) as found:
        yield found


@pytest.mark.parametrize("client", ["pywinrm", "streams"])
@pytest.mark.parametrize("right", [True, False], ids=["taken", "refused"])
@pytest.mark.parametrize("name", list(WAYS))
def test_no_way_to_sign_in_leaves_the_password_anywhere(
    lab: RunningLab,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    right: bool,
    client: str,
) -> None:
    way = WAYS[name]
    given_files(lab, tmp_path, right=right)
    password = CANARY if right else WRONG
    with relayed(lab, https=way.https) as (port, wire):
        ended = loud_run(
            tmp_path,
            inventory(tmp_path, port, connection={**way.connection, "client": client}),
            LIVEMIGRATION_USERNAME=lab.credentials.username,
            LIVEMIGRATION_PASSWORD=password,
        )
    ways = [each["how"] for each in ended.results["sessions"]]
    assert [each.startswith(way.how) for each in ways] == ([True] if right else [])
    assert all(("client streams" in each) is (client == "streams") for each in ways)
    # What is logged at all comes from urllib3.
    logged = "127.0.0.2" in (tmp_path / "site.log").read_text(encoding="utf-8")
    assert logged is (client == "pywinrm")
    check(ended, tmp_path)
    sent = attached(ended.folder)
    assert sent.code == 0, sent.output
    assert sent.found(password, tmp_path_factory.mktemp("sent")) == []
    # What can be read on the wire is found there, so that the search is known to search.
    assert bool(found_in(wire.data, password)) is way.wire


class Giving(Kept):
    """Has the canary for whoever asks."""

    def get_password(self, *_: str) -> str:
        return CANARY


@contextmanager
def from_keyring(_: Path) -> Iterator[Mapping[str, object]]:
    keyring.set_keyring(Giving())
    try:
        yield {"from": "keyring"}
    finally:
        keyring.core._keyring_backend = None


@contextmanager
def from_command(elsewhere: Path) -> Iterator[Mapping[str, object]]:
    kept = elsewhere / "vault"
    kept.write_text(f"{CANARY}\n", encoding="utf-8")
    # It looks at what it was started with, too.
    python = (
        "import pathlib, sys\n"
        "here = pathlib.Path(sys.argv[1])\n"
        "seen = b''.join(pathlib.Path('/proc/self', each).read_bytes() for each in ('cmdline', "
        "'environ')) if pathlib.Path('/proc').is_dir() else b''\n"
        "(here / 'seen').write_bytes(seen)\n"
        "sys.stdout.buffer.write((here / 'vault').read_bytes())\n"
    )
    yield {"from": "command", "command": [sys.executable, "-c", python, str(elsewhere)]}
    assert found_in((elsewhere / "seen").read_bytes(), CANARY) == []


@contextmanager
def from_descriptor(_: Path) -> Iterator[Mapping[str, object]]:
    ours, theirs = os.pipe()
    os.set_inheritable(ours, True)
    os.write(theirs, CANARY.encode())
    os.close(theirs)
    yield {"from": "fd", "fd": ours}


@contextmanager
def from_prompt(_: Path) -> Iterator[Mapping[str, object]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("getpass.getpass", lambda _: CANARY)
        patch.setattr("sys.stdin", _Typing())
        yield {"from": "prompt"}


class _Typing:
    def isatty(self) -> bool:
        return True


SOURCES = [from_keyring, from_command, from_descriptor, from_prompt]


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_of_a_password_leaves_it_anywhere(
    lab: RunningLab,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    source: Callable[[Path], contextlib.AbstractContextManager[Mapping[str, object]]],
) -> None:
    with (
        relayed(lab, https=False) as (port, _),
        source(tmp_path_factory.mktemp("elsewhere")) as given,
    ):
        account = {**given, "username": lab.credentials.username}
        named = inventory(tmp_path, port, connection={"transport": "ntlm"}, credentials=account)
        ended = loud_run(tmp_path, named)
    assert len(ended.results["sessions"]) == 1, ended.output
    check(ended, tmp_path, CANARY)


OWN_TEST = """\
def test_{name}(host):
    given = host.backend
    answer = given.run_powershell("$PSVersionTable")
    assert answer.rc == 99, "it is meant to fail"
"""


@pytest.mark.parametrize("name", ["ntlm", "basic, https", "basic"])
@pytest.mark.parametrize("right", [True, False], ids=["taken", "refused"])
def test_a_test_of_the_sites_own_that_fails_shows_no_password_in_its_locals(
    lab: RunningLab, tmp_path: Path, name: str, right: bool
) -> None:
    way = WAYS[name]
    (tmp_path / "ca.pem").write_text(lab.authority, encoding="ascii")
    folder = site(tmp_path / "own", test_own=OWN_TEST.format(name="own"))
    with relayed(lab, https=way.https) as (port, _):
        ended = loud_run(
            tmp_path,
            inventory(tmp_path, port, connection=way.connection),
            str(folder),
            LIVEMIGRATION_USERNAME=lab.credentials.username,
            LIVEMIGRATION_PASSWORD=CANARY if right else WRONG,
        )
    assert "1 failed" in ended.output
    assert ("it is meant to fail" if right else "HostRunError") in ended.output
    assert "given      = " in ended.output
    assert found_in(ended.output.encode() + every_byte(tmp_path), CANARY) == []
    assert found_in(ended.output.encode() + every_byte(tmp_path), WRONG) == []


@pytest.mark.parametrize("name", ["ntlm", "basic, https"])
@pytest.mark.parametrize("ends", [pytest.fail.Exception, KeyboardInterrupt])
def test_a_test_that_is_cut_short_shows_no_password_in_the_locals_of_libraries(
    lab: RunningLab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    ends: type[BaseException],
) -> None:
    way, asked = WAYS[name], 0
    (tmp_path / "ca.pem").write_text(lab.authority, encoding="ascii")
    folder = site(tmp_path / "own", test_own=OWN_TEST.format(name="own"))

    def cut_short(_: object, *__: object, **___: object) -> None:
        # As pytest-timeout and Ctrl-C do, wherever it is; first in the middle of signing in.
        nonlocal asked
        asked += 1
        raise ends("cut short")

    monkeypatch.setattr("http.client.HTTPConnection.endheaders", cut_short)
    with relayed(lab, https=way.https) as (port, _):
        ended = loud_run(
            tmp_path,
            inventory(tmp_path, port, connection=way.connection),
            str(folder),
            LIVEMIGRATION_USERNAME=lab.credentials.username,
            LIVEMIGRATION_PASSWORD=CANARY,
        )
    assert asked == 1
    assert "cut short" in ended.output or "KeyboardInterrupt" in ended.output
    assert found_in(ended.output.encode() + every_byte(tmp_path), CANARY) == []


FAULT = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code>'
    "<s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>{0}</s:Text></s:Reason><s:Detail>"
    '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="5" '
    'Machine="{0}"><f:Message>Not for {0}.</f:Message></f:WSManFault></s:Detail></s:Fault>'
    "</s:Body></s:Envelope>"
)
XML, HTML = "application/soap+xml;charset=UTF-8", "text/html"
# What a machine says that gives back what it was told: status line, headers, body.
ECHOES = {
    "a fault": ("500 Internal Server Error", f"Content-Type: {XML}", FAULT),
    "a page": ("502 Bad Gateway", f"Content-Type: {HTML}", "<h1>{0}</h1><pre>{1}</pre>"),
    "a reason": ("403 {0}", f"Content-Type: {HTML}", ""),
    "a header": ("403 No", "Retry-After: {0}\r\nServer: {1}", ""),
    "another place": ("302 Found", "Location: https://127.0.0.3/?{0}", ""),
    "a challenge": ("401 No", 'WWW-Authenticate: Basic realm="{0} {1}"', ""),
    "no HTTP": ("{0}", "{1}", "{0}"),
}


def echoing(echo: tuple[str, str, str]) -> Callable[[socket.socket], None]:
    """Return what answers with what it was sent, as it was and decoded."""

    def serve(connection: socket.socket) -> None:
        told = b""
        while part := connection.recv(65536):
            told += part
            token = b""
            for line in told.split(b"\r\n"):
                if line.lower().startswith(b"authorization:"):
                    token = line.rpartition(b" ")[2]
            shown = base64.b64decode(token).partition(b":")[2].decode("utf-8", "replace")
            safe = html.escape(shown)
            status, headers = (
                each.replace("{0}", shown).replace("{1}", token.decode()) for each in echo[:2]
            )
            data = echo[2].replace("{0}", safe).replace("{1}", token.decode()).encode()
            head = f"HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {len(data)}\r\n\r\n"
            connection.sendall(head.encode() + data)
            told = b""

    return serve


@pytest.mark.parametrize("name", list(ECHOES))
def test_a_machine_that_gives_the_password_back_brings_it_into_no_report(
    tmp_path: Path, name: str
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("vmm01.contoso.com", "hv01.contoso.com").configure_cert(tls)
    answer = echoing(ECHOES[name])

    def serve(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as hidden:
            answer(hidden)

    with machine(ADDRESSES[0], serve) as port, machine(ADDRESSES[1], serve, port):
        ended = loud_run(
            tmp_path,
            inventory(tmp_path, port, connection=WAYS["basic, https"].connection),
            LIVEMIGRATION_USERNAME="svc",
            LIVEMIGRATION_PASSWORD=CANARY,
        )
    assert ended.code == 1, ended.output
    check(ended, tmp_path, CANARY)


@pytest.mark.parametrize(
    "place",
    [
        "livemigration.gather.credentials._same",
        "livemigration.gather.signing.Access",
        "livemigration.plugin.machines.connector",
        "livemigration.plugin.starting.gather",
        "livemigration.gather.executor.run_jobs",
    ],
)
def test_a_defect_of_the_suite_shows_no_password_in_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(place, broken)
    # Two sources, so that they are held against each other.
    edge = {"credentials": {"password_variable": "EDGE_PASSWORD"}}
    named = inventory(tmp_path, 1, connection={"transport": "ntlm"}, groups={"edge": edge})
    document = json.loads(named.read_text(encoding="utf-8"))
    document["hosts"][0]["groups"] = ["edge"]
    named.write_text(json.dumps(document), encoding="utf-8")
    ended = loud_run(
        tmp_path,
        named,
        LIVEMIGRATION_USERNAME="svc",
        LIVEMIGRATION_PASSWORD=CANARY,
        EDGE_PASSWORD=WRONG,
    )
    assert ended.code == 3
    assert "INTERNALERROR" in ended.output
    assert "a defect" in ended.output
    # Its locals are shown.
    assert re.search(r"INTERNALERROR> own +=", ended.output)
    check(ended, tmp_path)
