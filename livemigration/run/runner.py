"""Evaluates one plan entry: the declared facts in, one result out. Opens no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from types import TracebackType
from typing import Any

from livemigration.facts.model import (
    FactSheet,
    Gathered,
    Inapplicable,
    NotGathered,
    Subject,
)
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.exchanging import Exchanges
from livemigration.inventory.policy import Policy
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Blocker, Result, State, state_of
from livemigration.verdict.check import Check
from livemigration.verdict.findings import Finding, Level, note
from livemigration.verdict.fixes.outside_vmm import outside_vmm
from livemigration.verdict.one_failure import one_failure_a_cause
from livemigration.verdict.views import (
    BlockedError,
    FactsView,
    GroupView,
    InapplicableError,
    UndeclaredFactsError,
)

_JUDGES_OF_IDENTITY = ("LM001", "LM302")
# By which argument a check reads what is known of each.
_ARGUMENTS = {each: each.value for each in Subject}
# The hosts of an exchange and what is asked of drains, as in GroupView.
_Others = tuple[Exchanges, DrainRequest | None]


@dataclass(slots=True)
class _Outcome:
    """What a check came to, while it is being evaluated."""

    findings: list[Finding] = field(default_factory=list)
    state: State | None = None
    blocked_by: Blocker | None = None
    reason: str = ""

    @property
    def failed(self) -> bool:
        return any(finding.level is Level.FAIL for finding in self.findings)

    def stop(self, state: State, reason: str, blocked_by: Blocker | None = None) -> None:
        """End the evaluation; a failure that was already found is not taken back."""
        if self.failed:
            self.findings.append(note(f"The rest of this check was not evaluated: {reason}"))
            return
        self.state, self.reason, self.blocked_by = state, reason, blocked_by


class _Offer:
    """What checks are given of these facts, made once where many targets are given the same.

    `believed` is without what another machine said under a name of the inventory, `all` with it.
    """

    def __init__(self, facts: RunFacts) -> None:
        self.all = facts.once(one_failure_a_cause)
        self.believed = self.all.believed
        self._groups: dict[_Others, GroupView] = {}
        self._servers: dict[tuple[str, frozenset[str]], FactsView] = {}
        self._found: dict[tuple[Finding, ...], tuple[Finding, ...]] = {}

    def held_once(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return findings as those that were equal to them first: most hosts have the same."""
        return self._found.setdefault(findings, findings)

    def group(self, facts: RunFacts, others: _Others) -> GroupView:
        """Return what a check sees of the other hosts, beside their facts."""
        found = self._groups.get(others)
        if found is None or found.facts is not facts:
            found = self._groups[others] = GroupView(facts, *others)
        return found

    def server(self, sheet: FactSheet, declared: frozenset[str]) -> FactsView:
        """Return what a check sees of the VMM server of a host."""
        found = self._servers.get((sheet.name, declared))
        if found is None or found.sheet is not sheet:
            found = self._servers[sheet.name, declared] = FactsView(sheet, declared)
        return found


def evaluate(
    check: Check,
    sheets: RunFacts,
    entry: PlanEntry,
    policy: Policy,
    seconds: float = 0.0,
    exchanges: Exchanges = None,
    drain: DrainRequest | None = None,
) -> Result:
    """Return the result of one plan entry. `exchanges` and `drain`: see GroupView.

    What another machine said under the target's name is seen by the checks that report it alone,
    and what a machine did not answer for one reason has the same words for every check.

    Never raises for what a check or the facts contain: a check that breaks is an internal error,
    named by its error type and place only, because messages may quote what a host sent.
    """
    return _evaluated(check, sheets, entry, policy, lambda: seconds, (exchanges, drain))


def timed(
    check: Check,
    sheets: RunFacts,
    entry: PlanEntry,
    policy: Policy,
    clock: Callable[[], float],
    exchanges: Exchanges = None,
    drain: DrainRequest | None = None,
) -> Result:
    """Return the result of one plan entry as `evaluate`, with the seconds that it took."""
    began = clock()

    def took() -> float:
        return round(clock() - began, 6)

    return _evaluated(check, sheets, entry, policy, took, (exchanges, drain))


def _evaluated(
    check: Check,
    sheets: RunFacts,
    entry: PlanEntry,
    policy: Policy,
    took: Callable[[], float],
    others: _Others,
) -> Result:
    offer = sheets.once(_Offer)
    facts = offer.all if check.identifier in _JUDGES_OF_IDENTITY else offer.believed
    views = _views(check, offer, facts, entry)
    outcome = _Outcome()
    if not _stopped_by_needs(check, views, outcome):
        group = offer.group(facts, others)
        offered: dict[str, Any] = {**views, "policy": policy, "group": group}
        arguments = {name: offered[name] for name in check.arguments if name in offered}
        _run(check, arguments, outcome)
    state = outcome.state or state_of(outcome.findings)
    return Result(
        entry=entry,
        state=state,
        red=state is State.FAIL or (state is State.WARNING and policy.fail_on == "warning"),
        findings=offer.held_once(_mendable(outcome.findings, views["vmm"])),
        blocked_by=outcome.blocked_by,
        reason=outcome.reason or _why_not_applicable(state, outcome.findings),
        seconds=took(),
        refs=check.refs,
    )


def _mendable(findings: Iterable[Finding], vmm: FactsView) -> tuple[Finding, ...]:
    """Return findings whose fixes can be carried out: none by VMM where there is no VMM."""
    return tuple(map(outside_vmm, findings) if vmm.is_left_out else findings)


def _views(check: Check, offer: _Offer, facts: RunFacts, entry: PlanEntry) -> dict[str, FactsView]:
    declared, name = check.declared, entry.target
    if check.target is Subject.VMM:
        server = facts.vmms.get(name) or FactSheet(Subject.VMM, name, {})
        return {"vmm": FactsView(server, declared)}
    host = facts.hosts.get(name) or FactSheet(Subject.HOST, name, {})
    return {
        "vmm": offer.server(facts.vmm_of(name), declared),
        "host": FactsView(host, declared),
    }


def _stopped_by_needs(check: Check, views: dict[str, FactsView], outcome: _Outcome) -> bool:
    """Stop where the machine cannot have a needed group, else where one was not gathered."""
    lacking = []
    for group in check.needs:
        view = views.get(_ARGUMENTS[group.subject])
        if view is not None and not isinstance(each := view.sheet.outcome(group), Gathered):
            lacking.append(each)
    for each in lacking:
        if isinstance(each, Inapplicable):
            outcome.stop(State.NOT_APPLICABLE, each.reason)
            return True
    for each in lacking:
        if isinstance(each, NotGathered):
            failure = each.failure
            blocker = Blocker(failure.root, failure.sentence, failure.next_step)
            outcome.stop(State.BLOCKED, failure.sentence, blocker)
            return True
    return False


def _run(check: Check, arguments: dict[str, Any], outcome: _Outcome) -> None:
    try:
        yielded: Iterator[object] = check.function(**arguments)
        for finding in yielded:
            if not isinstance(finding, Finding):
                _broken(check, f"it yielded a {type(finding).__name__}, not a finding", outcome)
                return
            outcome.findings.append(finding)
    except BlockedError as blocked:
        blocker = Blocker(blocked.by, blocked.reason, blocked.next_step)
        outcome.stop(State.BLOCKED, blocked.reason, blocker)
    except InapplicableError as inapplicable:
        outcome.stop(State.NOT_APPLICABLE, inapplicable.reason)
    except Exception as error:  # noqa: BLE001 - a broken check must not end the run
        said = f": {error}" if isinstance(error, UndeclaredFactsError) else ""
        _broken(check, f"{type(error).__name__}{_place(check, error)}{said}", outcome)
    else:
        if not outcome.findings:
            _broken(check, "it yielded no finding", outcome)


def _broken(check: Check, what: str, outcome: _Outcome) -> None:
    outcome.state = State.INTERNAL_ERROR
    outcome.reason = f"{check.identifier} is broken: {what}. This says nothing about the target."


def _place(check: Check, error: Exception) -> str:
    """Return the innermost line of the check's own file, which is where its author looks."""
    steps = [(trace.tb_frame.f_code.co_filename, trace.tb_lineno) for trace in _traces(error)]
    own = [step for step in steps if step[0] == check.function.__code__.co_filename]
    if not steps:
        return ""
    file, line = (own or steps)[-1]
    return f" at {PurePath(file).name}:{line}"


def _traces(error: Exception) -> Iterator[TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _why_not_applicable(state: State, findings: Iterable[Finding]) -> str:
    if state is not State.NOT_APPLICABLE:
        return ""
    return next(each.observed for each in findings if each.level is Level.NOT_APPLICABLE)
