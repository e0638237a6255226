"""A password from a real program, a real descriptor or a keyring: what is taken, what is told."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import keyring
import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from keyrings import Kept
from properties import examples

from livemigration.base.errors import UsageError
from livemigration.base.secret import Secret
from livemigration.gather.secret_sources import (
    MOST_BYTES,
    from_descriptor,
    from_keyring,
    from_program,
)

CANARY = "S3cret-Canary"
posix = pytest.mark.skipif(os.name != "posix", reason="process groups are of POSIX")


def printing(python: str, seconds: float = 20, **environment: str) -> Secret:
    given_environment = {**os.environ, **environment}
    return from_program((sys.executable, "-c", python), Path(), given_environment, seconds)


def refused(python: str, seconds: float = 20) -> str:
    with pytest.raises(UsageError) as raised:
        printing(python, seconds)
    said = str(raised.value)
    assert CANARY not in said
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None or isinstance(raised.value.__context__, OSError)
    assert said.startswith(f"the program '{Path(sys.executable).name}' ")
    return said


WRITES = "import sys; sys.stdout.buffer.write({!r})"


@in_turn(
    "written, password",
    [
        (b"S3cret", "S3cret"),
        (b"S3cret\n", "S3cret"),
        (b"S3cret\r\n", "S3cret"),
        (b" S3cret \n", " S3cret "),
        ('<&">%"\\u00e4ä€ ß\n'.encode(), '<&">%"\\u00e4ä€ ß'),
        (b"a" * MOST_BYTES, "a" * MOST_BYTES),
    ],
)
def test_a_program_gives_the_password_to_the_end_of_its_line(written: bytes, password: str) -> None:
    assert printing(WRITES.format(written)).reveal() == password


@in_turn(
    "python, words",
    [
        (f"print('{CANARY}'); raise SystemExit(3)", "failed with exit code 3. It has no input"),
        (f"import sys; sys.exit('{CANARY}')", "failed with exit code 1"),
        ("pass", "gave nothing. It must give the password in one line, and nothing else."),
        ("print()", "gave nothing"),
        (f"print('{CANARY}'); print('user: x')", "gave more than one line"),
        (f"print('{CANARY}\\n')", "gave more than one line"),
        (f"print('{CANARY}\\0')", "gave more than one line"),
        (WRITES.format(CANARY.encode() + b"\xff"), "gave bytes that are not UTF-8"),
        (f"print('{CANARY}' * {MOST_BYTES})", "gave more than 64 KiB"),
    ],
)
def test_what_a_program_says_is_in_no_error(python: str, words: str) -> None:
    assert words in refused(python)


@pytest.mark.long
@posix
def test_a_program_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    child = "import time; time.sleep(600)"
    python = (
        "import subprocess, sys, pathlib, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(child.pid))\n"
        f"print('{CANARY}', flush=True)\n"
        "time.sleep(600)\n"
    )
    assert "did not end within 2 seconds. It has no input" in refused(python, 2)
    assert gone(int(mark.read_text()))


def gone(pid: int) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_program_gets_no_input_no_terminal_and_no_words_of_a_shell() -> None:
    python = (
        "import os, sys\n"
        "try:\n    os.open('/dev/tty', os.O_RDWR)\n    sys.exit(4)\nexcept OSError: pass\n"
        "sys.exit(5) if sys.stdin.read() else None\n"
        "print(sys.argv[1:])\n"
    )
    words = ("$HOME", "; echo x", "`id`", "*", "a b", "")
    found = from_program((sys.executable, "-c", python, *words), Path(), os.environ, 20)
    assert found.reveal() == str(list(words))


def test_what_a_program_complains_of_is_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    refused(f"import sys; sys.stderr.write('{CANARY}'); sys.exit(1)")
    assert capfd.readouterr() == ("", "")


def test_a_program_that_is_not_there_or_cannot_start_is_named_alone(tmp_path: Path) -> None:
    plain = tmp_path / "no-program"
    plain.write_text("x")
    for command, words in (
        (("no-such-program", CANARY), "the program 'no-such-program' is not on the PATH."),
        (("./no-program", CANARY), "the program 'no-program' cannot be started: Permission den"),
        (("./gone", CANARY), "the program 'gone' cannot be started: No such file or directory"),
    ):
        with pytest.raises(UsageError) as raised:
            from_program(command, tmp_path, os.environ, 20)
        assert words in str(raised.value)
        assert CANARY not in str(raised.value)
        assert str(tmp_path) not in str(raised.value)


@posix
def test_a_path_counts_from_the_inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "site" / "give"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nprint('S3cret')\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert from_program(("./give",), Path("site"), os.environ, 20).reveal() == "S3cret"
    assert from_program((str(program),), Path("/"), os.environ, 20).reveal() == "S3cret"


def test_a_program_has_the_environment_that_it_is_given() -> None:
    python = "import os; print(sorted(each for each in os.environ if each.startswith('SITE_')))"
    assert printing(python, SITE_TOKEN="x").reveal() == "['SITE_TOKEN']"


@contextlib.contextmanager
def handed_on(data: bytes, *, close: bool = True) -> Iterator[int]:
    """Give a descriptor, as a shell hands one on; it may be closed behind the data."""
    ours, theirs = os.pipe()
    os.set_inheritable(ours, True)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError):
            rest = data
            while rest:
                rest = rest[os.write(theirs, rest) :]
        if close:
            os.close(theirs)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield ours
    finally:
        # Whoever reads it closes it.
        writer.join(60)
        if not close:
            os.close(theirs)


def test_a_descriptor_is_read_to_its_end_and_closed() -> None:
    with handed_on("pä€ß\n".encode()) as number:
        assert from_descriptor(number, 20).reveal() == "pä€ß"
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(number)


@in_turn(
    "data, words",
    [
        (b"", "gave nothing"),
        (b"\n", "gave nothing"),
        (CANARY.encode() + b"\nmore\n", "gave more than one line"),
        (CANARY.encode() * MOST_BYTES, "gave more than 64 KiB"),
        (CANARY.encode() + b"\xff", "gave bytes that are not UTF-8"),
    ],
)
def test_what_a_descriptor_holds_is_in_no_error(data: bytes, words: str) -> None:
    with handed_on(data) as number, pytest.raises(UsageError) as raised:
        from_descriptor(number, 20)
    assert str(raised.value).startswith(f"the file descriptor {number} {words}")
    assert CANARY not in str(raised.value)


def test_a_descriptor_that_does_not_end_is_not_waited_for() -> None:
    with handed_on(CANARY.encode(), close=False) as number:
        with pytest.raises(UsageError, match="did not end within") as raised:
            from_descriptor(number, 0.2)
        assert CANARY not in str(raised.value)


def test_a_descriptor_of_this_process_itself_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "own"
    path.write_text("not a password")
    with path.open("rb") as own:
        with pytest.raises(UsageError, match="was not given to this process"):
            from_descriptor(own.fileno(), 20)
        assert own.read() == b"not a password"
    with pytest.raises(UsageError, match="was not given to this process"):
        from_descriptor(64000, 20)


def test_a_descriptor_that_is_open_for_writing_alone_is_told(tmp_path: Path) -> None:
    number = os.open(tmp_path / "written", os.O_WRONLY | os.O_CREAT)
    os.set_inheritable(number, True)
    with pytest.raises(UsageError, match=f"descriptor {number} cannot be read: Bad file descript"):
        from_descriptor(number, 20)


@posix
def test_a_child_of_this_process_reads_what_a_shell_gives_it() -> None:
    python = (
        "from livemigration.gather.secret_sources import from_descriptor\n"
        "print(len(from_descriptor(9).reveal()))\n"
    )
    line = f"'{sys.executable}' -c '{python}' 9<<'EOF'\nS3cret\nEOF\n"
    ended = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True)
    assert ended.stdout == "6\n"


class Locked(Kept):
    def get_password(self, *_: str) -> NoReturn:
        raise keyring.errors.KeyringLocked(CANARY)


class Waiting(Kept):
    """Waits for somebody who unlocks it, as long as a test lasts."""

    unlocked = threading.Event()

    def get_password(self, *_: str) -> str:
        self.unlocked.wait(60)
        return CANARY


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Waiting.unlocked.clear()
    yield
    Waiting.unlocked.set()
    keyring.core._keyring_backend = None


@pytest.mark.usefixtures("use")
def test_a_keyring_gives_the_password_of_a_service_and_a_name() -> None:
    keyring.set_keyring(Kept(("hyper-v", "svc", "pä€ß"), ("hyper-v", "other", "x")))
    assert from_keyring("hyper-v", "svc", 20).reveal() == "pä€ß"
    with pytest.raises(UsageError) as raised:
        from_keyring("hyper-v", "nobody", 20)
    assert str(raised.value) == (
        "the keyring has no password of nobody for hyper-v. Store it: keyring set 'hyper-v' "
        "'nobody'"
    )


@pytest.mark.usefixtures("use")
def test_a_keyring_that_fails_is_told_without_what_it_said() -> None:
    keyring.set_keyring(Locked())
    with pytest.raises(UsageError, match="failed with KeyringLocked") as raised:
        from_keyring("hyper-v", "svc", 20)
    assert CANARY not in str(raised.value)
    keyring.set_keyring(Waiting())
    with pytest.raises(UsageError, match="did not answer within"):
        from_keyring("hyper-v", "svc", 0.2)


@pytest.mark.usefixtures("use")
def test_a_machine_without_a_keyring_is_told_what_else_there_is() -> None:
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]  # as above
    with pytest.raises(UsageError) as raised:
        from_keyring("hyper-v", "svc", 20)
    assert str(raised.value) == (
        "the keyring is not there on this machine. Use from: environment, command or fd."
    )


def test_a_suite_without_the_extra_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UsageError, match=r"pip install keyring. Use from: env"):
        from_keyring("hyper-v", "svc", 20)


lines = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), min_size=1)


@examples(40)
@given(lines, st.sampled_from(["", "\n", "\r\n"]))
def test_every_line_is_a_password(text: str, end: str) -> None:
    with handed_on((text + end).encode()) as number:
        assert from_descriptor(number, 20).reveal() == text
