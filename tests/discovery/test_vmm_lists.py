"""What VMM lists, read as far as it can be: its enums by name and by number, broken records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.discovery.found import Found, NotFoundError, Scope
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
        self.asked: list[ListHostsRequest] = []
        self.vendor = vendor

    def __call__(self, _target: Target, _deadline: Deadline) -> Any:
        return self

    def identify(self) -> Identity:
        return Identity(product_vendor=self.vendor, product_version="", protocol_version="")

    def run_script(self, _script: object, request: ListHostsRequest) -> ListHostsReply:
        self.asked.append(request)
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
        (ListedHost("hv01", communication="x" * 40), (f"VMM does not reach it ({'x' * 40})",)),
        (ListedHost("hv01", communication="x" * 41), (f"VMM does not reach it ({'x' * 37}...)",)),
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
        (ListedHost("hv01", platform="x" * 40), f"VMM has it as a host of {'x' * 40}", False),
        (ListedHost("hv01", platform="x" * 41), f"VMM has it as a host of {'x' * 37}...", False),
        (ListedHost(None), "VMM's record of it has no name", True),
        (ListedHost("hv01", error="no\nway"), "VMM's record of it cannot be read: no way", True),
    ],
)
def test_what_is_no_host_to_check_says_why(host: ListedHost, why: str, may_matter: bool) -> None:
    found = listed(host).hosts[0]
    assert (found.unfit, found.may_matter) == (why, may_matter)


@in_turn(
    "name, fqdn, shown, others",
    [
        ("HV01", "hv01.contoso.com", "hv01.contoso.com", ("HV01",)),
        ("hv01.contoso.com", "hv01.contoso.com", "hv01.contoso.com", ()),
        (None, "hv01.contoso.com", "hv01.contoso.com", ()),
        ("HV01", None, "HV01", ()),
    ],
)
def test_a_host_has_its_full_name_and_is_recognised_by_the_other(
    name: str | None, fqdn: str | None, shown: str, others: tuple[str, ...]
) -> None:
    (host,) = listed(ListedHost(name, fqdn=fqdn)).hosts
    assert (host.name, host.others) == (shown, others)


@in_turn(
    "cluster, group, groups",
    [
        (None, None, ()),
        ("cl01", None, ("cl01",)),
        ("cl01", "All Hosts\\Ams\\CL01", ("cl01", "Ams", "Ams.CL01")),
        ("CL01", "All Hosts\\cl01", ("CL01",)),
        ("--", "All Hosts\\Ams", ("Ams",)),
    ],
)
def test_a_host_is_in_the_group_of_its_cluster_and_in_those_of_its_path(
    cluster: str | None, group: str | None, groups: tuple[str, ...]
) -> None:
    (host,) = listed(ListedHost("hv01", cluster=cluster, group=group)).hosts
    assert host.groups == groups


def test_it_is_one_server_that_lists_and_manages_them() -> None:
    said = listed(ListedHost("hv02"), ListedHost("HV01"))
    assert (said.title, said.server) == ("The VMM server vmm01.contoso.com", "vmm01.contoso.com")
    assert said.scope == Scope(server="vmm01.contoso.com")
    assert [each.name for each in said.hosts] == ["HV01", "hv02"]


def test_its_cmdlets_have_the_time_that_is_left() -> None:
    for seconds, least, most in ((0, 1000, 1000), (1_000_000, 999_000_000, 1_000_000_000)):
        server = Server(ListHostsReply((), None))
        ask_vmm(TARGET, server, Deadline.after(seconds))
        assert least <= server.asked[0].milliseconds <= most


def test_host_groups_that_come_to_one_name_are_told() -> None:
    found = listed(
        ListedHost("hv01", group="All Hosts\\East DC"),
        ListedHost("hv02", group="All Hosts\\East-DC"),
        ListedHost("hv03", group="All Hosts\\West"),
    )
    (note,) = found.notes
    assert note.startswith("East DC and East-DC of VMM are one group here: East-DC. Give no policy")
    long, other = (f"{'x' * 30}{each}{'y' * 29}" for each in (" ", "-"))
    hosts = (ListedHost("hv01", cluster=long), ListedHost("hv02", group=f"All\\{other}"))
    assert listed(*hosts).notes[0].startswith(f"{long} and {other} of VMM are one group here: ")
    hosts = (ListedHost("hv01", cluster=f"{long}z"), ListedHost("hv02", group=f"All\\{other}z"))
    shown = f"{long[:57]}... and {other[:57]}... of VMM are one group here: {other}z. "
    assert listed(*hosts).notes[0].startswith(shown)


def test_a_lost_connection_is_asked_again_once_and_nothing_else_is() -> None:
    lost = WsmanError(FailureKind.UNREACHABLE, "the connection was lost")
    server = Server(lost, ListHostsReply((ListedHost("hv01"),), None))
    assert len(ask_vmm(TARGET, server, Deadline.after(30)).hosts) == 1
    assert [each.server for each in server.asked] == ["vmm01.contoso.com"] * 2
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
