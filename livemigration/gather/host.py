"""What is asked of one host: its WMI groups, over one WSMan session."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from livemigration.cim import WmiRowError
from livemigration.deadline import Deadline
from livemigration.facts.host import (
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
    VMMS,
    HostAccess,
    OperatingSystem,
    Services,
)
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    HostGroup,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
    gathered,
)
from livemigration.facts.registry import HOST_GROUPS
from livemigration.gather.connect import Connector, Target
from livemigration.wsman.errors import WsmanError, WsmanFault, one_line
from livemigration.wsman.session import WsmanSession

ACCESS_CHECK = "LM302"

# What Windows answers where a namespace or a class does not exist (windows-facts.md 4.1, 5.5).
_ABSENT_CODES = {2150858752, 2150858778, 2150858811, 0x80041002, 0x8004100E, 0x80041010}

Outcomes = dict[str, Outcome[Any]]


def gather_host(
    target: Target, wanted: Collection[str], connect: Connector, deadline: Deadline, into: Outcomes
) -> None:
    """Fill `into` with the wanted groups of one host, as they come.

    A session that broke is replaced, and a query that lost its connection is asked again once: it
    changes nothing. Where two sessions break one after the other, or the deadline passes, the
    groups that were not reached carry the failure that ended it, and what was read stays.
    """
    session = _open(target, connect, deadline, into)
    if session is None:
        return
    groups = _in_order(wanted)
    broken = 0
    try:
        while groups:
            group = groups[0]
            outcome = into[group.name] = _ask(session, target, group, into)
            broken = broken + 1 if session.ended else 0
            if broken > 1 or (session.ended and deadline.passed):
                break
            if session.ended:
                session.close()
                session = connect(target, deadline)
                if isinstance(outcome, NotGathered) and outcome.failure.kind in _ASKED_AGAIN:
                    continue
            groups.pop(0)
        into.update((each.name, outcome) for each in groups)
        explain_stopped_vmms(into)
    finally:
        session.close()


# A slow query is not among them: asked again, it would only be slow again.
_ASKED_AGAIN = {FailureKind.UNREACHABLE}


def _in_order(wanted: Collection[str]) -> list[HostGroup[Any]]:
    groups: list[HostGroup[Any]] = [each for each in HOST_GROUPS if each.name in wanted]
    if any(each.minimum_build for each in groups) and OPERATING_SYSTEM not in groups:
        groups.insert(0, OPERATING_SYSTEM)
    if any(each.provided_by_vmms for each in groups) and SERVICES not in groups:
        groups.insert(1, SERVICES)
    return groups


def _open(
    target: Target, connect: Connector, deadline: Deadline, into: Outcomes
) -> WsmanSession | None:
    started = time.monotonic()
    session = connect(target, deadline)
    try:
        identity = session.identify()
    except WsmanError as error:
        session.close()
        into[HOST_ACCESS.name] = NotGathered(
            failure_of(error, f"Connecting to {target.endpoint}", ACCESS_CHECK)
        )
        return None
    access = HostAccess(target.endpoint, identity.product_vendor, identity.product_version)
    into[HOST_ACCESS.name] = gathered(access, Vantage.SUITE, started)
    return session


def _ask(
    session: WsmanSession, target: Target, group: HostGroup[Any], known: Outcomes
) -> Outcome[Any]:
    system = known.get(OPERATING_SYSTEM.name)
    if isinstance(system, Gathered):
        own: OperatingSystem = system.value
        if own.build < group.minimum_build:
            # The same words for every group: one root cause reads as one.
            return Inapplicable(
                f"The host runs Windows build {own.build}, which has no root/virtualization/v2: "
                "live migration is checked from Windows Server 2012 (build 9200) on."
            )
    tried = f"Reading {group.title} of {target.name} ({group.source})"
    started = time.monotonic()
    try:
        value = group.read(session)
    except WsmanError as error:
        if group.when_absent is not None and _says_absent(error):
            return gathered(group.when_absent, Vantage.HOST, started)
        return NotGathered(failure_of(error, tried, ""))
    except (WmiRowError, ValueError) as error:
        return group.unusable(target.name, one_line(str(error)))
    if lack := group.lack(value):
        return group.unusable(target.name, lack)
    return gathered(value, Vantage.HOST, started)


def _says_absent(error: WsmanError) -> bool:
    """Whether a fault says that the class or its namespace does not exist, itself or nested."""
    if error.kind is FailureKind.ACCESS_DENIED:
        return False
    nested = error.provider_codes if isinstance(error, WsmanFault) else ()
    return not _ABSENT_CODES.isdisjoint({error.code, *nested})


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


def failure_of(error: WsmanError, tried: str, root: str) -> GatherFailure:
    """Return a client error as a failure of the facts model."""
    return GatherFailure(
        kind=error.kind,
        tried=tried,
        came_back=error.came_back,
        next_step=error.next_step,
        root=root,
        code=error.code,
    )
