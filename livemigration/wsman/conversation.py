"""Messages and replies over one channel, and what becomes of the session when one fails."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from xml.etree.ElementTree import Element

from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.envelope import IDENTIFY, Message, new_id, read_reply
from livemigration.wsman.errors import WsmanError, WsmanFault, deadline_passed
from livemigration.wsman.exchange import Reply
from livemigration.wsman.transport import Channel

# The host should give up, and say so, before the client does: a client that gives up first loses
# the session.
_HOST_SHARE = 2 / 3
_LONGEST_OPERATION = 60


class Conversation:
    """Sends messages one after another; the first error that is not a fault ends it for good.

    Args:
        url: the endpoint's URL.
        open_channel: makes a channel; called at the first message.
        message_seconds: how long one exchange may take.
        deadline: when everything must be done.
    """

    def __init__(
        self,
        url: str,
        open_channel: Callable[[], Channel],
        message_seconds: float,
        deadline: Deadline,
    ) -> None:
        self._url = url
        self._open_channel = open_channel
        self._message_seconds = message_seconds
        self._deadline = deadline
        self._session_id = new_id()
        self._channel: Channel | None = None
        self._ended: WsmanError | None = None
        self._cleaning_failed = False

    @property
    def deadline(self) -> Deadline:
        """When everything must be done."""
        return self._deadline

    @property
    def ended(self) -> bool:
        """Whether an error has ended the session."""
        return self._ended is not None

    def identify(self) -> Element:
        """Return the body of the reply to Identify."""
        return self._exchange(IDENTIFY, None, self._message_seconds, self._deadline).body

    def send(self, message: Message, until: Deadline | None = None) -> Reply:
        """Send a message and return its reply, by `until` where that is before the deadline.

        Raises:
            WsmanError: whatever came instead; the session has ended unless it is a fault.
        """
        at = self._deadline.at if until is None else min(until.at, self._deadline.at)
        return self._send(message, self._message_seconds, Deadline(at))

    def clean_up(self, message: Message, seconds: float) -> None:
        """Send a message that releases something on the host, and ignore what becomes of it.

        It takes at most `seconds`, and ends with the deadline. Where the session has ended, a fresh
        connection carries the message; after one failure no more is tried.
        """
        if self._cleaning_failed or self._deadline.passed:
            return
        try:
            if self._ended is None:
                self._send(message, seconds, self._deadline)
            else:
                self._send_apart(message, seconds)
        except WsmanFault:
            # The host has nothing left to release, or keeps it until its own time-out.
            return
        except WsmanError:
            self._cleaning_failed = True

    def close(self) -> None:
        """End the session."""
        self._end(WsmanError(FailureKind.PROTOCOL, "the session is closed"))

    def _send(self, message: Message, seconds: float, deadline: Deadline) -> Reply:
        plain = self._render(message, deadline.earlier_of(seconds).remaining)
        return self._exchange(plain, message.message_id, seconds, deadline)

    def _send_apart(self, message: Message, seconds: float) -> None:
        plain = self._render(message, self._deadline.earlier_of(seconds).remaining)
        with contextlib.closing(self._open_channel()) as channel:
            read_reply(channel.exchange(plain, seconds, self._deadline), message.message_id)

    def _render(self, message: Message, seconds: float) -> bytes:
        timeout = max(1, min(_LONGEST_OPERATION, int(seconds * _HOST_SHARE)))
        return message.render(to=self._url, session_id=self._session_id, operation_timeout=timeout)

    def _exchange(
        self, plain: bytes, message_id: str | None, seconds: float, deadline: Deadline
    ) -> Reply:
        if self._ended is not None:
            raise WsmanError(
                self._ended.kind,
                f"the session had already ended: {self._ended.came_back}",
                code=self._ended.code,
                next_step=self._ended.next_step,
            )
        if deadline.passed:
            raise deadline_passed()
        if self._channel is None:
            self._channel = self._open_channel()
        try:
            data = self._channel.exchange(plain, seconds, deadline)
            return Reply(read_reply(data, message_id), len(data))
        except WsmanFault:
            raise
        except WsmanError as error:
            self._end(error)
            raise
        except BaseException:
            # An interrupted exchange leaves half a reply behind.
            self._end(WsmanError(FailureKind.PROTOCOL, "an exchange was interrupted"))
            raise

    def _end(self, reason: WsmanError) -> None:
        if self._ended is None:
            self._ended = WsmanError(
                reason.kind, reason.came_back, code=reason.code, next_step=reason.next_step
            )
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
