"""Files that are either whole or not there, and what is no file, which is only ever written to."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

# Where this process finds its own open descriptors by number.
_DESCRIPTORS = "/dev/fd"
_MOST_LINKS = 40
# Windows takes such a name for a device whatever its extension is, and what is written is lost
# (Microsoft, "Naming Files, Paths, and Namespaces").
_DEVICES = re.compile(
    r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[1-9\u00b9\u00b2\u00b3]|CONIN\$|CONOUT\$) *(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)
_BINARY: int = getattr(os, "O_BINARY", 0)
_AT_ONCE: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file as `write_chunks` does."""
    write_chunks(path, (data,))


def write_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file under a temporary name in the same folder, then rename it.

    Its parts are asked for one after the other: a large file is never in memory as a whole.

    A symbolic link stays one: what it points to is written. A file that is there keeps its
    permission bits, and its owner where this account may give it. A pipe, a terminal or another
    device is written to and never replaced.

    Raises:
        OSError: it cannot be written, or has a name that Windows does not keep; a file of that name
            is left as it was.
    """
    descriptor = _descriptor(path)
    if descriptor is not None:
        _write_to(os.dup(descriptor), chunks)
        return
    if why := not_kept_by_windows(path.name):
        raise OSError(errno.EINVAL, why, str(path))
    try:
        found = path.stat()
    except FileNotFoundError:
        found = None
    if found is None or stat.S_ISREG(found.st_mode):
        _replace(Path(os.path.realpath(path)), chunks, found)
    else:
        _write_to(_opened(path, found.st_mode), chunks)


def not_kept_by_windows(name: str) -> str:
    """Return what is wrong with the name of a file, for after it in a sentence; empty: nothing.

    The same on every system: what a run leaves is opened elsewhere.
    """
    if _DEVICES.fullmatch(name):
        return "is the name of a device on Windows, where a file of that name is lost"
    if name.endswith((".", " ")):
        return "ends with a dot or a blank, which Windows leaves out"
    return ""


def is_taken(path: Path) -> bool:
    """Whether a new file of this name would take the place of a file or folder."""
    return _descriptor(path) is None and (path.is_file() or path.is_dir())


def words_beside(path: Path) -> TextIO:
    """Return where to say what was written to a path: not into the same stream."""
    return sys.stderr if _descriptor(path) == 1 else sys.stdout


def _replace(target: Path, chunks: Iterable[bytes], found: os.stat_result | None) -> None:
    # The name of the file itself may leave no room for more letters.
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    # Nobody reads more of a file that is there than its own bits allow, not even for a moment.
    mode = 0o666 if found is None else 0o600
    number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        with os.fdopen(number, "wb") as stream:
            for each in chunks:
                stream.write(each)
            stream.flush()
            os.fsync(stream.fileno())
        if found is not None:
            _keep(temporary, found)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keep(path: Path, found: os.stat_result) -> None:
    """Give a file the owner and the permission bits of the one that it replaces."""
    if sys.platform != "win32":
        with suppress(PermissionError):
            os.chown(path, found.st_uid, found.st_gid)
    path.chmod(stat.S_IMODE(found.st_mode))


def _opened(path: Path, mode: int) -> int:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISBLK(mode):
        raise OSError(errno.EINVAL, "is a disk, and what is on it would be lost", str(path))
    try:
        number = os.open(path, os.O_WRONLY | _BINARY | _AT_ONCE)
    except OSError as error:
        if error.errno == errno.ENXIO and stat.S_ISFIFO(mode):
            raise OSError(errno.ENXIO, "nothing reads from this pipe", str(path)) from None
        raise
    if sys.platform != "win32" and _AT_ONCE:
        # Opening must not wait for a reader that never comes; a slow one may take its time.
        os.set_blocking(number, True)
    return number


def _write_to(number: int, chunks: Iterable[bytes]) -> None:
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    with os.fdopen(number, "wb", buffering=0) as stream:
        for each in chunks:
            rest = memoryview(each)
            while rest:
                rest = rest[stream.write(rest) :]


def _descriptor(path: Path) -> int | None:
    """Return the number of the descriptor that a path stands for, such as 1 for /dev/stdout.

    What it is open on may be a file, which goes on being written to by others.
    """
    folder = os.path.realpath(_DESCRIPTORS)
    name = os.fspath(path)
    for _ in range(_MOST_LINKS):
        parent, last = os.path.split(name)
        if last.isdecimal() and parent and os.path.realpath(parent) == folder:
            return int(last)
        try:
            name = os.path.join(parent, os.readlink(name))  # noqa: PTH115, PTH118 - as they stand, not resolved
        except (OSError, ValueError):
            return None
    return None
