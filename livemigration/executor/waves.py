"""Which hosts are asked next by which worker: no network, no clock, and no Dask.

The guard of an account stays on the machine of the run. Whoever gets here was accepted by two
machines, or has two at most (`gather/lockout.py`). From the first refusal on an account is in
doubt: its hosts are asked one at a time, until one takes it again, or two more have refused; then
no other is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from livemigration.gather.lockout import REFUSALS_AT_MOST

MOST_HOSTS = 50
# A host whose worker ended so often is asked alone, and after one more time no more.
ALONE_AFTER = 2
LOSSES_AT_MOST = 3


class Told(Enum):
    """What a host said of its credentials."""

    TAKEN = "taken"
    REFUSED = "refused"
    NOTHING = "nothing"
    # Another host of its batch refused them before.
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Batch:
    """Hosts that one worker asks next; all are reached in one way."""

    number: int
    way: int
    hosts: tuple[str, ...]


@dataclass
class _Account:
    """Where an account stands: its hosts by way, and what is known of it."""

    waiting: dict[int, deque[str]]
    under_way: int = 0
    doubted: bool = False
    refusals: list[str] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return len(self.refusals) >= REFUSALS_AT_MOST


def size_for(hosts: int, workers: int) -> int:
    """Return how many hosts a batch has, so that each worker gets one."""
    return max(1, min(MOST_HOSTS, -(-hosts // max(workers, 1))))


class Waves:
    """The hosts of a run, handed out in batches.

    Args:
        accounts: the hosts of each account, by the number of the way in which they are reached.
        size: how many hosts a batch has at most.
        after: the number of the last batch before, as no two batches of a run have one number.
    """

    def __init__(
        self, accounts: Sequence[Mapping[int, Iterable[str]]], size: int, after: int = 0
    ) -> None:
        self._accounts = [
            _Account({way: deque(hosts) for way, hosts in ways.items()}) for ways in accounts
        ]
        self._size = size
        self._numbers = after
        self._under_way: dict[int, tuple[_Account, Batch]] = {}
        self._losses: dict[str, int] = {}
        # Accounts take turns, so that one of many hosts keeps no other waiting.
        self._turns = deque(self._accounts)

    def next(self) -> Batch | None:
        """Return what an idle worker is to ask; None: nothing, for now."""
        for _ in range(len(self._turns)):
            account = self._turns[0]
            self._turns.rotate(-1)
            if (batch := self._of(account)) is not None:
                return batch
        return None

    def _of(self, account: _Account) -> Batch | None:
        if account.is_refused or (account.doubted and account.under_way):
            return None
        way = next((each for each, hosts in account.waiting.items() if hosts), None)
        if way is None:
            return None
        hosts = account.waiting[way]
        most = 1 if account.doubted else self._size
        taken = [hosts.popleft()]
        while (
            hosts and len(taken) < most and not {*map(self._alone, (taken[0], hosts[0]))} & {True}
        ):
            taken.append(hosts.popleft())
        self._numbers += 1
        batch = Batch(self._numbers, way, tuple(taken))
        self._under_way[batch.number] = account, batch
        account.under_way += 1
        return batch

    def _alone(self, host: str) -> bool:
        return self._losses.get(host, 0) >= ALONE_AFTER

    @property
    def last(self) -> int:
        """The number of the last batch that was handed out."""
        return self._numbers

    def came(self, number: int, told: Mapping[str, Told]) -> None:
        """Note what the hosts of a batch said; each of them is told of."""
        account, batch = self._ended(number)
        again = [host for host in batch.hosts if told[host] is Told.NOT_ASKED]
        account.waiting[batch.way].extendleft(reversed(again))
        refused = [host for host in batch.hosts if told[host] is Told.REFUSED]
        if account.doubted and len(batch.hosts) == 1:
            account.refusals += refused
            if Told.TAKEN in told.values():
                account.doubted, account.refusals = False, []
        elif refused:
            account.doubted = True

    def lost(self, number: int) -> tuple[str, ...]:
        """Have the hosts of a batch asked again, whose worker ended; return those that are not."""
        account, batch = self._ended(number)
        given_up = []
        for host in reversed(batch.hosts):
            self._losses[host] = self._losses.get(host, 0) + 1
            if self._losses[host] >= LOSSES_AT_MOST:
                given_up.append(host)
            else:
                account.waiting[batch.way].appendleft(host)
        return tuple(reversed(given_up))

    def late(self, number: int) -> tuple[str, ...]:
        """Return the hosts of a batch that did not come back: they are not asked again."""
        return self._ended(number)[1].hosts

    def _ended(self, number: int) -> tuple[_Account, Batch]:
        account, batch = self._under_way.pop(number)
        account.under_way -= 1
        return account, batch

    @property
    def under_way(self) -> tuple[Batch, ...]:
        """The batches that workers ask now, the oldest first."""
        return tuple(batch for _, batch in self._under_way.values())

    @property
    def waiting(self) -> tuple[str, ...]:
        """The hosts that no worker asks now."""
        return tuple(
            host
            for account in self._accounts
            for hosts in account.waiting.values()
            for host in hosts
        )

    def refused(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return the hosts that are not asked, each time with those that refused the account.

        They are taken from those that wait.
        """
        found = []
        for account in self._accounts:
            hosts = tuple(host for each in account.waiting.values() for host in each)
            if account.is_refused and hosts and not account.under_way:
                found.append((hosts, tuple(account.refusals)))
                for each in account.waiting.values():
                    each.clear()
        return found

    @property
    def is_over(self) -> bool:
        """Whether nothing is asked, and nothing waits."""
        return not self._under_way and not self.waiting
