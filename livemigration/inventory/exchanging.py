"""With whom a host exchanges VMs, as far as the inventory says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outside:
    """What holds for a host in no group: the hosts of groups exchange VMs with each other only.

    `grouped` are those hosts, as far as they are known.
    """

    grouped: frozenset[str]

    def of(self, host: str) -> frozenset[str] | Outside:
        """Return what holds for any host, where of groups no more is known than who is in one."""
        return frozenset({host}) if host in self.grouped else self


# The hosts that a host exchanges VMs with, itself among them or not; None: no group is declared.
Exchanges = frozenset[str] | Outside | None


def declared_in(exchanges: Exchanges) -> frozenset[str] | None:
    """Return with whom the inventory says that a host exchanges VMs; None: it does not say it."""
    return exchanges if isinstance(exchanges, frozenset) else None


def grouped_in(exchanges: Exchanges) -> frozenset[str]:
    """Return the hosts of groups that the host is not in, where it is in none."""
    return exchanges.grouped if isinstance(exchanges, Outside) else frozenset()
