"""Runs the tests that reach a change, with the change made, in a fork of one collected session.

mutmut's own runner starts pytest for every change and collects the tests anew: four seconds for
each of some thousands, and it leaves out every property. Here the tests are collected once; the
first fork runs them all under coverage, to learn which test reaches which line and how long it
takes; then each change has a fork of its own, in which the code of one function is replaced.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import cast

import coverage
import pytest
from mutants import Mutant

# CPU seconds that the tests of one change may take; the fastest come first.
ENOUGH = 20.0
# A change may make its tests slower: so many times, and so many seconds, before it counts as found.
SLOWER, GRACE = 4, 10


# A function's file, its name there with those of its classes, and its first line.
Place = tuple[str, str, int]


class Outcome(Enum):
    """What became of a change."""

    KILLED = "killed"
    SURVIVED = "survived"
    UNREACHED = "reached by no test"
    NOT_MADE = "not made: its function was not found"
    NOT_RUN = "not run, for want of time"


@dataclass(frozen=True)
class Reach:
    """Which tests reach which lines, by their place in the session, and their CPU seconds."""

    tests: Mapping[str, Mapping[int, Sequence[int]]]
    seconds: Sequence[float]

    def of(self, mutant: Mutant) -> list[int]:
        """Return the tests to run against a change, the fastest first."""
        lines = self.tests.get(str(mutant.path), {})
        found = {test for line in mutant.lines for test in lines.get(line, ())}
        chosen: list[int] = []
        total = 0.0
        for test in sorted(found, key=lambda each: (self.seconds[each], each)):
            total += self.seconds[test]
            if chosen and total > ENOUGH:
                break
            chosen.append(test)
        return chosen


@dataclass(eq=False)
class Forks:
    """A plugin of pytest that puts the run of the changes in the place of the run of the tests."""

    mutants: Sequence[Mutant]
    until: float
    processes: int
    scratch: Path
    told: Callable[[Mutant, Outcome], None]
    broken: str = ""
    outcomes: dict[Mutant, Outcome] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run every change; the session's own tests run in the forks."""
        if session.testsfailed:
            self.broken = "The tests cannot be collected."
            return True
        paths = sorted({str(mutant.path) for mutant in self.mutants})
        for module in sorted({mutant.key.module for mutant in self.mutants}):
            # A command imports what it needs when it runs: no function of it would be found.
            import_module(module.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        functions = _functions(paths)
        gc.collect()
        gc.freeze()
        reach = _learned(session.items, paths, self.scratch)
        if isinstance(reach, str):
            self.broken = f"Without any change, {reach}"
            return True
        self._run(session.items, functions, reach)
        return True

    def _run(
        self,
        every: Sequence[pytest.Item],
        functions: Mapping[Place, list[FunctionType]],
        reach: Reach,
    ) -> None:
        running: dict[int, tuple[Mutant, float]] = {}
        for mutant in self.mutants:
            while len(running) >= self.processes:
                self._reap(running)
            if time.monotonic() > self.until:
                self._settle(mutant, Outcome.NOT_RUN)
                continue
            tests = reach.of(mutant)
            if not tests or not any(_is_of(mutant, place) for place in functions):
                self._settle(mutant, Outcome.NOT_MADE if tests else Outcome.UNREACHED)
                continue
            seconds = sum(reach.seconds[test] for test in tests) * SLOWER + GRACE
            items = [every[test] for test in tests]
            running[_forked(mutant, items, functions, int(seconds), self.scratch)] = (
                mutant,
                time.monotonic() + 10 * seconds,
            )
        while running:
            self._reap(running)

    def _settle(self, mutant: Mutant, outcome: Outcome) -> None:
        self.outcomes[mutant] = outcome
        self.told(mutant, outcome)

    def _reap(self, running: dict[int, tuple[Mutant, float]]) -> None:
        """Wait for one fork, and end those that wait for what never comes."""
        while True:
            for pid, (mutant, latest) in running.items():
                if time.monotonic() > latest:
                    os.kill(pid, signal.SIGKILL)
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    del running[pid]
                    self._settle(mutant, Outcome.KILLED if status else Outcome.SURVIVED)
                    return
            time.sleep(0.01)


def _learned(items: Sequence[pytest.Item], paths: Sequence[str], scratch: Path) -> Reach | str:
    """Return what a fork learns that runs every test, or the first test that fails there."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):
            os.close(reading)
            _alone(scratch)
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(_reached(items, paths), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        learned = pipe.read()
    os.waitpid(pid, 0)
    if not learned:
        return "the run of the tests ends early."
    return cast("Reach | str", pickle.loads(learned))  # noqa: S301 - from the fork just made


def _reached(items: Sequence[pytest.Item], paths: Sequence[str]) -> Reach | str:
    measured = coverage.Coverage(data_file=None, include=list(paths), config_file=False)
    measured.start()
    seconds = []
    for place, item in enumerate(items):
        measured.switch_context(str(place))
        begun = time.process_time()
        if not _passes(item, items[place + 1] if place + 1 < len(items) else None):
            return f"this test fails: {item.nodeid}"
        seconds.append(time.process_time() - begun)
    measured.stop()
    data = measured.get_data()
    tests = {
        path: {
            line: [int(each) for each in contexts if each]
            for line, contexts in data.contexts_by_lineno(path).items()
        }
        for path in paths
    }
    return Reach(tests, seconds)


def _forked(
    mutant: Mutant,
    items: Sequence[pytest.Item],
    functions: Mapping[Place, list[FunctionType]],
    seconds: int,
    scratch: Path,
) -> int:
    """Start a fork that runs tests with a change made; it ends with 0 where all of them pass."""
    pid = os.fork()
    if pid:
        return pid
    with suppress(BaseException):
        _alone(scratch)
        used = int(time.process_time()) + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (used, used + 1))
        _make(mutant, functions)
        for item, following in zip(items, [*items[1:], None], strict=True):
            if not _passes(item, following):
                os._exit(1)
        os._exit(0)
    os._exit(1)


def _alone(scratch: Path) -> None:
    """Give a fork its own place for temporary files, and nothing to print to."""
    own = scratch / str(os.getpid())
    own.mkdir()
    os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = str(own)
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run one test as pytest does, with its fixtures, and say whether none of it failed."""
    failed = []

    class Listener:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                failed.append(report)

    listener = Listener()
    item.config.pluginmanager.register(listener)
    try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    finally:
        item.config.pluginmanager.unregister(listener)
    return not failed


def _functions(paths: Iterable[str]) -> dict[Place, list[FunctionType]]:
    """Return the functions of some files as they live in this process, decorated or not."""
    wanted = set(paths)
    found: dict[Place, list[FunctionType]] = {}
    # What was frozen is not among the objects.
    gc.unfreeze()
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename in wanted:
            code = each.__code__
            place = (code.co_filename, code.co_qualname, code.co_firstlineno)
            found.setdefault(place, []).append(each)
    return found


def _is_of(mutant: Mutant, place: Place) -> bool:
    return place[:2] == (str(mutant.path), mutant.key.function)


def _make(mutant: Mutant, functions: Mapping[Place, list[FunctionType]]) -> None:
    """Make a change, in every function that was made of the code that it changes."""
    path = str(mutant.path)
    for code in _codes(compile(mutant.source(), path, "exec")):
        if code.co_qualname == mutant.key.function:
            for function in functions.get((path, code.co_qualname, code.co_firstlineno), ()):
                function.__code__ = code


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
