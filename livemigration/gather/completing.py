"""The sheets of a gathering at its end: what nobody answered gets its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import Gathered, NotGathered, Outcome
from livemigration.facts.registry import GROUPS
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Target
from livemigration.gather.host import ACCESS_CHECK as HOST_CHECK
from livemigration.gather.host import explain_stopped_vmms
from livemigration.gather.missing import missing
from livemigration.gather.server import VIEW_NAMES, Server
from livemigration.gather.stopped_cluster import explain_stopped_cluster
from livemigration.wsman.manners import Manners


def counted(
    outcomes: Mapping[str, Outcome[Any]], manners: Manners, name: str
) -> dict[str, Outcome[Any]]:
    """Return the outcomes of a machine with how much it took to ask it, in this run and before."""
    found = dict(outcomes)
    retries, traffic = manners.retries(name), manners.traffic(name).counted
    for group in (HOST_ACCESS, VMM_ACCESS):
        access = found.get(group.name)
        if isinstance(access, Gathered):
            was = access.value
            value = replace(
                was,
                retries=was.retries + retries,
                requests=was.requests + traffic.requests,
                bytes_out=was.bytes_out + traffic.bytes_out,
                bytes_in=was.bytes_in + traffic.bytes_in,
                logons=was.logons + traffic.logons,
            )
            found[group.name] = replace(access, value=value)
    return found


def complete_host(
    target: Target,
    wanted: frozenset[str],
    outcomes: Outcomes,
    server: Server | None,
    error: BaseException | None,
) -> dict[str, Outcome[Any]]:
    """Return the outcomes of a host with what its VMM server sees of it, and a reason for the rest.

    Args:
        target: the host.
        wanted: the groups that were ordered of it.
        outcomes: what became of those that it was asked.
        server: the VMM server that manages it; None: none does.
        error: what kept it from its end.
    """
    seen = server.view.hosts.get(target.name, {}) if server is not None else {}
    merged: Outcomes = {**outcomes, **seen}
    access = merged.setdefault(
        HOST_ACCESS.name,
        missing(f"Connecting to {target.endpoint}", error, HOST_CHECK),
    )
    for name in sorted(wanted - set(merged) - VIEW_NAMES):
        if isinstance(access, NotGathered):
            merged[name] = access
        else:
            tried = f"Reading {GROUPS[name].title} of {target.name}"
            merged[name] = missing(tried, error, "")
    explain_stopped_vmms(merged)
    explain_stopped_cluster(merged)
    if server is None:
        return merged
    for name in sorted((wanted & VIEW_NAMES) - set(merged)):
        tried = f"Reading {GROUPS[name].title} for {target.name}"
        merged[name] = server.failure or missing(tried, server.error, "")
    return merged
