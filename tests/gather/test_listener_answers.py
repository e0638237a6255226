"""What the VMM server's Test-WSMan came to: an answer of the network or the host, or none."""

from __future__ import annotations

from typing import Any, cast

from in_turn import in_turn
from test_batches import VMM, Server

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.facts.vmm import VMM_WSMAN_TEST
from livemigration.gather.connect import Connector
from livemigration.gather.probing import ProbePlan, probe_from_vmm
from livemigration.gather.vmm import VmmView
from livemigration.vmm.scripts import NO_ANSWER, ListenerReply, ProbeReply, ProbeRequest


def listened(reply: ListenerReply) -> Any:
    view = VmmView()

    class One(Server):
        def _probe(self, request: ProbeRequest) -> ProbeReply:
            return ProbeReply((), (reply,) if request.listeners else ())

    plan = ProbePlan("hv01", (), None, "hv01", 5985, ssl=False, milliseconds=1000)
    probe_from_vmm(
        VMM,
        [plan],
        connect=cast("Connector", One(1).connect),
        deadline=Deadline.after(20),
        into=view,
    )
    return view.hosts["hv01"][VMM_WSMAN_TEST.name]


FAULT = (
    '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
    'Code="2150859046" Machine="vmm01"><f:Message>WinRM cannot complete the operation. Verify '
    "that the &quot;name&quot; is valid.</f:Message></f:WSManFault>"
)


@in_turn(
    "text, code, tried, expected",
    [
        (FAULT, None, None, 2150859046),
        (FAULT, 2150859046, True, 2150859046),
        ("The client cannot connect.", -2144108526, None, 2150858770),
        (NO_ANSWER, None, None, None),
        ("removed by redaction", None, True, None),
    ],
)
def test_what_the_network_or_the_host_said_is_its_answer(
    text: str, code: int | None, tried: bool | None, expected: int | None
) -> None:
    found = listened(ListenerReply("hv01", 5985, False, code, text, tried))
    assert isinstance(found, Gathered)
    assert (found.value.answered, found.value.code) == (False, expected)
    assert "<" not in found.value.text
    if text == FAULT:
        assert found.value.text.endswith('Verify that the "name" is valid.')


@in_turn(
    "text, tried",
    [
        ("The term 'Test-WSMan' is not recognized as a name of a cmdlet.", None),
        ("Die Benennung \u201eTest-WSMan\u201c wurde nicht als Name eines Cmdlet erkannt.", None),
        ("The deadline passed before it was asked.", False),
        ("", None),
    ],
)
def test_a_text_of_powershell_itself_is_never_the_hosts_refusal(
    text: str, tried: bool | None
) -> None:
    found = listened(ListenerReply("hv01", 5985, False, None, text, tried))
    assert isinstance(found, NotGathered)
    assert found.failure.kind is FailureKind.SCRIPT
    assert "could not be tried" in found.failure.came_back
