"""Paths of clusters for the tests of the report."""

from __future__ import annotations

import ipaddress
from typing import Any

from livemigration.report.naming import Names
from livemigration.report.paths import PathKind, kinds_of
from livemigration.run.paths import MigrationPath, NetworkOfPath, OwnList, Use

NODES = ("hv01.contoso.com", "hv02.contoso.com", "hv03.contoso.com")
NAMES = Names(NODES)


def network(name: str = "Migration", use: Use = Use.USED, **changes: Any) -> NetworkOfPath:
    number = changes.pop("number", 50)
    subnet = ipaddress.ip_network(f"10.0.{number}.0/24")
    return NetworkOfPath(name, use, **{"subnets": (subnet,), **changes})


def management(**changes: Any) -> NetworkOfPath:
    return network("Management", **{"number": 1, "gateway": True, "clients": True, **changes})


def path(*networks: NetworkOfPath, cluster: str = "CL01", **changes: Any) -> MigrationPath:
    lists = (OwnList("networks managed by a cluster, VMM or Network ATC", NODES),)
    usual: dict[str, Any] = {"nodes": NODES, "lists": lists}
    return MigrationPath(cluster, networks=networks, **{**usual, **changes})


def kind(*networks: NetworkOfPath, **changes: Any) -> PathKind:
    (found,) = kinds_of((path(*networks, **changes),), NAMES)
    return found


def of_forty_clusters() -> tuple[MigrationPath, ...]:
    """Return clusters of which thirty are alike, and ten each have a node that is not."""
    alike = [
        path(network(number=100 + at), management(number=at), cluster=f"CL{at:02}")
        for at in range(30)
    ]
    fallen = [
        path(
            network(number=100 + at, unusable=((NODES[at % 3], "its interface is failed"),)),
            management(number=at),
            cluster=f"CL{at:02}",
        )
        for at in range(30, 40)
    ]
    return (*alike, *fallen)
