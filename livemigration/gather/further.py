"""A second step: some hosts are asked one thing more, once all of them said what they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from livemigration.facts.host import HOST_ACCESS, HostAccess
from livemigration.facts.model import FactSheet, Gathered, HostGroup, Outcome
from livemigration.facts.sheets import RunFacts
from livemigration.gather.fleet import FleetConnections, Order, Watch, gather
from livemigration.wsman.traffic import Counted


def gather_further(
    fleet: FleetConnections,
    facts: RunFacts,
    hosts: Collection[str],
    group: HostGroup[Any],
    watch: Watch,
) -> RunFacts:
    """Return facts with one more group of some hosts; of a host that did not answer, nothing.

    Args:
        fleet: where everything answers, and how many seconds are left.
        facts: what is known.
        hosts: which hosts are asked.
        group: what they are asked for.
        watch: gets the phase's name and its progress, on the calling thread.
    """
    wanted = {name: frozenset({group.name}) for name in hosts if _answers(facts.hosts[name], group)}
    if not wanted:
        return facts
    manners = fleet.manners
    before = {name: (manners.traffic(name).counted, manners.retries(name)) for name in wanted}
    # What VMM knows of them is known.
    alone = replace(fleet, vmms=(), managers={})
    found = gather(alone, Order(wanted, vmm=False), watch, known=facts)
    sheets = dict(facts.hosts)
    for name, (counted, retries) in before.items():
        more = _less(manners.traffic(name).counted, counted)
        access = _with(
            facts.hosts[name].outcome(HOST_ACCESS), more, manners.retries(name) - retries
        )
        added = {HOST_ACCESS.name: access, group.name: found.hosts[name].outcome(group)}
        sheets[name] = replace(sheets[name], outcomes={**sheets[name].outcomes, **added})
    return replace(facts, hosts=sheets)


def _answers(sheet: FactSheet, group: HostGroup[Any]) -> bool:
    """Whether a host answered, and did not answer this already."""
    return isinstance(sheet.outcome(HOST_ACCESS), Gathered) and not isinstance(
        sheet.outcome(group), Gathered
    )


def _less(now: Counted, before: Counted) -> Counted:
    return Counted(
        now.requests - before.requests,
        now.bytes_out - before.bytes_out,
        now.bytes_in - before.bytes_in,
        now.logons - before.logons,
    )


def _with(outcome: Outcome[HostAccess], more: Counted, retries: int) -> Outcome[HostAccess]:
    """Return how a host was met, with what the second step took."""
    if not isinstance(outcome, Gathered):
        return outcome
    was = outcome.value
    value = replace(
        was,
        retries=was.retries + retries,
        requests=was.requests + more.requests,
        bytes_out=was.bytes_out + more.bytes_out,
        bytes_in=was.bytes_in + more.bytes_in,
        logons=was.logons + more.logons,
    )
    return replace(outcome, value=value)
