"""Faults of TLS, on the port for HTTPS."""

from __future__ import annotations

import struct

from fault_envelopes import dropping_each_third
from fault_plays import Kind, Wire, closing, drip, say, silent, to_every_request
from fault_wires import http

from livemigration.facts.model import FailureKind as Fails

_LATE = frozenset({Fails.TIMED_OUT, Fails.DEADLINE})
_TLS = frozenset({Fails.TLS})


def _alert(number: int) -> Wire:
    return say(struct.pack(">BHHBB", 21, 0x0303, 2, 2, number))


OF_TLS = (
    Kind("TLS handshake stalls", _LATE, tls=silent),
    Kind("TLS handshake comes a byte at a time", _LATE, tls=drip(b"\x16\x03\x03\x40\x00", b"x")),
    Kind("closes within the TLS handshake", _TLS | {Fails.UNREACHABLE}, tls=closing),
    Kind("no common version of TLS", _TLS, tls=_alert(70)),
    Kind("no common cipher of TLS", _TLS, tls=_alert(40)),
    Kind("rubbish in place of TLS", _TLS, tls=say(b"\x16\x03\x03\x00\x05rubbish-rubbish-rubbish")),
    Kind("speaks plain HTTP on the https port", _TLS, tls=to_every_request(http(400))),
    Kind("an SSH server on the https port", _TLS, tls=say(b"SSH-2.0-OpenSSH_9.2\r\n")),
    Kind(
        "certificate changed between connections",
        frozenset({Fails.CERTIFICATE}),
        change=dropping_each_third,
        impostor=True,
    ),
)
