"""Runs whose parts fit together, what changes one thing in them, and what is then said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from fact_builders import HOST, run_facts
from whole_run import BEGAN, whole_run

from livemigration.inventory.change import Change
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.run.consistency import contradictions, led_to
from livemigration.run.evidence.model import Gathering
from livemigration.run.merge.join import join
from livemigration.run.result import State
from livemigration.run.run import Run, what_was_not_examined
from livemigration.run.waivers.apply import uses_of
from livemigration.run.waivers.model import Waiver
from livemigration.verdict.findings import Finding, Level

Edit = Callable[[Run], Run]
Denied = tuple[str, Edit, list[str]]
Fitting = tuple[str, Edit]

MINUTE = timedelta(minutes=1)
WAIVER = Waiver(
    place="waivers[0]",
    owner="Kim",
    ticket="R-1",
    reason="The switch is replaced in May.",
    expires=date(2026, 12, 1),
    ends=datetime(2026, 12, 2, tzinfo=UTC),
    zone="UTC",
    days_left=8,
    pairs=(("LM101", HOST), ("LM104", HOST)),
)
# Switched off (LM101, waived), too few migrations (LM106, a warning), a selection that fails next
# (LM102), and what cannot be looked at until it is switched on (LM203).
GIVEN: dict[str, Any] = {
    "enabled": False,
    "maximum": 1,
    "networks": (("10.0.50.0/24", "Microsoft:UserManaged"),),
    "listeners": ("10.0.50.11",),
    "answers": {("10.0.50.11", 6600): 10060, ("10.0.0.11", 6600): 10060},
}


@cache
def real(fail_on: str = "fail") -> Run:
    policy = Policy.model_validate({"minimum_migrations": 2, "fail_on": fail_on})
    change = Change("CHG0012345", "Kim")
    return whole_run(run_facts(**GIVEN), policy, change=change, waivers=(WAIVER,))[0]


@cache
def joined() -> Run:
    """A run joined with one that began later, ended later and is evidence for longer."""
    later = replace(
        real(),
        started=BEGAN + MINUTE,
        finished=BEGAN + 3 * MINUTE,
        gathered=Gathering(BEGAN + MINUTE, BEGAN + 2 * MINUTE),
        valid_until=BEGAN + timedelta(hours=12, minutes=1),
    )
    return join([real(), later])


def said(run: Run) -> list[str]:
    return list(contradictions(run))


def result(check: str, target: str = HOST, **changes: Any) -> Edit:
    """Return what changes one result of a run."""

    def edit(run: Run) -> Run:
        results = tuple(
            replace(each, **changes)
            if (each.entry.check, each.entry.target) == (check, target)
            else each
            for each in run.results
        )
        return replace(run, results=results)

    return edit


def with_code(run: Run, **changes: Any) -> Run:
    """Return a changed run with the exit code that then follows."""
    run = replace(run, **changes)
    return replace(run, exit_code=led_to(run))


def left_out(run: Run, **changes: Any) -> Run:
    """Return a run of another selection, with what then was not examined."""
    run = replace(run, **changes)
    told = what_was_not_examined(
        run.selection, run.hosts, run.plan, run.results, run.gate, run.managed
    )
    return replace(run, not_examined=told)


def selection(**changes: Any) -> Edit:
    return lambda run: left_out(run, selection=replace(run.selection, **changes))


def entry(**changes: Any) -> Edit:
    """Return what changes the first entry of the plan, and its result with it."""

    def edit(run: Run) -> Run:
        first = replace(run.plan[1], **changes)
        results = (run.results[0], replace(run.results[1], entry=first), *run.results[2:])
        return replace(run, plan=(run.plan[0], first, *run.plan[2:]), results=results)

    return edit


def waiver(**changes: Any) -> Edit:
    """Return what changes the waiver, with what then became of it."""

    def edit(run: Run) -> Run:
        changed = replace(WAIVER, **changes)
        return replace(run, waivers=uses_of((changed,), run.results, run.started))

    return edit


def times(**changes: Any) -> Edit:
    return lambda run: replace(run, stamp=None, **changes)


def demands_with(run: Run, **changes: Any) -> Demands:
    assert run.demands is not None
    return replace(run.demands, **changes)


def reason_of(days: int) -> str:
    said = next(each.reason for each in real().results if each.state is State.WAIVED)
    return said.replace("8 days left", f"{days} days left")


FAILED = Finding(Level.FAIL, "off", "on")
WARNED = Finding(Level.WARNING, "off", "on")
FINE = Finding(Level.OK, "on")


def denied_otherwise(run: Run, sentences: Iterable[str]) -> set[str]:
    """Return which of these sentences are not said of a run, and which others are.

    The exit code and the waivers follow from the results, so that they are denied with them.
    """
    told, wanted = set(said(run)), set(sentences)
    along = ("exit_code is", "waivers: ")
    return (wanted - told) | {each for each in told - wanted if not each.startswith(along)}
