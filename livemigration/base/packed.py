"""Text in files that may be compressed: gzip, told by the first bytes and stated in the name.

A file that was cut, by a full disk or a killed process, is read as far as it goes where the reader
says so; else that is an error of its own.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, TextIO

from livemigration.base.files import write_chunks

GZ = ".gz"
# What a run leaves is compressed above as many bytes.
LARGE = 16 << 20
# What a hundred thousand hosts leave, and far below what a small file can be made to grow to.
MOST_TEXT = 4 << 30
_MAGIC = b"\x1f\x8b"
# A gzip header and no other, and as much memory as it may ask for.
_WINDOW = 31
# The lowest level takes a third of the time of the usual one, for a quarter more bytes.
_LEVEL = 1
_PIECE = 1 << 18


class TornError(ValueError):
    """A compressed file that is not whole, or not as it was written; the text says which."""


def is_gz(path: Path) -> bool:
    """Whether the name of a file says that it is compressed."""
    return path.name.endswith(GZ)


def gz_of(path: Path) -> Path:
    """Return the name of a file once it is compressed."""
    return path.with_name(f"{path.name}{GZ}")


def as_found(path: Path) -> Path:
    """Return the file of this name, or the compressed one where that alone is there."""
    packed = gz_of(path)
    return packed if packed.is_file() and not path.exists() else path


@contextmanager
def open_text(
    path: Path, encoding: str = "utf-8", errors: str = "strict", *, torn: bool = False
) -> Iterator[TextIO]:
    """Open a text file to read, compressed or not, whatever its name is.

    Args:
        path: the file.
        encoding: of its text.
        errors: what becomes of bytes that are no text, as for `open`.
        torn: whether one that was cut is read as far as it goes.

    Raises:
        OSError: it cannot be read.
        TornError: it was damaged, or cut where that is not asked for; while it is read.
    """
    with path.open("rb") as stream:
        # A pipe cannot go back to its beginning.
        packed = stream.peek(len(_MAGIC))[: len(_MAGIC)] == _MAGIC
        source: IO[bytes] = (
            io.BufferedReader(_Unpacked(stream, torn=torn), _PIECE) if packed else stream
        )
        with io.TextIOWrapper(source, encoding, errors) as text:
            yield text


class _Unpacked(io.RawIOBase):
    """What a gzip file holds, one member after the other."""

    def __init__(self, stream: BinaryIO, *, torn: bool) -> None:
        self._stream, self._torn = stream, torn
        self._machine = zlib.decompressobj(_WINDOW)
        self._input = self._output = b""
        self._told, self._over = 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # it is given one
        while not self._output and not self._over:
            self._output = self._more()
        part = self._output[: len(buffer)]
        buffer[: len(part)] = part
        self._output = self._output[len(part) :]
        return len(part)

    def _more(self) -> bytes:
        """Return some of the text, or nothing where there is none yet, or no more."""
        data = self._input or self._stream.read(_PIECE)
        if not data:
            self._over = True
            if not self._torn:
                raise TornError(
                    "it ends before its last byte: the disk was full, or the process was killed"
                )
            return b""
        try:
            found = self._machine.decompress(data, _PIECE)
        except zlib.error:
            raise TornError("it is damaged: its bytes are not those that were written") from None
        self._input = self._machine.unconsumed_tail
        if self._machine.eof:
            self._next_member(self._machine.unused_data)
        self._told += len(found)
        if self._told > MOST_TEXT:
            raise TornError(f"it has more than {MOST_TEXT >> 30} GiB of text, as no run has")
        return found

    def _next_member(self, rest: bytes) -> None:
        rest = rest or self._stream.read(_PIECE)
        if rest:
            self._machine, self._input = zlib.decompressobj(_WINDOW), rest
        else:
            self._over = True


def packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what chunks are once compressed: the same for the same bytes, whenever that is."""
    machine = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW)
    for each in chunks:
        if made := machine.compress(each):
            yield made
    yield machine.flush()


def write_texts(path: Path, texts: Iterable[str]) -> None:
    """Write a UTF-8 file of texts in turn, compressed where its name says so.

    Raises:
        OSError: as for `files.write_bytes`; an older file is left as it was.
    """
    chunks = encoded(texts)
    write_chunks(path, packed(chunks) if is_gz(path) else chunks)


def write_large(path: Path, texts: Iterable[str]) -> Path:
    """Write a UTF-8 file of texts in turn, compressed and so named where it is large.

    Returns:
        The path that it has then.

    Raises:
        OSError: as for `files.write_bytes`.
    """
    chunks, first, size = encoded(texts), list[bytes](), 0
    for each in chunks:
        first.append(each)
        size += len(each)
        if size > LARGE:
            break
    else:
        write_chunks(path, first)
        return path
    to = gz_of(path)
    write_chunks(to, packed(_in_turn(first, chunks)))
    return to


def pack(path: Path) -> Path:
    """Compress a file that is large; it is removed once the compressed one is whole.

    Returns:
        The path that it has then.

    Raises:
        OSError: it cannot be read or written; then it is as it was.
    """
    if path.stat().st_size <= LARGE:
        return path
    to = gz_of(path)
    with path.open("rb") as stream:
        write_chunks(to, packed(iter(lambda: stream.read(_PIECE), b"")))
    path.unlink()
    return to


def encoded(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield texts as UTF-8, many small ones together."""
    parts, size = list[str](), 0
    for each in texts:
        parts.append(each)
        size += len(each)
        if size >= _PIECE:
            yield "".join(parts).encode()
            parts, size = [], 0
    if parts:
        yield "".join(parts).encode()


def _in_turn(first: list[bytes], rest: Iterable[bytes]) -> Iterator[bytes]:
    while first:
        yield first.pop(0)
    yield from rest
