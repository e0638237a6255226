"""A whole fleet asked and judged in this process, without pytest's wiring."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fact_builders import CHECKS
from run_builders import entry_of

from livemigration.facts.compatibility import COMPATIBILITY_VECTORS
from livemigration.facts.model import Subject
from livemigration.facts.registry import DIRECTORY_GROUPS, HOST_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.further import gather_further
from livemigration.gather.reached import played_directory
from livemigration.inventory.connection import Client, Connection, Connections, TimeLimits
from livemigration.inventory.exchanging import Outside
from livemigration.inventory.policy import Policy
from livemigration.lab.fleet import load_fleet
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.run.result import Result, State
from livemigration.run.runner import evaluate
from livemigration.verdict.second_step import OF_THE_SECOND_STEP, of_different_processors
from livemigration.wsman.manners import Manners

# The lab answers at once, or never.
LIMITS = TimeLimits(connect=0.5, probe=0.2)
# For a fleet in which everything answers.
PATIENT = TimeLimits(connect=10, probe=30)
GREEN = {State.PASS, State.NOT_APPLICABLE, State.WARNING}

Judged = dict[tuple[str, str], Result]


def ask(
    lab: RunningLab,
    managers: Mapping[str, str] = {},
    limits: TimeLimits = LIMITS,
    stage_vm: str = "",
    client: Client = "auto",
    connections: Connections = "auto",
    exchanges: Mapping[str, frozenset[str]] = {},
) -> RunFacts:
    """Return every fact of a running lab, in both steps.

    `managers` names the VMM server of each host, `exchanges` with whom it is said to exchange
    virtual machines.
    """
    said = Connection(time_limits=limits, client=client, connections=connections)
    access = Access(said, lab.credentials)

    def target(machine: LabMachine) -> Target:
        return Target(machine.name, machine.address, machine.port, access=access)

    manners = Manners()
    fleet = FleetConnections(
        vmms=tuple(target(each) for each in lab.vmms),
        hosts={each.name: target(each) for each in lab.hosts},
        connect=connector(manners=manners),
        seconds=limits.run,
        concurrency=16,
        managers=managers,
        manners=manners,
        directories=(played_directory(lab.directory, lab),) if lab.directory is not None else (),
    )
    groups = (*HOST_GROUPS, *VMM_VIEW_GROUPS, *DIRECTORY_GROUPS)
    wanted = frozenset(each.name for each in groups) - OF_THE_SECOND_STEP
    order = Order(dict.fromkeys(fleet.hosts, wanted), vmm=True, stage_vm=stage_vm)
    facts = gather(fleet, order, lambda *_: None)
    further = tuple(of_different_processors(facts, facts.hosts, lambda _: Policy(), exchanges.get))
    return gather_further(fleet, facts, further, COMPATIBILITY_VECTORS, lambda *_: None)


def judged(
    facts: RunFacts,
    policies: Mapping[str, Policy] = {},
    exchanges: Mapping[str, frozenset[str]] = {},
) -> Judged:
    """Return what every check that needs no option says of every target.

    `exchanges`: the hosts with which a host exchanges virtual machines, where that is said.
    """
    found = {}
    outside = Outside(frozenset(exchanges).union(*exchanges.values())) if exchanges else None
    for check in CHECKS.values():
        if check.opt_in is not None:
            continue
        targets = facts.hosts if check.target is Subject.HOST else facts.vmms
        for target in targets:
            entry = entry_of(check, target)
            policy = policies.get(target, Policy())
            found[check.identifier, target] = evaluate(
                check, facts, entry, policy, exchanges=exchanges.get(target, outside)
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
def facts_of_shipped(fleet: str) -> RunFacts:
    """Return every fact of a shipped fleet, which each process asks once."""
    return facts_of(fleet)


@cache
def judge_shipped(fleet: str) -> Judged:
    """Return what every check says of a shipped fleet."""
    return judged(facts_of_shipped(fleet))


def not_green(results: Judged, target: str) -> dict[str, str]:
    """Return the state of each check that is not green, blocked ones with their root."""
    told = {}
    for (check, name), result in results.items():
        if name != target or result.state in GREEN:
            continue
        by = result.blocked_by.check if result.blocked_by is not None else ""
        told[check] = f"{result.state.value} by {by}" if by else result.state.value
    return told


def said(result: Result) -> list[Any]:
    """Return everything a result says, for a failing assertion."""
    return [result.reason, *(each.observed for each in result.findings)]
