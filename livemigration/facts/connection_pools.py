"""The resource pools by which virtual machines are connected; other hosts must have them too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import VIRTUALIZATION, WINDOWS_SERVER_2012

# ResourceType of Msvm_ResourcePool (windows-facts-2.md sections 10.4 and 11; Windows SDK samples,
# Hyper-V, FibreChannel).
_ETHERNET_CONNECTION = 33
_FIBRE_CHANNEL_CONNECTION = 64764


@dataclass(frozen=True)
class ConnectionPools:
    """The pools of Fibre Channel connections, which are the virtual SANs, and those of networks.

    `shown`, `pools_shown`: the host showed the pool of that kind that every host has; without it,
    its own may be hidden.
    """

    sans: tuple[str, ...]
    shown: bool
    pools: tuple[str, ...] = ()
    pools_shown: bool = False


def _pools(rows: Sequence[WmiRow]) -> ConnectionPools:
    def of(kind: int) -> list[WmiRow]:
        return [row for row in rows if row.integer_or_none("ResourceType") == kind]

    sans, networks = of(_FIBRE_CHANNEL_CONNECTION), of(_ETHERNET_CONNECTION)
    return ConnectionPools(_own(sans), _shown(sans), _own(networks), _shown(networks))


def _own(rows: Iterable[WmiRow]) -> tuple[str, ...]:
    own = (row.text_or_none("PoolID") or "" for row in rows if not row.boolean("Primordial"))
    return tuple(dict.fromkeys(name.strip() for name in own if name.strip()))


def _shown(rows: Iterable[WmiRow]) -> bool:
    return any(row.boolean("Primordial") for row in rows)


CONNECTION_POOLS = WmiGroup(
    "connection-pools",
    "the virtual SANs and the resource pools of network connections",
    Subject.HOST,
    Vantage.HOST,
    ConnectionPools,
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_ResourcePool",
            (
                WmiProperty("PoolID", CimType.STRING),
                WmiProperty("Primordial", CimType.BOOLEAN),
                WmiProperty("ResourceType", CimType.UINT16),
            ),
        ),
        where=f"ResourceType = {_FIBRE_CHANNEL_CONNECTION} OR "
        f"ResourceType = {_ETHERNET_CONNECTION}",
    ),
    parse=_pools,
    may_be_empty="the account may see no resource pool, not even those that every host has",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)
