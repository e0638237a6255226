"""A thousand hosts of which half are dead: what is said of the healthy half does not change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from livemigration.base.addresses import parse_address
from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind, Gathered, NotGathered, Vantage
from livemigration.facts.vmm import (
    VMM_PROBES,
    VMM_RESOLUTION,
    VMM_WSMAN_TEST,
    VmmResolution,
)
from livemigration.gather.batches import MOST_ITEMS, SIDE_BY_SIDE, VmmScripts, in_batches
from livemigration.gather.connect import Connector, Target
from livemigration.gather.probing import NOT_ASKED, plan_probes, probe_from_vmm
from livemigration.gather.vmm import VmmView, gather_vmm
from livemigration.lab.threads import listeners_begun, loses_the_race, names_begun
from livemigration.vmm.scripts import (
    NO_ANSWER,
    PROBE,
    READ_VMM,
    RESOLVE_NAMES,
    ConnectionReply,
    HostReply,
    ListenerReply,
    ProbeReply,
    ProbeRequest,
    ReadVmmReply,
    ReleaseReply,
    ResolvedName,
    ResolveReply,
    ResolveRequest,
)
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import Identity, WsmanSession
from livemigration.wsman.traffic import Counted

VMM = Target("vmm01", "vmm01", 5985)
CORES = 2


def address_of(number: int) -> str:
    return f"10.1.{number // 250}.{number % 250 + 1}"


class Server:
    """A VMM server whose scripts have threads as the lab reckons them; odd hosts are dead."""

    ended = False

    def __init__(self, hosts: int, texts: Mapping[str, str] = {}) -> None:
        self.names = [f"hv{number:04}" for number in range(hosts)]
        self.dead = set(self.names[1::2])
        self.hangs: set[str] = set()
        self._texts = {each.name: each.text for each in (RESOLVE_NAMES, PROBE)} | dict(texts)
        self._lock = threading.Lock()
        self.running = self.most = 0
        self.batches: list[tuple[str, int]] = []

    def connect(self, _target: Target, _deadline: Deadline) -> WsmanSession:
        return cast("WsmanSession", self)

    def close(self) -> None:
        """Have nothing to close."""

    def counted(self) -> Counted:
        return Counted()

    def heard(self) -> None:
        return None

    def identify(self) -> Identity:
        return Identity("Vendor", "1.0", "wsman")

    def run_script(self, script: Any, request: Any) -> object:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            return self._answer(script, request)
        finally:
            with self._lock:
                self.running -= 1

    def _answer(self, script: Any, request: Any) -> object:
        if script is READ_VMM:
            hosts = tuple(HostReply(name, name, None, None) for name in self.names)
            return ReadVmmReply(ReleaseReply("3.1.6011.0", None), hosts, None)
        if script is RESOLVE_NAMES:
            return self._resolve(request)
        return self._probe(request)

    def _resolve(self, request: ResolveRequest) -> ResolveReply:
        self.batches.append((RESOLVE_NAMES.name, len(request.names)))
        dead = [name in self.dead for name in request.names]
        text = self._texts[RESOLVE_NAMES.name]
        begun = names_begun(text, dead, CORES, request.milliseconds)
        return ResolveReply(
            tuple(
                ResolvedName(name, (address_of(int(name[2:])),), None)
                if in_time and not silent
                else ResolvedName(name, (), 10060)
                for name, in_time, silent in zip(request.names, begun, dead, strict=True)
            )
        )

    def _probe(self, request: ProbeRequest) -> ProbeReply:
        if request.listeners:
            self.batches.append((PROBE.name, len(request.listeners)))
        connections = tuple(
            ConnectionReply(
                each.address,
                each.port,
                *((10060, request.milliseconds) if self._at(each.address) in self.dead else (0, 1)),
            )
            for each in request.connections
        )
        text = self._texts[PROBE.name]
        dead = [each.name in self.dead or each.name in self.hangs for each in request.listeners]
        racing = loses_the_race(text, len(dead))
        replies = []
        for each, silent, begun in zip(
            request.listeners, dead, listeners_begun(text, dead), strict=True
        ):
            if racing and not silent:
                racing = False
                said = "The term 'Test-WSMan' is not recognized as a name of a cmdlet."
                reply = ListenerReply(each.name, each.port, answered=False, code=None, text=said)
            elif not begun or silent:
                reply = ListenerReply(
                    each.name, each.port, answered=False, code=None, text=NO_ANSWER, tried=begun
                )
            else:
                reply = ListenerReply(each.name, each.port, answered=True, code=None, text="")
            replies.append(reply)
        return ProbeReply(connections, tuple(replies))

    def _at(self, address: str) -> str:
        _, _, third, fourth = (int(each) for each in address.split("."))
        return self.names[third * 250 + fourth - 1]


def resolved(server: Server) -> VmmView:
    view = VmmView()
    gather_vmm(
        VMM,
        dict.fromkeys(server.names, ""),
        connect=cast("Connector", server.connect),
        milliseconds=4000,
        deadline=Deadline.after(60),
        into=view,
    )
    return view


def probed(server: Server, view: VmmView) -> None:
    plans = [
        plan
        for name in server.names
        if (plan := plan_probes(Target(name, name, 5985), (), view.hosts[name])) is not None
    ]
    probe_from_vmm(
        VMM,
        plans,
        connect=cast("Connector", server.connect),
        deadline=Deadline.after(60),
        into=view,
    )


def addresses(view: VmmView, name: str) -> tuple[str, ...]:
    outcome = view.hosts[name][VMM_RESOLUTION.name]
    assert isinstance(outcome, Gathered)
    return tuple(map(str, outcome.value.addresses))


def test_five_hundred_dead_hosts_of_a_thousand_change_nothing_for_the_healthy() -> None:
    server = Server(1000)
    # These open their port and then say nothing, which holds a runspace each.
    server.hangs = set(server.names[0::20])
    view = resolved(server)
    for number, name in enumerate(server.names):
        assert addresses(view, name) == (() if name in server.dead else (address_of(number),))
    # The dead have addresses all the same: from a cache, or by another way.
    for number, name in enumerate(server.names):
        found = VmmResolution(name, (parse_address(address_of(number)),))
        view.hosts[name][VMM_RESOLUTION.name] = Gathered(found, Vantage.VMM)
    probed(server, view)
    for name in server.names:
        test = view.hosts[name][VMM_WSMAN_TEST.name]
        assert isinstance(test, Gathered)
        assert test.value.answered is (name not in server.dead | server.hangs)
        if name in server.dead:
            assert test.value.text == NOT_ASKED
        elif name in server.hangs:
            assert test.value.text == NO_ANSWER
    assert max(size for _, size in server.batches) <= MOST_ITEMS
    assert sum(size for script, size in server.batches if script == PROBE.name) == 500
    assert server.most <= SIDE_BY_SIDE


@pytest.mark.parametrize(
    ("script", "before", "after"),
    [
        (RESOLVE_NAMES, "[void][Threading.ThreadPool]::SetMinThreads(512, 512)\n", ""),
        (PROBE, "$widest = 256\n", "$widest = 32\n"),
        (PROBE, "[void]$state.ImportPSModule", "#"),
    ],
    ids=["threads", "runspaces", "module"],
)
def test_without_its_mend_a_script_says_wrong_things_of_healthy_hosts(
    script: Any, before: str, after: str
) -> None:
    assert before in script.text
    server = Server(400, {script.name: script.text.replace(before, after)})
    server.hangs = set(server.names[0::4])
    view = resolved(server)
    lost = [name for name in server.names if name not in server.dead and not addresses(view, name)]
    for number, name in enumerate(server.names):
        found = VmmResolution(name, (parse_address(address_of(number)),))
        view.hosts[name][VMM_RESOLUTION.name] = Gathered(found, Vantage.VMM)
    probed(server, view)
    untried = [
        name
        for name in server.names
        if isinstance(view.hosts[name][VMM_WSMAN_TEST.name], NotGathered)
    ]
    assert lost or untried
    # Even then nothing of it is called the host's own refusal.
    for name in set(server.names) - server.dead - server.hangs:
        test = view.hosts[name][VMM_WSMAN_TEST.name]
        answered = isinstance(test, Gathered) and test.value.answered
        assert answered or isinstance(test, NotGathered)


def test_a_connection_or_a_name_that_could_not_be_tried_spoils_only_its_host() -> None:
    class Broken(Server):
        def _probe(self, request: ProbeRequest) -> ProbeReply:
            replies = super()._probe(request)
            bad = address_of(0)
            return ProbeReply(
                tuple(
                    ConnectionReply(each.address, each.port, None, 0, "FormatException")
                    if each.address == bad
                    else each
                    for each in replies.connections
                ),
                replies.listeners,
            )

        def _resolve(self, request: ResolveRequest) -> ResolveReply:
            names = super()._resolve(request).names
            return ResolveReply(
                (ResolvedName(names[0].name, (), None, "ArgumentException: 0.0.0.0"), *names[1:])
            )

    server = Broken(4)
    server.dead = set()
    view = resolved(server)
    spoilt = view.hosts["hv0000"][VMM_RESOLUTION.name]
    assert isinstance(spoilt, NotGathered)
    assert "ArgumentException: 0.0.0.0" in spoilt.failure.came_back
    found = VmmResolution("hv0000", (parse_address(address_of(0)),))
    view.hosts["hv0000"][VMM_RESOLUTION.name] = Gathered(found, Vantage.VMM)
    probed(server, view)
    assert isinstance(view.hosts["hv0000"][VMM_PROBES.name], NotGathered)
    for name in server.names[1:]:
        assert isinstance(view.hosts[name][VMM_PROBES.name], Gathered)
        assert addresses(view, name)


def test_what_a_reply_leaves_out_was_not_tried() -> None:
    class Partial(Server):
        def _probe(self, request: ProbeRequest) -> ProbeReply:
            replies = super()._probe(request)
            return ProbeReply(replies.connections[:-1], replies.listeners[:-1])

    server = Partial(4)
    server.dead = set()
    view = resolved(server)
    probed(server, view)
    last = view.hosts["hv0003"]
    for group, asked in ((VMM_PROBES, address_of(3)), (VMM_WSMAN_TEST, "hv0003")):
        outcome = last[group.name]
        assert isinstance(outcome, NotGathered)
        assert asked in outcome.failure.tried
        assert "the reply does not name it" in outcome.failure.came_back
        for name in server.names[:-1]:
            assert isinstance(view.hosts[name][group.name], Gathered)


def scripts_of(
    answer: Callable[[Any], object], seconds: float = 20
) -> tuple[VmmScripts, list[tuple[str, ...]]]:
    asked: list[tuple[str, ...]] = []

    class Session(Server):
        def _answer(self, script: Any, request: Any) -> object:
            del script
            asked.append(request.names)
            return answer(request)

    connect = cast("Connector", Session(0).connect)
    return VmmScripts(VMM, connect, Deadline.after(seconds), "LM001"), asked


def requests(count: int) -> list[ResolveRequest]:
    return [ResolveRequest((f"hv{number}",), 100) for number in range(count)]


def test_a_batch_that_fails_takes_no_other_with_it() -> None:
    def answer(request: ResolveRequest) -> object:
        if request.names == ("hv1",):
            raise WsmanError(FailureKind.SCRIPT, "it ended with code 3")
        return ResolveReply(tuple(ResolvedName(each, (), 11001) for each in request.names))

    scripts, _ = scripts_of(answer)
    replies = scripts.run(RESOLVE_NAMES, requests(5), "Resolving")
    failed = [each for each in replies if isinstance(each, NotGathered)]
    assert replies[1] in failed
    assert [each.failure.came_back for each in failed] == ["it ended with code 3"]


def test_a_batch_that_hangs_ends_with_its_own_deadline_and_the_others_are_asked() -> None:
    never = threading.Event()

    def answer(request: ResolveRequest) -> object:
        if request.names == ("hv0",):
            never.wait(60)
        return ResolveReply(())

    scripts, asked = scripts_of(answer, seconds=2)
    replies = scripts.run(RESOLVE_NAMES, requests(7), "Resolving")
    never.set()
    assert isinstance(replies[0], NotGathered)
    assert replies[0].failure.kind is FailureKind.DEADLINE
    assert len(asked) == 7
    assert all(isinstance(each, ResolveReply) for each in replies[1:])


def test_batches_hold_every_item_once_in_order() -> None:
    for size in (0, 1, 200, 201, 1000):
        batches = in_batches(range(size))
        assert [each for batch in batches for each in batch] == list(range(size))
        assert all(0 < len(batch) <= MOST_ITEMS for batch in batches)
