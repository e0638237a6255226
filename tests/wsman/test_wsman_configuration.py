"""The settings of a WinRM service, as a real one answered and as a hostile one might."""

from __future__ import annotations

from pathlib import Path

import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer
from test_wsman_capture_values import LIMITS, transcript
from wsman_support import Connect, failure, script

from livemigration.facts.model import FailureKind
from livemigration.wsman.configuration import CONFIGURATION, ServiceSettings, read_configuration
from livemigration.wsman.document import parse
from livemigration.wsman.envelope import Message
from livemigration.wsman.exchange import Reply


def config(inner: str) -> str:
    return f'<cfg:Config xmlns:cfg="{CONFIGURATION}">{inner}</cfg:Config>'


def read(connect: Connect, body: str) -> ServiceSettings:
    with NtlmServer(script(body)) as server:
        return connect(server.port).settings()


class Replay:
    """An exchange that has one reply to give."""

    def __init__(self, body: object) -> None:
        self.body = body
        self.asked: list[Message] = []

    def send(self, message: Message, until: object = None) -> Reply:
        del until
        self.asked.append(message)
        return Reply(self.body, 0)  # type: ignore[arg-type] # an element


def test_a_captured_reply_is_read_whole(captures: Path) -> None:
    (reply,) = transcript(captures, "test_wsman_update_envelope_size_500")
    body = reply.find("{http://www.w3.org/2003/05/soap-envelope}Body")
    replay = Replay(body)
    found = read_configuration(replay)  # type: ignore[arg-type] # all of an exchange that it uses
    assert found.values.items() >= LIMITS.items()
    assert found.number("Winrs/MaxShellsPerUser") == 2147483647
    assert found.truth("Service/AllowUnencrypted") is False
    assert replay.asked[0].resource_uri == CONFIGURATION
    assert replay.asked[0].action.endswith("/transfer/Get")


def test_a_session_reads_the_settings(connect: Connect) -> None:
    found = read(connect, config("<cfg:A>1</cfg:A><cfg:B><cfg:C>TRUE</cfg:C></cfg:B>"))
    assert found.values == {"A": "1", "B/C": "TRUE"}
    assert found.number("A") == 1
    assert found.truth("B/C") is True


@in_turn("text", ["", "-1", "many", "1e3", "9" * 11, "٣"])
def test_a_number_that_is_none_is_not_one(text: str) -> None:
    assert ServiceSettings({"A": text}).number("A") is None
    assert ServiceSettings({}).number("A") is None
    assert ServiceSettings({"A": text}).truth("A") is None


def test_what_a_host_says_is_on_one_line_and_bounded(connect: Connect) -> None:
    many = "".join(f"<cfg:A{number}>x</cfg:A{number}>" for number in range(1000))
    found = read(connect, config(f"<cfg:A>{'y' * 5000}\n\u202ez</cfg:A>{many}"))
    assert len(found.values) <= 200
    assert len(found.values["A"]) <= 500
    assert found.values["A"].isprintable()


def test_a_refusal_is_a_fault_and_another_reply_is_named(connect: Connect) -> None:
    refused = failure(lambda: read(connect, soap.fault(5)))
    assert refused.kind is FailureKind.ACCESS_DENIED
    other = failure(lambda: read(connect, "<other/>"))
    assert other.kind is FailureKind.PROTOCOL
    assert parse(soap.envelope("<a/>", "uuid:1")) is not None
