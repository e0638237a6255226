"""What a program on a machine of the lab writes comes in envelopes of the size asked for."""

from __future__ import annotations

import base64
from xml.etree.ElementTree import Element

from in_turn import in_turn
from lab_clients import PlainClient

from livemigration.wsman import namespaces as ns
from livemigration.wsman.envelope import MAXIMUM_ENVELOPE_SIZE

STREAM, STATE = f"{{{ns.SHELL}}}Stream", f"{{{ns.SHELL}}}CommandState"


def in_shell(host: PlainClient, shell: str, action: str, body: str) -> Element:
    return host.send(action, ns.COMMAND_SHELL, body, selectors={"ShellId": shell}, seconds=20)[1]


def output_of(host: PlainClient, given: bytes) -> tuple[list[Element], bytes]:
    """Return the replies to each Receive of a program that prints what it is given, and that."""
    body = "<rsp:Shell><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    created = host.send(ns.CREATE, ns.COMMAND_SHELL, body)[1]
    shell = created.findtext(f".//{{{ns.WSMAN}}}Selector") or ""
    started = in_shell(
        host,
        shell,
        ns.COMMAND,
        "<rsp:CommandLine><rsp:Command>findstr</rsp:Command><rsp:Arguments>^</rsp:Arguments>"
        "</rsp:CommandLine>",
    )
    command = started.findtext(f".//{{{ns.SHELL}}}CommandId") or ""
    text = base64.b64encode(given).decode()
    stream = f'<rsp:Stream Name="stdin" CommandId="{command}" End="true">{text}</rsp:Stream>'
    in_shell(host, shell, ns.SEND, f"<rsp:Send>{stream}</rsp:Send>")
    wanted = f'<rsp:DesiredStream CommandId="{command}">stdout stderr</rsp:DesiredStream>'
    replies: list[Element] = []
    while not replies or state_of(replies[-1]) == ns.STATE_RUNNING:
        replies.append(in_shell(host, shell, ns.RECEIVE, f"<rsp:Receive>{wanted}</rsp:Receive>"))
    in_shell(host, shell, ns.DELETE, "")
    streams = [each for reply in replies for each in reply.iter(STREAM)]
    return replies, b"".join(base64.b64decode(each.text or "") for each in streams)


def state_of(reply: Element) -> str:
    state = reply.find(f".//{STATE}")
    assert state is not None
    return state.get("State", "")


@in_turn("size, envelopes", [(1, 1), (49_152, 1), (65_536, 2), (98_304, 2), (200_000, 4)])
def test_a_long_output_comes_in_several_envelopes_and_whole(
    host: PlainClient, size: int, envelopes: int
) -> None:
    given = bytes(65 + each % 26 for each in range(size))
    replies, output = output_of(host, given)
    assert output.rstrip() == given
    assert len(replies) == envelopes
    *others, last = replies
    assert state_of(last) == ns.STATE_DONE
    assert last.findtext(f".//{{{ns.SHELL}}}ExitCode") == "0"
    # Only what is whole has its streams ended.
    assert not any(each.get("End") for reply in others for each in reply.iter(STREAM))
    for reply in replies:
        # An envelope is measured in UTF-16.
        text = sum(len(each.text or "") + len('<rsp:Stream Name=""/>') for each in reply.iter())
        assert 2 * text <= MAXIMUM_ENVELOPE_SIZE
