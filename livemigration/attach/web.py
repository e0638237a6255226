"""Requests to a change system: over TLS, with credentials for it only, and with errors told."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from livemigration.errors import UsageError
from livemigration.secret import Credentials, Secret

_SECONDS = (10, 120)
_NEXT = {
    401: "Check the user name and the password or token.",
    403: "Let this account read the record and attach files to it.",
    404: "Check the number of the record and the URL.",
    413: "It is too large there: let its administrator raise the limit, or attach it by hand.",
    429: "Too many requests: try again later.",
}


class AttachError(Exception):
    """A bundle that was not attached; the text says why and what to do."""


@dataclass(frozen=True)
class Web:
    """A change system at its base URL. `account` is a user's credentials, or a bearer token."""

    base: str
    account: Credentials | Secret
    session: requests.Session = field(default_factory=requests.Session)

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
        try:
            # A redirect would take the credentials elsewhere. Proxies are the machine's own; its
            # .netrc is not read where a request signs itself.
            answer = self.session.request(
                method,
                f"{self.base}{path}",
                params=dict(query),
                headers={"Accept": "application/json", **(headers or {})},
                auth=self._sign,
                timeout=_SECONDS,
                allow_redirects=False,
                **body,
            )
        except requests.RequestException as error:
            raise AttachError(
                f"{where}: {_reason(error)}. Check the URL and the network, then attach again."
            ) from None
        if not answer.ok or answer.is_redirect:
            told = _NEXT.get(answer.status_code, "Try again later, or attach it by hand.")
            if answer.is_redirect:
                told = "Name the URL that it redirects to with --url."
            raise AttachError(f"{where}: HTTP {answer.status_code}. {told}")
        try:
            return answer.json()
        except ValueError:
            raise AttachError(
                f"{where}: the answer is not JSON. Check that the URL is that of the change system."
            ) from None

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if isinstance(self.account, Secret):
            request.headers["Authorization"] = f"Bearer {self.account.reveal()}"
            return request
        user, password = self.account.username, self.account.password.reveal()
        requests.auth.HTTPBasicAuth(user.encode(), password.encode())(request)
        return request


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
    if isinstance(error, requests.exceptions.SSLError):
        return "its TLS certificate was not accepted"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return f"the request failed ({type(error).__name__})"
