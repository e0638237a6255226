"""A context that seals without a library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrapped:
    """What pyspnego returns of a message."""

    header: bytes
    data: bytes


class Turned:
    """A context that turns bits, and signs by the length."""

    def wrap_winrm(self, plain: bytes) -> Wrapped:
        return Wrapped(b"sig%d" % len(plain), bytes(each ^ 0xA5 for each in plain))

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        if header != b"sig%d" % len(data):
            raise ValueError(header)
        return bytes(each ^ 0xA5 for each in data)
