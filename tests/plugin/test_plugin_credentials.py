"""Where user name and password come from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_runs import (
    CREDENTIALS,
    PASSWORD,
    ROOT,
    Ended,
    command,
    real_inventory,
    run_forked,
    run_here,
)
from sampling import sampled

PROMPT = "credentials: {from: prompt}\n"


def prompting(path: Path) -> Path:
    real_inventory(path, 1)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(PROMPT)
    return path


@pytest.mark.parametrize("missing", sampled(sorted(CREDENTIALS), every=2))
def test_a_variable_that_is_not_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(missing, "")
    inventory = real_inventory(tmp_path / "real.yaml", 1)
    ended = run_here(tmp_path / "reports", f"--inventory={inventory}")
    assert ended.code == 4
    assert f"the environment variable {missing} is not set" in ended.output
    assert PASSWORD not in ended.output
    assert not ended.reports.exists()


def test_a_prompt_without_a_terminal_says_what_to_do(tmp_path: Path) -> None:
    inventory = prompting(tmp_path / "prompt.yaml")
    ended = run_forked(tmp_path / "reports", f"--inventory={inventory}")
    assert ended.code == 4, ended.output
    assert "there is no terminal to ask on. Use from: environment in a pipeline." in ended.output


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_a_prompt_on_a_terminal_asks_for_both_and_shows_no_password(tmp_path: Path) -> None:
    import pty

    inventory = prompting(tmp_path / "prompt.yaml")
    reports = tmp_path / "reports"
    ours, theirs = pty.openpty()
    environment = {name: each for name, each in os.environ.items() if name not in CREDENTIALS}
    process = subprocess.Popen(
        command(reports, f"--inventory={inventory}", "-k", "enabled"),
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=None,
    )
    os.close(theirs)
    seen = b""
    answers = [(b"User name: ", b"user\n"), (b"Password of user: ", f"{PASSWORD}\n".encode())]
    with process:
        while chunk := read(ours):
            seen += chunk
            if answers and answers[0][0] in seen:
                os.write(ours, answers.pop(0)[1])
    os.close(ours)
    output = seen.decode()
    ended = Ended(process.returncode, output, reports)
    assert not answers
    assert ended.code == 10, output
    assert PASSWORD not in output
    assert ended.states() == {("LM101", "hv01"): "blocked"}
    assert "NO VERDICT" in output


def read(terminal: int) -> bytes:
    """Return what the terminal shows next; nothing once the other side has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
