"""VMM is asked about the disks of hosts whose machines have any; a host's failure is its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.facts.host import HOST_ACCESS, HostAccess
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
)
from livemigration.facts.virtual_disks import VIRTUAL_DISKS, VirtualDisk
from livemigration.facts.vmm import VMM_RECORD, VmmRecord
from livemigration.facts.vmm_disks import VMM_DISKS, ParentDisk, VmmDisk
from livemigration.facts.windows import MEGABYTE
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Access, Target
from livemigration.gather.server import Server
from livemigration.gather.vmm import VmmView
from livemigration.gather.vmm_disks import (
    MOST_HOSTS,
    disks_of_reply,
    read_disks,
    rounds_of,
    unasked,
)
from livemigration.inventory.connection import Connection
from livemigration.vmm.scripts import (
    READ_DISKS,
    DiskFileReply,
    DiskReply,
    HostDisksReply,
    ReadDisksReply,
    ReadDisksRequest,
)
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import WsmanSession

VMM = Target("vmm01", "vmm01", 5985, access=Access(Connection()))
FAILED = NotGathered(GatherFailure(FailureKind.FAULT, "Reading it", "it failed", "", "LM302"))
DISK = VirtualDisk("GUID", r"D:\a.vhdx")
RECORDED = DiskReply(DISK.file, 3 * MEGABYTE, 9 * MEGABYTE, False)


def seen(value: Any) -> Gathered[Any]:
    return Gathered(value, Vantage.HOST)


class Vmm:
    """A VMM server that answers with what `answer` makes of a request."""

    ended = False

    def __init__(self, answer: Callable[[ReadDisksRequest], object]) -> None:
        self.asked: list[ReadDisksRequest] = []
        self._answer = answer

    def connect(self, _target: Target, _deadline: Deadline) -> WsmanSession:
        return cast("WsmanSession", self)

    def close(self) -> None:
        """Have nothing to close."""

    def run_script(self, script: Any, request: ReadDisksRequest) -> object:
        assert script is READ_DISKS
        self.asked.append(request)
        return self._answer(request)


def all_alike(request: ReadDisksRequest) -> ReadDisksReply:
    return ReadDisksReply(tuple(HostDisksReply(each, (RECORDED,)) for each in request.hosts), None)


def read(vmm: Vmm, names: Mapping[str, str]) -> dict[str, Outcome[Any]]:
    into = VmmView()
    read_disks(VMM, names, connect=vmm.connect, deadline=Deadline.after(60), into=into)
    return {host: own[VMM_DISKS.name] for host, own in into.hosts.items()}


def test_many_hosts_are_read_in_batches() -> None:
    vmm = Vmm(all_alike)
    names = {f"hv{number:03}": f"HV{number:03}.contoso.com" for number in range(60)}
    found = read(vmm, names)
    assert sorted(len(each.hosts) for each in vmm.asked) == [10, MOST_HOSTS, MOST_HOSTS]
    assert sorted(name for each in vmm.asked for name in each.hosts) == sorted(names.values())
    assert all(40_000 <= each.milliseconds <= 45_000 for each in vmm.asked)
    for outcome in found.values():
        assert isinstance(outcome, Gathered)
        assert outcome.value == (VmmDisk(DISK.file, 3, 9, False),)
    assert [rounds_of(each) for each in (1, 75, 76, 150)] == [1, 1, 2, 2]


def test_what_of_a_host_cannot_be_read_is_its_own_failure() -> None:
    def answer(request: ReadDisksRequest) -> ReadDisksReply:
        told = [each for each in all_alike(request).hosts or () if each.name != "gone"]
        hosts = [
            HostDisksReply(each.name, None, "no\x1b right") if each.name == "refused" else each
            for each in told
        ]
        return ReadDisksReply(tuple(hosts), None)

    found = read(Vmm(answer), {each: each for each in ("well", "refused", "gone")})
    assert isinstance(found["well"], Gathered)
    assert reason(found["refused"]) == (FailureKind.SCRIPT, "no right")
    assert reason(found["gone"]) == (FailureKind.PROTOCOL, "the answer for this host is missing")


def reason(outcome: Outcome[Any]) -> tuple[FailureKind, str]:
    assert isinstance(outcome, NotGathered)
    return outcome.failure.kind, outcome.failure.came_back


def test_where_vmms_cmdlets_fail_that_is_the_reason_for_each_host() -> None:
    found = read(Vmm(lambda _: ReadDisksReply(None, "no console")), {"a": "a", "b": "b"})
    assert {reason(each) for each in found.values()} == {(FailureKind.SCRIPT, "no console")}


def test_where_the_script_does_not_end_that_is_the_reason_for_each_host() -> None:
    def fail(_: ReadDisksRequest) -> object:
        raise WsmanError(FailureKind.SCRIPT, "it ended")

    found = read(Vmm(fail), {"a": "a"})
    assert reason(found["a"]) == (FailureKind.SCRIPT, "it ended")


KNOWN = seen(VmmRecord(True, "hv01"))
ACCESS = seen(HostAccess("hv01", "", ""))


@in_turn(
    "said, record, expected",
    [
        ({VIRTUAL_DISKS.name: seen((DISK,))}, KNOWN, None),
        ({VIRTUAL_DISKS.name: seen((DISK,))}, None, None),
        ({HOST_ACCESS.name: ACCESS}, KNOWN, None),
        ({VIRTUAL_DISKS.name: seen(())}, KNOWN, Inapplicable),
        ({VIRTUAL_DISKS.name: seen((VirtualDisk("G", "x", is_disc=True),))}, KNOWN, Inapplicable),
        ({VIRTUAL_DISKS.name: Inapplicable("2008 R2")}, KNOWN, Inapplicable),
        ({VIRTUAL_DISKS.name: FAILED}, KNOWN, NotGathered),
        ({HOST_ACCESS.name: FAILED}, KNOWN, NotGathered),
        ({VIRTUAL_DISKS.name: seen((DISK,))}, FAILED, NotGathered),
        ({VIRTUAL_DISKS.name: seen((DISK,))}, seen(VmmRecord(False, "hv01")), NotGathered),
    ],
)
def test_vmm_is_asked_where_it_may_know_disks(
    said: Outcomes, record: Outcome[VmmRecord] | None, expected: type | None
) -> None:
    found = unasked("hv01", said, record)
    assert found is None if expected is None else isinstance(found, expected)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_server_asks_only_about_hosts_of_which_it_is_wanted(wanted: bool) -> None:
    vmm = Vmm(all_alike)
    names = {"hv01", "hv02", "hv03"}
    server = Server(
        VMM,
        {each: Target(each, each, 5985) for each in names},
        dict.fromkeys(names, frozenset({VMM_DISKS.name} if wanted else ())),
        vmm.connect,
    )
    server.view.hosts = {
        "hv01": {VMM_RECORD.name: KNOWN},
        "hv02": {VMM_RECORD.name: seen(VmmRecord(False, "hv02"))},
    }
    job = server.disks({each: {VIRTUAL_DISKS.name: seen((DISK,))} for each in names})
    if not wanted:
        assert job is None
        return
    assert job is not None
    job.run(Deadline.after(60))
    assert [each.hosts for each in vmm.asked] == [("hv01",)]
    assert isinstance(server.view.hosts["hv01"][VMM_DISKS.name], Gathered)
    unknown = server.view.hosts["hv02"][VMM_DISKS.name]
    assert isinstance(unknown, NotGathered)
    assert unknown.failure.root == "LM107"
    # Of one whose record was not read, the reason is that of the server.
    assert VMM_DISKS.name not in server.view.hosts["hv03"]


BYTES = st.none() | st.integers(-5, 2**50)


@given(st.lists(st.tuples(st.none() | st.text(max_size=5), BYTES, BYTES), max_size=4))
def test_sizes_are_rounded_up_and_what_has_no_path_is_left_out(
    rows: list[tuple[str | None, int | None, int | None]],
) -> None:
    found = disks_of_reply(
        tuple(DiskReply(f, a, b, None, (DiskFileReply(f, a),)) for f, a, b in rows)
    )
    named = [(f.strip(), a, b) for f, a, b in rows if f is not None and f.strip()]
    assert [each.file for each in found] == [f for f, _, _ in named]
    for each, (_, size, maximum) in zip(found, named, strict=True):
        for megabytes, byte in ((each.size, size), (each.maximum, maximum)):
            if byte is None or byte <= 0:
                assert megabytes is None
            else:
                assert megabytes is not None
                assert 0 <= megabytes * MEGABYTE - byte < MEGABYTE
        assert each.parents == (ParentDisk(each.file, each.size),)
