"""The password, its equivalent and the tokens made from it stay inside the session."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Callable

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer
from wsman_support import PASSWORD, USER, Connect, script

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.wsman.clients import Client
from livemigration.wsman.compat import nt_hash
from livemigration.wsman.security import Security
from livemigration.wsman.transport import Channel

pytestmark = pytest.mark.usefixtures("each_client")

# Every NTLM token begins so; the last of the three is made from the password.
TOKEN = "TlRMTVNTU"
SECRETS = (PASSWORD, nt_hash(PASSWORD), TOKEN)


def test_no_log_at_any_level_holds_them(
    connect: Connect, caplog: pytest.LogCaptureFixture, each_client: Client
) -> None:
    caplog.set_level(logging.DEBUG)
    with NtlmServer(script(soap.identity())) as server:
        connect(server.port).identify()
    # What is logged at all comes from urllib3.
    logged = any(each.name.startswith("urllib3") for each in caplog.records)
    assert logged is (each_client is Client.PYWINRM)
    for secret in SECRETS:
        assert secret not in caplog.text


def test_an_open_session_shows_none_of_them(connect: Connect) -> None:
    with NtlmServer(script(soap.identity())) as server:
        session = connect(server.port)
        session.identify()
        conversation = vars(session)["_conversation"]
        channel = vars(conversation)["_channel"]
        shown = "".join(repr(each) + repr(vars(each)) for each in (session, conversation, channel))
    assert "Channel" in shown
    for secret in SECRETS:
        assert secret not in shown


@pytest.mark.parametrize("keep", [pickle.dumps, copy.deepcopy])
def test_a_channel_is_never_written_down(
    keep: Callable[[object], object], each_client: Client
) -> None:
    with NtlmServer(script(soap.identity())) as server:
        channel = Channel(
            f"http://127.0.0.1:{server.port}/wsman",
            Credentials(USER, Secret(PASSWORD)),
            5.0,
            Security(client=each_client),
        )
        channel.exchange(b"<x/>", 5.0, Deadline.after(30))
        with pytest.raises(TypeError):
            keep(channel)
        channel.close()


@in_turn("keep", [pickle.dumps, copy.deepcopy])
def test_a_session_is_never_written_down(
    connect: Connect, keep: Callable[[object], object]
) -> None:
    with NtlmServer(script(soap.identity())) as server:
        session = connect(server.port)
        session.identify()
        with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
            keep(session)
