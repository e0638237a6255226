"""Workers with deadlines that are kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.gather.jobs import Job, Progress, run_jobs

LONG = 60.0
SHORT = 0.05


def run(
    *jobs: Job,
    concurrency: int = 8,
    seconds: float = LONG,
    watch: Callable[[Progress], None] = lambda _: None,
) -> dict[str, BaseException | None]:
    deadline = Deadline.after(seconds)
    return run_jobs(jobs, concurrency=concurrency, deadline=deadline, watch=watch)


def done(_: Deadline) -> None:
    """Do the work at once."""


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """Return what a stuck worker waits for; the test's end lets it go."""
    event = threading.Event()
    yield event
    event.set()


def wait(event: threading.Event) -> None:
    event.wait(LONG)


def stuck(event: threading.Event, name: str = "stuck", seconds: float = LONG) -> Job:
    return Job(name, seconds, lambda _: wait(event))


def threads(name: str) -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == f"gather {name}"]


def test_a_worker_past_its_deadline_is_reported_and_never_joined(never: threading.Event) -> None:
    outcomes = run(stuck(never, seconds=SHORT), Job("hv02", LONG, done))
    assert isinstance(outcomes["stuck"], TimeoutError)
    assert outcomes["hv02"] is None
    (thread,) = threads("stuck")
    assert thread.is_alive()
    assert thread.daemon


def test_an_abandoned_worker_that_ends_later_stays_abandoned(never: threading.Event) -> None:
    ended = threading.Event()

    def late(_: Deadline) -> None:
        never.wait(LONG)
        ended.set()
        raise ValueError("too late")

    def let_go(progress: Progress) -> None:
        if "late" not in progress.slow:
            never.set()

    after = Job("after", LONG, lambda _: wait(ended))
    outcomes = run(Job("late", SHORT, late), after, watch=let_go)
    assert isinstance(outcomes["late"], TimeoutError)
    assert outcomes["after"] is None


def test_the_failure_of_one_job_touches_no_other() -> None:
    def broken(_: Deadline) -> None:
        raise SystemExit("even this")

    outcomes = run(Job("hv01", LONG, broken), *(Job(f"hv{n}", LONG, done) for n in range(2, 9)))
    assert isinstance(outcomes.pop("hv01"), SystemExit)
    assert list(outcomes.values()) == [None] * 7


def test_the_runs_deadline_ends_what_runs_and_what_never_started(never: threading.Event) -> None:
    started: list[str] = []
    waiting = Job("waiting", LONG, lambda _: started.append("waiting"))
    outcomes = run(stuck(never), waiting, concurrency=1, seconds=SHORT)
    assert {name: type(each) for name, each in outcomes.items()} == {
        "stuck": TimeoutError,
        "waiting": TimeoutError,
    }
    assert started == []


def test_a_worker_gets_the_earlier_of_its_own_deadline_and_the_runs() -> None:
    seen: list[float] = []
    short = Job("hv01", 5.0, lambda deadline: seen.append(deadline.remaining))
    long = Job("hv02", 500.0, lambda deadline: seen.append(deadline.remaining))
    run(short, long, concurrency=1, seconds=50.0)
    assert seen[0] <= 5.0 < seen[1] <= 50.0


def test_no_more_run_at_once_than_allowed() -> None:
    lock = threading.Lock()
    both = threading.Barrier(2, timeout=LONG)
    active, most = 0, 0

    def work(_: Deadline) -> None:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        # Two must be in here together, or this would wait for ever.
        both.wait()
        with lock:
            active -= 1

    outcomes = run(*(Job(f"hv{n}", LONG, work) for n in range(6)), concurrency=2)
    assert set(outcomes.values()) == {None}
    assert most == 2


def test_ctrl_c_ends_the_polling_at_once(never: threading.Event) -> None:
    def interrupt(progress: Progress) -> None:
        assert progress.slow == ("stuck",)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(stuck(never), watch=interrupt)
    assert threads("stuck")


def test_progress_counts_what_is_done_and_names_the_slowest_first(never: threading.Event) -> None:
    seen: list[Progress] = []

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 1:
            never.set()

    jobs = (stuck(never, "slow"), Job("quick", LONG, done), stuck(never, "slower"))
    run(*jobs, watch=watch)
    (first, *_) = (each for each in seen if each.done == 1)
    assert (first.total, first.slow) == (3, ("slow", "slower"))
    assert (seen[-1].done, seen[-1].slow) == (3, ())


@in_turn("done_, elapsed, left", [(0, 5.0, None), (1, 4.0, 12.0), (3, 6.0, 2.0), (4, 8.0, 0.0)])
def test_the_time_left_is_estimated_from_what_is_done(
    done_: int, elapsed: float, left: float | None
) -> None:
    assert Progress(done_, 4, (), elapsed).seconds_left == left


def test_a_job_for_which_the_system_has_no_thread_fails_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "gather hv02":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    outcomes = run(*(Job(f"hv0{n}", LONG, done) for n in (1, 2, 3)))
    assert isinstance(outcomes["hv02"], RuntimeError)
    assert (outcomes["hv01"], outcomes["hv03"]) == (None, None)
