"""Runs with one password over every way to sign in, as talkative as pytest can be."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from canary import CANARY, every_byte, found_in
from plugin_runs import Ended, run_here
from test_plugin_https import machine

from livemigration.inventory.connection import UNENCRYPTED
from livemigration.lab.launch import LabMachine, RunningLab, start

WRONG = f"Wr0ng {CANARY}"
LOUD = (
    "-vv",
    "--showlocals",
    "--tb=long",
    "--full-trace",
    "-o",
    "log_cli=true",
    "--log-level=DEBUG",
    "--log-cli-level=DEBUG",
    "--log-file-level=DEBUG",
)
FLEET = {
    "name": "canary",
    "title": "one host",
    "domain": "contoso.com",
    "allow_basic": True,
    "allow_unencrypted": True,
    "password": CANARY,
    "networks": {"management": {"subnet": "1.0/24"}},
    "system": {"build": 20348, "version": "10.0.20348", "caption": "Server 2022"},
    "vmm": {
        "name": "vmm01.contoso.com",
        "address": "1.5",
        "registry": "10.22.1287.0",
        "winrm": {"Service/Auth/CredSSP": True},
    },
    "hosts": [
        {
            "name": "hv01.contoso.com",
            "shows": "healthy",
            "addresses": {"management": "1.11"},
            "winrm": {"Service/Auth/CredSSP": True},
        }
    ],
}
# Two addresses of this machine, and the simulated machine behind each.
ADDRESSES = ("127.0.0.1", "127.0.0.2")


@dataclass(frozen=True)
class Way:
    """A way to sign in.

    `connection` are the inventory's keys. `wire` is whether the password can be read on it, and
    `account` whether it is sent a password at all.
    """

    connection: Mapping[str, object]
    how: str
    wire: bool = False
    account: bool = True

    @property
    def https(self) -> bool:
        return bool(self.connection.get("https"))


OVER_TLS = {"https": True, "ca": "ca.pem"}
# A way to sign in that is added is a row more.
WAYS = {
    "ntlm": Way({"transport": "ntlm"}, "NTLM over HTTP, messages encrypted"),
    "ntlm, https": Way({**OVER_TLS, "transport": "ntlm"}, "NTLM over HTTPS, certificate checked"),
    "negotiate": Way({"transport": "negotiate"}, "NTLM over HTTP, messages encrypted"),
    "basic, https": Way(
        {**OVER_TLS, "transport": "basic"}, "Basic over HTTPS, certificate checked"
    ),
    "basic": Way(
        {"transport": "basic", "send_password_unencrypted": UNENCRYPTED},
        "Basic over HTTP, UNENCRYPTED",
        wire=True,
    ),
    "credssp": Way(
        {**OVER_TLS, "transport": "credssp"}, "CredSSP over HTTPS, certificate checked, PASSWORD"
    ),
    "certificate": Way(
        {
            **OVER_TLS,
            "transport": "certificate",
            "client_certificate": "client.pem",
            "client_key": "client.pem",
        },
        "client certificate over HTTPS, certificate checked",
        account=False,
    ),
}


@contextmanager
def running(folder: Path) -> Iterator[RunningLab]:
    """Run the fleet whose account has the canary, over HTTP and HTTPS."""
    path = folder / "fleet.yaml"
    path.write_text(json.dumps(FLEET), encoding="utf-8")
    with start(str(path), https=True) as found:
        yield found


def given_files(lab: RunningLab, folder: Path, *, right: bool) -> None:
    """Write what an inventory of any way names: the CA, and a certificate that signs in or not."""
    (folder / "ca.pem").write_text(lab.authority, encoding="ascii")
    nobody = trustme.CA().issue_cert("nobody").private_key_and_cert_chain_pem
    key = lab.client if right else nobody.bytes().decode()
    (folder / "client.pem").touch(mode=0o600)
    (folder / "client.pem").write_text(key, encoding="ascii")


@dataclass
class Wire:
    """What travelled, in both directions."""

    parts: list[bytes] = field(default_factory=list)

    def relay(self, address: str, port: int) -> Callable[[socket.socket], None]:
        """Return what serves a connection by handing everything on, and keeps it."""

        def serve(ours: socket.socket) -> None:
            with socket.create_connection((address, port)) as theirs:
                back = threading.Thread(target=self._pump, args=(theirs, ours))
                back.start()
                self._pump(ours, theirs)
                back.join(60)

        return serve

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                self.parts.append(part)
                target.sendall(part)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    @property
    def data(self) -> bytes:
        return b"".join(self.parts)


@contextmanager
def relayed(lab: RunningLab, *, https: bool) -> Iterator[tuple[int, Wire]]:
    """Give the port at which both machines of the lab are met, and what travels there."""
    wire = Wire()

    def port_of(each: LabMachine) -> int:
        return each.https_port if https else each.port

    with ExitStack() as stack:
        port = 0
        for address, each in zip(ADDRESSES, (lab.vmm, lab.hosts[0]), strict=True):
            serve = wire.relay(each.address, port_of(each))
            port = stack.enter_context(machine(address, serve, port))
        yield port, wire


def inventory(folder: Path, port: int, **more: object) -> Path:
    names = ("vmm01.contoso.com", "hv01.contoso.com")
    vmm, host = ({"name": n, "address": a} for n, a in zip(names, ADDRESSES, strict=True))
    connection = {"port": port, "time_limits": {"connect": 5, "probe": 1}}
    connection |= dict(more.pop("connection", {}))  # type: ignore[call-overload]  # a mapping
    document = {"schema": 1, "vmm": vmm, "hosts": [host], "connection": connection, **more}
    path = folder / "site.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def loud_run(folder: Path, named: Path, *paths: str, **variables: str) -> Ended:
    files = (
        "--bundle",
        f"--log-file={folder / 'pytest.log'}",
        f"--junitxml={folder / 'junit.xml'}",
        f"--save-facts={folder / 'facts.json'}",
    )
    words = (f"--inventory={named}", *LOUD, *files, *(paths or ("-k", "enabled or vmm_answers")))
    with all_logged(folder / "site.log"):
        return run_here(folder / "reports", *words, variables=variables)


@contextmanager
def all_logged(path: Path) -> Iterator[None]:
    """Write down all that is logged, as a site may, also while pytest does not listen."""
    root, handler = logging.getLogger(), logging.FileHandler(path, encoding="utf-8")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


def check(ended: Ended, folder: Path, *passwords: str) -> None:
    told = ended.output.encode() + every_byte(folder)
    assert b"junit" in told
    for password in passwords or (CANARY, WRONG):
        assert found_in(told, password) == []
    # Every NTLM token begins so, and the last of the three is made from the password.
    assert b"TlRMTVNTU" not in told
    assert b"NTLMSSP\0" not in told
