"""What this suite seals after an NTLM sign-in is what pyspnego seals, and each reads the other."""

from __future__ import annotations

import struct
from typing import Any

import pytest
import spnego
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from wsman_support import PASSWORD, USER

from livemigration.wsman.errors import WsmanError
from livemigration.wsman.ntlm_sealing import NtlmSealing, sealing_of

# NegotiateFlags in AUTHENTICATE_MESSAGE, and of them NTLMSSP_NEGOTIATE_KEY_EXCH.
FLAGS_AT, KEY_EXCHANGE = 60, 0x40000000


def signed_in() -> tuple[Any, Any, bytes]:
    """Return pyspnego's two sides of a sign-in, and what answered the challenge."""
    options = spnego.NegotiateOptions.use_ntlm
    client = spnego.client(USER, PASSWORD, protocol="ntlm", options=options)
    server = spnego.server(protocol="ntlm", options=options)
    answer = client.step(server.step(client.step()))
    assert answer is not None
    server.step(answer)
    return client, server, answer


def test_either_side_reads_what_the_other_sealed_in_turns() -> None:
    client, server, answer = signed_in()
    own = sealing_of(client, answer)
    other = sealing_of(server, answer, serves=True)
    assert isinstance(own, NtlmSealing)
    for number in range(5):
        asked, replied = b"<q/>" * number, b"<a/>" * 1000 * number
        sealed = own.wrap_winrm(asked)
        # Before pyspnego's own context seals anything, both are at the same message.
        assert tuple(sealed) == tuple(client.wrap_winrm(asked))[:2]
        assert server.unwrap_winrm(*sealed) == asked
        assert other.unwrap_winrm(*sealed) == asked
        back = server.wrap_winrm(replied)
        assert tuple(other.wrap_winrm(replied)) == tuple(back)[:2]
        assert own.unwrap_winrm(back.header, back.data) == replied


def test_a_sign_in_that_agreed_on_anything_unusual_is_sealed_by_pyspnego() -> None:
    client, _, answer = signed_in()
    (flags,) = struct.unpack_from("<I", answer, FLAGS_AT)
    assert flags & KEY_EXCHANGE
    other = bytearray(answer)
    struct.pack_into("<I", other, FLAGS_AT, flags & ~KEY_EXCHANGE)
    assert sealing_of(client, bytes(other)) is client
    assert sealing_of(client, answer[:FLAGS_AT]) is client


@examples(100)
@given(st.binary(min_size=16, max_size=16), st.binary(max_size=80), st.data())
def test_a_message_that_was_changed_is_refused(
    key: bytes, plain: bytes, data: st.DataObject
) -> None:
    header, sealed = NtlmSealing(key, serves=True).wrap_winrm(plain)
    whole = bytearray(header + sealed)
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(WsmanError):
        NtlmSealing(key).unwrap_winrm(bytes(whole[:16]), bytes(whole[16:]))


def test_a_message_out_of_its_turn_is_refused() -> None:
    other, own = NtlmSealing(bytes(16), serves=True), NtlmSealing(bytes(16))
    other.wrap_winrm(b"<lost/>")
    with pytest.raises(WsmanError):
        own.unwrap_winrm(*other.wrap_winrm(b"<next/>"))
