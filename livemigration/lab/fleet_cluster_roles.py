"""The roles, the storage and the votes of a cluster, as a fleet file spells them out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livemigration.lab.fleet_values import FleetModel

Health = Literal["healthy", "warning", "unhealthy"]
# As flags of FaultState: 1, 2, 4 and 8.
VolumeFault = Literal["redirected", "no-access", "maintenance", "dismounted"]
AffinityKind = Literal["same-fault-domain", "same-node", "different-fault-domain", "different-node"]
JobState = Literal["running", "suspended", "completed", "failed"]
_Percent = Annotated[int, Field(ge=0, le=100)]


def _healthy_pool() -> dict[str, Health]:
    return {"S2D pool": "healthy"}


class FleetRole(FleetModel):
    """What a virtual machine is as a role of its cluster. What is left out is healthy."""

    priority: int = Field(
        default=2000, ge=0, description="3000 high, 2000 medium, 1000 low, 0 no automatic start."
    )
    locked: bool = Field(default=False, description="Whether its group is locked from moving.")
    anti_affinity: tuple[str, ...] = Field(
        default=(), description="Its classes: groups of one class are kept apart."
    )
    preferred: tuple[str, ...] = Field(default=(), description="Nodes that it prefers.")
    owners: tuple[str, ...] | None = Field(
        default=None, description="Nodes that may own its resource. Left out: every node."
    )
    configuration_owners: tuple[str, ...] | None = Field(
        default=None, description="Nodes that may own its configuration. Left out: every node."
    )


class FleetVolume(FleetModel):
    """A cluster shared volume."""

    file_system: Literal["ntfs", "refs"] = "ntfs"
    faults: tuple[VolumeFault, ...] = ()
    in_backup: bool = False
    failed: bool = Field(default=False, description="Whether its disk resource has failed.")


class FleetJob(FleetModel):
    """A storage job."""

    name: str = Field(min_length=1, max_length=100)
    state: JobState = "running"
    percent: _Percent = 40
    background: bool = Field(default=True, description="Whether the storage began it by itself.")


class FleetAffinityRule(FleetModel):
    """A rule by which a cluster keeps roles together or apart."""

    name: str = Field(min_length=1, max_length=100)
    kind: AffinityKind = "different-node"
    roles: tuple[str, ...] = Field(description="Names of virtual machines.")
    enabled: bool = True
    soft: bool = False


class ClusterRoles(FleetModel):
    """How a cluster moves its roles, what it stores them on, and how it counts votes."""

    move_type_threshold: int | str | None = Field(
        default=None,
        description="MoveTypeThreshold of the resource type Virtual Machine; a text, where "
        "somebody wrote one. Left out: it is not set, which means 2000.",
    )
    enforced_anti_affinity: bool = Field(
        default=False, description="Whether groups of one anti-affinity class share no node ever."
    )
    affinity_rules: tuple[FleetAffinityRule, ...] = Field(
        default=(), description="Its affinity rules; Server 2019 and later."
    )
    root_memory_reserved: int | None = Field(
        default=None,
        ge=0,
        description="MB that each node keeps; left out: Windows decides. Server 2016 and later.",
    )
    reserve: int = Field(
        default=1, ge=0, description="VMM's cluster reserve: how many nodes may fail."
    )
    over_committed: bool = Field(
        default=False, description="Whether VMM says that its reserve is over-committed."
    )
    private_properties: Literal["listed", "singly", "never"] = Field(
        default="listed",
        description="singly: private properties of resources come with a Get alone, as on some "
        "builds; never: with none.",
    )
    dynamic_quorum: bool = True
    witness_weight: int = Field(
        default=1, ge=0, le=1, description="The vote of its witness; 0: it has none, or it is off."
    )
    volumes: dict[str, FleetVolume] = Field(
        default_factory=lambda: {"Volume1": FleetVolume()},
        description=r"Its shared volumes, by their names below C:\ClusterStorage.",
    )
    storage_spaces_direct: bool = False
    pools: dict[str, Health] = Field(
        default_factory=_healthy_pool,
        description="Of Storage Spaces Direct, where the cluster has it.",
    )
    virtual_disks: dict[str, Health] = Field(
        default_factory=dict, description="Those of its pools; left out: one for each volume."
    )
    storage_jobs: tuple[FleetJob, ...] = ()


class NodeVotes(FleetModel):
    """What a node counts in its cluster, and what the cluster says of its quorum without it."""

    votes: int = Field(default=1, ge=0, le=1, description="The vote that it was given.")
    counted_votes: int | None = Field(
        default=None, ge=0, le=1, description="Its vote as it counts now. Left out: while it is up."
    )
    quorum_without: Literal["kept", "lost", "refused"] | None = Field(
        default=None,
        description="What WillOfflineLoseQuorum says of it; refused: it fails. Left out: lost "
        "where no other node is up, or dynamic quorum is off and the others have too few votes.",
    )
