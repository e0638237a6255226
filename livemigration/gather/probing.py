"""What the VMM server tries to reach: connections first, then the listeners behind open ports."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from livemigration.base.addresses import Address, parse_address, usable
from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    NotGathered,
    Outcome,
    Vantage,
    gathered,
)
from livemigration.facts.network import LIVE_MIGRATION_PORT
from livemigration.facts.vmm import (
    DATA_PORTS,
    VMM_DATA_PORTS,
    VMM_PROBES,
    VMM_RECORD,
    VMM_RESOLUTION,
    VMM_WSMAN_TEST,
    WSAETIMEDOUT,
    Probe,
    VmmProbes,
    VmmResolution,
    VmmWsmanTest,
)
from livemigration.gather.batches import MOST_ITEMS, VmmScripts, in_batches
from livemigration.gather.connect import Connector, Target
from livemigration.gather.vmm import VmmView
from livemigration.vmm.scripts import (
    NO_ANSWER,
    PROBE,
    ConnectionReply,
    ConnectionRequest,
    ListenerReply,
    ListenerRequest,
    ProbeRequest,
)

SSL_PORT = 5986
_NOT_IN_REPLY = "the reply does not name it"
NOT_ASKED = "Not asked: the port through which VMM manages the host did not open."
_BUSY = "the VMM server was too busy"
# In milliseconds: after so long Windows itself gives up a connection; what its clock may be behind;
# what probe.ps1 may take to begin, and to look at one connection.
_OF_WINDOWS = 20_000
_CLOCK_STEP = 50
_TO_BEGIN = 1_500
_TO_LOOK_AT_ONE = 5
# Connections hold no thread; so many end, and are printed, well within what a script has.
_CONNECTIONS_AT_ONCE = 1000

Pair = tuple[Address, int]


@dataclass(frozen=True)
class ProbePlan:
    """What the VMM server is to try for one host; `port` and `ssl` are how it manages the host.

    `data` is None where nobody asked for the data ports. `control` are the connections to that
    port, which are among `addresses`. `milliseconds` is how long each of them may take.
    """

    host: str
    addresses: tuple[Pair, ...]
    data: tuple[Pair, ...] | None
    name: str
    port: int
    ssl: bool
    milliseconds: int
    control: tuple[Pair, ...] = ()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every connection to try, once each."""
        return tuple(dict.fromkeys((*self.addresses, *(self.data or ()))))


def plan_probes(
    target: Target, wanted: Collection[str], outcomes: Mapping[str, Outcome[Any]]
) -> ProbePlan | None:
    """Return the probes of one host, or None where VMM's resolution of it is unknown.

    Every usable listener on 6600, and every address VMM uses on 6600, on the control port and,
    where they are wanted, on the data ports: one connection per address, port and vantage.
    """
    resolution = outcomes.get(VMM_RESOLUTION.name)
    if not isinstance(resolution, Gathered):
        return None
    seen: VmmResolution = resolution.value
    listeners = outcomes.get(LISTENERS.name)
    bound: tuple[Address, ...] = ()
    if isinstance(listeners, Gathered):
        bound = usable(listeners.value.listeners)
    port, ssl = _managed_through(target, outcomes)
    pairs = [(address, LIVE_MIGRATION_PORT) for address in (*bound, *seen.addresses)]
    control = [(address, port) for address in seen.addresses]
    data = [(address, each) for each in DATA_PORTS for address in seen.addresses]
    return ProbePlan(
        host=target.name,
        addresses=tuple(dict.fromkeys((*pairs, *control))),
        data=tuple(data) if VMM_DATA_PORTS.name in wanted else None,
        name=seen.name,
        port=port,
        ssl=ssl,
        control=tuple(control),
        milliseconds=round(target.limits.probe * 1000),
    )


def _managed_through(target: Target, outcomes: Mapping[str, Outcome[Any]]) -> tuple[int, bool]:
    """Return the port through which VMM manages a host, and whether with SSL.

    What the inventory says holds. Else SSL is for perimeter hosts and those of a domain that VMM's
    does not trust, on the port of their record. What a record states as the port of any other host
    was seen for VMM 2012 R2 only, so that the inventory's port stays.
    """
    record = outcomes.get(VMM_RECORD.name)
    own = record.value if isinstance(record, Gathered) else None
    marked = own is not None and (own.perimeter is True or own.non_trusted_domain is True)
    ssl = marked if target.vmm_uses_ssl is None else target.vmm_uses_ssl
    if not ssl:
        return target.port if target.vmm_port is None else target.vmm_port, False
    return (own.ssl_port if own is not None and marked and own.ssl_port else SSL_PORT), True


def probe_from_vmm(
    target: Target,
    plans: Sequence[ProbePlan],
    *,
    connect: Connector,
    deadline: Deadline,
    into: VmmView,
) -> None:
    """Fill `into` with the probes of each planned host, in batches with a deadline each.

    A listener whose control port did not open is not tried: it could only hold a thread.
    """
    scripts = VmmScripts(target, connect, deadline, "")
    started = time.monotonic()
    met = _connect(scripts, plans)
    busy = any(_had_no_time(each) for each in met.values())
    for plan in plans:
        own = into.hosts.setdefault(plan.host, {})
        for group, tried in ((VMM_PROBES, plan.addresses), (VMM_DATA_PORTS, plan.data)):
            if tried is not None:
                own[group.name] = _probes(tried, met, started)
        if _is_shut(plan, met):
            test = VmmWsmanTest(plan.name, plan.port, answered=False, text=NOT_ASKED)
            own[VMM_WSMAN_TEST.name] = gathered(test, Vantage.VMM, started)
    behind = [plan for plan in plans if not _is_shut(plan, met)]
    _listen(scripts, behind, into, busy=busy)


Met = Mapping[Pair, ConnectionReply | NotGathered]


Item = TypeVar("Item")


def _timed(
    items: Iterable[tuple[Item, int]], most: int = MOST_ITEMS
) -> list[tuple[tuple[Item, ...], int]]:
    """Return items in batches that have the same time, which is the longest of each item."""
    longest: dict[Item, int] = {}
    for item, milliseconds in items:
        longest[item] = max(milliseconds, longest.get(item, 0))
    by_time: dict[int, list[Item]] = {}
    for item, milliseconds in longest.items():
        by_time.setdefault(milliseconds, []).append(item)
    return [
        (batch, milliseconds)
        for milliseconds, same in by_time.items()
        for batch in in_batches(same, most)
    ]


def _connect(scripts: VmmScripts, plans: Sequence[ProbePlan]) -> Met:
    """Try every connection; those for which the server had no time, once more."""
    pairs = [(pair, plan.milliseconds) for plan in plans for pair in plan.pairs]
    met = _tried(scripts, pairs)
    again = [each for each in pairs if _had_no_time(met.get(each[0]))]
    return {**met, **_tried(scripts, again)} if again else met


def _tried(
    scripts: VmmScripts, pairs: Sequence[tuple[Pair, int]]
) -> dict[Pair, ConnectionReply | NotGathered]:
    batches = _timed(pairs, _CONNECTIONS_AT_ONCE)
    requests = [
        ProbeRequest(
            tuple(ConnectionRequest(str(address), port) for address, port in batch),
            (),
            milliseconds,
        )
        for batch, milliseconds in batches
    ]
    tried = f"Connecting from the VMM server {scripts.target.name} to the hosts"
    met: dict[Pair, ConnectionReply | NotGathered] = {}
    replies = scripts.run(PROBE, requests, tried)
    for (batch, milliseconds), reply in zip(batches, replies, strict=True):
        if isinstance(reply, NotGathered):
            met.update(dict.fromkeys(batch, reply))
            continue
        for each in reply.connections:
            if (address := _address(each.address)) is not None:
                met[address, each.port] = judged(each, milliseconds, len(batch))
    return met


def judged(reply: ConnectionReply, limit: int, together: int) -> ConnectionReply:
    """Return a connection's outcome; a time-out that had no time is not one.

    The script's own clock tells: it begins all of them, which may take 1.5 s, waits the limit, and
    then looks at one after the other. On a server that is too busy for that, a connection begins
    late and has less than its time, or is looked at when the script is long late itself.

    Args:
        reply: what the script says.
        limit: the milliseconds that each connection has.
        together: how many connections it tried at once.
    """
    if reply.code != WSAETIMEDOUT:
        return reply
    took = reply.milliseconds
    if took < min(limit, _OF_WINDOWS) - _CLOCK_STEP:
        return replace(reply, code=None, text=f"it had {took} ms of {limit}: {_BUSY}")
    if took > 2 * limit + _TO_BEGIN + _TO_LOOK_AT_ONE * together:
        said = f"it was looked at after {took} ms in place of {limit}: {_BUSY}"
        return replace(reply, code=None, text=said)
    return reply


def _had_no_time(reply: ConnectionReply | NotGathered | None) -> bool:
    return isinstance(reply, ConnectionReply) and reply.code is None and _BUSY in reply.text


def _probes(tried: Sequence[Pair], met: Met, started: float) -> Outcome[VmmProbes]:
    made = []
    for pair in tried:
        reply = met.get(pair)
        if isinstance(reply, NotGathered):
            return reply
        asked = f"Connecting to {pair[0]} port {pair[1]} from the VMM server"
        if reply is None:
            return NotGathered(_untried(asked, _NOT_IN_REPLY))
        if reply.code is None:
            return NotGathered(_untried(asked, reply.text))
        made.append(Probe(*pair, reply.code, reply.milliseconds))
    return gathered(VmmProbes(tuple(made)), Vantage.VMM, started)


def _is_shut(plan: ProbePlan, met: Met) -> bool:
    """Whether every connection to the control port was tried, and none opened."""
    codes = [
        reply.code if isinstance(reply, ConnectionReply) else None
        for reply in (met.get(pair) for pair in plan.control)
    ]
    return bool(codes) and None not in codes and 0 not in codes


def _listen(scripts: VmmScripts, plans: Sequence[ProbePlan], into: VmmView, *, busy: bool) -> None:
    """Ask the listeners; from a `busy` server, silence says nothing of them."""
    started = time.monotonic()
    batches = _timed(
        (ListenerRequest(plan.name, plan.port, plan.ssl), plan.milliseconds) for plan in plans
    )
    requests = [ProbeRequest((), batch, milliseconds) for batch, milliseconds in batches]
    tried = f"Asking the hosts with Test-WSMan from the VMM server {scripts.target.name}"
    tests: dict[tuple[str, int], ListenerReply | NotGathered] = {}
    replies = scripts.run(PROBE, requests, tried)
    for (batch, _), reply in zip(batches, replies, strict=True):
        if isinstance(reply, NotGathered):
            tests.update(((each.name, each.port), reply) for each in batch)
        else:
            tests.update(
                ((each.name, each.port), _listened(each, busy=busy)) for each in reply.listeners
            )
    for plan in plans:
        test = tests.get((plan.name, plan.port))
        if test is None:
            test = NotGathered(_untried(_asking(plan.name, plan.port), _NOT_IN_REPLY))
        own = into.hosts.setdefault(plan.host, {})
        own[VMM_WSMAN_TEST.name] = (
            test if isinstance(test, NotGathered) else _wsman_test(test, started)
        )


def _listened(reply: ListenerReply, *, busy: bool) -> ListenerReply:
    if not busy or reply.answered or reply.text != NO_ANSWER:
        return reply
    return replace(reply, tried=False, text=f"{NO_ANSWER} {_BUSY[0].upper()}{_BUSY[1:]}.")


_TAG = re.compile(r"<[^<>]*>")
_CODE = re.compile(r'\bCode="([0-9]{1,10})"')


def _wsman_test(reply: ListenerReply, started: float) -> Outcome[VmmWsmanTest]:
    """Return a listener's outcome: what the network or the host said, or that it was not tried.

    Test-WSMan's error is the fault's XML, which holds the code. A text of PowerShell itself has
    none, and says nothing of the host. .NET has an HRESULT as a signed number.
    """
    code = reply.code
    if code is None and not reply.answered and (found := _CODE.search(reply.text)):
        code = int(found[1])
    if code is not None:
        code &= 0xFFFFFFFF
    text = one_line(html.unescape(_TAG.sub(" ", reply.text)))
    tried = reply.tried
    if tried is None:
        tried = reply.answered or code is not None or text == NO_ANSWER
    if not tried:
        return NotGathered(_untried(_asking(reply.name, reply.port), text))
    test = VmmWsmanTest(reply.name, reply.port, reply.answered, code, text)
    return gathered(test, Vantage.VMM, started)


def _asking(name: str, port: int) -> str:
    return f"Asking {name} port {port} with Test-WSMan on the VMM server"


def _untried(tried: str, text: str) -> GatherFailure:
    return GatherFailure(
        FailureKind.SCRIPT,
        tried,
        f"it could not be tried: {one_line(text) or 'PowerShell gave no reason'}",
        "Run the suite again; if it stays so, run probe.ps1 on the VMM server by hand and compare.",
        "",
    )


def _address(text: str) -> Address | None:
    try:
        return parse_address(text)
    except ValueError:
        return None
