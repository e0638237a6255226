"""What VMM lists, read as far as it can be: its enums by name and by number, broken records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.discovery.found import Found, NotFoundError
from livemigration.discovery.vmm import ask_vmm
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.facts.model import FailureKind
from livemigration.gather.connect import Target
from livemigration.vmm.scripts import ListedHost, ListHostsReply, ListHostsRequest
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import Identity

TARGET = Target("vmm01.contoso.com", "10.0.0.5", 5985)


class Server:
    """Sessions to a VMM server that answers, or fails, in this order."""

    def __init__(self, *answers: ListHostsReply | WsmanError, vendor: str = "Microsoft") -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.vendor = vendor

    def __call__(self, _target: Target, _deadline: Deadline) -> Any:
        return self

    def identify(self) -> Identity:
        return Identity(product_vendor=self.vendor, product_version="", protocol_version="")

    def run_script(self, _script: object, request: ListHostsRequest) -> ListHostsReply:
        self.asked.append(request.server)
        answer = self.answers.pop(0)
        if isinstance(answer, WsmanError):
            raise answer
        return answer

    def close(self) -> None:
        """End nothing."""


def listed(*hosts: ListedHost) -> Found:
    return ask_vmm(TARGET, Server(ListHostsReply(hosts, None)), Deadline.after(30))


@in_turn(
    "host, notes",
    [
        (ListedHost("hv01", communication="Responding", maintenance=False), ()),
        (ListedHost("hv01", communication="0"), ()),
        (ListedHost("hv01"), ()),
        (ListedHost("hv01", communication="1"), ("VMM does not reach it (1)",)),
        (
            ListedHost("hv01", communication="AccessDenied"),
            ("VMM does not reach it (AccessDenied)",),
        ),
        (ListedHost("hv01", maintenance=True), ("in maintenance mode",)),
    ],
)
def test_the_state_of_a_host_is_told(host: ListedHost, notes: Sequence[str]) -> None:
    assert listed(host).hosts[0].notes == tuple(notes)


@in_turn(
    "host, why, may_matter",
    [
        (ListedHost("hv01", platform="HyperV"), "", True),
        (ListedHost("hv01", platform="2"), "", True),
        (ListedHost("hv01", platform="Unknown"), "", True),
        (ListedHost("hv01", platform="VMWareESX"), "VMM has it as a host of VMWareESX", False),
        (ListedHost(None), "VMM's record of it has no name", True),
        (ListedHost("hv01", error="no\nway"), "VMM's record of it cannot be read: no way", True),
    ],
)
def test_what_is_no_host_to_check_says_why(host: ListedHost, why: str, may_matter: bool) -> None:
    found = listed(host).hosts[0]
    assert (found.unfit, found.may_matter) == (why, may_matter)


def test_a_host_has_its_full_name_and_is_recognised_by_the_other() -> None:
    (host,) = listed(ListedHost("HV01", fqdn="hv01.contoso.com")).hosts
    assert (host.name, host.others) == ("hv01.contoso.com", ("HV01",))


def test_host_groups_that_come_to_one_name_are_told() -> None:
    found = listed(
        ListedHost("hv01", group="All Hosts\\East DC"),
        ListedHost("hv02", group="All Hosts\\East-DC"),
        ListedHost("hv03", group="All Hosts\\West"),
    )
    (note,) = found.notes
    assert note.startswith("East DC and East-DC of VMM are one group here: East-DC. Give no policy")


def test_a_lost_connection_is_asked_again_once_and_nothing_else_is() -> None:
    lost = WsmanError(FailureKind.UNREACHABLE, "the connection was lost")
    server = Server(lost, ListHostsReply((ListedHost("hv01"),), None))
    assert len(ask_vmm(TARGET, server, Deadline.after(30)).hosts) == 1
    assert server.asked == ["vmm01.contoso.com"] * 2
    for errors in ((lost, lost), (WsmanError(FailureKind.AUTHENTICATION, "refused"),)):
        server = Server(*errors)
        with pytest.raises(NotFoundError, match=r"vmm01\.contoso\.com at 10\.0\.0\.5, port 5985"):
            ask_vmm(TARGET, server, Deadline.after(30))
        assert len(server.asked) == len(errors)


def test_cmdlets_that_fail_are_no_empty_list() -> None:
    server = Server(ListHostsReply(None, "The term\r\nGet-SCVMHost"))
    with pytest.raises(NotFoundError, match=r"failed: The term Get-SCVMHost\. Install the VMM"):
        ask_vmm(TARGET, server, Deadline.after(30))


def test_a_simulated_server_is_known_by_its_mark() -> None:
    server = Server(ListHostsReply((), None), vendor=SIMULATED_VENDOR)
    assert ask_vmm(TARGET, server, Deadline.after(30)).simulated
    assert not listed().simulated
