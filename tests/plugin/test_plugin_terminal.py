"""What a whole run prints: in a log, and on a terminal of the usual size."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_runs import ROOT, Ended, command, run_here, site

from livemigration.lab import fleet

WIDTH, HEIGHT = 80, 24
OWN_TESTS = """
import warnings


def test_own():
    warnings.warn("a warning of the site")


def test_own_that_fails():
    assert False, "of the site"
"""
OnTerminal = Callable[..., list[str]]


@pytest.fixture
def on_terminal(tmp_path: Path, demo_facts: str) -> OnTerminal:
    """Return a function that replays the demo on a terminal; it returns what was written."""
    pty = pytest.importorskip("pty", reason="Windows has no terminals of this kind")
    import fcntl
    import struct
    import termios

    def replay(*arguments: str, **variables: str) -> list[str]:
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        own = ("NO_COLOR", "FORCE_COLOR", "PY_COLORS", "COLUMNS", "LINES", "CI")
        kept = {name: value for name, value in os.environ.items() if name not in own}
        process = subprocess.Popen(
            command(tmp_path / "reports", demo_facts, *arguments),
            cwd=ROOT,
            env={**kept, "TERM": "xterm", **variables},
            stdin=child,
            stdout=child,
            stderr=subprocess.DEVNULL,
        )
        os.close(child)
        said = b""
        try:
            while read := os.read(parent, 1 << 16):
                said += read
        except OSError:
            # Linux says so where the last process has left the terminal.
            pass
        finally:
            os.close(parent)
        assert process.wait(120) == 1, said
        return said.decode().replace("\r\n", "\n").splitlines(keepends=True)

    return replay


def shown(lines: list[str]) -> list[str]:
    """Return what a terminal shows of lines: without colour, and what was written over."""
    text = re.sub(r"\x1b\[[0-9;]*[mK]", "", "".join(lines))
    return [line.rpartition("\r")[2].rstrip() for line in text.split("\n")[:-1]]


def test_the_demo_fits_a_page_in_a_log(demo: tuple[Ended, Path]) -> None:
    lines = demo[0].output.splitlines()
    assert len(lines) <= 60
    assert "[100%]" not in demo[0].output
    assert "short test summary" not in demo[0].output
    # Nothing wraps: a log is searched.
    assert max(map(len, lines)) > 120


def test_a_terminal_has_colour_and_lines_of_its_width(on_terminal: OnTerminal) -> None:
    written = on_terminal()
    lines = shown(written)
    assert "\x1b[31m" in "".join(written)
    assert len(lines) <= 60
    too_wide = [line for line in lines if len(line) > WIDTH]
    assert all(line.startswith(("inventory: ", "Report: ", "Fix script: ")) for line in too_wide)
    last = "\n".join(lines[-HEIGHT:])
    assert "\nNOT READY. 7 of 10 hosts are not ready.\n" in last
    assert "\nReport: " in last
    assert "\nFix script: " in last
    assert re.search(r"^hv05  1\. ", last, re.MULTILINE)


@pytest.mark.parametrize(
    ("option", "variables"),
    [(("--color=no",), {}), ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"})],
    ids=["--color=no", "NO_COLOR", "TERM=dumb"],
)
def test_a_plain_terminal_gets_no_escape_and_nothing_is_written_over(
    option: tuple[str, ...], variables: dict[str, str], on_terminal: OnTerminal
) -> None:
    written = "".join(on_terminal(*option, **variables))
    assert "\x1b" not in written
    assert "\r" not in written
    assert "\nNOT READY. 7 of 10 hosts are not ready.\n" in written


def test_quiet_says_the_recap_and_the_verdict_alone(tmp_path: Path, demo_facts: str) -> None:
    ended = run_here(tmp_path / "reports", demo_facts, "-q")
    lines = ended.output.strip().splitlines()
    assert lines[0] == "Not ready, and why:"
    assert len(lines) <= 17
    assert "   mend" not in ended.output


def test_verbose_says_each_check_and_each_repair_in_full(tmp_path: Path, demo_facts: str) -> None:
    ended = run_here(tmp_path / "reports", demo_facts, "-v")
    for said in (
        "rootdir: ",
        "inventory: inventories/lab.yaml (10 of 10 hosts, facts of ",
        "test_live_migration_is_enabled[hv04.contoso.com] FAIL",
        "        Set-SCVMHost -VMHost $vmHost -UseAnyMigrationSubnet $true | Out-Null",
        "        Set-SCVMHost -VMHost $vmHost -EnableLiveMigration $false | Out-Null",
        "2. Under Incoming live migration settings, select Use any available network.",
        "<https://learn.microsoft.com/troubleshoot/system-center/vmm/",
        "All 10 hosts of the inventory were selected; no host was deselected.",
    ):
        assert said in ended.output
    assert ended.last_lines[-1].startswith("Exit code 1: ")


def test_nothing_of_pytest_comes_after_the_verdict_or_says_it_again(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(tmp_path / "site", test_own=OWN_TESTS)
    checks = str(ROOT / "checks" / "test_migration_settings.py")
    options = (*healthy_replay, "-Wdefault", checks, str(folder))
    ended = run_here(tmp_path / "reports", *options, cwd=folder)
    assert ended.code == 1, ended.output
    output = ended.output
    # The site's own tests keep what pytest says of them; the checks have no letters there.
    assert "test_own.py .F" in output
    assert "a warning of the site" in output
    assert re.search("FAILED .*test_own.py::test_own_that_fails", output)
    assert "test_migration_settings.py" not in output
    verdict = output.index("\nNOT READY. No host failed a check, but 1 of the site's own tests")
    assert max(map(output.rindex, ("a warning of the site", "FAILED ", "==="))) < verdict


def test_a_password_that_no_host_takes_is_one_repair(tmp_path: Path) -> None:
    text = (Path(fleet.__file__).parent / "fleets" / "healthy.yaml").read_text(encoding="utf-8")
    named = re.sub(r"(\n    )(addresses:)", r"\1access: wrong-password\1\2", text)
    for name, machines in (
        ("hosts", named),
        ("all", named.replace("vmm: {", "vmm: {access: wrong-password, ")),
    ):
        (tmp_path / f"{name}-fleet.yaml").write_text(machines, encoding="utf-8")
        inventory = tmp_path / f"{name}.yaml"
        inventory.write_text(f"schema: 1\nlab: {{fleet: {name}-fleet.yaml}}\n", encoding="utf-8")
        ended = run_here(tmp_path / name, f"--inventory={inventory}", cwd=ROOT)
        assert ended.code == 1, ended.output
        blocks = re.findall(r"^[0-9]+\. .*$", ended.output, re.MULTILINE)
        assert len(blocks) == 1, blocks
        assert "password" in ended.output
        assert len(ended.output.splitlines()) <= 40


def test_what_cannot_be_shown_takes_no_verdict_along(
    tmp_path: Path, demo_facts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ValueError("as a host sent it")

    monkeypatch.setattr("livemigration.report.terminal.telling.lines_of", broken)
    ended = run_here(tmp_path / "reports", demo_facts)
    assert ended.code == 1
    assert "PROBLEM What is to be mended could not be shown: ValueError." in ended.output
    assert "\nNOT READY. 7 of 10 hosts are not ready.\n" in ended.output
    assert "as a host sent it" not in ended.output


def test_a_report_below_the_folder_of_the_run_is_named_from_there(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(tmp_path / "site", test_own="def test_own():\n    pass\n")
    checks = str(ROOT / "checks" / "test_migration_settings.py")
    ended = run_here(folder / "out", *healthy_replay, checks, cwd=folder)
    assert f"Report: out/{ended.folder.name}/report.html" in ended.output.splitlines()
