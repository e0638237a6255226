"""What the sign-ins and the messages need of HTTP: one POST after the other on one connection.

There are two that do it, and both refuse the same replies (`guard.refuse_unusable`): one over
requests, which pywinrm needs (`requests_poster.py`), and one over a socket and h11 (`streams.py`).
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any, Protocol

USER_AGENT = "Python WinRM client"


class Headers(Mapping[str, str]):
    """The headers of a reply, whatever the case of their names.

    Args:
        fields: names in lower case, and values; of several with one name, all, with commas.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields: dict[str, str] = {}
        for name, value in fields:
            before = self._fields.get(name)
            self._fields[name] = value if before is None else f"{before}, {value}"

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a header's value; Mapping's own raises and catches for each that is not there."""
        return self._fields.get(name.lower(), default)

    def items(self) -> ItemsView[str, str]:
        """Return names in lower case, and values; Mapping's own looks each of them up."""
        return self._fields.items()

    def values(self) -> ValuesView[str]:
        """Return the values; Mapping's own looks each of them up."""
        return self._fields.values()

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Head:
    """How a reply of HTTP begins.

    Args:
        status: of HTTP.
        headers: whatever the case of their names; of several with one name, all, with commas.
        old: whether it came with HTTP/1.0.
    """

    status: int
    headers: Mapping[str, str]
    old: bool = False

    @property
    def ok(self) -> bool:
        """Whether the status is no error."""
        return self.status < 400


@dataclass(frozen=True)
class HttpReply(Head):
    """A whole reply: `content` is its body."""

    content: bytes = b""


class Poster(Protocol):
    """Sends requests to one URL, one after the other, over one guarded connection."""

    def post(self, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """Send a request, and return the reply with its whole body.

        Raises:
            WsmanError: the reply must not be used, or there is no connection that may be.
            Exception: whatever the libraries say of a connection; `causes.failure_of` reads it.
        """

    def close(self) -> None:
        """Close the connection, also where a reply that was given up still holds it."""
