"""Ansible's own loader as a program: what it is given, how long it may take, what of it is said."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from livemigration.discovery import ansible_program
from livemigration.discovery.ansible import ask_ansible
from livemigration.discovery.found import NotFoundError

SECRET = "C4nary-of-Ansible"


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.yml"
    path.write_text("all:\n", encoding="utf-8")
    return path


def stands_in(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of this name in the place of Ansible's."""
    if sys.platform == "win32":
        pytest.skip("Ansible does not run on Windows")
    program = folder / "bin" / ansible_program.PROGRAM
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport sys, os, time\n{body}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


TOLD = "import json; print(json.dumps([sys.argv[1:], dict(os.environ), sys.stdin.read()]))"


def test_it_is_given_a_list_of_arguments_and_no_password_of_ours(
    inventory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEMIGRATION_PASSWORD", SECRET)
    monkeypatch.setenv("SITE_PASSWORD", SECRET)
    strange = inventory.rename(tmp_path / "in ven; $(x) tory.yml")
    stands_in(tmp_path, TOLD, monkeypatch)
    with typed("a password"):
        printed = ansible_program.listing_of(strange, ["SITE_PASSWORD"])
    arguments, environment, read = json.loads(printed)
    assert arguments == ["--list", "-i", str(strange)]
    assert environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FATAL"] == "true"
    assert SECRET not in environment.values()
    assert read == ""


@contextmanager
def typed(text: str) -> Iterator[None]:
    """Have a text on the standard input of this process."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    kept = os.dup(0)
    os.dup2(reading, 0)
    os.close(reading)
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_what_asks_it_keeps_the_passwords_from_it(
    inventory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", SECRET)
    body = (
        "print('{\"_meta\": {\"hostvars\": {\"' + str('SITE_PASSWORD' in os.environ) + '\": {}}}}')"
    )
    stands_in(tmp_path, body, monkeypatch)
    assert [each.name for each in ask_ansible(inventory).hosts] == ["True"]
    assert [each.name for each in ask_ansible(inventory, ["SITE_PASSWORD"]).hosts] == ["False"]


@pytest.mark.parametrize(
    ("own", "becomes"),
    [
        ({}, "C.UTF-8"),
        ({"LC_ALL": "C"}, "C.UTF-8"),
        ({"LC_ALL": "C", "LANG": "nl_NL.UTF-8"}, "C.UTF-8"),
        ({"LC_ALL": "", "LANG": "nl_NL.utf8"}, ""),
        ({"LC_CTYPE": "nl_NL.UTF-8", "LANG": "C"}, None),
    ],
)
def test_it_has_a_locale_that_ansible_starts_in(
    inventory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own: dict[str, str],
    becomes: str | None,
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    stands_in(tmp_path, TOLD, monkeypatch)
    _, environment, _ = json.loads(ansible_program.listing_of(inventory))
    assert environment.get("LC_ALL") == becomes


def test_what_is_printed_is_whole_or_refused(
    inventory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ansible_program, "MOST_BYTES", 2 << 20)
    # It ends after its output does.
    body = (
        "sys.stdout.write('x' * int(open(sys.argv[-1]).read()))\n"
        "sys.stdout.flush(); os.close(1); time.sleep(0.2); os._exit(0)"
    )
    stands_in(tmp_path, body, monkeypatch)
    inventory.write_text(str(2 << 20), encoding="utf-8")
    assert len(ansible_program.listing_of(inventory)) == 2 << 20
    inventory.write_text(str((2 << 20) + 1), encoding="utf-8")
    with pytest.raises(NotFoundError, match=r"printed more than 2 MiB\. See: ansible-inventory"):
        ansible_program.listing_of(inventory)


@pytest.mark.long
def test_what_it_started_ends_with_it_and_who_left_it_is_not_waited_for(
    inventory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("whether a process runs is read in /proc")
    # Both hold its output; one of them left its session, as a connection that is kept does.
    body = (
        "import subprocess\n"
        f"with open({str(tmp_path / 'pids')!r}, 'w') as pids:\n"
        "    for apart in (False, True):\n"
        "        started = subprocess.Popen(['sleep', '60'], start_new_session=apart)\n"
        "        pids.write(f'{started.pid} ')\n"
        "time.sleep(60)"
    )
    stands_in(tmp_path, body, monkeypatch)
    began = time.monotonic()
    with pytest.raises(NotFoundError, match="did not end within 3 seconds"):
        ansible_program.listing_of(inventory, seconds=3)
    assert time.monotonic() - began < 40
    within, apart = map(int, (tmp_path / "pids").read_text(encoding="utf-8").split())
    try:
        assert (is_running(within), is_running(apart)) == (False, True)
        # A thread that is none would keep this process at its end.
        assert all(each.daemon for each in threading.enumerate()[1:])
    finally:
        for each in (within, apart):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def is_running(pid: int) -> bool:
    """Whether a process is there and more than what is left of one that ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"sys.stderr.write('{SECRET}'); sys.exit(5)", "failed with exit code 5"),
        ("time.sleep(60)", "did not end within"),
        ("os.close(1); time.sleep(60)", "did not end within"),
        ("sys.stdout.write('x' * 3000)", "printed more than"),
    ],
)
def test_it_is_bounded_and_what_it_says_of_an_error_is_not_shown(
    inventory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    body: str,
    said: str,
) -> None:
    stands_in(tmp_path, body, monkeypatch)
    monkeypatch.setattr(ansible_program, "MOST_BYTES", 2000)
    with pytest.raises(NotFoundError, match=said) as failed:
        ansible_program.listing_of(inventory, seconds=0.5 if "sleep" in body else 20)
    assert SECRET not in str(failed.value) + "".join(capfd.readouterr())
    assert "ansible-inventory --list -i" in str(failed.value)


def test_without_ansible_it_says_what_to_install(
    inventory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(NotFoundError, match="pip install ansible-core"):
        ansible_program.listing_of(inventory)


def test_it_is_found_beside_the_suites_own_python(
    inventory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands_in(tmp_path, "print('{}')", monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    assert ansible_program.listing_of(inventory) == b"{}\n"


def test_a_program_that_does_not_start_is_told_with_the_reason(
    inventory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands_in(tmp_path, "", monkeypatch)
    program = tmp_path / "bin" / ansible_program.PROGRAM
    program.write_text(f"#!{tmp_path}/gone\n", encoding="utf-8")
    with pytest.raises(NotFoundError, match=r"cannot be started: No such file or directory\.$"):
        ansible_program.listing_of(inventory)
