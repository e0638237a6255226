"""Failover clusters of a fleet file, and what a host is in its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livemigration.lab.fleet_cluster_roles import ClusterRoles, NodeVotes
from livemigration.lab.fleet_values import FleetSubnet

NodeState = Literal["up", "down", "paused", "joining", "unknown"]
DrainState = Literal["none", "in-progress", "completed", "failed"]
NodeFlag = Literal[
    "isolated",
    "quarantined",
    "drain-in-progress",
    "drain-completed",
    "drain-failed",
    "avoid-placement",
]
InterfaceState = Literal["unavailable", "failed", "unreachable"]
NetworkState = Literal["unavailable", "down", "partitioned"]
Role = Literal[0, 1, 3]
AccessPoint = Literal["directory", "dns"]
_Metric = Annotated[int, Field(ge=0)]


class FleetCluster(ClusterRoles):
    """A failover cluster; hosts are its nodes by naming it."""

    maximum_parallel_migrations: int | None = Field(
        default=None,
        ge=0,
        description="Left out: the cluster does not have that property (before the update of "
        "September 2022 for Server 2022).",
    )
    networks: tuple[str, ...] | None = Field(
        default=None, description="Its networks; left out: those of its nodes."
    )
    excluded: tuple[str, ...] = Field(
        default=(), description="Networks that live migration must not use."
    )
    order: tuple[str, ...] = Field(
        default=(), description="Networks in the order in which live migration uses them."
    )
    forgotten: tuple[str, ...] = Field(
        default=(),
        description="Identifiers of networks that are gone, which it still excludes and orders.",
    )
    roles: dict[str, Role] = Field(
        default_factory=dict,
        description="Of its networks: 0 none, 1 cluster only, 3 cluster and client. Left out: 3 "
        "for management, 1 for the others.",
    )
    metrics: dict[str, _Metric] = Field(
        default_factory=dict,
        description="Of its networks, where somebody set them. Left out: lower for those without "
        "clients, by their order in the file.",
    )
    network_states: dict[str, NetworkState] = Field(
        default_factory=dict, description="Of its networks that are not up."
    )
    more_subnets: dict[str, tuple[FleetSubnet, ...]] = Field(
        default_factory=dict, description="More subnets of its networks."
    )
    functional_level: int | None = Field(
        default=None, ge=0, description="Left out: that of its oldest node. 2012 R2 has none."
    )
    access_point: AccessPoint | None = Field(
        default=None,
        description="Whether it has an account in the directory, or a name in DNS alone. Left "
        "out: in DNS alone where its nodes are in a workgroup.",
    )


class FleetNode(NodeVotes):
    """What a host is in its cluster, as the cluster has it. What is left out is healthy."""

    state: NodeState | None = Field(
        default=None, description="Left out: up; down where its cluster service does not run."
    )
    drain: DrainState = "none"
    flags: tuple[NodeFlag, ...] = Field(
        default=(), description="What its status holds besides; Server 2016 and later."
    )
    interfaces: dict[str, InterfaceState] = Field(
        default_factory=dict, description="Of its interfaces that are not up, by network."
    )
    site: str | None = Field(default=None, description="Its site; left out: none is declared.")
