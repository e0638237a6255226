"""Files that are either whole or not there, and what is no file, which is only ever written to."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

# Where this process finds its own open descriptors by number.
_DESCRIPTORS = "/dev/fd"
_MOST_LINKS = 40
_BINARY: int = getattr(os, "O_BINARY", 0)
_AT_ONCE: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file under a temporary name in the same folder, then rename it.

    A symbolic link stays one: what it points to is written. A file that is there keeps its
    permission bits, and its owner where this account may give it. A pipe, a terminal or another
    device is written to and never replaced.

    Raises:
        OSError: it cannot be written; a file of that name is left as it was.
    """
    descriptor = _descriptor(path)
    if descriptor is not None:
        _write_to(os.dup(descriptor), data)
        return
    try:
        found = path.stat()
    except FileNotFoundError:
        found = None
    if found is None or stat.S_ISREG(found.st_mode):
        _replace(Path(os.path.realpath(path)), data, found)
    else:
        _write_to(_opened(path, found.st_mode), data)


def is_taken(path: Path) -> bool:
    """Whether a new file of this name would take the place of a file or folder."""
    return _descriptor(path) is None and (path.is_file() or path.is_dir())


def words_beside(path: Path) -> TextIO:
    """Return where to say what was written to a path: not into the same stream."""
    return sys.stderr if _descriptor(path) == 1 else sys.stdout


def _replace(target: Path, data: bytes, found: os.stat_result | None) -> None:
    # The name of the file itself may leave no room for more letters.
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    # Nobody reads more of a file that is there than its own bits allow, not even for a moment.
    mode = 0o666 if found is None else 0o600
    number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
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


def _write_to(number: int, data: bytes) -> None:
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    with os.fdopen(number, "wb", buffering=0) as stream:
        rest = memoryview(data)
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
