"""The requests that attach a bundle: their bounds, and what is said where one fails."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from in_turn import in_turn
from requests.adapters import HTTPAdapter

from livemigration.base.errors import UsageError
from livemigration.base.secret import Secret
from livemigration.bundle.attach import web
from livemigration.bundle.attach.web import AttachError, Web, base_url

BASE = "https://change.example"
FULL = b"[" + b" " * (web.MAXIMUM_ANSWER - 2) + b"]"


class Played(HTTPAdapter):
    """Answers every request with a body, or fails; keeps how it was asked to send the last."""

    def __init__(self, answer: bytes | Exception, **headers: str) -> None:
        super().__init__()
        self.answer, self.headers = answer, headers
        self.how: dict[str, Any] = {}
        self.request: requests.PreparedRequest | None = None

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # type: ignore[override]  # all of them by name
        self.how, self.request = how, request
        if isinstance(self.answer, Exception):
            raise self.answer
        response = requests.Response()
        response.status_code, response.url = 200, str(request.url)
        response.request = request
        response.headers.update(self.headers)
        response.raw = io.BytesIO(self.answer)
        return response


def web_to(played: Played) -> Web:
    session = requests.Session()
    session.mount(BASE, played)
    return Web(BASE, Secret("token"), session)


def test_a_request_is_bounded_between_bytes_and_its_answer_is_not_read_ahead() -> None:
    played = Played(b"[]")
    assert web_to(played).get("/x", {"of": "it"}) == []
    assert played.how["timeout"] == (10, 120)
    assert played.how["stream"] is True
    assert played.request is not None
    assert (played.request.method, played.request.url) == ("GET", f"{BASE}/x?of=it")
    assert played.request.headers["Accept"] == "application/json"


def test_headers_of_a_request_go_along() -> None:
    played = Played(b"{}")
    web_to(played).post("/x", {}, data=b"1", headers={"Content-Type": "application/zip"})
    assert played.request is not None
    assert played.request.headers["Content-Type"] == "application/zip"
    assert played.request.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({}, 180),
        ({"data": b"x" * (10 << 16)}, 190),
        ({"files": {"file": ("a.zip", b"x" * (5 << 16), "application/zip")}}, 185),
        ({"data": b"x" * (1 << 16), "files": {"file": ("a.zip", b"x" * (1 << 16))}}, 182),
    ],
)
def test_a_file_gets_more_time_by_its_size(
    monkeypatch: pytest.MonkeyPatch, body: dict[str, Any], seconds: int
) -> None:
    def never(seconds: float, _: Callable[[], Any]) -> Any:
        asked.append(seconds)
        raise TimeoutError

    asked: list[float] = []
    monkeypatch.setattr(web, "_within", never)
    with pytest.raises(AttachError, match=f": no whole answer within {seconds} seconds. "):
        web_to(Played(b"")).post("/x", {}, **body)
    assert asked == [seconds]


def test_an_answer_as_large_as_the_bound_is_read() -> None:
    assert web_to(Played(FULL)).get("/x", {}) == []
    with pytest.raises(AttachError, match="is larger than 1048576 bytes"):
        web_to(Played(FULL + b" ")).get("/x", {})


@pytest.mark.parametrize("encoding", ["identity", " Identity "])
def test_an_answer_may_say_that_it_is_as_it_is(encoding: str) -> None:
    assert web_to(Played(b"[1]", **{"Content-Encoding": encoding})).get("/x", {}) == [1]


@in_turn(
    "error, said",
    [
        (requests.exceptions.SSLError("x"), "its TLS certificate was not accepted"),
        (requests.exceptions.ReadTimeout("x"), "no answer in time"),
        (requests.exceptions.ConnectTimeout("x"), "no answer in time"),
        (requests.exceptions.ConnectionError("x"), "no connection"),
        (requests.exceptions.InvalidHeader("x"), "the request failed (InvalidHeader)"),
    ],
)
@in_turn("method, next_step", [("GET", "then attach again"), ("POST", "Then")])
def test_why_a_request_failed_is_told_without_what_was_in_it(
    error: Exception, said: str, method: str, next_step: str
) -> None:
    to = web_to(Played(error))
    with pytest.raises(AttachError) as refused:
        to.get("/x", {}) if method == "GET" else to.post("/x", {})
    assert str(refused.value).startswith(f"{method} {BASE}/x: {said}. Check the URL")
    assert next_step in str(refused.value)


def test_what_breaks_in_a_request_is_raised_where_it_was_asked_for() -> None:
    with pytest.raises(ZeroDivisionError):
        web_to(Played(ZeroDivisionError())).get("/x", {})


def test_a_request_that_is_left_behind_keeps_no_process_from_ending() -> None:
    go_on = threading.Event()
    before = set(threading.enumerate())
    try:
        with pytest.raises(TimeoutError):
            web._within(0.0, go_on.wait)
        left = set(threading.enumerate()) - before
        assert [each.daemon for each in left] == [True]
    finally:
        go_on.set()


@in_turn(
    "text, base",
    [
        ("https://jira.contoso.com/", "https://jira.contoso.com"),
        ("https://jira.contoso.com/jira//", "https://jira.contoso.com/jira"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_base_url_has_no_slash_at_its_end(text: str, base: str) -> None:
    assert base_url(text) == base


@in_turn(
    "text", ["http://10.0.0.1", "http://local", "ftp://localhost", "https://", "https://[x", ""]
)
def test_what_would_send_a_password_in_the_clear_is_no_base_url(text: str) -> None:
    with pytest.raises(UsageError, match="in the clear"):
        base_url(text)
