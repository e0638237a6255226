"""Requests of HTTP over requests and urllib3, behind the guard: what pywinrm's transport needs."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping

import requests

from livemigration.wsman.compat import speaks_http_1_0
from livemigration.wsman.guard import GuardAdapter, GuardedConnection
from livemigration.wsman.post import HttpReply

# Of such a URL requests would change nothing. Above 9999, its port might be none.
_SPELT = re.compile(r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*:[1-9][0-9]{0,3}/wsman")


class RequestsPoster:
    """Posts over a session of requests that reads no environment; `session` is that.

    Args:
        line: the connection and its time.
        url: the endpoint's URL.
        tls: what https is spoken with.
        name: whom the certificate must be for.
    """

    def __init__(
        self, line: GuardedConnection, url: str, tls: ssl.SSLContext | None, name: str
    ) -> None:
        session = self.session = requests.Session()
        session.trust_env = False
        session.proxies.clear()
        session.max_redirects = 0
        self._url = url
        adapter = GuardAdapter(line, spelt(url), tls, name)
        session.mount("http://", adapter)
        session.mount("https://", adapter)

    def post(self, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """Send a request, and return the reply with its whole body: `post.Poster`."""
        return reply_of(self.session.post(self._url, data=body, headers=headers))

    def close(self) -> None:
        """Close the connection."""
        self.session.close()


def spelt(url: str) -> str:
    """Return a URL as requests spells it: lower case, international names encoded.

    Raises:
        requests.exceptions.InvalidURL: it is none.
    """
    if _SPELT.fullmatch(url):
        return url
    return requests.Request("POST", url).prepare().url or ""


def reply_of(response: requests.Response) -> HttpReply:
    """Return a reply of requests, its body read."""
    return HttpReply(
        response.status_code, response.headers, speaks_http_1_0(response), response.content
    )
