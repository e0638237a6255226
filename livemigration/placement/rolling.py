"""An order in which hosts can be taken down one after the other. It plans, and moves nothing.

After a host is back, its machines stay where they are as long as the next host can be emptied all
the same: that moves little more than each machine once. Where it cannot, they are brought back
first, which moves twice as much and makes each host a question of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from livemigration.placement.afterwards import after, directly_back, undone
from livemigration.placement.asking import Site, can
from livemigration.placement.model import Answer, Move, Question

# Questions that are asked for an order in which nothing has to be brought back.
MOST = 200


class Way(Enum):
    """What becomes of a host's machines when it is back."""

    LEAVE = "leave"
    BRING_BACK = "bring back"


@dataclass(frozen=True)
class Step:
    """One host that is emptied, taken down, and back."""

    host: str
    # With the plan of its moves.
    answer: Answer
    way: Way = Way.LEAVE
    # Moves when it is back and before the next host is emptied, in order.
    back: tuple[Move, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A host that has no place in the order, with the answer when it was asked last."""

    host: str
    answer: Answer


@dataclass(frozen=True)
class Rolling:
    """An order of hosts, with the moves of each."""

    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...] = ()
    # Moves that put every machine where it was, when all hosts are back.
    way_back: tuple[Move, ...] = ()

    @property
    def memory(self) -> int:
        """MB that all steps move, without the way back."""
        moves = [move for each in self.steps for move in (*each.answer.plan, *each.back)]
        return sum(each.machine.memory for each in moves)


def rolled(site: Site, hosts: Iterable[str], *, way: Way = Way.LEAVE, most: int = MOST) -> Rolling:
    """Return an order in which hosts can be taken down one after the other.

    Args:
        site: how everything is, and who answers whether hosts can be emptied.
        hosts: those to take down, in the order that is wanted where it does not matter.
        way: with `BRING_BACK`, every machine is brought back each time.
        most: how many questions are asked for an order in which nothing is brought back.
    """
    wanted = tuple(dict.fromkeys(hosts))
    if way is Way.BRING_BACK:
        return _Mixed(site).each_alone(wanted)
    steps = _Left(most).taken(site, wanted)
    found = _Mixed(site).taken(wanted) if steps is None else Rolling(steps)
    return replace(found, way_back=_way_back(site.question, found.steps))


class _Left:
    """An order in which nothing is brought back, looked for with so many questions."""

    def __init__(self, most: int) -> None:
        self._left = most

    def taken(self, site: Site, hosts: Sequence[str]) -> tuple[Step, ...] | None:
        """Return steps for all of these hosts; None where none were found."""
        if not hosts:
            return ()
        for host in hosts:
            if self._left <= 0:
                return None
            self._left -= 1
            found = site.asked(host)
            if not can(found):
                continue
            rest = tuple(each for each in hosts if each != host)
            then = self.taken(site.then(found.plan), rest)
            if then is not None:
                return (Step(host, found), *then)
        return None


class _Mixed:
    """Steps one after the other, of which those before can be brought back."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._steps: list[Step] = []
        # Each state that can be gone back to, with the plan that was carried out in it.
        self._before: list[tuple[Site, tuple[Move, ...]]] = []

    def each_alone(self, hosts: Sequence[str]) -> Rolling:
        """Return the hosts that can be emptied as everything is, each brought back."""
        left_out = []
        for host in hosts:
            found = self._site.asked(host)
            if can(found):
                self._take(host, found)
                self._bring_back()
            else:
                left_out.append(LeftOut(host, found))
        return Rolling(tuple(self._steps), tuple(left_out))

    def taken(self, hosts: Sequence[str]) -> Rolling:
        """Return an order in which the last step is undone, and the one before, where it has to."""
        left = list(hosts)
        while left:
            kept = self._steps.copy(), self._before.copy(), self._site
            while left_out := self._take_next(left):
                if not self._before:
                    # That nothing is gained by bringing back is no reason to do it.
                    self._steps, self._before, self._site = kept
                    return Rolling(tuple(self._steps), left_out)
                self._bring_back()
        return Rolling(tuple(self._steps))

    def _take_next(self, left: list[str]) -> tuple[LeftOut, ...]:
        """Take the first of the hosts that can be emptied now; if none can, return why."""
        answers = []
        for host in left:
            found = self._site.asked(host)
            if can(found):
                self._take(host, found)
                left.remove(host)
                return ()
            answers.append(LeftOut(host, found))
        return tuple(answers)

    def _take(self, host: str, found: Answer) -> None:
        self._steps.append(Step(host, found))
        self._before.append((self._site, found.plan))
        self._site = self._site.then(found.plan)

    def _bring_back(self) -> None:
        site, plan = self._before.pop()
        last = self._steps[-1]
        back = (*last.back, *undone(site.question, plan))
        self._steps[-1] = replace(last, way=Way.BRING_BACK, back=back)
        self._site = site


def _way_back(question: Question, steps: Sequence[Step]) -> tuple[Move, ...]:
    """Return moves after which every machine is where it was, in an order that is possible."""
    states, plans = [question], []
    for plan in [plan for step in steps for plan in (step.answer.plan, *_singly(step.back))]:
        plans.append(plan)
        states.append(after(states[-1], plan))
    direct = directly_back(states[-1], {each.key: each.host for each in question.machines})
    if direct is not None:
        return direct
    return tuple(
        move
        for state, plan in zip(reversed(states[:-1]), reversed(plans), strict=True)
        for move in undone(state, plan)
    )


def _singly(moves: Iterable[Move]) -> Iterable[tuple[Move, ...]]:
    # What brings back several steps may move one machine twice, which no plan does.
    return ((each,) for each in moves)
