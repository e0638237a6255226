"""Everything private that the suite uses of its libraries, behind functions of its own."""

from __future__ import annotations

import socket
import sys
from typing import TextIO, cast

import pytest
from spnego._ntlm_raw.crypto import ntowfv1


def terminal_stream(config: pytest.Config) -> TextIO:
    """Return the stream that pytest's terminal reporter writes to; it offers no public way.

    Standard error where pytest runs without a terminal reporter.
    """
    reporter = config.pluginmanager.getplugin("terminalreporter")
    return cast("TextIO", reporter._tw._file) if reporter is not None else sys.stderr


def nt_hash(password: str) -> str:
    """Return the NT hash of a password in hexadecimal; pyspnego computes it in private only."""
    return ntowfv1(password).hex()


class OwnSocket:
    """Makes the socket of a urllib3 connection; urllib3 asks for it in private only.

    To be inherited before `HTTPConnection` or `HTTPSConnection`, whose `connect` then uses it,
    before TLS where there is any.
    """

    def make_socket(self) -> socket.socket:
        """Return a connected socket."""
        raise NotImplementedError

    def _new_conn(self) -> socket.socket:
        return self.make_socket()
