"""What the plan of a drain comes to, as findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from livemigration.base.text import counted, one_line, sentence, some
from livemigration.placement.estimate_text import lasting
from livemigration.placement.model import Verdict
from livemigration.verdict.drain_plan import DrainPlan, PlanTime
from livemigration.verdict.findings import Finding, fail, note, ok, warn
from livemigration.verdict.fixes.drain import longer_window, make_room
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.views import BlockedError

_EACH_HAS = "Each virtual machine has a place as things are."
NOT_WEIGHED = "Affinity rules that were not weighed, of a kind or of fault domains not known"
_MOST_TOLD = 12
# Inputs of an estimate that are whole sentences.
_SENTENCES = ("Depends on", "One more")


def emptied(plan: DrainPlan, target: FixTarget) -> Iterator[Finding]:
    """Yield whether a host can be emptied.

    Raises:
        BlockedError: it is not known, or was neither shown nor refuted.
    """
    if plan.verdict is Verdict.DOES_NOT_FIT:
        yield from _without_place(plan, target)
        return
    if plan.verdict is Verdict.UNKNOWN:
        raise BlockedError(
            "",
            f"Whether there is a place for {_all(plan)} depends on what is not known: "
            f"{' '.join(plan.open[:_MOST_TOLD]) or 'a host could not be read.'}",
            "Mend what keeps it from being read, or free memory on hosts that are known to take "
            "these machines.",
        )
    if plan.verdict is Verdict.UNDECIDED:
        raise BlockedError(
            "",
            f"Undecided: neither a place for {_all(plan)} was found, nor a proof that "
            "there is none.",
            plan.advice,
        )
    yield from _with_places(plan)


def _all(plan: DrainPlan) -> str:
    number = counted(plan.leaving, "virtual machine")
    machines = f"all {number}" if plan.leaving > 1 else f"the {number.partition(' ')[2]}"
    return f"{machines} of {one_line(plan.host)}"


def _with_places(plan: DrainPlan) -> Iterator[Finding]:
    warned = list(_against(plan))
    yield from warned
    if not plan.leaving:
        yield ok(f"No virtual machine has to leave {one_line(plan.host)}.")
    elif not warned:
        yield ok(f"There is a place for {_all(plan)}: {_places(plan)}.")
    else:
        yield note(f"The plan: {_places(plan)}.")
    yield from _beside(plan)


def _against(plan: DrainPlan) -> Iterator[Finding]:
    """Yield what is to be known before a plan is carried out."""
    if plan.verdict is Verdict.FITS_WITH_SWAPS:
        rooms = [each for each in plan.moves if each.relocates]
        told = [
            f"{one_line(e.machine, 80)} from {one_line(e.source)} to {one_line(e.destination)}"
            for e in rooms
        ]
        yield warn(
            f"There is a place for {_all(plan)} only when other machines make room "
            f"first: {some(told)}.",
            _EACH_HAS,
        )
    if plan.breaks_reserve:
        yield warn(
            f"There is a place for {_all(plan)} by memory, which takes of what VMM or the cluster "
            f"keeps free on {some(plan.breaks_reserve)}.",
            "The reserves stay free.",
        )
    if plan.by_assumption and plan.declared:
        yield warn(
            f"There is a place for {_all(plan)} only on hosts that are just assumed to "
            "exchange virtual machines with it.",
            "The hosts with which it is declared to exchange them take all.",
        )
    yield from _of_machines(plan)


def _of_machines(plan: DrainPlan) -> Iterator[Finding]:
    """Yield what is to be known of single machines before they are moved."""
    if plan.last:
        yield warn(
            f"By its name, VMM itself runs in {some(plan.last)}: the plan moves it last.",
            "VMM does not run on a host that is to be emptied.",
        )
    if plan.controllers:
        yield warn(
            f"{_are_controllers(plan.controllers)}: the plan moves {_it(plan.controllers)} last.",
            "No domain controller runs on a host that is to be emptied.",
        )
    yield from _of_machines_making_room(plan)
    yield from _of_rules(plan)
    if told := [
        f"{one_line(each.machine, 80)} to {one_line(each.destination)}: {each.against}"
        for each in plan.moves
        if each.against
    ]:
        yield warn(f"Checks warn of moves of the plan: {some(told)}.", "No check warns of a move.")


def _of_rules(plan: DrainPlan) -> Iterator[Finding]:
    """Yield what a cluster's rules want of machines and the plan does not keep."""
    for told, observed, expected in (
        (
            plan.taken_apart,
            "The plan does not keep on one node what affinity rules want there",
            "What a rule keeps on one node goes to one node.",
        ),
        (
            plan.brought_together,
            "The plan brings onto one node what the cluster keeps apart where it can",
            "What is kept apart goes to different nodes.",
        ),
        (
            plan.across_domains,
            "The plan does not keep in one fault domain what affinity rules want there",
            "What a rule keeps in one fault domain goes to nodes of one.",
        ),
        (
            plan.within_a_domain,
            "The plan brings into one fault domain what affinity rules keep in different ones",
            "What a rule keeps in different fault domains goes to nodes of different ones.",
        ),
    ):
        if told:
            yield warn(f"{observed}: {some(told)}.", expected)


def _of_machines_making_room(plan: DrainPlan) -> Iterator[Finding]:
    if vmm := plan.last_making_room:
        yield warn(
            f"By its name, VMM itself runs in {some(vmm)}, which makes room: only what needs its "
            "place is moved after it.",
            "VMM stays where it is while another host is emptied.",
        )
    if names := plan.controllers_making_room:
        makes, its = ("makes", "its") if len(names) == 1 else ("make", "their")
        yield warn(
            f"{_are_controllers(names)}, and {makes} room: only what needs {its} place is moved "
            f"after {_it(names)}.",
            "A domain controller stays where it is while another host is emptied.",
        )


def _are_controllers(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{some(names)} is a domain controller by its name"
    return f"{some(names)} are domain controllers by their names"


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _places(plan: DrainPlan) -> str:
    """Return who goes where, by destination, without those that make room."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in plan.moves:
        if not each.relocates:
            found[each.destination].append(each.machine)
    return "; ".join(f"{one_line(name)}: {some(machines)}" for name, machines in found.items())


def _beside(plan: DrainPlan) -> Iterator[Finding]:
    if plan.staying:
        yield note(f"To be shut down with the host, by the policy: {some(plan.staying)}.")
    if plan.by_assumption and not plan.declared:
        yield note("Its destinations are only assumed to exchange virtual machines with it.")
    if plan.leaving and plan.controllers_unread:
        yield note(not_known_of_controllers(plan))
    if plan.resting:
        yield note(f"Off or saved, so that no place is asked for: {some(plan.resting)}.")
    if plan.without_spanning:
        yield note(
            f"No machine may span NUMA nodes on {some(plan.without_spanning)}: there may be less "
            "room for one than is free."
        )
    if plan.reserve_unread:
        yield note(
            f"What VMM or the cluster keeps free on {some(plan.reserve_unread)} could not be read: "
            "the plan may take of it."
        )
    if plan.not_weighed:
        yield note(f"{NOT_WEIGHED}: {some(plan.not_weighed)}.")
    if plan.then_stuck:
        yield note(f"After {one_line(plan.host)}, {some(plan.then_stuck)} cannot be emptied too.")


def not_known_of_controllers(plan: DrainPlan) -> str:
    """Return why it is not known of a plan's machines whether one is a domain controller."""
    why = sentence(plan.controllers_unread)
    return f"Whether a machine is a domain controller is not known: {why}"


def _without_place(plan: DrainPlan, target: FixTarget) -> Iterator[Finding]:
    number = len(plan.unplaced)
    observed = (
        f"{number} of {counted(plan.leaving, 'virtual machine')} of {one_line(plan.host)} "
        f"{'has' if number == 1 else 'have'} no place elsewhere: {some(plan.unplaced)}."
    )
    repair = make_room(target, plan.unplaced, plan.helps)
    if plan.declared:
        yield fail(observed, _EACH_HAS, repair)
    else:
        meant = f"If {one_line(plan.host)} is meant to exchange virtual machines with others"
        expected = f"{meant}: {_EACH_HAS}"
        yield warn(observed, expected, repair)
    for each in plan.explained[:_MOST_TOLD]:
        yield note(each)
    yield from _beside(plan)


def in_the_window(plan: DrainPlan, seconds: int, target: FixTarget) -> Iterator[Finding]:
    """Yield whether a plan with an estimate ends within a window of so many seconds.

    Raises:
        BlockedError: no upper bound is known, and the lower one lies inside.
    """
    time = plan.time
    if time is None:
        raise BlockedError(
            "LM801", f"There is no plan for {one_line(plan.host)} that could be estimated."
        )
    window = lasting(seconds, up=False)
    told = f"{time.text} The window is {window}."
    expected = f"{window} at most, also by the upper bound of the estimate."
    if time.low > seconds:
        yield fail(told, expected, longer_window(target, time.inputs))
    elif time.high is None:
        raise BlockedError("", told, "Mend what keeps the links of the hosts from being read.")
    elif time.high > seconds:
        yield warn(told, expected, longer_window(target, time.inputs))
    else:
        yield ok(told)
    yield from made_of(time)


def made_of(time: PlanTime) -> Iterator[Finding]:
    """Yield what an estimate is made of."""
    yield note(f"What the estimate is made of: {_inputs(time.inputs)}.")


def _inputs(inputs: Sequence[tuple[str, str]]) -> str:
    told = ((label, text.removesuffix(".")) for label, text in inputs[1:])
    return "; ".join(t if label in _SENTENCES else f"{label.lower()}: {t}" for label, t in told)
