"""An interrupted benchmark leaves no file and no process of its labs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]
pytest.importorskip("pypsrp")
WHOLE = Path(__file__).parents[2] / "bench" / "whole.py"


def processes_with(mark: str) -> list[int]:
    """Return the processes that inherited a variable with this value."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (each / "environ").read_bytes():
                found.append(int(each.name))
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_of_an_interrupted_run(how: signal.Signals, tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    path = tmp_path / "figures.json"
    with subprocess.Popen(
        [sys.executable, str(WHOLE), "--trial", "--json", str(path)],
        env={**os.environ, "WHOSE": mark},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stderr is not None
        said = b""
        while not said.endswith(b"asking one host ..."):
            letter = process.stderr.read(1)
            assert letter, said
            said += letter
        while len(processes_with(mark)) < 2:
            time.sleep(0.01)
        process.send_signal(how)
        assert b"Interrupted: nothing was written." in process.stderr.read()
        assert process.wait() == 130
    while processes_with(mark):
        time.sleep(0.01)
    assert not list(tmp_path.iterdir())
