"""Threads of a batch that rarely ask for their turn."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from livemigration.base.deadline import Deadline
from livemigration.gather.jobs import Job, Progress, run_jobs

USUAL, LONGER = 0.005, 0.05


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL)
    yield
    sys.setswitchinterval(before)


class Batches:
    """Batches, each within a job of the one before it, and the intervals that they saw."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def run(self, within: int = 0) -> None:
        def work(_: Deadline) -> None:
            if within:
                self.run(within - 1)
            self.seen.append(sys.getswitchinterval())

        job = Job("hv01", 60.0, work)
        run_jobs([job], concurrency=1, deadline=Deadline.after(60.0), watch=lambda _: None)


@pytest.mark.parametrize("within", [0, 2])
def test_turns_are_longer_until_the_last_batch_has_ended(within: int) -> None:
    batches = Batches()
    batches.run(within)
    assert batches.seen == pytest.approx([LONGER] * (within + 1))
    assert sys.getswitchinterval() == pytest.approx(USUAL)


def test_turns_that_are_longer_by_themselves_stay_so() -> None:
    sys.setswitchinterval(2 * LONGER)
    batches = Batches()
    batches.run()
    assert batches.seen == pytest.approx([2 * LONGER])
    assert sys.getswitchinterval() == pytest.approx(2 * LONGER)


def test_an_interrupted_batch_gives_them_back() -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_jobs(
            [Job("hv01", 60.0, lambda _: None)],
            concurrency=1,
            deadline=Deadline.after(60.0),
            watch=interrupt,
        )
    assert sys.getswitchinterval() == pytest.approx(USUAL)
