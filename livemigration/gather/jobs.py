"""Many jobs at once on daemon threads, each with a deadline that is kept.

The main thread only polls, so that Ctrl-C works on every system. A job past its deadline is
abandoned: reported, never joined; its thread ends with its last socket's deadline.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from livemigration.base.deadline import Deadline
from livemigration.gather.stalls import Stalls
from livemigration.gather.turns import longer_turns

_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Job:
    """Work for one machine. `run` gets the deadline by which it must be done."""

    name: str
    seconds: float
    run: Callable[[Deadline], None]


@dataclass(frozen=True)
class Progress:
    """How far a batch of jobs is. `slow` names the running jobs, longest first."""

    done: int
    total: int
    slow: tuple[str, ...]
    elapsed: float

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the jobs that are done, or None before the first."""
        if not self.done:
            return None
        return self.elapsed / self.done * (self.total - self.done)


@dataclass(frozen=True)
class _Running:
    started: float
    deadline: Deadline


def run_jobs(
    jobs: Sequence[Job],
    *,
    concurrency: int | Callable[[], int],
    deadline: Deadline,
    watch: Callable[[Progress], None],
    done: Callable[[str], None] | None = None,
    stalls: Stalls | None = None,
) -> dict[str, BaseException | None]:
    """Run every job; return, by name, None or what it raised. `TimeoutError`: abandoned.

    Args:
        jobs: names must be unique.
        concurrency: how many run at once, now or at all.
        deadline: when everything ends, whatever the jobs' own deadlines.
        watch: called now and then on this thread.
        done: called with the name of each job that came to its end, on this thread.
        stalls: is told how this thread waits.
    """
    at_once = concurrency if callable(concurrency) else lambda: concurrency
    with longer_turns(min(len(jobs), at_once())):
        return _run_all(jobs, at_once, deadline, watch, done, stalls)


def _run_all(
    jobs: Sequence[Job],
    at_once: Callable[[], int],
    deadline: Deadline,
    watch: Callable[[Progress], None],
    done: Callable[[str], None] | None,
    stalls: Stalls | None,
) -> dict[str, BaseException | None]:
    pending = deque(jobs)
    running: dict[str, _Running] = {}
    outcomes: dict[str, BaseException | None] = {}
    finished: _Finished = queue.SimpleQueue()
    started = time.monotonic()
    while len(outcomes) < len(jobs):
        while pending and len(running) < at_once() and not deadline.passed:
            job = pending.popleft()
            try:
                running[job.name] = _start(job, deadline, finished)
            except RuntimeError as no_thread:
                # The system has none left for this job; the others have theirs.
                outcomes[job.name] = no_thread
        # All that have ended, first: of a job that was in time it is not said that it was not.
        for name, error in _ended(finished, stalls):
            if running.pop(name, None) is not None:
                outcomes[name] = error
                if done is not None:
                    done(name)
        for name in [name for name, each in running.items() if each.deadline.passed]:
            del running[name]
            outcomes[name] = TimeoutError()
        if deadline.passed and not running:
            outcomes.update((job.name, TimeoutError()) for job in pending)
            pending.clear()
        slow = sorted(running, key=lambda each: running[each].started)
        watch(Progress(len(outcomes), len(jobs), tuple(slow), time.monotonic() - started))
    return outcomes


_Finished = queue.SimpleQueue[tuple[str, BaseException | None]]


def _ended(
    finished: _Finished, stalls: Stalls | None
) -> Iterator[tuple[str, BaseException | None]]:
    """Wait a moment, and yield every job that has ended with what it raised."""
    if stalls is not None:
        stalls.waits(_POLL_SECONDS)
    try:
        ended = finished.get(timeout=_POLL_SECONDS)
    except queue.Empty:
        return
    finally:
        if stalls is not None:
            stalls.woke()
    yield ended
    with suppress(queue.Empty):
        while True:
            yield finished.get_nowait()


def _start(job: Job, deadline: Deadline, finished: _Finished) -> _Running:
    own = deadline.earlier_of(job.seconds)

    def work() -> None:
        error: BaseException | None = None
        try:
            job.run(own)
        except BaseException as raised:  # noqa: BLE001 - one job's failure is data, never another's
            error = raised
        finished.put((job.name, error))

    threading.Thread(target=work, name=f"gather {job.name}", daemon=True).start()
    return _Running(time.monotonic(), own)
