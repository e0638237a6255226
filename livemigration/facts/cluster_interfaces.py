"""Which node has which address on which network of its cluster (windows-facts-2.md 12.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.base.addresses import Address, parse_address
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.cluster import CLUSTER_NAMESPACE, state_of
from livemigration.facts.host import CLUSTER_SERVICE
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import WINDOWS_SERVER_2012

# MSCluster_NetworkInterface.State.
INTERFACE_UP = 3


@dataclass(frozen=True)
class ClusterInterface:
    """MSCluster_NetworkInterface. `node` and `network` are names, not identifiers.

    `state`: 0 unavailable, 1 failed, 2 unreachable, 3 up, -1 not known. `addresses` are those of
    both families, without what is not one.
    """

    node: str
    network: str
    state: int
    addresses: tuple[Address, ...] = ()


def _interfaces(rows: Sequence[WmiRow]) -> tuple[ClusterInterface, ...]:
    return tuple(
        ClusterInterface(
            row.text("Node"), row.text_or_none("Network") or "", state_of(row, "State"), _own(row)
        )
        for row in rows
    )


def _own(row: WmiRow) -> tuple[Address, ...]:
    texts = [
        row.text_or_none("Address") or "",
        *row.texts("IPv4Addresses"),
        *row.texts("IPv6Addresses"),
    ]
    return tuple(dict.fromkeys(found for text in texts for found in _parsed(text)))


def _parsed(text: str) -> tuple[Address, ...]:
    try:
        return (parse_address(text),) if text else ()
    except ValueError:
        return ()


_NO_INTERFACES: tuple[ClusterInterface, ...] = ()

CLUSTER_INTERFACES = WmiGroup(
    "cluster-interfaces",
    "the nodes' interfaces to the cluster's networks",
    Subject.HOST,
    Vantage.HOST,
    tuple[ClusterInterface, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_NetworkInterface",
            (
                WmiProperty("Address", CimType.STRING),
                WmiProperty("IPv4Addresses", CimType.STRING, array=True),
                WmiProperty("IPv6Addresses", CimType.STRING, array=True),
                WmiProperty("Network", CimType.STRING),
                WmiProperty("Node", CimType.STRING),
                # Documented as uint32; the value -1 fits whichever way it travels.
                WmiProperty("State", CimType.SINT64),
            ),
        )
    ),
    parse=_interfaces,
    may_be_empty="the host is in no cluster",
    when_absent=_NO_INTERFACES,
    minimum_build=WINDOWS_SERVER_2012,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)
