"""One examination: who is looked at, in which order, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from livemigration import __version__
from livemigration.base.deadline import Deadline
from livemigration.doctor.directory import Askers, look_at
from livemigration.doctor.inside import Questions, examine, judge_tickets
from livemigration.doctor.machines import Connector, Look, Machine
from livemigration.doctor.model import (
    SCHEMA_VERSION,
    Examination,
    Examined,
    Level,
    Remark,
    State,
)
from livemigration.doctor.reaching import PORT, SIGN_IN, judge_clocks, judge_tls, reach
from livemigration.doctor.rights import NamespaceNeeds
from livemigration.facts.model import FailureKind, Subject
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.lockout import REFUSALS_AT_MOST, Asking, Heard, ask_first, by_account
from livemigration.gather.properties import AbsentProperties
from livemigration.gather.stalls import Stalls
from livemigration.gather.ticketing import Held, ask_for_tickets
from livemigration.inventory.change import Window

Watch = Callable[[str, Progress], None]

_NO_KERBEROS = "SPNs and Kerberos tickets: no machine is asked with Kerberos."
_FROM_VMM = "Whether VMM reaches the hosts, and they each other: a run of the checks asks that."


@dataclass(frozen=True)
class Order:
    """Who is looked at, and how.

    Args:
        machines: the VMM servers first.
        managed: the hosts that each VMM server should list, by its name.
        needs: what the checks ask of a host's WMI.
        connect: opens sessions.
        window: the maintenance window, where one is named.
        concurrency: how many machines are asked at once.
        seconds: how long all of them may take.
        directories: those of the inventory.
    """

    machines: tuple[Machine, ...]
    managed: dict[str, tuple[Machine, ...]]
    needs: tuple[NamespaceNeeds, ...]
    connect: Connector
    window: Window | None
    concurrency: int
    seconds: float
    directories: tuple[DirectoryTarget, ...] = ()


@dataclass(frozen=True)
class Labels:
    """What an examination is called: its inventory, the runner, and whether it is the lab's."""

    inventory: str
    runner: str
    simulated: bool


def examination(order: Order, labels: Labels, watch: Watch) -> Examination:
    """Look at every machine, and return what was found. A machine's failure is its own remark."""
    began = datetime.now(UTC)
    window = order.window
    deadline = Deadline.after(order.seconds)
    looks = [Look(each) for each in order.machines]
    looks = _each(looks, order, deadline, "Reaching", PORT, reach, watch)
    window_end = window.end if window is not None else None
    for look in looks:
        judge_tls(look, began, window_end)
    of_the_runner = judge_clocks(looks)
    accepted = _signed_in([each for each in looks if not each.stopped], order, deadline, watch)
    of_the_runner = (*of_the_runner, *judge_tickets(accepted, began, window_end))
    questions = Questions(order.connect, order.needs, AbsentProperties(), order.managed)

    def ask(look: Look, until: Deadline) -> None:
        examine(look, questions, until)

    asked = _each(accepted, order, deadline, "Asking", SIGN_IN, ask, watch)
    known = {each.machine.key: each for each in (*looks, *asked)}
    machines = tuple(sorted((each.result() for each in known.values()), key=_worst_first))
    seen = look_at(
        order.directories,
        Askers(tuple(e.machine for e in looks), tuple(e.machine for e in accepted)),
        deadline,
        lambda progress: watch("Asking directories", progress),
    )
    of_the_runner = (*of_the_runner, *seen.remarks(began, window_end))
    return Examination(
        schema=SCHEMA_VERSION,
        suite_version=__version__,
        inventory=labels.inventory,
        simulated=labels.simulated,
        runner=labels.runner,
        began=began,
        ended=datetime.now(UTC),
        window=(window.start, window.end) if window is not None else None,
        everything_can_be_asked=_is_everything_askable(machines, of_the_runner),
        machines=machines,
        remarks=of_the_runner,
        not_examined=(*seen.not_examined, *_not_examined(machines)),
    )


def _is_everything_askable(machines: Sequence[Examined], remarks: Sequence[Remark]) -> bool:
    usable = all(each.state in {State.FINE, State.WARNING} for each in machines)
    return usable and not any(each.level is Level.PROBLEM for each in remarks)


def _worst_first(machine: Examined) -> tuple[int, bool, str]:
    return list(State).index(machine.state), machine.subject is Subject.HOST, machine.name


def _not_examined(machines: Sequence[Examined]) -> tuple[str, ...]:
    kerberos = any(each.ticket is not None for each in machines)
    return (*(() if kerberos else (_NO_KERBEROS,)), _FROM_VMM)


def _each(
    looks: Sequence[Look],
    order: Order,
    deadline: Deadline,
    doing: str,
    area: str,
    act: Callable[[Look, Deadline], None],
    watch: Watch,
) -> list[Look]:
    """Act on machines side by side, and return them; one that comes to no end has its remark."""

    def job(look: Look) -> Job:
        target = look.machine.target
        return Job(look.machine.key, target.limits.host, lambda until: act(look, until))

    stalls = Stalls()
    errors = run_jobs(
        [job(each) for each in looks],
        concurrency=order.concurrency,
        deadline=deadline,
        watch=lambda progress: watch(f"{doing} machines", progress),
        stalls=stalls,
    )
    known = []
    for look in looks:
        now = look
        if (error := errors[look.machine.key]) is not None:
            now = look.copy()
            now.failed(area, f"{doing} {look.machine.target.endpoint}", error)
        if stalls.explain(look.machine.target.limits.connect):
            now.excuse()
        known.append(now)
    return known


def _signed_in(looks: Sequence[Look], order: Order, deadline: Deadline, watch: Watch) -> list[Look]:
    """Return the machines to go on with: one took their credentials; the others get their remark.

    An account gets its Kerberos tickets before any machine is asked, and a wrong password is tried
    on two machines at most, as in a run.
    """
    machines = [each.machine.knock_target for each in looks]
    held = ask_for_tickets(machines, deadline)
    doubtful = [e for e in machines if e.title not in held.sure and e.title not in held.failures]
    asking = Asking(
        connect=order.connect,
        knock=None,
        at_once=order.concurrency,
        deadline=deadline,
        watch=lambda progress: watch("Trying the credentials", progress),
    )
    heard = ask_first(doubtful, asking)
    few = [each for each in by_account(doubtful) if len(each) <= REFUSALS_AT_MOST]
    taken = {*held.sure, *(each.title for each in chain.from_iterable(few))}
    taken |= {each.title for each in doubtful if each.login in heard.accepted}
    taken -= held.failures.keys()
    for look in looks:
        machine = look.machine.knock_target
        if machine.title in taken:
            continue
        said: Held | Heard = held if machine.title in held.failures else heard
        failure = said.failure(machine)
        remark = look.remark(SIGN_IN, failure)
        if failure.kind is FailureKind.SAME_CREDENTIALS:
            remark = Remark(Level.NOTE, SIGN_IN, remark.told, code=remark.code)
        look.remarks.append(remark)
    return [each for each in looks if each.machine.key in taken]
