"""What a context sealed is read again, and nothing else is."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from turned import Turned

from livemigration.wsman.errors import WsmanError
from livemigration.wsman.sealing import CREDSSP, SPNEGO, Form, is_sealed, seal, unseal

FORMS = st.sampled_from([SPNEGO, CREDSSP])


@given(FORMS, st.binary(max_size=200) | st.integers(0, 40_000).map(lambda size: b"<s/>" * size))
@examples(150)
def test_a_message_comes_back_as_it_was(form: Form, plain: bytes) -> None:
    kind, body = seal(Turned(), form, plain)
    assert is_sealed(kind, form)
    assert unseal(Turned(), body) == plain


@given(FORMS, st.binary(max_size=200))
@examples(150)
def test_nothing_of_a_message_stands_in_the_open(form: Form, plain: bytes) -> None:
    # All zeros never stand in what surrounds a message, so they can only be found in the message.
    hidden = plain + bytes(16)
    assert hidden not in seal(Turned(), form, hidden)[1]


def test_only_what_is_larger_than_a_record_of_tls_travels_in_parts() -> None:
    assert seal(Turned(), CREDSSP, b"x" * 16384)[0].startswith("multipart/encrypted")
    kind, body = seal(Turned(), CREDSSP, b"x" * 16385)
    assert kind.startswith("multipart/x-multi-encrypted")
    assert body.count(b"OriginalContent") == 2
    assert seal(Turned(), SPNEGO, b"x" * 99999)[1].count(b"OriginalContent") == 1


@in_turn(
    "kind, form",
    [
        ("application/soap+xml", SPNEGO),
        ('multipart/encrypted;protocol="application/HTTP-CredSSP-session-encrypted"', SPNEGO),
        ('text/html;protocol="application/HTTP-SPNEGO-session-encrypted"', SPNEGO),
        ("", CREDSSP),
    ],
)
def test_a_reply_of_another_form_is_not_taken_for_sealed(kind: str, form: Form) -> None:
    assert not is_sealed(kind, form)


@given(FORMS, st.binary(max_size=60), st.data())
@examples(400)
def test_a_body_that_was_changed_ends_in_nothing_but_a_refusal(
    form: Form, plain: bytes, data: st.DataObject
) -> None:
    body = bytearray(seal(Turned(), form, plain)[1])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        kind = data.draw(st.sampled_from(["flip", "cut", "add"]))
        if kind == "flip":
            body[place] ^= data.draw(st.integers(1, 255))
        elif kind == "cut":
            del body[place:]
        else:
            body[place:place] = data.draw(st.binary(min_size=1, max_size=8))
        if not body:
            break
    with contextlib.suppress(WsmanError):
        unseal(Turned(), bytes(body))


@given(st.binary(max_size=300))
@examples(300)
def test_what_is_no_body_is_refused(body: bytes) -> None:
    with pytest.raises(WsmanError):
        unseal(Turned(), body)


def test_a_length_beyond_the_body_is_refused() -> None:
    body = seal(Turned(), SPNEGO, b"<s/>")[1]
    for length in (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff"):
        with pytest.raises(WsmanError, match="not sealed"):
            unseal(Turned(), body.replace(b"\x04\x00\x00\x00sig4", length + b"sig4"))


def test_a_message_that_is_shorter_than_it_says_is_refused() -> None:
    body = seal(Turned(), SPNEGO, b"<s/>")[1].replace(b"Length=4", b"Length=5")
    with pytest.raises(WsmanError, match="changed on its way"):
        unseal(Turned(), body)
