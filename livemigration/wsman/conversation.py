"""Messages and replies over one channel, and what becomes of the session when one fails."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.busy import gave_up, is_busy, is_unavailable
from livemigration.wsman.envelope import IDENTIFY, Message, new_id, read_reply
from livemigration.wsman.errors import WsmanError, WsmanFault, deadline_passed
from livemigration.wsman.exchange import Reply
from livemigration.wsman.manners import Manners

if TYPE_CHECKING:
    from livemigration.wsman.transport import Channel

# The host should give up, and say so, before the client does: a client that gives up first loses
# the session.
_HOST_SHARE = 2 / 3
_LONGEST_OPERATION = 60
# For a message that cleans up where another one got no answer.
_SECONDS_IN_DOUBT = 1.0


def operation_seconds(message_seconds: float) -> int:
    """Return after how many seconds the host is asked to give up one operation."""
    return max(1, min(_LONGEST_OPERATION, int(message_seconds * _HOST_SHARE)))


class Conversation:
    """Sends messages one after another; the first error that is not a fault ends it for good.

    A safe message that a busy host refuses is sent again, over a fresh channel where HTTP said so.

    Args:
        url: the endpoint's URL.
        open_channel: makes a channel; called at the first message.
        message_seconds: how long one exchange may take.
        deadline: when everything must be done.
        manners: what the sessions of a run share; None: this one is alone.
        machine: the name under which they share it.
    """

    def __init__(
        self,
        url: str,
        open_channel: Callable[[], Channel],
        message_seconds: float,
        deadline: Deadline,
        manners: Manners | None = None,
        machine: str = "",
    ) -> None:
        self._url = url
        self._open_channel = open_channel
        self._message_seconds = message_seconds
        self._deadline = deadline
        self._session_id = new_id()
        self._channel: Channel | None = None
        self._ended: WsmanError | None = None
        self._cleaning_failed = False
        self._manners = manners or Manners()
        self._machine = machine
        self._patience = self._manners.patience(machine)

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

        def ask() -> Reply:
            return self._exchange(IDENTIFY, None, self._message_seconds, self._deadline, reads=True)

        return self._answer(ask, self._deadline, safe=True).body

    def send(self, message: Message, until: Deadline | None = None) -> Reply:
        """Send a message and return its reply, by `until` where that is before the deadline.

        Raises:
            WsmanError: whatever came instead; the session has ended unless it is a fault.
        """
        end = self._deadline if until is None or until.at > self._deadline.at else until
        asked = chain((message,), iter(message.again, None))

        def ask() -> Reply:
            return self._send(next(asked), self._message_seconds, end)

        return self._answer(ask, end, safe=message.safe)

    def pause(self, error: WsmanError, attempt: int, until: Deadline) -> float:
        """Wait where a machine was busy; return for how long, 0: it is not to be asked again.

        Raises:
            WsmanError: the run was given up.
        """
        if not is_busy(error):
            return 0.0
        if not gave_up(error):
            self._patience.was_refused()
        return self._patience.pause(attempt, error.retry_after, self._message_seconds, until)

    def was_worth(self, seconds: float) -> None:
        """Say that a machine answered after it was waited for so long."""
        self._patience.was_worth(seconds)

    @contextlib.contextmanager
    def keeping(self) -> Iterator[Callable[[Message], None]]:
        """Say that something is open on the host meanwhile; call with the message that ends it.

        Where the run is given up, that message goes over a connection of its own.
        """
        with self._manners.opening(self._machine) as opened:

            def ends_with(message: Message) -> None:
                opened.release = lambda seconds: self._release_apart(message, seconds)

            yield ends_with

    def clean_up(self, message: Message, seconds: float) -> None:
        """Send a message that releases something on the host, and ignore what becomes of it.

        It takes at most `seconds`, and ends with the deadline. Where the session has ended, a fresh
        connection carries the message. After one that failed, the next has little time.
        """
        if self._deadline.passed:
            return
        if self._cleaning_failed:
            seconds = min(seconds, _SECONDS_IN_DOUBT)
        try:
            if self._ended is None:
                self._send(message, seconds, self._deadline)
            else:
                self._send_apart(message, self._deadline.earlier_of(seconds))
        except WsmanFault:
            # The host has nothing left to release, or keeps it until its own time-out.
            return
        except WsmanError:
            # What follows goes over a fresh channel: this says nothing of the host's other answers.
            self._cleaning_failed = True

    def close(self) -> None:
        """End the session."""
        self._end(WsmanError(FailureKind.PROTOCOL, "the session is closed"))

    def _answer(self, ask: Callable[[], Reply], until: Deadline, *, safe: bool) -> Reply:
        """Return the reply to a request; a safe one is made again while the host is busy."""
        attempt, slow, waited = 1, 0, 0.0
        while True:
            self._manners.check()
            try:
                reply = ask()
            except WsmanError as error:
                failed = error
            else:
                self.was_worth(waited)
                return reply
            slow += gave_up(failed)
            # What took too long twice is slow, and would only be slow again.
            if not safe or slow > 1 or not (pause := self.pause(failed, attempt, until)):
                break
            attempt, waited = attempt + 1, waited + pause
        told = failed.with_remark(f"asked {attempt} times") if attempt > 1 else failed
        # What HTTP refused for now was not taken: the session goes on over a fresh channel.
        if not isinstance(told, WsmanFault) and (safe or not is_unavailable(told)):
            self._end(told)
        raise told

    def _send(self, message: Message, seconds: float, deadline: Deadline) -> Reply:
        plain = self._render(message, deadline.earlier_of(seconds).remaining)
        return self._exchange(plain, message.message_id, seconds, deadline, reads=message.reads)

    def _send_apart(self, message: Message, deadline: Deadline) -> None:
        plain = self._render(message, deadline.remaining)
        with contextlib.closing(self._open_channel()) as channel:
            data = channel.exchange(plain, deadline.remaining, deadline)
            read_reply(data, message.message_id)

    def _release_apart(self, message: Message, seconds: float) -> bool:
        """Send a message over a connection of its own; return whether the host took it."""
        try:
            self._send_apart(message, Deadline.after(seconds))
        except WsmanFault:
            # What it should end is not there any more.
            return True
        except WsmanError:
            return False
        return True

    def _render(self, message: Message, seconds: float) -> bytes:
        timeout = operation_seconds(seconds)
        return message.render(to=self._url, session_id=self._session_id, operation_timeout=timeout)

    def _exchange(
        self,
        plain: bytes,
        message_id: str | None,
        seconds: float,
        deadline: Deadline,
        *,
        reads: bool,
    ) -> Reply:
        """Return the reply to one message; an error that is not a fault closes the channel."""
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
            data = self._channel.exchange(plain, seconds, deadline, reads=reads)
            return Reply(read_reply(data, message_id), len(data))
        except WsmanError as error:
            error.hide(self._channel.told())
            if not isinstance(error, WsmanFault):
                self._drop()
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
        self._drop()

    def _drop(self) -> None:
        """Close the channel; the next message opens another one."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()
