"""What other hosts must have for the virtual machines of a host, and which of them lack it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from livemigration.base.text import one_line, some
from livemigration.facts.connection_pools import CONNECTION_POOLS
from livemigration.facts.model import FactGroup
from livemigration.facts.virtual_devices import PARTITIONABLE_GPUS
from livemigration.inventory.policy import Policy
from livemigration.verdict.classes import KeyOf
from livemigration.verdict.exchange import Exchange, Peers, exchange_of
from livemigration.verdict.findings import Finding, Level
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.vm_devices import add_virtual_sans, offer_gpu
from livemigration.verdict.names import Joined, Names
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import BlockedError, FactsView, GroupView
from livemigration.verdict.vm_groups import MachineGroup


def compared(
    exchange: Exchange,
    key: KeyOf[object],
    groups: tuple[FactGroup[object], ...],
    judge: Callable[[Peers], Iterable[Finding]],
    what: str,
    policy: Policy,
) -> Iterator[Finding]:
    """Yield what the destinations of machines come to; nothing where there is none.

    Args:
        exchange: with whom the host exchanges virtual machines.
        key: what is compared.
        groups: what the key reads.
        judge: yields the findings towards the peers of one kind.
        what: what could not be read of some, in the plural.
        policy: of the host.

    Raises:
        BlockedError: it could be read of no destination, or those that were not looked at decide.
    """
    unread = exchange.unread(key)
    if not exchange.compares(key):
        if unread:
            raise unread_peers(exchange.group, unread, *groups)
        for finding in exchange.nobody(key, what, policy, *groups):
            # That nobody is there says nothing of a machine.
            if finding.level is not Level.NOT_APPLICABLE:
                yield finding
        return
    found = [finding for part in exchange.parts for finding in judge(part)]
    yield from exchange.concluded(found, unread, what, policy)


def takes_partitions(host: FactsView) -> bool | None:
    """Return whether a host has a GPU that takes machines live; None: it does not state it."""
    stated = {each.takes_live for each in host[PARTITIONABLE_GPUS]}
    if True in stated:
        return True
    return None if None in stated else False


def towards_gpus(
    host: FactsView, target: FixTarget, held: MachineGroup, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """Yield which hosts take no GPU partition of these machines, and of which it is not known."""
    exchange = exchange_of(host, policy, group, PARTITIONABLE_GPUS)

    def judge(part: Peers) -> Iterator[Finding]:
        classes = dict(part.others(takes_partitions))
        if lacking := classes.get(False):
            yield part.judged(
                lacking,
                f"{_lacks(lacking)} a GPU that takes virtual machines live, for the partition of "
                f"{some(held.live)}.",
                "A GPU there with SupportsIncomingLiveMigration true.",
                offer_gpu(target, held.live, some(lacking)),
            )
        if unstated := classes.get(None):
            yield part.warned(
                unstated,
                f"Whether a GPU takes the partition of {some(held.live)} live is not stated: "
                f"{some(unstated)}.",
                "Get-VMHostPartitionableGpu there shows SupportsIncomingLiveMigration true.",
            )

    yield from compared(exchange, takes_partitions, (PARTITIONABLE_GPUS,), judge, "GPUs", policy)


def sans_of(host: FactsView) -> frozenset[str]:
    """Return the names of a host's virtual SANs, without regard to case.

    Raises:
        BlockedError: they could not be read, or the account may not see them.
    """
    sans = host[CONNECTION_POOLS]
    if not sans.shown:
        raise BlockedError("", f"This account may not see the virtual SANs of {host.name}.")
    return frozenset(each.casefold() for each in sans.sans)


def towards_sans(
    host: FactsView,
    target: FixTarget,
    used: Mapping[str, MachineGroup],
    policy: Policy,
    group: GroupView,
) -> Iterator[Finding]:
    """Yield which hosts lack the virtual SANs of machines.

    Args:
        host: that of the machines.
        target: the same host, for a fix.
        used: the machines that use each virtual SAN, by its name.
        policy: of the host.
        group: the hosts of the run.
    """
    exchange = exchange_of(host, policy, group, CONNECTION_POOLS)
    missing = {san: Joined(_lack(part, san) for part in exchange.parts) for san in used}
    repair = add_virtual_sans(target, {san: some(names) for san, names in missing.items() if names})

    def judge(part: Peers) -> Iterator[Finding]:
        for san, held in used.items():
            lacking = _lack(part, san)
            for user in held.each if lacking else ():
                yield part.judged(
                    lacking,
                    f"{_lacks(lacking)} the virtual SAN {one_line(san)}, which {user} uses.",
                    "A virtual SAN of that name on every host to which it may move.",
                    repair,
                )

    yield from compared(exchange, sans_of, (CONNECTION_POOLS,), judge, "virtual SANs", policy)


def _lack(peers: Peers, san: str) -> Names:
    """Return the peers without a virtual SAN."""
    name = san.casefold()
    return Joined(names for held, names in peers.others(sans_of) if name not in held)


def _lacks(names: Names) -> str:
    return f"{some(names)} {'lacks' if len(names) == 1 else 'lack'}"
