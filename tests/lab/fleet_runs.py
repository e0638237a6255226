"""A whole fleet asked and judged in this process, without pytest's wiring."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fact_builders import CHECKS

from livemigration.facts.model import Subject
from livemigration.facts.registry import HOST_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.connect import Target, connector
from livemigration.gather.fleet import Fleet, Order, gather
from livemigration.inventory import Connection, TimeLimits
from livemigration.lab.fleet import load_fleet
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.policy import Policy
from livemigration.results import PlanEntry, Result, State
from livemigration.runner import evaluate

# The lab answers at once, or never.
LIMITS = TimeLimits(connect=0.5, probe=0.5)
# For a fleet in which everything answers.
PATIENT = TimeLimits(connect=10, probe=30)
GREEN = {State.PASS, State.NOT_APPLICABLE, State.WARNING}

Judged = dict[tuple[str, str], Result]


def ask(lab: RunningLab, managers: Mapping[str, str] = {}, limits: TimeLimits = LIMITS) -> RunFacts:
    """Return every fact of a running lab; `managers` names the VMM server of each host."""

    def target(machine: LabMachine) -> Target:
        return Target(machine.name, machine.address, machine.port)

    fleet = Fleet(
        vmms=tuple(target(each) for each in lab.vmms),
        hosts={each.name: target(each) for each in lab.hosts},
        connect=connector(Connection(time_limits=limits), lab.credentials),
        limits=limits,
        concurrency=16,
        managers=managers,
    )
    wanted = frozenset(each.name for each in (*HOST_GROUPS, *VMM_VIEW_GROUPS))
    return gather(fleet, Order(dict.fromkeys(fleet.hosts, wanted), vmm=True), lambda *_: None)


def judged(
    facts: RunFacts,
    policies: Mapping[str, Policy] = {},
    exchanges: Mapping[str, frozenset[str]] = {},
) -> Judged:
    """Return what every check that needs no option says of every target.

    `exchanges`: the hosts with which a host exchanges virtual machines, where that is said.
    """
    found = {}
    for check in CHECKS.values():
        if check.opt_in is not None:
            continue
        targets = facts.hosts if check.target is Subject.HOST else facts.vmms
        for target in targets:
            entry = PlanEntry(
                f"{check.identifier}[{target}]",
                check.identifier,
                check.title,
                check.area,
                check.target,
                target,
            )
            policy = policies.get(target, Policy())
            found[check.identifier, target] = evaluate(
                check, facts, entry, policy, exchanges=exchanges.get(target)
            )
    return found


def judge(
    fleet: str,
    policies: Mapping[str, Policy] = {},
    exchanges: Mapping[str, frozenset[str]] = {},
    limits: TimeLimits = LIMITS,
) -> Judged:
    """Return what every check says of every machine of a fleet."""
    return judged(facts_of(fleet, limits), policies, exchanges)


def facts_of(fleet: str, limits: TimeLimits = LIMITS) -> RunFacts:
    """Return every fact of a fleet."""
    loaded = load_fleet(fleet)
    managers = {host.name: loaded.manager(host).name for host in loaded.hosts}
    with start(fleet) as lab:
        return ask(lab, managers, limits)


@cache
def judge_shipped(fleet: str) -> Judged:
    """Return what every check says of a shipped fleet, which each process asks once."""
    return judge(fleet)


def not_green(results: Judged, target: str) -> dict[str, str]:
    """Return the state of each check that is not green, blocked ones with their root."""
    told = {}
    for (check, name), result in results.items():
        if name != target or result.state in GREEN:
            continue
        by = result.blocked_by.check if result.blocked_by is not None else ""
        told[check] = f"{result.state.value} by {by}" if by else result.state.value
    return told


def warned(results: Judged, target: str) -> set[str]:
    """Return the checks that warn."""
    return {
        check
        for (check, name), result in results.items()
        if name == target and result.state is State.WARNING
    }


def said(result: Result) -> list[Any]:
    """Return everything a result says, for a failing assertion."""
    return [result.reason, *(each.observed for each in result.findings)]
