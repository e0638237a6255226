"""One gathering: all hosts and beside them the VMM server; then one batch of probes from VMM."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livemigration.deadline import Deadline
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import (
    FactGroup,
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    NotGathered,
    Outcome,
    Subject,
)
from livemigration.facts.registry import GROUPS, VMM_SERVER_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import (
    VMM_ACCESS,
    VMM_DATA_PORTS,
    VMM_PROBES,
    VMM_RATING,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_WSMAN_TEST,
)
from livemigration.gather.connect import Connector, Target
from livemigration.gather.host import ACCESS_CHECK as HOST_CHECK
from livemigration.gather.host import Outcomes, explain_stopped_vmms, gather_host
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.lockout import not_tried, refused_by_the_first
from livemigration.gather.rating import not_rated, rate_hosts
from livemigration.gather.vmm import ACCESS_CHECK as VMM_CHECK
from livemigration.gather.vmm import VmmView, gather_vmm, plan_probes, probe_from_vmm
from livemigration.inventory import TimeLimits

_VIEW_NAMES = frozenset(group.name for group in VMM_VIEW_GROUPS)
_PROBE_NAMES = frozenset({VMM_PROBES.name, VMM_DATA_PORTS.name, VMM_WSMAN_TEST.name})


@dataclass(frozen=True)
class Order:
    """What one gathering is to find out: fact groups by host, and whether VMM is asked at all.

    `stage_vm` names the virtual machine for which VMM rates the hosts, where they are to be rated.
    """

    hosts: Mapping[str, frozenset[str]]
    vmm: bool
    stage_vm: str = ""

    @classmethod
    def of(
        cls, needs: Mapping[str, Sequence[FactGroup[Any]]], *, vmm: bool, stage_vm: str = ""
    ) -> Order:
        """Return the order for these needs. Probes need to know the listeners."""
        hosts = {}
        for host, groups in needs.items():
            names = {group.name for group in groups if group.subject is Subject.HOST}
            if names & _PROBE_NAMES:
                names.add(LISTENERS.name)
            hosts[host] = frozenset(names)
        asks = any(names & _VIEW_NAMES for names in hosts.values())
        return cls(hosts, vmm or asks, stage_vm)


@dataclass(frozen=True)
class Fleet:
    """Where everything answers, how to open sessions, and how long to wait."""

    vmm: Target
    hosts: Mapping[str, Target]
    connect: Connector
    limits: TimeLimits
    concurrency: int


Watch = Callable[[str, Progress], None]


def gather(fleet: Fleet, order: Order, watch: Watch) -> RunFacts:
    """Return the facts that were ordered. A machine's failure is data on its own sheet only.

    `watch` gets the phase's name and its progress, on the calling thread.
    """
    deadline = Deadline.after(fleet.limits.run)
    sheets: dict[str, Outcomes] = {name: {} for name in order.hosts}
    view = VmmView()
    if _credentials_are_refused(fleet, order, sheets, view, deadline):
        return _complete(fleet, order, sheets, view, {}, None)
    jobs = [_host_job(fleet, name, order.hosts[name], sheets[name]) for name in order.hosts]
    asked = "Asking hosts"
    if order.vmm:
        jobs.insert(0, _vmm_job(fleet, order, view))
        asked = "Asking hosts and VMM"
    errors = run_jobs(
        jobs,
        concurrency=fleet.concurrency + 1,
        deadline=deadline,
        watch=lambda progress: watch(asked, progress),
    )
    # A worker that was abandoned may still write into its own dictionary: go on with a copy.
    sheets = {name: dict(outcomes) for name, outcomes in sheets.items()}
    view = VmmView(dict(view.own), {name: dict(each) for name, each in list(view.hosts.items())})
    probing = [name for name, names in order.hosts.items() if names & _PROBE_NAMES]
    vmm_error = errors.get(_vmm_name(fleet.vmm))
    if probing:
        vmm_error = _probe(fleet, order, probing, sheets, view, deadline, watch) or vmm_error
    vmm_error = _rate(fleet, order, view, deadline, watch) or vmm_error
    return _complete(fleet, order, sheets, view, errors, vmm_error)


def _credentials_are_refused(
    fleet: Fleet, order: Order, sheets: Mapping[str, Outcomes], view: VmmView, deadline: Deadline
) -> bool:
    """Say of every machine that the credentials were refused, where the first machines did."""
    machines = [fleet.vmm] if order.vmm else []
    machines += [fleet.hosts[name] for name in order.hosts]
    refused = refused_by_the_first(machines, fleet.connect, fleet.limits.host, deadline)
    if refused is None:
        return False
    view.own[VMM_ACCESS.name] = NotGathered(not_tried(fleet.vmm, *refused, VMM_CHECK))
    for name, outcomes in sheets.items():
        failure = not_tried(fleet.hosts[name], *refused, HOST_CHECK)
        outcomes[HOST_ACCESS.name] = NotGathered(failure)
    return True


def _complete(
    fleet: Fleet,
    order: Order,
    sheets: Mapping[str, Outcomes],
    view: VmmView,
    errors: Mapping[str, BaseException | None],
    vmm_error: BaseException | None,
) -> RunFacts:
    """Return a sheet for every machine; what nobody answered gets its reason."""
    server = _complete_vmm(fleet.vmm, order, view, errors.get(_vmm_name(fleet.vmm)))
    return RunFacts(
        hosts={
            name: FactSheet(
                Subject.HOST,
                name,
                _complete_host(
                    fleet.hosts[name], wanted, sheets[name], view, errors.get(name), vmm_error
                ),
            )
            for name, wanted in order.hosts.items()
        },
        vmm=FactSheet(Subject.VMM, fleet.vmm.name, server),
    )


def _host_job(fleet: Fleet, name: str, wanted: frozenset[str], into: Outcomes) -> Job:
    target = fleet.hosts[name]

    def run(deadline: Deadline) -> None:
        gather_host(target, wanted, fleet.connect, deadline, into)

    return Job(name, fleet.limits.host, run)


def _vmm_job(fleet: Fleet, order: Order, view: VmmView) -> Job:
    hosts = {
        name: fleet.hosts[name].address
        for name, names in order.hosts.items()
        if names & _VIEW_NAMES
    }

    def run(deadline: Deadline) -> None:
        gather_vmm(
            fleet.vmm,
            hosts,
            connect=fleet.connect,
            milliseconds=round(fleet.limits.probe * 1000),
            deadline=deadline,
            into=view,
        )

    return Job(_vmm_name(fleet.vmm), fleet.limits.host, run)


def _vmm_name(vmm: Target) -> str:
    return f"VMM server {vmm.name}"


def _probe(
    fleet: Fleet,
    order: Order,
    hosts: Sequence[str],
    sheets: Mapping[str, Outcomes],
    view: VmmView,
    deadline: Deadline,
    watch: Watch,
) -> BaseException | None:
    plans = [
        plan
        for name in hosts
        if (
            plan := plan_probes(
                fleet.hosts[name],
                order.hosts[name],
                {**sheets[name], **view.hosts.get(name, {})},
            )
        )
    ]
    if not plans:
        return None
    own = VmmView()

    def run(limit: Deadline) -> None:
        probe_from_vmm(
            fleet.vmm,
            plans,
            connect=fleet.connect,
            milliseconds=round(fleet.limits.probe * 1000),
            deadline=limit,
            into=own,
        )

    errors = run_jobs(
        [Job(_vmm_name(fleet.vmm), fleet.limits.host, run)],
        concurrency=1,
        deadline=deadline,
        watch=lambda progress: watch(f"Connecting from {fleet.vmm.name}", progress),
    )
    for name, outcomes in list(own.hosts.items()):
        view.hosts.setdefault(name, {}).update(outcomes)
    return errors[_vmm_name(fleet.vmm)]


def _rate(
    fleet: Fleet, order: Order, view: VmmView, deadline: Deadline, watch: Watch
) -> BaseException | None:
    """Let VMM rate every host that is to be rated; what keeps it from that is the outcome."""
    names = {}
    for host, wanted in order.hosts.items():
        if VMM_RATING.name not in wanted:
            continue
        known = view.hosts.setdefault(host, {})
        record = known.get(VMM_RECORD.name)
        if not order.stage_vm:
            known[VMM_RATING.name] = NotGathered(not_rated(host, ""))
        elif isinstance(record, Gathered) and record.value.known:
            names[host] = record.value.name
        elif isinstance(record, Gathered):
            known[VMM_RATING.name] = NotGathered(not_rated(host, order.stage_vm))
    if not names:
        return None
    own = VmmView()

    def run(limit: Deadline) -> None:
        rate_hosts(
            fleet.vmm, names, order.stage_vm, connect=fleet.connect, deadline=limit, into=own
        )

    errors = run_jobs(
        [Job(_vmm_name(fleet.vmm), fleet.limits.rating * len(names), run)],
        concurrency=1,
        deadline=deadline,
        watch=lambda progress: watch(f"{fleet.vmm.name} rates hosts", progress),
    )
    for name, outcomes in list(own.hosts.items()):
        view.hosts.setdefault(name, {}).update(outcomes)
    return errors[_vmm_name(fleet.vmm)]


def _complete_host(
    target: Target,
    wanted: frozenset[str],
    outcomes: Outcomes,
    view: VmmView,
    error: BaseException | None,
    vmm_error: BaseException | None,
) -> dict[str, Outcome[Any]]:
    merged: Outcomes = {**outcomes, **view.hosts.get(target.name, {})}
    access = merged.setdefault(
        HOST_ACCESS.name,
        _missing(f"Connecting to {target.endpoint}", error, HOST_CHECK),
    )
    for name in sorted(wanted - set(merged) - _VIEW_NAMES):
        if isinstance(access, NotGathered):
            merged[name] = access
        else:
            tried = f"Reading {GROUPS[name].title} of {target.name}"
            merged[name] = _missing(tried, error, "")
    explain_stopped_vmms(merged)
    for name in sorted((wanted & _VIEW_NAMES) - set(merged)):
        merged[name] = _vmm_failure(view) or _missing(
            f"Reading {GROUPS[name].title} for {target.name}", vmm_error, ""
        )
    return merged


def _vmm_failure(view: VmmView) -> NotGathered | None:
    for group in (VMM_ACCESS, VMM_RELEASE):
        outcome = view.own.get(group.name)
        if isinstance(outcome, NotGathered):
            return outcome
    return None


def _complete_vmm(
    vmm: Target, order: Order, view: VmmView, error: BaseException | None
) -> dict[str, Outcome[Any]]:
    if not order.vmm:
        return {}
    access = view.own.setdefault(
        VMM_ACCESS.name, _missing(f"Connecting to the VMM server {vmm.endpoint}", error, VMM_CHECK)
    )
    for group in VMM_SERVER_GROUPS:
        if isinstance(access, NotGathered):
            view.own.setdefault(group.name, access)
        else:
            tried = f"Reading {group.title} of {vmm.name}"
            view.own.setdefault(group.name, _missing(tried, error, VMM_CHECK))
    return view.own


def _missing(tried: str, error: BaseException | None, root: str) -> NotGathered:
    if error is None or isinstance(error, TimeoutError):
        kind, came_back = FailureKind.DEADLINE, "the time limit passed before an answer"
        step = "Raise time_limits in the inventory, or find out why the machine is slow."
    else:
        kind = FailureKind.PROTOCOL
        came_back = f"the suite's own code failed: {type(error).__name__}"
        step = "Report this as a defect of the suite, with the name of this error."
    return NotGathered(GatherFailure(kind, tried, came_back, step, root))
