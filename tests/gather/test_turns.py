"""Threads of a batch that rarely ask for their turn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

from livemigration.base.deadline import Deadline
from livemigration.gather.jobs import Job, Progress, run_jobs

USUAL, LONGER = 0.005, 0.05
FEW, MANY = 128, 129


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL)
    yield
    sys.setswitchinterval(before)


def nothing(_: Deadline) -> None:
    """Do nothing."""


def run(number: int, work: Callable[[Deadline], None], at_once: int = MANY) -> None:
    """Run a batch, of which the first job does this work."""
    jobs = [Job(f"hv{each}", 60.0, nothing if each else work) for each in range(number)]
    run_jobs(jobs, concurrency=at_once, deadline=Deadline.after(60.0), watch=lambda _: None)


class Batches:
    """Batches, each within a job of the one before it, and the intervals that they saw."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def run(self, *numbers: int, at_once: int = MANY) -> None:
        """Run batches of so many jobs, the first of them the outermost."""
        if numbers:

            def work(_: Deadline) -> None:
                self.run(*numbers[1:])
                self.seen.append(sys.getswitchinterval())

            run(numbers[0], work, at_once)


@pytest.mark.parametrize("numbers", [(MANY,), (MANY, MANY), (MANY, 1)])
def test_turns_are_longer_until_the_last_batch_of_many_has_ended(numbers: tuple[int, ...]) -> None:
    batches = Batches()
    batches.run(*numbers)
    assert batches.seen == pytest.approx([LONGER] * len(numbers))
    assert sys.getswitchinterval() == pytest.approx(USUAL)


@pytest.mark.parametrize(("number", "at_once"), [(FEW, MANY), (MANY, FEW)])
def test_turns_of_few_threads_are_as_they_were(number: int, at_once: int) -> None:
    batches = Batches()
    batches.run(number, at_once=at_once)
    assert batches.seen == pytest.approx([USUAL])


def test_turns_that_are_longer_by_themselves_stay_so() -> None:
    sys.setswitchinterval(2 * LONGER)
    batches = Batches()
    batches.run(MANY)
    # Python counts in microseconds.
    assert batches.seen == pytest.approx([2 * LONGER], abs=2e-6)
    assert sys.getswitchinterval() == pytest.approx(2 * LONGER, abs=2e-6)


def test_an_interrupted_batch_gives_them_back() -> None:
    seen = []

    def interrupt(_: Progress) -> None:
        seen.append(sys.getswitchinterval())
        raise KeyboardInterrupt

    jobs = [Job(f"hv{each}", 60.0, nothing) for each in range(MANY)]
    with pytest.raises(KeyboardInterrupt):
        run_jobs(jobs, concurrency=MANY, deadline=Deadline.after(60.0), watch=interrupt)
    assert seen == pytest.approx([LONGER])
    assert sys.getswitchinterval() == pytest.approx(USUAL)
