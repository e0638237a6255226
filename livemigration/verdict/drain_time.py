"""How long the plan of a drain takes: what links its hosts, and how many they allow at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FactGroup, Gathered
from livemigration.placement.estimate import Estimate, Slot, estimate
from livemigration.placement.transfers import End, Option, Terms, Transfer
from livemigration.verdict.link_speeds import LinkSpeed
from livemigration.verdict.migration_link import OF_MIGRATION_LINK, migration_link
from livemigration.verdict.readings import performance_of
from livemigration.verdict.views import FactsView

# What an estimate is read from.
OF_TIME: tuple[FactGroup[Any], ...] = tuple(
    dict.fromkeys((MIGRATION_SETTINGS, CLUSTER, *OF_MIGRATION_LINK))
)
_OPTIONS = {"tcpip": Option.TCP_IP, "compression": Option.COMPRESSION, "smb": Option.SMB}


def time_of(transfers: Sequence[Transfer], hosts: Mapping[str, FactsView], host: str) -> Estimate:
    """Return how long transfers take, in their order.

    Where a link is of several adapters, the earliest is that of all together, the latest of one.

    Args:
        transfers: of a plan, or of a way back.
        hosts: the views of all that take part.
        host: the one that is emptied, whose cluster may set a limit.
    """
    links = {name: migration_link(view) for name, view in hosts.items()}
    terms = Terms(parallel=_parallel(hosts[host]) if host in hosts else None)

    def taken(speed: Callable[[LinkSpeed], int]) -> Estimate:
        ends = [_end(name, view, links[name], speed) for name, view in hosts.items()]
        return estimate(transfers, ends, terms)

    slow = taken(lambda link: link.one)
    if all(each is None or each.one == each.together for each in links.values()):
        return slow
    fast = taken(lambda link: link.together)
    slots = map(_with_earliest, slow.slots, fast.slots)
    return replace(slow, low=fast.low, slots=tuple(slots))


def _with_earliest(slow: Slot, fast: Slot) -> Slot:
    return replace(slow, start_low=fast.start_low, end_low=fast.end_low)


def _end(
    name: str, view: FactsView, link: LinkSpeed | None, speed: Callable[[LinkSpeed], int]
) -> End:
    outcome = view.outcome(MIGRATION_SETTINGS)
    bits = None if link is None else speed(link)
    if not isinstance(outcome, Gathered):
        return End(name, bits)
    settings = outcome.value
    return End(
        name,
        bits,
        settings.maximum_migrations,
        settings.maximum_storage_migrations,
        # Server 2012 has no option, and sends by TCP/IP.
        _OPTIONS[performance_of(settings) or "tcpip"],
    )


def _parallel(host: FactsView) -> int | None:
    cluster = host.outcome(CLUSTER)
    if not isinstance(cluster, Gathered) or cluster.value.name is None:
        return None
    return cluster.value.maximum_parallel_migrations
