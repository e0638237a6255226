"""What is found out of a machine once it took the credentials: its service, its WMI, its VMM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from livemigration.base.deadline import Deadline
from livemigration.base.text import counted, listed, one_line, sentence, some
from livemigration.doctor.machines import Connector, Look, Machine, ticket_of
from livemigration.doctor.model import Level, Namespace, Remark, Step, VmmAccount
from livemigration.doctor.reaching import SIGN_IN
from livemigration.doctor.rights import NamespaceNeeds
from livemigration.doctor.service import AREA, judge_service, shown
from livemigration.doctor.steps import HYPER_V, RUNNER, readable_namespaces, vmm_role
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Subject,
)
from livemigration.facts.vmm import VMM_ACCESS, VMM_RELEASE, VmmRelease
from livemigration.gather.asking import Outcomes
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.gather.record import HostRecords
from livemigration.gather.vmm import VmmView, gather_vmm
from livemigration.vmm.scripts import HostReply
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.security import Mechanism
from livemigration.wsman.session import WsmanSession

WMI, VMM = "WMI", "VMM"
_ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Questions:
    """What the machines are asked for.

    `needs` are the namespaces of the selected checks; `absent` is what hosts found out of the
    properties that a build lacks. `managed` are the hosts that a VMM server should list, by it.
    """

    connect: Connector
    needs: tuple[NamespaceNeeds, ...]
    absent: AbsentProperties
    managed: dict[str, tuple[Machine, ...]]


def examine(look: Look, questions: Questions, deadline: Deadline) -> None:
    """Ask a machine that took the credentials for what a run asks it for, as little as will do."""
    machine = look.machine
    try:
        with closing(questions.connect(machine.target, deadline)) as session:
            look.signed_in = session.identify().signed_in
            look.remarks += _service(look, session)
    except WsmanError as error:
        look.failed(SIGN_IN, f"Signing in to {machine.target.endpoint}", error)
        return
    if machine.subject is Subject.HOST:
        _host(look, questions, deadline)
    else:
        _server(look, questions, deadline)


def _service(look: Look, session: WsmanSession) -> Iterator[Remark]:
    machine = look.machine
    try:
        settings = session.settings()
    except WsmanError as error:
        # Nothing but the doctor reads them.
        yield _unread(error)
        return
    look.shown = shown(settings)
    yield from judge_service(
        settings,
        machine.subject,
        machine.name,
        message_seconds=machine.connection.time_limits.message,
        basic=machine.security.mechanism is Mechanism.BASIC,
    )


def _unread(error: WsmanError) -> Remark:
    told = (
        sentence(f"Its settings and quotas (winrm/config) were not examined: {error.came_back}")
        + " The suite itself does not need them; an administrator of the machine may read them."
    )
    return Remark(Level.NOTE, AREA, told, code=error.code)


def _host(look: Look, questions: Questions, deadline: Deadline) -> None:
    outcomes: Outcomes = {}
    wanted = [each.cheap.name for each in questions.needs]
    gather_host(
        look.machine.target, wanted, questions.connect, deadline, outcomes, questions.absent
    )
    access = outcomes.get(HOST_ACCESS.name)
    if isinstance(access, NotGathered):
        look.add(SIGN_IN, access.failure)
        return
    failures: dict[GatherFailure, list[NamespaceNeeds]] = {}
    found = []
    for each in questions.needs:
        outcome = outcomes.get(each.cheap.name)
        told = "absent" if isinstance(outcome, Inapplicable) else "readable"
        if isinstance(outcome, NotGathered):
            failure = outcome.failure
            told = "denied" if failure.kind is FailureKind.ACCESS_DENIED else "failed"
            # What was tried is another class for each, whatever the cause.
            failures.setdefault(replace(failure, tried="Reading WMI"), []).append(each)
        found.append(Namespace(each.name, each.cheap.source, told))
    look.namespaces = tuple(found)
    for failure, needs in failures.items():
        everything = len(needs) == len(found)
        look.add(WMI, failure, _not_readable(look, failure, needs, everything=everything))


def _not_readable(
    look: Look, failure: GatherFailure, needs: Sequence[NamespaceNeeds], *, everything: bool
) -> Remark:
    """Return what is said of namespaces that cannot be read for one cause."""
    machine, code = look.machine, failure.code
    rights = tuple(
        readable_namespaces(
            machine.name,
            machine.account,
            {each.name: each.rights for each in needs},
            everything=everything,
        )
    )
    if failure.kind is FailureKind.ACCESS_DENIED:
        names = listed(each.name for each in needs)
        told = sentence(f"The account may not read {names}: {failure.came_back}")
        return Remark(Level.PROBLEM, WMI, told, rights, code)
    asked = ", ".join(f"{each.name}, asked for {each.cheap.source}" for each in needs)
    told = sentence(f"Of {asked}: {failure.came_back}")
    first = Step(machine.name, failure.next_step)
    # Hyper-V leaves rows out in place of refusing; a root is another cause, that is known.
    hidden = failure.kind is FailureKind.MISSING and not failure.root
    if hidden and any(each.name.casefold() == HYPER_V for each in needs):
        told += " Hyper-V leaves out what an account may not see."
        return Remark(Level.PROBLEM, WMI, told, (first, *rights), code)
    return Remark(Level.PROBLEM, WMI, told, (first,), code)


def _server(look: Look, questions: Questions, deadline: Deadline) -> None:
    view = VmmView()
    machine = look.machine
    # No name is resolved: no host is asked about.
    gather_vmm(
        machine.target,
        {},
        connect=questions.connect,
        milliseconds=1000,
        deadline=deadline,
        into=view,
    )
    access, release = view.own.get(VMM_ACCESS.name), view.own.get(VMM_RELEASE.name)
    if isinstance(access, NotGathered):
        look.add(SIGN_IN, access.failure)
    elif isinstance(release, NotGathered):
        failure = release.failure
        steps: tuple[Step, ...] = (Step(machine.name, failure.next_step),)
        if failure.kind is FailureKind.SCRIPT:
            steps += vmm_role(machine.name, machine.account)
        told = sentence(failure.sentence)
        look.remarks.append(Remark(Level.PROBLEM, VMM, told, steps, failure.code))
    elif isinstance(release, Gathered):
        look.remarks += _account(look, release.value, questions.managed.get(machine.name, ()))


def _account(look: Look, release: VmmRelease, hosts: Sequence[Machine]) -> Iterator[Remark]:
    managed = release.managed_hosts
    look.vmm = VmmAccount(
        release.account, release.account_role, None if managed is None else len(managed)
    )
    name = look.machine.name
    service = (release.service_account or "").casefold()
    if service and service == (release.account or "").casefold():
        told = (
            f"The account is the one under which VMM itself runs ({release.service_account}): it "
            "may do everything on every host, and shares its WinRM quotas with VMM."
        )
        step = Step(name, "Use an account of its own: docs/least-privilege.md says what it needs.")
        yield Remark(Level.WARNING, VMM, told, (step,))
    if managed is None:
        return
    records = HostRecords(HostReply(each, None, None, None) for each in managed)
    unseen = [each.name for each in hosts if records.find(each.name, each.target.address) is None]
    if unseen:
        role = release.account_role or "its role"
        told = f"VMM lists {counted(len(managed), 'host')} to this account, and not {some(unseen)}."
        steps = [Step(name, "Correct the names in the inventory, or add the hosts to VMM.")]
        if role.casefold() != _ADMINISTRATOR:
            steps.insert(
                0,
                Step(
                    name,
                    f"The account's role is {one_line(role)}. In VMM: Settings, Security, User "
                    "Roles, that role, Properties, Scope: add the host groups of these hosts.",
                ),
            )
        yield Remark(Level.WARNING, VMM, told, tuple(steps))


def judge_tickets(
    looks: Sequence[Look], now: datetime, window_end: datetime | None
) -> Iterator[Remark]:
    """Note the Kerberos ticket of each machine; yield what is to be said of an account's, once."""
    told = set()
    for look in looks:
        look.ticket = ticket = ticket_of(look.machine)
        if ticket is None or ticket.renewable or (ticket.principal, ticket.ends) in told:
            continue
        told.add((ticket.principal, ticket.ends))
        step = Step(RUNNER, "Get a new ticket shortly before the window.", "kinit")
        ends = f"The Kerberos ticket of {ticket.principal} ends {ticket.ends:%Y-%m-%d %H:%M} UTC"
        if window_end is not None and ticket.ends < window_end:
            yield Remark(Level.PROBLEM, SIGN_IN, f"{ends}, before the window does.", (step,))
        elif ticket.ends - now < timedelta(hours=1):
            yield Remark(Level.WARNING, SIGN_IN, f"{ends}.", (step,))
