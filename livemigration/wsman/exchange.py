"""What the parts of the client need of a session: one message, one reply."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from xml.etree.ElementTree import Element

from livemigration.base.deadline import Deadline
from livemigration.wsman.envelope import Message
from livemigration.wsman.errors import WsmanError


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


class PatientExchange(Exchange, Protocol):
    """One that can say whether a busy machine is to be asked again, and what is open on it."""

    def keeping(self) -> AbstractContextManager[Callable[[Message], None]]:
        """Say that something is open on the host meanwhile; call with the message that ends it."""
        ...

    def pause(self, error: WsmanError, attempt: int, until: Deadline) -> float:
        """Wait where a machine was busy, before something is asked again.

        Args:
            error: how the machine refused.
            attempt: how often it was asked, from 1.
            until: when everything must be done.

        Returns: for how many seconds; 0: it is not to be asked again.

        Raises:
            WsmanError: the run was given up.
        """
        ...

    def was_worth(self, seconds: float) -> None:
        """Say that a machine answered after it was waited for so long."""
        ...
