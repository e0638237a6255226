"""What is written is whole or not there, and what is no file is written to, never replaced."""

from __future__ import annotations

import ast
import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from livemigration.base import files
from livemigration.base.files import write_bytes, write_text
from livemigration.commands.main import main
from livemigration.run.exit_code import ExitCode

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these files")
SOURCES = Path(files.__file__).parents[1]
# More than a pipe holds, so that what reads it must be waited for.
LONG = b"0123456789abcdef" * 20_000


class Reader:
    """Reads a named pipe to its end."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        # Opened for both, so that a writer finds a reader at once, and closed by the reading end.
        self._number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(self._number, True)
        self.read = b""
        self._thread = threading.Thread(target=self._all, daemon=True)

    def _all(self) -> None:
        with os.fdopen(self._number, "rb") as stream:
            while not self.read:
                self.read = stream.read()

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> bytes:
        self._thread.join(60)
        return self.read


def device(path: Path, minor: int) -> Path:
    """Make a device of its own: 3 is /dev/null, 7 is /dev/full."""
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        path.open("wb").close()
    except OSError:
        pytest.skip("only root can make a device here")
    return path


def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    nothing, full = device(tmp_path / "null", 3), device(tmp_path / "full", 7)
    write_bytes(nothing, LONG)
    with pytest.raises(OSError, match="No space left on device"):
        write_bytes(full, LONG)
    assert all(stat.S_ISCHR(each.lstat().st_mode) for each in (nothing, full))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["full", "null"]


def test_a_pipe_gets_all_of_it_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    reader = Reader(path)
    reader.begin()
    write_bytes(path, LONG)
    assert reader.end() == LONG
    assert path.is_fifo()


def test_a_pipe_that_nobody_reads_is_no_end_of_waiting(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match="nothing reads from this pipe"):
        write_bytes(path, b"text")
    assert path.is_fifo()


def test_a_folder_is_refused_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="Is a directory"):
        write_bytes(tmp_path, b"text")


def test_a_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "disk"
    path.write_bytes(b"kept")
    found = os.stat_result((stat.S_IFBLK | 0o660, *path.stat()[1:]))
    monkeypatch.setattr(Path, "stat", lambda *_, **__: found)
    with pytest.raises(OSError, match="is a disk") as caught:
        write_bytes(path, b"text")
    assert caught.value.errno == errno.EINVAL
    assert path.read_bytes() == b"kept"


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path, there: bool) -> None:
    elsewhere, here = tmp_path / "elsewhere", tmp_path / "here"
    elsewhere.mkdir()
    here.mkdir()
    target, middle, link = elsewhere / "real.csv", elsewhere / "middle", here / "link.csv"
    if there:
        target.write_bytes(b"old")
    middle.symlink_to("real.csv")
    link.symlink_to(middle)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert middle.is_symlink()
    assert target.read_bytes() == b"new"
    assert sorted(each.name for each in elsewhere.iterdir()) == ["middle", "real.csv"]


def test_a_link_to_itself_fails_with_a_sentence(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    with pytest.raises(OSError, match="symbolic links"):
        write_bytes(link, b"new")
    assert link.is_symlink()


def test_a_link_to_a_file_keeps_the_old_one_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, link = tmp_path / "real", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("livemigration.base.files.os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_bytes(link, b"new")
    assert target.read_bytes() == b"old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link", "real"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444, 0o755])
def test_the_permission_bits_of_a_file_that_is_there_are_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_bytes(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_bytes() == b"new"


def test_what_replaces_a_private_file_is_private_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "private", []
    path.write_bytes(b"old")
    path.chmod(0o600)
    monkeypatch.setattr(
        "livemigration.base.files.os.fsync",
        lambda number: seen.append(os.fstat(number).st_mode & 0o777),
    )
    write_bytes(path, b"new")
    assert seen == [0o600]


def test_a_new_file_has_the_bits_that_the_account_gives_new_files(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_text(tmp_path / "new", "text")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize(
    "name",
    ["con", "NUL", "nul.json", "Aux.results.csv", "COM1.txt", "lpt9", "com\u00b9.x", "CON .txt"],
)
def test_a_file_that_windows_would_lose_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="is the name of a device on Windows"):
        write_text(tmp_path / name, "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["facts.json.", "facts ", "a. ."])
def test_a_name_that_windows_would_shorten_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="ends with a dot or a blank, which Windows leaves out"):
        write_text(tmp_path / name, "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["console.json", "com10", "lpt0.txt", "a.con", "nul_.json", ".con"]
)
def test_a_name_that_only_looks_like_a_device_is_written(tmp_path: Path, name: str) -> None:
    write_text(tmp_path / name, "x")
    assert (tmp_path / name).read_text(encoding="utf-8") == "x"


def test_a_command_says_which_name_windows_would_lose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nul.ps1"
    assert main(["collector", str(path)]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert f"{path}: is the name of a device on Windows" in said
    assert not list(tmp_path.iterdir())


def test_the_longest_file_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_text(path, "text")
    assert path.read_text(encoding="utf-8") == "text"


def test_standard_output_in_a_file_is_added_to_and_never_replaced(tmp_path: Path) -> None:
    output = tmp_path / "output"
    script = (
        "from pathlib import Path; from livemigration.base.files import write_text; "
        "print('before'); "
        "write_text(Path('/dev/stdout'), 'written\\n'); print('after')"
    )
    with output.open("wb") as stream:
        subprocess.run([sys.executable, "-c", script], stdout=stream, check=True, timeout=30)
    assert output.read_text(encoding="utf-8") == "before\nwritten\nafter\n"


@pytest.mark.parametrize("arguments", [["collector"], ["redact", "facts.json"]])
def test_what_goes_to_standard_output_is_not_mixed_with_words_about_it(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "facts.json").write_text('{"hosts": []}', encoding="utf-8")
    assert main([*arguments, "/dev/stdout"]) == ExitCode.READY
    told = capfd.readouterr()
    assert told.out
    assert "Wrote /dev/stdout" not in told.out
    assert "Wrote /dev/stdout." in told.err


@pytest.mark.long
def test_nothing_else_writes_files() -> None:
    """Every other way of writing one is named here, with what it opens."""
    known = {
        "base/files.py": "the one that does",
        "run/journal.py": "a new file in the run's own new folder",
        "lab/__main__.py": "a passwords file in a temporary folder, and a stream that is opened "
        "for writing, which replaces nothing",
        "gather/secret_sources.py": "reads the file descriptor that it is given",
        "lab/tls.py": "certificates that live as long as the lab, in a temporary folder of its own",
        "plugin/more_views.py": "adds to the file that GitHub Actions names",
    }
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if _writes(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set(known)


def _writes(tree: ast.Module) -> bool:
    return any(_is_write(each) for each in ast.walk(tree) if isinstance(each, ast.Call))


def _is_write(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) and call.func.id == "open" else name
    if name in {"write_text", "write_bytes"}:
        return isinstance(call.func, ast.Attribute)
    if name == "open":
        modes = [
            each.value
            for each in (*call.args, *(k.value for k in call.keywords))
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        return any(set(mode) <= set("wabx+t") and set(mode) & set("wax+") for mode in modes)
    return name in {"rename", "renames", "fdopen", "copyfile", "copy2", "move"}
