"""Whether the machines of a run take their first message along with the sign-in."""

from __future__ import annotations

import threading

# Machines that were asked anew in vain before no more are: each costs it one more sign-in.
_IN_VAIN_AT_MOST = 2


class Together:
    """What a run has learned of it, for all its threads.

    Windows' own client sends the last message of NTLM and its first question in one request;
    whether every release takes that of another client was not seen (scale-wire.md 1). A machine
    that did not is asked anew, the sign-in alone. If that is answered, all machines are asked so
    from then on. If not, the form was not the cause: after two such machines no more are asked
    anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_vain = 0
        self.apart = False

    @property
    def may_ask_anew(self) -> bool:
        """Whether a machine that did not take both together is asked once more."""
        with self._lock:
            return self._in_vain < _IN_VAIN_AT_MOST

    def asked_anew(self, *, answered: bool) -> None:
        """Say what became of a machine that was asked anew."""
        with self._lock:
            if answered:
                self.apart = True
            else:
                self._in_vain += 1
