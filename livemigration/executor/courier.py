"""What carries the passwords of a run to the workers, and back out of them.

Distributed pickles it for the connection, keeps it for workers that join, and logs its name alone.
"""

from __future__ import annotations

from typing import Any

from distributed import Worker, WorkerPlugin

from livemigration.base.secret import Secret
from livemigration.executor.held import hold, let_go


def name_of(run: str) -> str:
    """Return the name by which a cluster knows the courier of a run."""
    return f"livemigration-{run}"


class Courier(WorkerPlugin):
    """Gives each worker what a run needs, and takes it away.

    Args:
        run: the run's own name.
        luggage: what it needs.
        seconds: after them each worker forgets it by itself, and has the scheduler forget it.
    """

    def __init__(self, run: str, luggage: Secret, seconds: float) -> None:
        self.name = name_of(run)
        self._run = run
        self._luggage = luggage
        self._seconds = seconds

    def __reduce__(self) -> tuple[Any, ...]:
        # The one place at which passwords leave this process: for a connection by TLS.
        return _unpickled, (self._run, self._luggage.reveal(), self._seconds)

    def setup(self, worker: Worker) -> None:
        """Leave with a worker what the run needs."""

        async def forget() -> None:
            if self.name in worker.plugins:
                await worker.scheduler.unregister_worker_plugin(name=self.name)

        def forgotten() -> None:
            worker.loop.add_callback(forget)

        hold(self._run, self._luggage, self._seconds, forgotten)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - distributed names it
        """Take it away."""
        let_go(self._run)


def _unpickled(run: str, luggage: str, seconds: float) -> Courier:
    return Courier(run, Secret(luggage), seconds)
