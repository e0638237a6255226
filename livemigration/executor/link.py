"""The connection to a Dask cluster: a thread of its own, whatever becomes of the scheduler.

Nothing here waits without an end, and what happens is told in a queue.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future as Promise
from contextlib import suppress
from typing import Any, TypeVar

from distributed import Client
from distributed.security import Security

from livemigration.base.errors import UsageError
from livemigration.base.secret import Secret
from livemigration.executor import tasks
from livemigration.executor.address import OPTION, Scheduler, refuse_readable
from livemigration.executor.courier import Courier, name_of
from livemigration.executor.telling import Event, LinkLostError

T = TypeVar("T")

CONNECT_SECONDS = 20.0
CLOSE_SECONDS = 10.0
_PULSE_SECONDS = 1.0
_PULSE_PATIENCE = 10.0
_MISSED_AT_MOST = 2
# What distributed would print of a lost connection beside the progress of the run.
_LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application")


class Link:
    """A run's connection to a cluster.

    Args:
        scheduler: where it is.
        run: the run's own name, which its tasks' keys begin with.
    """

    def __init__(self, scheduler: Scheduler, run: str) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.lost = ""
        self.workers: dict[str, str] = {}
        self._scheduler = scheduler
        self._run = run
        self._client: Any = None
        self._futures: dict[int, tuple[str, Any]] = {}
        self._ending = False
        self._given = False
        self._levels = {each: logging.getLogger(each).level for each in _LOGGERS}
        for each in _LOGGERS:
            logging.getLogger(each).setLevel(logging.CRITICAL + 1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._turn, name="executor", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Connect to the scheduler.

        Raises:
            UsageError: it does not answer, does not know this client, or is not safe to use.
        """
        self._now(self._open(), CONNECT_SECONDS * 2)

    def each(self, function: Callable[..., Any], *given: Any, workers: list[str]) -> dict[str, Any]:
        """Return what a function comes to on each of these workers, or the error that it is.

        Raises:
            LinkLostError: nobody told.
        """
        return self._now(self._each(function, given, workers), CONNECT_SECONDS)

    def one(self, function: Callable[..., Any], *given: Any, worker: str, seconds: float) -> Any:
        """Return what a function comes to on a worker, or the error that it is.

        It is called there once, whatever becomes of the worker: no task is made of it.

        Raises:
            LinkLostError: the scheduler did not tell.
            TimeoutError: it took too long.
        """
        promise = self._promise(self._each(function, given, [worker]))
        until = self._loop.time() + seconds
        while True:
            with suppress(TimeoutError):
                return promise.result(0.2)[worker]
            if self.lost or self._loop.time() > until:
                promise.cancel()
                if self.lost:
                    raise LinkLostError(self.lost)
                raise TimeoutError

    def give(self, luggage: Secret, seconds: float) -> None:
        """Have every worker hold what the run needs, and each that joins; so long at most.

        Raises:
            LinkLostError: it is not known whether it went.
        """
        self._given = True
        self._now(self._give(Courier(self._run, luggage, seconds)), CONNECT_SECONDS)

    def start(self, number: int, worker: str, text: str, seconds: float) -> None:
        """Have a worker do a task, whose end is an event within so many seconds."""
        self._promise(self._task(number, worker, text, seconds))

    def close(self) -> bool:
        """Take everything back that was given to the cluster, and end.

        Returns: whether nothing of it is left there, as far as the cluster says.
        """
        self._ending = True
        taken_back = False
        with suppress(LinkLostError):
            taken_back = self._now(self._close(), CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        for each, level in self._levels.items():
            logging.getLogger(each).setLevel(level)
        return taken_back

    def _turn(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        with suppress(Exception):
            left = asyncio.all_tasks(self._loop)
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    def _promise(self, work: Coroutine[Any, Any, T]) -> Promise[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _now(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        promise = self._promise(work)
        try:
            return promise.result(seconds)
        except TimeoutError:
            promise.cancel()
            raise LinkLostError("the scheduler or a worker did not answer in time") from None
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001 - of sockets, TLS and Dask
            raise LinkLostError(f"the scheduler did not answer ({_said(error)})") from None

    async def _open(self) -> None:
        at = self._scheduler
        security = None
        if at.secure:
            security = Security(  # type: ignore[no-untyped-call] # of Dask
                tls_ca_file=str(at.ca),
                tls_client_cert=str(at.certificate),
                tls_client_key=str(at.key),
                require_encryption=True,
            )
        try:
            self._client = Client(  # type: ignore[no-untyped-call] # of Dask
                at.address,
                security=security,
                asynchronous=True,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                direct_to_workers=False,
                name="livemigration",
            )
            await self._client
            known = await self._client.scheduler.identity()
        except Exception as error:  # noqa: BLE001 - of sockets, TLS and Dask
            raise UsageError(
                f"{OPTION} {at.address}: the scheduler does not answer, or refuses this client "
                f"({_said(error)}). Check its address, and that one CA signed both certificates."
            ) from None
        self._note(known)
        refuse_readable(at, (str(known.get("address", "")), *self.workers))
        self._pulse = asyncio.ensure_future(self._beat())

    def _note(self, known: dict[str, Any]) -> None:
        self.workers = {
            str(address): str(each.get("id", "")) for address, each in known["workers"].items()
        }

    async def _beat(self) -> None:
        missed = 0
        while not self._ending and not self.lost:
            await asyncio.sleep(_PULSE_SECONDS)
            try:
                self._note(
                    await asyncio.wait_for(self._client.scheduler.identity(), _PULSE_PATIENCE)
                )
                missed = 0
            except Exception:  # noqa: BLE001 - whatever it is, it is no answer
                missed += 1
            # What has been connected anew has forgotten every task.
            if missed >= _MISSED_AT_MOST or self._client.status != "running":
                self.lost = "the scheduler does not answer any more"
            for number, (worker, future) in list(self._futures.items()):
                address, identity = worker.split(" ", 1)
                if self.workers.get(address) != identity:
                    del self._futures[number]
                    self.events.put(Event(number, None, "its worker ended"))
                    with suppress(Exception):
                        await asyncio.wait_for(future.cancel(), _PULSE_PATIENCE)

    async def _give(self, courier: Courier) -> None:
        await self._client.register_plugin(courier, name=courier.name)

    async def _each(
        self, function: Callable[..., Any], given: tuple[Any, ...], workers: list[str]
    ) -> dict[str, Any]:
        found: dict[str, Any] = await self._client.run(
            function, *given, workers=workers, on_error="return"
        )
        return found

    async def _task(self, number: int, worker: str, text: str, seconds: float) -> None:
        event = Event(number, None, "it did not come back in time")
        future: Any = None
        try:
            future = self._client.submit(
                tasks.gather,
                text,
                # On the dashboard and in logs: no host is named.
                key=f"lm-{self._run}-{number}",
                workers=[worker],
                allow_other_workers=False,
                pure=False,
                retries=0,
            )
            self._futures[number] = f"{worker} {self.workers.get(worker, '')}", future
            event = Event(number, await asyncio.wait_for(future, seconds))
        except TimeoutError:
            pass
        except Exception as error:  # noqa: BLE001 - KilledWorker, what was cancelled, what is lost
            event = Event(number, None, f"its worker ended ({type(error).__name__})")
        except asyncio.CancelledError:
            event = Event(number, None, "it was taken back")
            if self._ending:
                raise
        if self._futures.pop(number, None) is not None or future is None:
            self.events.put(event)
        if future is not None:
            future.release()

    async def _close(self) -> bool:
        for _, future in list(self._futures.values()):
            with suppress(Exception):
                await asyncio.wait_for(future.cancel(), _PULSE_SECONDS)
        self._futures.clear()
        if self._client is None:
            return True
        taken_back = not self._given
        with suppress(Exception):
            name = name_of(self._run)
            await asyncio.wait_for(self._client.unregister_worker_plugin(name), CLOSE_SECONDS / 2)
            taken_back = True
        with suppress(Exception):
            await asyncio.wait_for(self._client.close(2), CLOSE_SECONDS / 4)
        return taken_back


def _said(error: BaseException) -> str:
    """Return what kept a connection from coming about, in a few words."""
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return f"{type(cause).__name__}: {str(cause)[:150]}".rstrip(": ")
