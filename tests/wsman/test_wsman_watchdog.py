"""The watchdog does what it was told to, and keeps nothing of what is over."""

from __future__ import annotations

import gc
import threading
import time

import pytest

from livemigration.wsman.watchdog import Alarm, Watchdog


def test_a_watchdog_without_a_thread_says_so_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    watchdog = Watchdog()
    done = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            watchdog.at(0.0, lambda: None)
    watchdog.at(0.0, done.set)
    assert done.wait(60)


def test_a_watchdog_keeps_nothing_of_messages_that_are_over() -> None:
    watchdog, late, done = Watchdog(), time.monotonic() + 3600, threading.Event()
    watchdog.at(late, done.set)
    before = _alarms()
    for _ in range(2_000):
        watchdog.at(late, done.set).cancel()
    assert _alarms() - before < 200


def test_a_watchdog_forgets_only_what_was_cancelled() -> None:
    watchdog, late, done = Watchdog(), time.monotonic() + 3600, threading.Semaphore(0)
    now = time.monotonic() + 0.2
    for each in range(500):
        alarm = watchdog.at(now if each % 5 == 0 else late, done.release)
        if each % 5:
            alarm.cancel()
    assert all(done.acquire(timeout=10) for _ in range(100))
    assert not done.acquire(blocking=False)


def _alarms() -> int:
    return sum(type(each) is Alarm for each in gc.get_objects())
