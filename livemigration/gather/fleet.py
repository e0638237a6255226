"""One gathering: all hosts and beside them the VMM servers; then each server's own probes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from livemigration.base.deadline import Deadline
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import (
    FactGroup,
    FactSheet,
    Subject,
)
from livemigration.facts.sheets import RunFacts
from livemigration.gather.admitted import admitted, one_refusal
from livemigration.gather.asking import Outcomes
from livemigration.gather.at_once import AtOnce, with_slowed
from livemigration.gather.breaker import Breaker
from livemigration.gather.clusters import OF_CLUSTER, ask_clusters, asked_first
from livemigration.gather.completing import complete_host, counted
from livemigration.gather.connect import Connector, Knock, Target
from livemigration.gather.directory_target import DIRECTORY_NAMES_OF_GROUPS, DirectoryTarget
from livemigration.gather.executor import Course, Executor, HostQuestion, Threads
from livemigration.gather.host import ACCESS_CHECK as HOST_CHECK
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.known import Known
from livemigration.gather.lockout import Asking, KnockTarget
from livemigration.gather.server import PROBE_NAMES, VIEW_NAMES, Server
from livemigration.gather.stalls import Stalls, StarvedError, blame_this_machine
from livemigration.gather.vmm import ACCESS_CHECK as VMM_CHECK
from livemigration.wsman.manners import Manners


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

    @property
    def asks_directory(self) -> bool:
        """Whether a directory is to be asked about any host."""
        return any(names & DIRECTORY_NAMES_OF_GROUPS for names in self.hosts.values())

    @classmethod
    def of(
        cls,
        needs: Mapping[str, Sequence[FactGroup[Any]]],
        *,
        vmm: bool,
        stage_vm: str = "",
        servers: Collection[str] = (),
    ) -> Order:
        """Return the order for these needs. Probes need to know the listeners.

        A directory is asked by the domain of the host.
        """
        hosts = {}
        for host, groups in needs.items():
            names = {group.name for group in groups if group.subject is Subject.HOST}
            if names & PROBE_NAMES:
                names.add(LISTENERS.name)
            if names & DIRECTORY_NAMES_OF_GROUPS:
                names.add(DOMAIN_MEMBERSHIP.name)
            hosts[host] = frozenset(names)
        asks = any(names & VIEW_NAMES for names in hosts.values())
        return cls(hosts, vmm or asks, stage_vm, frozenset(servers))


@dataclass(frozen=True)
class FleetConnections:
    """Where everything answers, how to open sessions, and how many seconds all of it may take.

    `managers` names the VMM server of each host; a host that is not in it belongs to the first.
    Without a VMM server, what VMM would know of a host is left out of its sheet. `knock` finds out
    without credentials whether a machine answers; None: only by trying them. `manners` is what the
    sessions share that `connect` opens. `executor` asks the hosts from elsewhere; None: threads of
    this machine do. `directories` are asked about the hosts' accounts; none: none is.
    """

    vmms: tuple[Target, ...]
    hosts: Mapping[str, Target]
    connect: Connector
    seconds: float
    concurrency: int
    managers: Mapping[str, str]
    knock: Knock | None = None
    manners: Manners = field(default_factory=Manners)
    executor: Executor | None = None
    directories: tuple[DirectoryTarget, ...] = ()

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
            Server(each, managed[each.name], order.hosts, Breaker(self.connect).connect)
            for each in needed
        ]


Watch = Callable[[str, Progress], None]
Keep = Callable[[Subject, str, Outcomes], None]


@dataclass(frozen=True)
class _Phases:
    """What all phases of one gathering go by."""

    fleet: FleetConnections
    deadline: Deadline
    watch: Watch
    keep: Keep | None
    stalls: Stalls

    def course(
        self, doing: str, concurrency: Callable[[], int], done: Callable[[str], None]
    ) -> Course:
        """Return the course of one phase, told of as what it is doing."""
        return Course(
            concurrency=concurrency,
            deadline=self.deadline,
            watch=lambda each: self.watch(doing, each),
            done=done,
            stalls=self.stalls,
        )


def _admitted(
    phases: _Phases,
    asked: Sequence[Server],
    hosts: Iterable[str],
    sheets: Mapping[str, Outcomes],
) -> list[KnockTarget]:
    """Return the machines that are asked, the VMM servers first."""
    fleet, watch = phases.fleet, phases.watch
    machines = [
        *(KnockTarget(e.target, VMM_CHECK, f"the VMM server {e.target.endpoint}") for e in asked),
        *(KnockTarget(t, HOST_CHECK, t.endpoint) for t in (fleet.hosts[name] for name in hosts)),
    ]
    asking = Asking(
        connect=fleet.connect,
        knock=fleet.knock,
        at_once=fleet.concurrency,
        deadline=phases.deadline,
        watch=lambda progress: watch("Trying the credentials", progress),
        stalls=phases.stalls,
        executor=fleet.executor,
    )
    return admitted(machines, asked, sheets, asking)


def _ask(
    phases: _Phases,
    asked: Sequence[Server],
    wanted: Mapping[str, frozenset[str]],
    sheets: Mapping[str, Outcomes],
    at_once: AtOnce,
) -> tuple[dict[str, Outcomes], dict[str, BaseException | None]]:
    """Ask hosts and VMM servers, then clusters; return the sheets, and how each question ended."""
    fleet, keep = phases.fleet, phases.keep
    beside = {each.label for each in asked}

    def ended(name: str) -> None:
        beside.discard(name)
        if name in sheets:
            at_once.host_ended(name, sheets[name], fleet.manners)
            _keep_all(keep, {name: sheets[name]}, ())

    executor = fleet.executor or Threads(fleet.connect)
    first = asked_first(wanted, sheets)
    errors = executor.ask(
        [HostQuestion(fleet.hosts[name], first[name], sheets[name]) for name in first],
        [each.asking() for each in asked],
        phases.course(
            "Asking hosts and VMM" if asked else "Asking hosts",
            lambda: at_once.limit + len(beside),
            ended,
        ),
    )
    # A worker that was abandoned may still write into its own dictionary: go on with a copy.
    copied = {name: dict(outcomes) for name, outcomes in sheets.items()}
    course = phases.course("Asking clusters", lambda: at_once.limit, lambda _: None)
    errors |= ask_clusters(executor, fleet.hosts, wanted, copied, course)
    _keep_all(keep, {name: copied[name] for name in wanted if OF_CLUSTER & wanted[name]}, ())
    return copied, errors


def gather(
    fleet: FleetConnections,
    order: Order,
    watch: Watch,
    *,
    keep: Keep | None = None,
    known: RunFacts | None = None,
    stalls: Stalls | None = None,
) -> RunFacts:
    """Return the facts that were ordered. A machine's failure is data on its own sheet only.

    Args:
        fleet: where everything answers.
        order: what is to be found out.
        watch: gets the phase's name and its progress, on the calling thread.
        keep: gets what a machine said as soon as it said it, on the calling thread.
        known: what an earlier gathering found out, which is not asked for again.
        stalls: how this machine waits; None: measured anew.
    """
    phases = _Phases(
        fleet,
        Deadline.after(fleet.seconds),
        watch,
        keep,
        stalls if stalls is not None else Stalls(),
    )
    already = Known.of(known, order.hosts)
    sheets: dict[str, Outcomes] = {name: already.host(name) for name in order.hosts}
    servers = fleet.servers(order)
    asked = [each for each in servers if order.vmm and not already.server(each)]
    wanted = {name: groups for name in order.hosts if (groups := already.missing(name)) is not None}
    _keep_all(keep, sheets, servers)
    machines = _admitted(phases, asked, wanted, sheets)
    may = {(each.check, each.target.name) for each in machines}
    asked = [each for each in asked if (VMM_CHECK, each.target.name) in may]
    wanted = {name: groups for name, groups in wanted.items() if (HOST_CHECK, name) in may}
    at_once = AtOnce(fleet.concurrency)
    sheets, errors = _ask(phases, asked, wanted, sheets, at_once)
    for each in asked:
        each.settle(errors.get(each.label))
    errors = _blame_this_machine(fleet, servers, sheets, phases.stalls, errors)
    one_refusal(machines, asked, sheets)
    _keep_all(keep, {}, asked)
    _ask_servers_of_hosts(phases, asked, order, sheets)
    _ask_directories(phases, order, sheets)
    _keep_all(keep, sheets, ())
    found = _complete(fleet, order, sheets, servers, errors)
    return replace(found, hosts=with_slowed(found.hosts, at_once.slowed))


def _ask_servers_of_hosts(
    phases: _Phases, asked: Sequence[Server], order: Order, sheets: Mapping[str, Outcomes]
) -> None:
    """Have VMM servers try, read and rate what the sheets of their hosts lead to."""
    keep, deadline, watch = phases.keep, phases.deadline, phases.watch
    _together(asked, [each.probing(sheets) for each in asked], "Connecting from", deadline, watch)
    _keep_all(keep, {}, asked)
    _together(asked, [each.disks(sheets) for each in asked], "Reading disks on", deadline, watch)
    _keep_all(keep, {}, asked)
    _together(asked, [each.rating(order.stage_vm) for each in asked], "Rating on", deadline, watch)


def _ask_directories(phases: _Phases, order: Order, sheets: dict[str, Outcomes]) -> None:
    """Have directories say on the sheets of hosts what they hold of them."""
    from livemigration.gather.directory import ask_directories  # noqa: PLC0415 - loads what LDAP needs

    ask_directories(
        phases.fleet.directories,
        order.hosts,
        sheets,
        phases.deadline,
        lambda each: phases.watch("Asking the directory", each),
    )


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


def _blame_this_machine(
    fleet: FleetConnections,
    servers: Iterable[Server],
    sheets: Mapping[str, Outcomes],
    stalls: Stalls,
    errors: Mapping[str, BaseException | None],
) -> dict[str, BaseException | None]:
    """Say of what ran out of time that this machine did, where it stalled; return the errors so."""
    told = dict(errors)
    targets = [(each.target, each.label, each.view.own) for each in servers]
    targets += [(fleet.hosts[name], name, own) for name, own in sheets.items()]
    for target, label, own in targets:
        seconds = target.limits.connect
        blame_this_machine(own, stalls, seconds)
        if stalls.explain(seconds) and isinstance(told.get(label), TimeoutError):
            told[label] = StarvedError()
    for each in servers:
        each.error = told.get(each.label, each.error)
    return told


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


def _complete(
    fleet: FleetConnections,
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
            counted(
                complete_host(
                    fleet.hosts[name], wanted, sheets[name], manager.get(name), errors.get(name)
                ),
                fleet.manners,
                name,
            ),
        )
        for name, wanted in order.hosts.items()
    }
    own = {}
    for each in servers:
        name = each.target.name
        outcomes = each.sheet().outcomes if order.vmm else {}
        own[name] = FactSheet(Subject.VMM, name, counted(outcomes, fleet.manners, name))
    return RunFacts(hosts, own, {name: each.target.name for name, each in manager.items()})
