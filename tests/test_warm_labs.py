"""Labs that are forks behave as the processes whose place they take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

import pytest
import warm_labs

from livemigration.lab import launch
from livemigration.lab.errors import LabError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="labs start as they do for users")


@pytest.mark.parametrize("killed", [False, True])
def test_a_forked_lab_ends_with_its_input_or_when_it_is_killed(killed: bool) -> None:
    with tempfile.TemporaryFile() as errors:
        lab: Any = launch._process(["--fleet", "healthy"], errors, os.environ)
        assert isinstance(lab, warm_labs.WarmProcess)
        with lab.stdin, lab.stdout:
            assert "vmms" in json.loads(lab.stdout.readline())
            with pytest.raises(subprocess.TimeoutExpired):
                lab.wait(0)
            if killed:
                lab.kill()
            else:
                lab.stdin.close()
            lab.wait(60)


def test_a_forked_lab_that_cannot_start_says_why() -> None:
    with pytest.raises(LabError, match="no such fleet"), launch.start("nowhere"):
        pass


def test_a_forked_lab_that_breaks_leaves_its_last_words() -> None:
    said = r"its process ended: .*, 248, 249\)$"
    with pytest.raises(LabError, match=said), launch.start("healthy", network=3):
        pass
