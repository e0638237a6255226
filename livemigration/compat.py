"""Everything private that the suite uses of its libraries, behind functions of its own."""

from __future__ import annotations

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
