"""A value that must never be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn


class Secret:
    """A password. Its text is reachable only through `reveal`, at the edge that needs it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text; call it only where the text goes onto the wire."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never serialised")


@dataclass(frozen=True)
class Credentials:
    r"""A user name, as `DOMAIN\user` or `user@domain`, and its password."""

    username: str
    password: Secret
