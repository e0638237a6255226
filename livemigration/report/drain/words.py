"""A plan in words, which are the same in every view: the answer, how long it takes, what else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from livemigration.base.text import counted, listed, some
from livemigration.placement.estimate_text import between_times, lasting, size
from livemigration.placement.model import Verdict
from livemigration.placement.plan_document import Kind, PlanDocument
from livemigration.report.naming import Names

ASSUMED = (
    "Nothing declares that these hosts exchange virtual machines: it is assumed, as they are of "
    "one domain."
)

# Before what the estimate of the way back has otherwise than the plan's.
BACK = "The way back, of the same but for:"


@dataclass(frozen=True)
class Words:
    """A plan in words, a sentence each; `takes` is empty where nothing is estimated."""

    answer: str
    takes: str
    remarks: tuple[str, ...]

    @property
    def brief(self) -> str:
        """The answer, and how long it takes."""
        return f"{self.answer} {self.takes}".rstrip()


def words_of(plan: PlanDocument, names: Names) -> Words:
    """Return what is said of a plan; `names` is how its hosts are called."""
    takes = plan.takes
    return Words(
        answer_of(plan, names),
        "" if takes is None else f"By an estimate it takes {between_times(takes.low, takes.high)}.",
        (*plan.told, *plan.open, *remarks_of(plan, names)),
    )


def inputs_back(plan: PlanDocument) -> tuple[tuple[str, str], ...]:
    """Return what the estimate of the way back is made of, where that is not as of the plan's."""
    if plan.back is None:
        return ()
    known = frozenset(plan.takes.inputs if plan.takes is not None else ())
    return tuple(each for each in plan.back.inputs if each not in known)


def command_of(plan: PlanDocument, names: Names) -> str:
    """Return the command that prints a plan whole, of the facts of the newest run."""
    return f"livemigration drain {listed(map(names.short, plan.asked.hosts))}{_asked(plan, names)}"


def command_of_each(plan: PlanDocument, names: Names) -> str:
    """Return that command for each of several hosts of which the same was asked as of this one."""
    return f"livemigration drain HOST{_asked(plan, names)}"


def _asked(plan: PlanDocument, names: Names) -> str:
    given = (("--without", plan.asked.without), ("--to", plan.asked.to))
    return "".join(f" {option} {','.join(map(names.short, its))}" for option, its in given if its)


def tally(verdicts: Iterable[Verdict]) -> str:
    """Return how many hosts can be emptied, each alone, as a sentence."""
    found = Counter(verdicts)
    swaps, refused = found[Verdict.FITS_WITH_SWAPS], found[Verdict.DOES_NOT_FIT]
    fits, total = found[Verdict.FITS] + swaps, found.total()
    said = f"Each alone, {fits} of {counted(total, 'host')} can be emptied"
    if swaps:
        said += f", {swaps} of them once other virtual machines made room"
    if refused:
        said += f"; {refused} cannot"
    if left := total - fits - refused:
        said += f"; of {left} it is not known or was not decided"
    return f"{said}."


def answer_of(plan: PlanDocument, names: Names) -> str:
    """Return whether the hosts can be emptied, as a sentence."""
    hosts = listed(map(names.short, plan.asked.hosts))
    if plan.fits and not plan.moves:
        return f"{hosts}: nothing has to move."
    if plan.verdict is Verdict.FITS:
        return f"{hosts} can be emptied: {_moving(plan, names)}."
    if plan.verdict is Verdict.FITS_WITH_SWAPS:
        room = counted(len(plan.relocations), "other virtual machine")
        return f"{hosts} can be emptied once {room} made room: {_moving(plan, names)}."
    if plan.verdict is Verdict.DOES_NOT_FIT:
        return f"{hosts} cannot be emptied: {_lacking(plan)}."
    if plan.verdict is Verdict.UNKNOWN:
        return f"Whether {hosts} can be emptied is not known, as not everything could be read."
    return f"Whether {hosts} can be emptied was not decided: no plan was found, nor excluded."


def _moving(plan: PlanDocument, names: Names) -> str:
    drained = [each for each in plan.moves if each.kind is Kind.DRAIN]
    memory = size(sum(each.memory for each in drained))
    to = some(dict.fromkeys(names.short(each.to) for each in drained))
    return f"{counted(len(drained), 'virtual machine')} with {memory} of memory, to {to}"


def _lacking(plan: PlanDocument) -> str:
    if not plan.unplaced:
        return "the virtual machines on it do not fit elsewhere"
    return f"there is no place for {some(plan.unplaced)}"


def remarks_of(plan: PlanDocument, names: Names) -> Iterator[str]:
    """Yield what else is to be known, a sentence each."""
    asked = plan.asked
    if plan.breaks_reserve:
        yield (
            f"It takes of what VMM or the cluster keeps free on "
            f"{some(map(names.short, plan.breaks_reserve))}."
        )
    if plan.stays:
        yield f"To be shut down first, as the policy names them under stays: {some(plan.stays)}."
    if asked.without:
        yield f"Down by then: {some(map(names.short, asked.without))}."
    if asked.to:
        yield f"Only these take machines: {some(map(names.short, asked.to))}."
    if plan.takes is not None and asked.window is not None:
        yield _within(plan, asked.window)
    if plan.back is not None:
        yield (
            f"The way back takes {between_times(plan.back.low, plan.back.high)}, by an estimate, "
            "as long as nothing else was put on these hosts."
        )


def _within(plan: PlanDocument, window: int) -> str:
    takes, length = plan.takes, lasting(window)
    if takes is None or takes.low > window:
        return f"It takes longer than the window of {length}."
    if takes.high is None:
        return f"Whether it fits the window of {length} is not known."
    if takes.high > window:
        return f"It may take longer than the window of {length}."
    return f"By the estimate it fits the window of {length}."
