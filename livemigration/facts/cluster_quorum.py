"""Whether a cluster would lose its quorum without this node, by its own word.

MSCluster_Node.WillOfflineLoseQuorum changes nothing; Server 2012 and later have it
(windows-facts-2.md 12.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.facts.cim import WmiClass
from livemigration.facts.cluster import CLUSTER_NAMESPACE
from livemigration.facts.host import CLUSTER_SERVICE, DOMAIN_MEMBERSHIP
from livemigration.facts.model import MethodGroup, Subject, Vantage
from livemigration.facts.reader import WmiMethod, WmiReader


@dataclass(frozen=True)
class QuorumAnswer:
    """What the cluster says of its quorum without this node; None: the host is in no cluster."""

    would_be_lost: bool | None


NO_ANSWER = QuorumAnswer(None)
QUORUM_METHOD = WmiMethod(
    WmiClass(CLUSTER_NAMESPACE, "MSCluster_Node", ()), "WillOfflineLoseQuorum"
)


def _answer(machine: WmiReader) -> QuorumAnswer:
    """Ask the node about itself; its key is the host's NetBIOS name."""
    (own,) = machine.enumerate(DOMAIN_MEMBERSHIP.query)
    output = machine.call(QUORUM_METHOD, {"Name": own.text("Name")}, {})
    if output.return_value is None:
        raise ValueError(f"{QUORUM_METHOD.name} gave back neither true nor false")
    return QuorumAnswer(output.return_value != 0)


CLUSTER_QUORUM = MethodGroup(
    "cluster-quorum",
    "the cluster's word on its quorum without this node",
    Subject.HOST,
    Vantage.HOST,
    QuorumAnswer,
    method=QUORUM_METHOD,
    call=_answer,
    when_absent=NO_ANSWER,
    only_with=CLUSTER_SERVICE,
)
