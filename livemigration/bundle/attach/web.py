"""Requests to a change system: over TLS, with credentials for it only, and with errors told."""

from __future__ import annotations

import ipaddress
import json
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret

if TYPE_CHECKING:
    import requests

# For the connection, and between one byte and the next.
_SECONDS = (10, 120)
# For a whole request; a file gets more, by its size, over a line of 64 KB a second.
_WHOLE_SECONDS = 180.0
_BYTES_A_SECOND = 64 << 10
# The answers are records of a few hundred bytes.
MAXIMUM_ANSWER = 1 << 20
_PART = 1 << 16
_NEXT = {
    401: "Check the user name and the password or token.",
    403: "Let this account read the record and attach files to it.",
    404: "Check the number of the record and the URL.",
    413: "It is too large there: let its administrator raise the limit, or attach it by hand.",
    429: "Too many requests: try again later.",
}


def _new_session() -> requests.Session:
    import requests  # noqa: PLC0415 - takes long to load, and most commands send nothing

    return requests.Session()


class AttachError(Exception):
    """A bundle that was not attached; the text says why and what to do."""


@dataclass(frozen=True)
class Web:
    """A change system at its base URL. `account` is a user's credentials, or a bearer token."""

    base: str
    account: Credentials | Secret
    session: requests.Session = field(default_factory=_new_session)

    def get(self, path: str, query: Mapping[str, str]) -> Any:
        """Return the JSON document of a path."""
        return self._send("GET", path, query)

    def post(self, path: str, query: Mapping[str, str], **body: Any) -> Any:
        """Send a file; return the JSON document of the answer."""
        return self._send("POST", path, query, **body)

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Any:
        where = f"{method} {self.base}{path}"

        def send() -> Any:
            return self._exchanged(where, method, path, query, headers or {}, **body)

        size = sum(len(each) for each in body.values() if isinstance(each, bytes))
        size += sum(len(each[1]) for each in body.get("files", {}).values())
        seconds = _WHOLE_SECONDS + size / _BYTES_A_SECOND
        try:
            return _within(seconds, send)
        except TimeoutError:
            raise AttachError(
                f"{where}: no whole answer within {seconds:.0f} seconds. {_maybe(method)}"
            ) from None

    def _exchanged(
        self,
        where: str,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        **body: Any,
    ) -> Any:
        from requests import RequestException  # noqa: PLC0415 - as above

        try:
            # A redirect would take the credentials elsewhere. Proxies are the machine's own; its
            # .netrc is not read where a request signs itself.
            answer = self.session.request(
                method,
                f"{self.base}{path}",
                params=dict(query),
                headers={"Accept": "application/json", "Accept-Encoding": "identity", **headers},
                auth=self._sign,
                timeout=_SECONDS,
                allow_redirects=False,
                stream=True,
                **body,
            )
            with closing(answer):
                if not answer.ok or answer.is_redirect:
                    raise AttachError(f"{where}: HTTP {answer.status_code}. {_told(answer)}")
                return _document(answer, where, method)
        except RequestException as error:
            raise AttachError(f"{where}: {_reason(error)}. {_maybe(method)}") from None

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if isinstance(self.account, Secret):
            request.headers["Authorization"] = f"Bearer {self.account.reveal()}"
            return request
        from requests.auth import HTTPBasicAuth  # noqa: PLC0415 - as above

        user, password = self.account.username, self.account.password.reveal()
        HTTPBasicAuth(user.encode(), password.encode())(request)
        return request


def _told(answer: requests.Response) -> str:
    if answer.is_redirect:
        return "Name the URL that it redirects to with --url."
    return _NEXT.get(answer.status_code, "Try again later, or attach it by hand.")


def _maybe(method: str) -> str:
    """Return what to do where a request may have been carried out."""
    if method == "GET":
        return "Check the URL and the network, then attach again."
    return (
        "Check the URL and the network. Then look at the record: what was sent may be there "
        "already; attach again only where it is not."
    )


def _document(answer: requests.Response, where: str, method: str) -> Any:
    """Return the JSON document of an answer, read to its end or to the bound."""
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise AttachError(
            f"{where}: the answer is compressed, which was not asked for. {_maybe(method)}"
        )
    parts, size = [], 0
    for part in answer.iter_content(_PART):
        parts.append(part)
        size += len(part)
        if size > MAXIMUM_ANSWER:
            raise AttachError(
                f"{where}: the answer is larger than {MAXIMUM_ANSWER} bytes, so it is not that of "
                f"a change system. {_maybe(method)}"
            )
    try:
        return json.loads(b"".join(parts))
    except (ValueError, RecursionError):
        raise AttachError(
            f"{where}: the answer is not JSON. Check that the URL is that of the change system."
        ) from None


def _within(seconds: float, act: Callable[[], Any]) -> Any:
    """Return what an act returns, or raise what it raises.

    Time-outs of a connection count from one byte to the next, so that they bound nothing as a
    whole. An act that takes longer is left behind; its thread keeps no process from ending.

    Raises:
        TimeoutError: it takes longer than that.
    """
    ended: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            ended.put((act(), None))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            ended.put((None, error))

    threading.Thread(target=work, name="attach", daemon=True).start()
    try:
        found, error = ended.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return found


def base_url(text: str) -> str:
    """Return the base URL of a change system, without a slash at its end.

    Raises:
        UsageError: it is no URL, or would send the credentials in the clear.
    """
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    if not host or not secure or parts.username or parts.query or parts.fragment:
        raise UsageError(
            "--url is no base URL of a change system. Write it without user, query or fragment, "
            "such as https://example.service-now.com; http would send the password in the clear."
        )
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: requests.RequestException) -> str:
    from requests import exceptions  # noqa: PLC0415 - as above

    if isinstance(error, exceptions.SSLError):
        return "its TLS certificate was not accepted"
    if isinstance(error, exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, exceptions.ConnectionError):
        return "no connection"
    return f"the request failed ({type(error).__name__})"
