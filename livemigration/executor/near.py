"""The jobs of this machine while workers ask the hosts: those of the VMM servers."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from livemigration.gather.executor import Course, Errors
from livemigration.gather.jobs import Job, Progress, run_jobs


class Near:
    """The jobs of this machine, in a thread that starts and watches them."""

    def __init__(self, jobs: Sequence[Job], course: Course) -> None:
        self.errors: Errors = {}
        self._jobs = jobs
        self._course = course
        self._progress = Progress(0, len(jobs), (), 0.0)
        self._ended: list[str] = []
        self._told = 0
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="beside", daemon=True)

    def start(self) -> None:
        """Begin."""
        if self._jobs:
            self._thread.start()

    def _run(self) -> None:
        try:
            self.errors = run_jobs(
                self._jobs,
                concurrency=len(self._jobs),
                deadline=self._course.deadline,
                watch=self._note,
                done=self._ended.append,
                stalls=self._course.stalls,
            )
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._failed = error

    def _note(self, progress: Progress) -> None:
        self._progress = progress

    @property
    def is_over(self) -> bool:
        """Whether every job has ended, and was told of."""
        return not self._thread.is_alive() and self._told == len(self._ended)

    def turn(self) -> None:
        """Tell of the jobs that have ended."""
        if self._failed is not None:
            raise self._failed
        while self._told < len(self._ended):
            self._course.done(self._ended[self._told])
            self._told += 1

    def watch(self, far: Progress) -> None:
        """Tell of the progress of these jobs and of what is asked elsewhere."""
        near = self._progress
        slow = (*near.slow, *far.slow)
        self._course.watch(
            Progress(near.done + far.done, near.total + far.total, slow, far.elapsed)
        )
