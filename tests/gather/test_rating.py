"""VMM rates hosts only where it is asked to, one at a time, and one failure is one host's."""

from __future__ import annotations

from typing import Any

from test_fleet_gathering import NAMES, REPLIES, Session, failure, run

from livemigration.facts.model import FailureKind, Gathered
from livemigration.facts.vmm import VMM_RATING, VMM_RECORD
from livemigration.gather.fleet import Order
from livemigration.vmm.scripts import (
    RATE_HOST,
    READ_VMM,
    HostReply,
    RateReply,
    ReadVmmReply,
    ReleaseReply,
)
from livemigration.wsman.errors import WsmanError


class Rating(Session):
    """A VMM server that rates; `asked` keeps every host that it was asked to rate."""

    def __init__(self, asked: list[Any], replies: dict[str, object]) -> None:
        super().__init__(replies=replies)
        self._asked = asked

    def run_script(self, script: Any, request: object) -> object:
        if script is RATE_HOST:
            self._asked.append(request)
            if getattr(request, "host", "") == "hv01" and RATE_HOST.name not in self._replies:
                raise WsmanError(FailureKind.SCRIPT, "it ended")
            return self._replies.get(RATE_HOST.name, RateReply(1, "other", 4.0, (), ("w\x1b",)))
        return super().run_script(script, request)


def order(stage_vm: str) -> Order:
    needs = dict.fromkeys(NAMES, (VMM_RATING, VMM_RECORD))
    return Order.of(needs, vmm=False, stage_vm=stage_vm)


def test_each_host_is_rated_alone_and_a_failure_is_its_own() -> None:
    asked: list[Any] = []
    facts = run({"vmm01": lambda: Rating(asked, REPLIES)}, order("web01"))
    assert [(each.vm, each.host) for each in asked] == [("web01", "hv01"), ("web01", "hv02")]
    assert failure(facts, "hv01", VMM_RATING).kind is FailureKind.SCRIPT
    rated = facts.hosts["hv02"].outcome(VMM_RATING)
    assert isinstance(rated, Gathered)
    assert (rated.value.rating, rated.value.warnings) == (4.0, ("w",))


def test_without_a_virtual_machine_vmm_rates_nothing() -> None:
    asked: list[Any] = []
    facts = run({"vmm01": lambda: Rating(asked, REPLIES)}, order(""))
    assert asked == []
    missing = failure(facts, "hv01", VMM_RATING)
    assert missing.kind is FailureKind.NOT_GATHERED
    assert "--stage-vm" in missing.next_step


def test_a_host_that_vmm_does_not_know_is_not_rated() -> None:
    asked: list[Any] = []
    known = (HostReply("hv02", "hv02", None, None),)
    replies = {**REPLIES, READ_VMM.name: ReadVmmReply(ReleaseReply(None, None), known, None)}
    facts = run({"vmm01": lambda: Rating(asked, replies)}, order("web01"))
    assert [each.host for each in asked] == ["hv02"]
    missing = failure(facts, "hv01", VMM_RATING)
    assert (missing.kind, missing.root) == (FailureKind.MISSING, "LM107")


def test_where_vmm_cannot_be_read_that_is_the_reason() -> None:
    asked: list[Any] = []
    replies = {**REPLIES, READ_VMM.name: ReadVmmReply(ReleaseReply(None, None), None, "no console")}
    facts = run({"vmm01": lambda: Rating(asked, replies)}, order("web01"))
    assert asked == []
    assert failure(facts, "hv01", VMM_RATING).came_back == "no console"
