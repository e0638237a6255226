"""What is asked of one host: its WMI groups, over one WSMan session."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from livemigration.base.deadline import Deadline
from livemigration.facts.host import (
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
    VMMS,
    HostAccess,
    Services,
)
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    HostGroup,
    NotGathered,
    Outcome,
    Vantage,
    WmiGroup,
    gathered,
)
from livemigration.facts.registry import HOST_GROUPS
from livemigration.gather.asking import ASKED_AGAIN, Asking, Outcomes, failure_of, is_full
from livemigration.gather.beside import Connections, Groups, Second, shared_out
from livemigration.gather.connect import Connector, Target
from livemigration.gather.properties import AbsentProperties
from livemigration.gather.stopped_cluster import explain_stopped_cluster
from livemigration.wsman.errors import WsmanError, WsmanFault
from livemigration.wsman.traffic import Counted

ACCESS_CHECK = "LM302"


def gather_host(
    target: Target,
    wanted: Collection[str],
    connect: Connector,
    deadline: Deadline,
    into: Outcomes,
    absent: AbsentProperties,
    connections: Connections | None = None,
) -> None:
    """Fill `into` with the wanted groups of one host, as they come.

    `absent` is what the hosts of the run found out of the properties that a build lacks, and
    `connections` decides whether a second connection takes some of the questions; None: none does.

    A session that broke is replaced, and a query that lost its connection is asked again once: it
    changes nothing. Where two sessions break one after the other, or the deadline passes, the
    groups that were not reached carry the failure that ended it, and what was read stays. So it is
    where a quota of the host stays full, whose failure is then one.

    Raises:
        TimeoutError: the second connection did not end by the deadline.
    """
    visit = _Visit(Asking(target, deadline, into, absent), connect)
    groups = _in_order(wanted, into)
    try:
        if not groups:
            visit.is_met(None)
            return
        goes_on = visit.ask(groups)
        if goes_on and connections is not None:
            groups = visit.share(groups, connections)
        while goes_on and (groups := groups or visit.more()):
            goes_on = visit.ask(groups)
        if visit.met:
            visit.end(groups)
    finally:
        visit.session.close()


class _Visit:
    """The sessions to one host, one after another, and how it met the first question.

    An answer to that says as much as one to Identify, which is left out then. What it does not say
    is asked by Identify: whether a host that refused a query, or was slow over it, is there at all.
    """

    def __init__(self, asking: Asking, connect: Connector) -> None:
        self._asking = asking
        self._target = asking.target
        self._connect = connect
        self._deadline = asking.deadline
        self._into = asking.into
        self._started = time.monotonic()
        self._last: Outcome[Any] | None = None
        self._broken = 0
        self._full = ""
        self._second: Second | None = None
        # Requests of sessions that are closed, of all until the second connection was opened, and
        # those that were on their way beside others.
        self._closed = self._before = self._beside = 0
        self.met = False
        self.session = connect(asking.target, asking.deadline)

    def ask(self, groups: Groups) -> bool:
        """Ask for the first of these groups, and take it off; return whether to go on."""
        group = groups[0]
        outcome, error = self._asking.ask(self.session, group)
        ended = self.session.ended
        if not self.is_met(error):
            return False
        self._into[group.name] = self._last = outcome
        if self._second is not None:
            self._second.heard(group)
        if not is_full(outcome):
            self._full = ""
        elif not self._full:
            self._full = group.name
        else:
            return False
        self._broken = self._broken + 1 if ended else 0
        if self._broken > 1 or (ended and self._deadline.passed):
            return False
        if ended:
            self.renew()
            if error is not None and error.kind in ASKED_AGAIN:
                return True
        groups.pop(0)
        return True

    def share(self, groups: Groups, connections: Connections) -> Groups:
        """Have a second connection take some of the groups, where that pays; return the others."""
        said, quickest = self._target.access.connection.connections, self._counted().quickest
        if not connections.pays(said, quickest, self._target.address):
            return groups
        own, lent = shared_out(groups)
        second = Second(self._asking, self._connect, lent, connections)
        if not lent or not second.start():
            return groups
        if SERVICES not in own:
            second.heard(SERVICES)
        self._second, self._before = second, self._counted().requests
        return own

    def more(self) -> Groups:
        """Return what the second connection can spare, and in the end what it lost."""
        return (self._second.taken() if self._second is not None else []) or self.joined()

    def joined(self) -> Groups:
        """Wait for the second connection, and return what it did not ask, or lost."""
        second, self._second = self._second, None
        if second is None:
            return []
        left = second.left()
        self._beside = min(self._counted().requests - self._before, second.requests)
        return left

    def end(self, groups: Groups) -> None:
        """Say of these groups, and of what the second connection lost, why they were not asked."""
        lost = [*groups, *self.joined()]
        if lost and self._full:
            _stay_full(self._into, self._full, lost)
        elif self._last is not None:
            self._into.update((each.name, self._last) for each in lost)
        explain_stopped_vmms(self._into)
        explain_stopped_cluster(self._into)
        _say_how_it_was_asked(self._into, self._asking, self._beside)

    def renew(self) -> None:
        """Go on over another session, where this one has ended."""
        if self.session.ended:
            self._closed += self.session.counted().requests
            self.session.close()
            self.session = self._connect(self._target, self._deadline)

    def _counted(self) -> Counted:
        now = self.session.counted()
        return replace(now, requests=now.requests + self._closed)

    def is_met(self, error: WsmanError | None) -> bool:
        """Whether the host met the suite; `error` is what came in place of the first answer."""
        if self.met:
            return True
        heard = self.session.heard()
        if error is not None and self.session.ended:
            if self._deadline.passed or heard is None or error.kind not in _MAY_BE_THE_QUERY:
                return self._shut(error)
            # Whether it answers over another connection decides.
            self.renew()
            heard = None
        try:
            if heard is None or isinstance(error, WsmanFault):
                heard = self.session.identify()
        except WsmanError as refused:
            return self._shut(refused)
        access = HostAccess(
            self._target.endpoint, heard.product_vendor, heard.product_version, heard.signed_in
        )
        self._into[HOST_ACCESS.name] = gathered(access, Vantage.SUITE, self._started)
        self.met = True
        return True

    def _shut(self, error: WsmanError) -> bool:
        self._into[HOST_ACCESS.name] = NotGathered(
            failure_of(error, f"Connecting to {self._target.endpoint}", ACCESS_CHECK)
        )
        return False


# What a provider that is slow or breaks looks like too, once the host took the credentials.
_MAY_BE_THE_QUERY = {FailureKind.TIMED_OUT, FailureKind.UNREACHABLE}


def _say_how_it_was_asked(into: Outcomes, asking: Asking, beside: int) -> None:
    access = into[HOST_ACCESS.name]
    if isinstance(access, Gathered):
        value = replace(
            access.value,
            unfiltered=tuple(dict.fromkeys(asking.refused)),
            active_store=asking.stores.active,
            beside=beside,
        )
        into[HOST_ACCESS.name] = replace(access, value=value)


def _stay_full(into: Outcomes, first: str, groups: Iterable[HostGroup[Any]]) -> None:
    """Give the groups that follow the failure of the first that met a full quota."""
    found = into[first]
    lost = [first, *(each.name for each in groups)]
    if isinstance(found, NotGathered) and SERVICES.name in lost:
        found = NotGathered(replace(found.failure, root=ACCESS_CHECK))
    into.update(dict.fromkeys(lost, found))


def _in_order(wanted: Collection[str], known: Outcomes) -> list[HostGroup[Any]]:
    groups: list[HostGroup[Any]] = [each for each in HOST_GROUPS if each.name in wanted]
    there = {each.name for each in groups}
    there |= {name for name, each in known.items() if isinstance(each, Gathered)}
    if any(map(_depends_on_build, groups)) and OPERATING_SYSTEM.name not in there:
        groups.insert(0, OPERATING_SYSTEM)
    if any(each.provided_by_vmms for each in groups) and SERVICES.name not in there:
        groups.insert(1, SERVICES)
    return groups


def _depends_on_build(group: HostGroup[Any]) -> bool:
    """Whether it is to be known first which build the host is."""
    if isinstance(group, WmiGroup) and any(
        not each.by_patch for each in group.query.wmi_class.optional
    ):
        return True
    return group.minimum_build > 0


def explain_stopped_vmms(outcomes: Outcomes) -> None:
    """Attribute failures of the Hyper-V provider to a vmms that does not run, in place.

    The provider of root/virtualization/v2 lives in vmms (windows-facts.md section 1).
    """
    services = outcomes.get(SERVICES.name)
    if not isinstance(services, Gathered):
        return
    found: Services = services.value
    vmms = found.find(VMMS)
    if vmms is not None and vmms.running:
        return
    state, step = "does not run", "Start the service vmms, then run the suite again."
    if vmms is None:
        state = "is not installed"
        step = "Install the Hyper-V role on the host, or remove it from the inventory."
    elif vmms.changing:
        state = vmms.changing
        step = "Wait until the service vmms runs, then run the suite again."
    for group in HOST_GROUPS:
        outcome = outcomes.get(group.name)
        if group.provided_by_vmms and isinstance(outcome, NotGathered):
            failure = outcome.failure
            outcomes[group.name] = NotGathered(
                GatherFailure(
                    kind=FailureKind.MISSING,
                    tried=failure.tried,
                    came_back=f"the service vmms, which provides them, {state}",
                    next_step=step,
                    root=ACCESS_CHECK,
                    code=failure.code,
                )
            )
