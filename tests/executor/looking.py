"""What a cluster shows to those who may look at it: called on its scheduler and its workers."""

from __future__ import annotations

import pickle
from typing import Any


def of_scheduler(dask_scheduler: Any) -> bytes:
    """Return all that a scheduler has of tasks, in each form in which it has or shows it."""
    shown: list[bytes] = []
    for task in dask_scheduler.tasks.values():
        shown += [repr(task).encode(), repr(task.run_spec).encode(), pickle.dumps(task.run_spec)]
        shown += [repr(task.annotations).encode(), repr(task.metadata).encode()]
        shown += [repr((task.exception_text, task.traceback_text)).encode()]
    shown += [repr(each).encode() for each in dask_scheduler.transition_log]
    for topic in dask_scheduler.get_events().values():
        shown += [repr(each).encode() for each in topic]
    shown += [repr(each).encode() for each in dask_scheduler.get_logs()]
    return b"\n".join(shown)


def keys_of(dask_scheduler: Any) -> list[str]:
    """Return the keys of all tasks that there have been."""
    return sorted({str(each[0]) for each in dask_scheduler.transition_log})


def plugins_of(dask_scheduler: Any) -> bytes:
    """Return what a scheduler keeps for workers that join."""
    own = dask_scheduler.worker_plugins.items()
    return b"\n".join(name.encode() + value for name, value in own if "livemigration" in name)


def fails(run: str) -> None:
    """Fail in a worker with all that it holds at hand."""
    from livemigration.executor.held import held_for

    held = held_for(run)
    assert held is not None
    password = held.unpacked.accesses[0].credentials.password.reveal()
    raise ValueError(len(password))


def holds() -> bool:
    """Whether a worker holds anything."""
    from livemigration.executor.held import holds_anything

    return holds_anything()
