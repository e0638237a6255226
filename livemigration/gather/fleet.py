"""One gathering: all hosts and beside them the VMM servers; then each server's own probes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livemigration.deadline import Deadline
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import FactGroup, FactSheet, NotGathered, Outcome, Subject
from livemigration.facts.registry import GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.gather.connect import Connector, Target
from livemigration.gather.host import ACCESS_CHECK as HOST_CHECK
from livemigration.gather.host import Outcomes, explain_stopped_vmms, gather_host
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.known import Known
from livemigration.gather.lockout import not_tried, refused_by_the_first
from livemigration.gather.missing import missing
from livemigration.gather.server import PROBE_NAMES, VIEW_NAMES, Server
from livemigration.gather.vmm import ACCESS_CHECK as VMM_CHECK
from livemigration.inventory import TimeLimits


@dataclass(frozen=True)
class Order:
    """What one gathering is to find out: fact groups by host, and whether VMM is asked at all.

    `servers` are VMM servers that are asked whether or not a host of the order is theirs.
    `stage_vm` names the virtual machine for which VMM rates the hosts, where they are to be rated.
    """

    hosts: Mapping[str, frozenset[str]]
    vmm: bool
    stage_vm: str = ""
    servers: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        needs: Mapping[str, Sequence[FactGroup[Any]]],
        *,
        vmm: bool,
        stage_vm: str = "",
        servers: Collection[str] = (),
    ) -> Order:
        """Return the order for these needs. Probes need to know the listeners."""
        hosts = {}
        for host, groups in needs.items():
            names = {group.name for group in groups if group.subject is Subject.HOST}
            if names & PROBE_NAMES:
                names.add(LISTENERS.name)
            hosts[host] = frozenset(names)
        asks = any(names & VIEW_NAMES for names in hosts.values())
        return cls(hosts, vmm or asks, stage_vm, frozenset(servers))


@dataclass(frozen=True)
class Fleet:
    """Where everything answers, how to open sessions, and how long to wait.

    `managers` names the VMM server of each host; a host that is not in it belongs to the first.
    Without a VMM server, what VMM would know of a host is left out of its sheet.
    """

    vmms: tuple[Target, ...]
    hosts: Mapping[str, Target]
    connect: Connector
    limits: TimeLimits
    concurrency: int
    managers: Mapping[str, str]

    def servers(self, order: Order) -> list[Server]:
        """Return the VMM servers that an order needs, each with the hosts of the order."""
        if not self.vmms:
            return []
        managed: dict[str, dict[str, Target]] = {each.name: {} for each in self.vmms}
        for name in order.hosts:
            managed[self.managers.get(name, self.vmms[0].name)][name] = self.hosts[name]
        needed = [
            each
            for each in self.vmms
            if len(self.vmms) == 1 or managed[each.name] or each.name in order.servers
        ]
        return [
            Server(each, managed[each.name], order.hosts, self.connect, self.limits)
            for each in needed
        ]


Watch = Callable[[str, Progress], None]
Keep = Callable[[Subject, str, Outcomes], None]


def gather(
    fleet: Fleet,
    order: Order,
    watch: Watch,
    *,
    keep: Keep | None = None,
    known: RunFacts | None = None,
) -> RunFacts:
    """Return the facts that were ordered. A machine's failure is data on its own sheet only.

    Args:
        fleet: where everything answers.
        order: what is to be found out.
        watch: gets the phase's name and its progress, on the calling thread.
        keep: gets what a machine said as soon as it said it, on the calling thread.
        known: what an earlier gathering found out, which is not asked for again.
    """
    deadline = Deadline.after(fleet.limits.run)
    already = Known.of(known, order.hosts)
    sheets: dict[str, Outcomes] = {name: already.host(name) for name in order.hosts}
    servers = fleet.servers(order)
    asked = [each for each in servers if order.vmm and not already.server(each)]
    wanted = {name: groups for name in order.hosts if (groups := already.missing(name)) is not None}
    _keep_all(keep, sheets, servers)
    if _credentials_are_refused(fleet, asked, {name: sheets[name] for name in wanted}, deadline):
        return _complete(fleet, order, sheets, servers, {})
    hosts = [_host_job(fleet, name, wanted[name], sheets[name]) for name in wanted]
    errors = run_jobs(
        [*(each.asking() for each in asked), *hosts],
        concurrency=fleet.concurrency + len(asked),
        deadline=deadline,
        watch=lambda progress: watch("Asking hosts and VMM" if asked else "Asking hosts", progress),
        done=lambda name: _keep_all(keep, {name: sheets[name]} if name in sheets else {}, ()),
    )
    # A worker that was abandoned may still write into its own dictionary: go on with a copy.
    sheets = {name: dict(outcomes) for name, outcomes in sheets.items()}
    for each in asked:
        each.settle(errors.get(each.label))
    _keep_all(keep, {}, asked)
    _together(asked, [each.probing(sheets) for each in asked], "Connecting from", deadline, watch)
    _keep_all(keep, {}, asked)
    _together(asked, [each.rating(order.stage_vm) for each in asked], "Rating on", deadline, watch)
    return _complete(fleet, order, sheets, servers, errors)


def _keep_all(keep: Keep | None, sheets: Mapping[str, Outcomes], servers: Sequence[Server]) -> None:
    if keep is None:
        return
    said = [(Subject.HOST, name, outcomes) for name, outcomes in sheets.items()]
    for each in servers:
        said.append((Subject.VMM, each.target.name, each.view.own))
        said += [(Subject.HOST, name, outcomes) for name, outcomes in each.view.hosts.items()]
    for subject, name, outcomes in said:
        if outcomes:
            keep(subject, name, dict(outcomes))


def _together(
    servers: Sequence[Server],
    jobs: Sequence[Job | None],
    doing: str,
    deadline: Deadline,
    watch: Watch,
) -> None:
    """Run one phase on every VMM server at once."""
    wanted = [job for job in jobs if job is not None]
    if not wanted:
        return
    busy = [each for each, job in zip(servers, jobs, strict=True) if job is not None]
    where = busy[0].target.name if len(busy) == 1 else f"{len(busy)} VMM servers"
    errors = run_jobs(
        wanted,
        concurrency=len(wanted),
        deadline=deadline,
        watch=lambda progress: watch(f"{doing} {where}", progress),
    )
    for each in busy:
        each.settle(errors[each.label])


def _credentials_are_refused(
    fleet: Fleet, asked: Sequence[Server], sheets: Mapping[str, Outcomes], deadline: Deadline
) -> bool:
    """Say of every machine that the credentials were refused, where the first machines did."""
    machines = [*(each.target for each in asked), *(fleet.hosts[name] for name in sheets)]
    refused = refused_by_the_first(machines, fleet.connect, fleet.limits.host, deadline)
    if refused is None:
        return False
    for each in asked:
        failure = not_tried(each.target, *refused, VMM_CHECK)
        each.view.own[VMM_ACCESS.name] = NotGathered(failure)
    for name, outcomes in sheets.items():
        failure = not_tried(fleet.hosts[name], *refused, HOST_CHECK)
        outcomes[HOST_ACCESS.name] = NotGathered(failure)
    return True


def _complete(
    fleet: Fleet,
    order: Order,
    sheets: Mapping[str, Outcomes],
    servers: Sequence[Server],
    errors: Mapping[str, BaseException | None],
) -> RunFacts:
    """Return a sheet for every machine; what nobody answered gets its reason."""
    manager = {name: each for each in servers for name in each.hosts}
    hosts = {
        name: FactSheet(
            Subject.HOST,
            name,
            _complete_host(
                fleet.hosts[name], wanted, sheets[name], manager.get(name), errors.get(name)
            ),
        )
        for name, wanted in order.hosts.items()
    }
    own = {
        each.target.name: each.sheet()
        if order.vmm
        else FactSheet(Subject.VMM, each.target.name, {})
        for each in servers
    }
    return RunFacts(hosts, own, {name: each.target.name for name, each in manager.items()})


def _host_job(fleet: Fleet, name: str, wanted: frozenset[str], into: Outcomes) -> Job:
    target = fleet.hosts[name]

    def run(deadline: Deadline) -> None:
        gather_host(target, wanted, fleet.connect, deadline, into)

    return Job(name, fleet.limits.host, run)


def _complete_host(
    target: Target,
    wanted: frozenset[str],
    outcomes: Outcomes,
    server: Server | None,
    error: BaseException | None,
) -> dict[str, Outcome[Any]]:
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
    if server is None:
        return merged
    for name in sorted((wanted & VIEW_NAMES) - set(merged)):
        tried = f"Reading {GROUPS[name].title} for {target.name}"
        merged[name] = server.failure or missing(tried, server.error, "")
    return merged
