"""What the state and the status of a node come to. Pure."""

from __future__ import annotations

from enum import Enum

from livemigration.facts.cluster_nodes import (
    DOWN,
    DRAIN_FAILED,
    DRAINING,
    JOINING,
    PAUSED,
    UP,
    ClusterNode,
    NodeStatus,
)


class NodeState(Enum):
    """The state of a node, in the words of a sentence."""

    QUARANTINED = "kept in quarantine"
    ISOLATED = "isolated from the other nodes"
    DOWN = "down"
    DRAIN_FAILED = "not resumed since its last drain, which failed"
    DRAINING = "being drained"
    PAUSED = "paused"
    JOINING = "still joining its cluster"
    UP = "up"
    UNKNOWN = "in a state that the cluster does not say"

    @property
    def is_out(self) -> bool:
        """Whether the node takes no part in its cluster."""
        return self in {NodeState.QUARANTINED, NodeState.ISOLATED, NodeState.DOWN}


def state_of_node(node: ClusterNode) -> NodeState:
    """Return what the state, the status and the last drain of a node come to."""
    for state, holds in (
        (NodeState.QUARANTINED, node.says(NodeStatus.QUARANTINED)),
        (NodeState.ISOLATED, node.says(NodeStatus.ISOLATED)),
        (NodeState.DOWN, node.state == DOWN),
        (
            NodeState.DRAIN_FAILED,
            node.says(NodeStatus.DRAIN_FAILED) or node.drain == DRAIN_FAILED,
        ),
        (NodeState.DRAINING, node.says(NodeStatus.DRAIN_IN_PROGRESS) or node.drain == DRAINING),
        (NodeState.PAUSED, node.state == PAUSED),
        (NodeState.JOINING, node.state == JOINING),
        (NodeState.UP, node.state == UP),
    ):
        if holds:
            return state
    return NodeState.UNKNOWN


def takes_machines(node: ClusterNode) -> bool | None:
    """Whether the cluster moves virtual machines to a node; None: it does not say its state.

    One whose last drain failed does, unless it is still paused.
    """
    state = state_of_node(node)
    if state is NodeState.DRAIN_FAILED:
        return node.state == UP
    if state is NodeState.UNKNOWN:
        return None
    return state is NodeState.UP
