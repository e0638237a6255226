"""What the parts of the client need of a session: one message, one reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from xml.etree.ElementTree import Element

from livemigration.deadline import Deadline
from livemigration.wsman.envelope import Message


@dataclass(frozen=True)
class Reply:
    """The body of a reply, and the size of the whole in bytes."""

    body: Element
    size: int


class Exchange(Protocol):
    """Sends messages over one session."""

    @property
    def deadline(self) -> Deadline:
        """When everything must be done."""
        ...

    def send(self, message: Message, until: Deadline | None = None) -> Reply:
        """Send a message and return its reply, by `until` where that is before the deadline.

        Raises:
            WsmanError: whatever came instead; the session has ended unless it is a fault.
        """
        ...

    def clean_up(self, message: Message, seconds: float) -> None:
        """Send a message that releases something on the host, and ignore what becomes of it.

        It takes at most `seconds`, and ends with the deadline. Where the session has ended, a fresh
        connection carries the message.
        """
        ...
