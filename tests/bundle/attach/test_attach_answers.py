"""What a change system answers in place of taking a bundle, over sockets of this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from attach_runs import ONE, PASSWORD, attach, found, status, write
from change_system import Answer, serving

from livemigration.bundle.attach import web


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (status(401), "HTTP 401. Check the user name and the password or token."),
        pytest.param(
            status(403), "HTTP 403. Let this account read the record", marks=pytest.mark.long
        ),
        (status(404), "HTTP 404. Check the number of the record and the URL."),
        pytest.param(status(413), "HTTP 413. It is too large there", marks=pytest.mark.long),
        pytest.param(status(429), "HTTP 429. Too many requests", marks=pytest.mark.long),
        (status(500), "HTTP 500. Try again later, or attach it by hand."),
        (
            status(302, Location="http://127.0.0.1:1/"),
            "HTTP 302. Name the URL that it redirects to",
        ),
        (status(200, b"<html>"), "the answer is not JSON"),
        pytest.param(
            status(200, b"[]"),
            "0 changes have the number CHG0012345, not one.",
            marks=pytest.mark.long,
        ),
        (
            found({"sys_id": "../x", "number": "CHG0012345"}),
            "its answer names no record of CHG0012345",
        ),
        (status(200, b"x", **{"Content-Encoding": "gzip"}), "the answer is compressed"),
        (status(200, b"[" * 200_000), "the answer is not JSON"),
        pytest.param(status(200, b"1" * 5000), "the answer is not JSON", marks=pytest.mark.long),
        (status(200, b" " * (web.MAXIMUM_ANSWER + 1)), "the answer is larger than 1048576 bytes"),
        (found(), "0 changes have the number CHG0012345, not one."),
        (found({"sys_id": "a"}, {"sys_id": "b"}), "2 changes have the number CHG0012345, not one."),
    ],
)
def test_what_the_change_system_refuses_is_told_and_the_bundle_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer, words: str
) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    with serving(answer) as server:
        assert attach(path, "servicenow:CHG0012345", "--url", server.url) == 11
    said = capsys.readouterr().err
    assert words in said
    assert f"{path} was kept." in said
    assert PASSWORD not in said
    assert path.read_bytes() == before
    assert len(server.seen) == 1


def test_nobody_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path)
    with serving(ONE) as server:
        pass
    assert attach(path, "jira:OPS-1", "--url", server.url) == 11
    where = f"POST {server.url}/rest/api/2/issue/OPS-1/attachments"
    assert f"{where}: no connection. Check the URL and the network" in capsys.readouterr().err


def test_a_system_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path)
    monkeypatch.setattr(web, "_SECONDS", (10, 0.05))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert attach(path, "jira:OPS-1", "--url", url) == 11
    assert "attachments: no answer in time. Check the URL" in capsys.readouterr().err


@contextmanager
def endless(first: bytes, again: bytes, pause: float = 0.0) -> Iterator[str]:
    """Answer the first connection for as long as somebody listens; yield its URL."""
    ended = threading.Event()

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.settimeout(20)
            connection.recv(65536)
            connection.sendall(first)
            while not ended.wait(pause):
                connection.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ended.set()
            # Where nobody connected, it still waits for somebody.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(
            OK + b"Content-Length: 99999\r\n\r\n", b" ", id="body", marks=pytest.mark.long
        ),
        pytest.param(OK + b"X: ", b"x", id="header", marks=pytest.mark.long),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="100", marks=pytest.mark.long),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n",
            b"1\r\n \r\n",
            id="chunks",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_byte_now_and_then_does_not_keep_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    first: bytes,
    again: bytes,
) -> None:
    path = write(tmp_path)
    monkeypatch.setattr(web, "_WHOLE_SECONDS", 0.5)
    with endless(first, again, 0.05) as url:
        assert attach(path, "jira:OPS-1", "--url", url) == 11
    said = capsys.readouterr().err
    assert "no whole answer within " in said
    assert "look at the record: what was sent may be there already" in said
    assert f"{path} was kept." in said


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(OK + b"\r\n", id="until it closes"),
        pytest.param(OK + b"Content-Length: 10737418240\r\n\r\n", id="declared"),
    ],
)
def test_an_answer_without_end_is_read_to_the_bound_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: bytes
) -> None:
    path = write(tmp_path)
    with endless(first, b" " * 65536) as url:
        assert attach(path, "servicenow:CHG0012345", "--url", url) == 11
    assert "the answer is larger than 1048576 bytes" in capsys.readouterr().err


def test_an_answer_is_asked_for_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path)
    with serving(ONE) as server:
        assert attach(path, "servicenow:CHG0012345", "--url", server.url) == 0
    assert {each.headers["Accept-Encoding"] for each in server.seen} == {"identity"}


@pytest.mark.parametrize("reply", [b"", b"\xff\xfe rubbish\r\n\r\n", OK + b"Content-Length: x\r\n"])
def test_what_does_not_speak_http_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reply: bytes
) -> None:
    path = write(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError), listener.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert attach(path, "servicenow:CHG0012345", "--url", url) == 11
    said = capsys.readouterr().err
    assert f"{path} was kept." in said
    assert "Traceback" not in said
