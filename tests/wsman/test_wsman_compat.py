"""What the client uses in private of its libraries still behaves as it relies on."""

from __future__ import annotations

import io
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
import urllib3
from compat_contract import loaded, what_moved
from ntlm_server import NtlmServer
from wsman_support import PASSWORD, USER, script

COMPAT = "livemigration.wsman.compat"
MOVED = partial(what_moved, COMPAT)
compat = partial(loaded, COMPAT)


def test_a_module_that_moved_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, COMPAT, raising=False)
    monkeypatch.setitem(sys.modules, "spnego._ntlm_raw.crypto", None)
    with pytest.raises(pytest.fail.Exception, match="a release of spnego moved"):
        compat()


def test_the_nt_hash_is_the_documented_one() -> None:
    # MS-NLMP, section 4.2.2.1.2: the NT hash of the password "Password".
    assert compat().nt_hash("Password") == "a4f49c406510bdcab6824ee7c30fd852", MOVED("pyspnego")


class MadeError(Exception):
    """Ends the connecting where the socket is asked for."""


class Maker:
    """Makes no socket."""

    def connect(self, *_: object) -> socket.socket:
        raise MadeError

    def adopt(self, _: socket.socket) -> None:
        raise AssertionError("nothing was connected")


@contextmanager
def moved(library: str) -> Iterator[None]:
    """Say which library moved where something in it is not there, or takes other arguments."""
    try:
        yield
    except (AttributeError, TypeError, NotImplementedError) as error:
        pytest.fail(f"{MOVED(library)} ({error})")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_of_urllib3_takes_the_socket_that_is_made_for_it(scheme: str) -> None:
    # A port that nothing listens on: a connection that makes its own socket fails otherwise.
    with socket.socket() as unbound, moved("urllib3"):
        unbound.bind(("127.0.0.1", 0))
        url = f"{scheme}://127.0.0.1:{unbound.getsockname()[1]}/wsman"
        pool = compat().pool_over(Maker(), url)
        try:
            pool.urlopen("GET", "/wsman", retries=False, timeout=5)
        except MadeError:
            return
        except urllib3.exceptions.HTTPError:
            pytest.fail(MOVED("urllib3"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_of_urllib3_is_made_for_the_name_as_it_is_asked_for(scheme: str) -> None:
    asked: list[object] = []

    class Listener(Maker):
        def connect(self, *given: object) -> socket.socket:
            asked.extend(given)
            raise MadeError

    with moved("urllib3"):
        pool = compat().pool_over(Listener(), f"{scheme}://hv01.lab.:5985/wsman")
        with pytest.raises(MadeError):
            pool.urlopen("GET", "/wsman", retries=False)
    assert asked[:2] == ["hv01.lab.", 5985], MOVED("urllib3")


def test_a_body_is_read_through_what_is_laid_around_its_reader() -> None:
    seen: list[bytes] = []

    def wrap(stream: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
        def read(*args: object, **options: object) -> Iterator[bytes]:
            for part in stream(*args, **options):
                seen.append(part)
                yield part.upper()

        return read

    with NtlmServer(script()) as server, requests.Session() as session, moved("requests"):
        session.trust_env = False
        response = session.get(f"http://127.0.0.1:{server.port}/", stream=True)
        response.raw = urllib3.HTTPResponse(body=io.BytesIO(b"abc"), preload_content=False)
        compat().wrap_body(response, wrap)
        assert response.content == b"ABC", MOVED("requests")
    assert b"".join(seen) == b"abc"


@contextmanager
def sealed(server: NtlmServer) -> Iterator[tuple[Any, requests.Session]]:
    with requests.Session() as session, moved("pywinrm"):
        session.trust_env = False
        secret = "0" * 31 + "1:" + compat().nt_hash(PASSWORD)
        url = f"http://127.0.0.1:{server.port}/wsman"
        yield compat().SealedTransport(url, USER, secret, session), session


def test_pywinrm_seals_what_is_sent_over_a_session_that_it_did_not_build() -> None:
    with NtlmServer(lambda request: (200, request[::-1])) as server, sealed(server) as (own, http):
        with pytest.raises(RuntimeError, match="before both sides agreed"):
            own.send(b"too early")
        assert not server.wire, MOVED("pywinrm")
        assert own.authenticate(), MOVED("requests_ntlm")
        reply = own.send(b"never in clear")
        assert own.unseal(reply) == b"raelc ni reven", MOVED("pywinrm")
        assert http.auth is not None
        assert server.requests == [b"never in clear"]
    sent = b"".join(body for _, body in server.wire)
    assert b"never in clear" not in sent, MOVED("pywinrm")


class LetsEverybodyIn(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_who_did_not_ask_for_authentication_is_known() -> None:
    with HTTPServer(("127.0.0.1", 0), LetsEverybodyIn) as server, requests.Session() as session:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        session.trust_env = False
        url = f"http://127.0.0.1:{server.server_port}/wsman"
        with moved("requests_ntlm"):
            own = compat().SealedTransport(url, USER, "0" * 31 + "1:" + "0" * 32, session)
            assert own.authenticate() is False, MOVED("requests_ntlm")
        thread.join(60)
