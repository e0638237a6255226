"""Whether the votes of a cluster suffice without one of its nodes. Pure.

What the other nodes that are up and the witness count now must be more than half of all votes: a
paused node keeps its vote, and one that is down has what the cluster still gives it
(windows-facts-2.md 12.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from livemigration.facts.cluster_nodes import PAUSED, UP, ClusterNode

_WITNESS_COUNTS = (0, 1)


@dataclass(frozen=True)
class Votes:
    """The votes without one node: how many are left, of how many, with the witness's vote."""

    left: int
    whole: int

    @property
    def suffice(self) -> bool:
        """Whether what is left is more than half."""
        return 2 * self.left > self.whole


def votes_without(
    node: ClusterNode, others: Iterable[ClusterNode], witness: int | None
) -> Votes | None:
    """Return the votes of a cluster without one of its nodes; None: they are not known.

    Args:
        node: the one that is taken away.
        others: the other nodes.
        witness: the vote of the witness as it counts now; None: not known, which decides nothing
            where it comes to the same with and without that vote.
    """
    others = tuple(others)
    counted = {each: _vote(each) for each in (node, *others)}
    if any(vote is None for vote in counted.values()):
        return None
    whole = sum(vote or 0 for vote in counted.values())
    left = sum(counted[each] or 0 for each in others if each.state in {UP, PAUSED})
    possible = [
        Votes(left + vote, whole + vote)
        for vote in (_WITNESS_COUNTS if witness is None else (witness,))
    ]
    return possible[0] if len({each.suffice for each in possible}) == 1 else None


def _vote(node: ClusterNode) -> int | None:
    """Return a node's vote as it counts now; before dynamic quorum it is the one it was given."""
    return node.weight if node.dynamic_weight is None else node.dynamic_weight
