"""Everything private that the suite uses of pytest, behind functions of its own."""

from __future__ import annotations

from typing import TextIO, cast

import pytest


def terminal_stream(config: pytest.Config) -> TextIO:
    """Return the stream that pytest's terminal reporter writes to; it offers no public way."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    return cast("TextIO", reporter._tw._file)
