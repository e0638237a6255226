"""How a host's migration networks are set, read from their tagged rows."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from livemigration.base.addresses import Address, Subnet
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.network import LocalAddress

USER_MANAGED = "Microsoft:UserManaged"
USER_MANAGED_ALL = "Microsoft:UserManagedAllNetworks"

_ANY_V4 = ipaddress.IPv4Network("0.0.0.0/0")
_ANY_V6 = ipaddress.IPv6Network("::/0")


class SelectionKind(Enum):
    """The five ways in which a host selects its migration networks."""

    ANY = "any network"
    HALF_ANY = "any network of one address family"
    ISOLATED = "specific networks"
    MANAGED_ELSEWHERE = "networks managed by a cluster, VMM or Network ATC"
    NONE = "no network"


@dataclass(frozen=True)
class NetworkSelection:
    """The selection, and the subnets that it names (empty for any and none)."""

    kind: SelectionKind
    subnets: tuple[Subnet, ...] = ()
    any_v4: bool = False

    @property
    def accepts_any(self) -> bool:
        """Whether connections are accepted on any network, at least over IPv4."""
        return self.kind is SelectionKind.ANY or (
            self.kind is SelectionKind.HALF_ANY and self.any_v4
        )

    @property
    def words(self) -> str:
        """The selection for a sentence."""
        if self.kind is SelectionKind.HALF_ANY:
            return f"any network, {'IPv4' if self.any_v4 else 'IPv6'} only"
        if self.subnets:
            return f"{self.kind.value} ({', '.join(str(each) for each in self.subnets)})"
        return str(self.kind.value)


@lru_cache(maxsize=4096)
def select(rows: tuple[MigrationNetwork, ...]) -> NetworkSelection:
    """Return how these rows select networks. The any-rows are looked at first.

    Most checks of a host ask it, and hosts of a site have the same rows.
    """
    tagged = [(row.subnet, {tag.casefold() for tag in row.tags}) for row in rows]
    all_tag, user_tag = USER_MANAGED_ALL.casefold(), USER_MANAGED.casefold()
    any_rows = {subnet for subnet, tags in tagged if all_tag in tags}
    any_v4, any_v6 = _ANY_V4 in any_rows, _ANY_V6 in any_rows
    if any_v4 and any_v6:
        return NetworkSelection(SelectionKind.ANY, any_v4=True)
    if any_v4 or any_v6:
        return NetworkSelection(SelectionKind.HALF_ANY, any_v4=any_v4)
    user = tuple(subnet for subnet, tags in tagged if user_tag in tags)
    if user:
        return NetworkSelection(SelectionKind.ISOLATED, user)
    if tagged:
        others = tuple(subnet for subnet, _ in tagged)
        return NetworkSelection(SelectionKind.MANAGED_ELSEWHERE, others)
    return NetworkSelection(SelectionKind.NONE)


def subnets_without_address(
    subnets: Sequence[Subnet], local: Sequence[LocalAddress]
) -> tuple[Subnet, ...]:
    """Return the subnets in which the host has no address."""
    return tuple(
        subnet
        for subnet in subnets
        if not any(
            each.address.version == subnet.version and each.address in subnet for each in local
        )
    )


def subnet_of(address: Address, local: Sequence[LocalAddress]) -> Subnet | None:
    """Return the subnet in which the host itself has this address, if it has it."""
    return next((each.subnet for each in local if each.address == address), None)
