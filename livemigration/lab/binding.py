"""A fleet's sockets on one network, in as many processes as they need."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial

from livemigration.lab import descriptors, workers
from livemigration.lab.conduct import Conduct
from livemigration.lab.doors import Answer, open_doors
from livemigration.lab.errors import LabError
from livemigration.lab.fleet import LISTENER_PORT, Fleet
from livemigration.lab.sockets import Sockets, needs_of
from livemigration.lab.world import World

NETWORKS = range(16, 250)
# A parent that hangs must not keep the lab for ever.
LONGEST_SECONDS = 4 * 3600
_ATTEMPTS = 8
_TAKEN, _NO_FILES = "taken", "files"


@dataclass(frozen=True)
class Bound:
    """A fleet whose sockets are there.

    `sockets` are those of this process, `ports` the control ports of all that are not the usual
    one.
    """

    world: World
    sockets: Sockets
    workers: workers.Workers
    ports: Mapping[str, int]


class _TakenError(Exception):
    """An address or a port of this network is taken."""


@dataclass(frozen=True)
class Plan:
    """What is bound, and what makes the answers of its machines, once in each process."""

    fleet: Fleet
    conduct: Conduct
    https: bool
    served: Callable[[World], Answer]


def bind(plan: Plan, stack: ExitStack, network: int | None) -> Bound:
    """Bind a fleet on a network, or on one that is free; its sockets end with the stack.

    Raises:
        LabError: it cannot be; the text says why.
    """
    numbers = random.sample(NETWORKS, _ATTEMPTS) if network is None else [network]
    limit = descriptors.most_descriptors()
    # A port that is taken may be that of another lab, which has drawn the same network; only where
    # it is taken in each network is it something that listens everywhere.
    for any_port, number in ((each, number) for each in (False, True) for number in numbers):
        world = World(plan.fleet, number, plan.conduct)
        with ExitStack() as attempt, suppress(_TakenError):
            found = _attempt(plan, world, attempt, limit, any_port=any_port)
            stack.push(attempt.pop_all())
            return found
    if network is not None:
        raise LabError(f"addresses of 127.{network}.0.0/16 are taken. End what uses them.")
    raise LabError(
        f"port {LISTENER_PORT} or addresses in 127.0.0.0/8 cannot be used on this machine. "
        f"Stop what listens on port {LISTENER_PORT}, or run on Linux or Windows."
    )


def _attempt(
    plan: Plan, world: World, stack: ExitStack, limit: int | None, *, any_port: bool
) -> Bound:
    """Bind every socket on one network.

    Raises:
        _TakenError: an address is taken there.
        LabError: there are too few descriptors.
    """
    needs, always = needs_of(world, https=plan.https)
    number = descriptors.processes_for(needs, always, limit)
    if number > 1 and plan.https:
        raise LabError(
            f"{len(needs)} hosts need {number} processes here, and over HTTPS the lab has one. "
            "Choose fewer hosts."
        )
    own, *others = descriptors.shares(needs, always, number)
    made = partial(Sockets, world, any_port=any_port)
    others_run = workers.Workers()
    stack.callback(others_run.close)
    others_run.start(others, partial(_work, made, plan.served))
    sockets = made(stack, https=plan.https, hosts=own)
    said = [_tried(sockets), *others_run.reports()]
    if any(each.get("error") == _NO_FILES for each in said):
        raise LabError(
            descriptors.too_few(needs, always, limit)
            if limit is not None
            else f"{sum(needs) + always} sockets are more than this system gives."
        )
    if any("error" in each for each in said):
        raise _TakenError
    ports = {name: port for each in said for name, port in each["ports"].items()}
    return Bound(world, sockets, others_run, ports)


def _tried(sockets: Sockets) -> workers.Report:
    """Bind sockets, and return what there is to say of them."""
    try:
        sockets.bind_all()
    except OSError as error:
        return {"error": _NO_FILES if descriptors.is_out_of_descriptors(error) else _TAKEN}
    return {"ports": sockets.unusual_ports()}


def _work(
    made: Callable[..., Sockets],
    served: Callable[[World], Answer],
    share: range,
    report: int,
    life: int,
) -> None:
    """Be one of the other processes of the lab: bind a share of the hosts, report, and serve."""
    with ExitStack() as stack:
        sockets = made(stack, hosts=share, rest=False)
        said = _tried(sockets)
        workers.say(report, said)
        if "error" not in said:
            asyncio.run(_serve_share(sockets, served, life))


async def _serve_share(sockets: Sockets, served: Callable[[World], Answer], life: int) -> None:
    await serve(sockets, served(sockets.world))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(life, ended.set)
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), LONGEST_SECONDS)


async def serve(sockets: Sockets, answer: Answer) -> None:
    """Take the connections of these sockets, but for those of HTTPS, until the loop ends."""
    await open_doors((*sockets.control, *sockets.other), sockets.migration, answer)
