"""Whether a cluster stays up when a node is gone."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import counted, one_line
from livemigration.facts.cluster_quorum import CLUSTER_QUORUM
from livemigration.facts.host import SERVICES
from livemigration.facts.model import Gathered, NotGathered
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.cluster_membership import (
    REST_OF_MEMBERSHIP,
    Membership,
    membership_of,
)
from livemigration.verdict.drain import for_the_drain, is_to_be_drained
from livemigration.verdict.findings import Finding, not_applicable, ok, warn
from livemigration.verdict.fixes.cluster_quorum import more_votes
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.quorum import votes_without
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import CLUSTER_QUORUM as UNDERSTANDING_QUORUM
from livemigration.verdict.views import BlockedError, FactsView, GroupView

_KEPT = "The cluster keeps its quorum without this node."


@check(
    "LM603",
    needs=(SERVICES,),
    may_need=(*REST_OF_MEMBERSHIP, CLUSTER_QUORUM),
    refs=(UNDERSTANDING_QUORUM,),
)
def test_the_cluster_keeps_its_quorum_without_the_node(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The cluster keeps its quorum while the node is shut down.

    Why: a drained node still votes; its restart takes the vote away. Where the others have too few,
    the whole cluster stops, with every virtual machine in it.

    Fails: the cluster says that it loses its quorum without the node, which is to be drained.

    Warns: the cluster says it of a node that is not to be drained. Where it cannot be asked: the
    votes of the other nodes and the witness, counted, are too few.

    Does not apply: a host outside clusters, and a cluster of one node, which is down while the node
    is.
    """
    own, machine = membership_of(host), machine_of(host, vmm)
    if own.is_alone:
        yield not_applicable("The cluster has one node: it is down while that node is.")
        return
    said = host.outcome(CLUSTER_QUORUM)
    name, node = one_line(own.cluster.name or ""), one_line(own.node.name)
    lost = said.value.would_be_lost if isinstance(said, Gathered) else None
    if lost is None:
        yield _counted(host, own, machine)
    elif lost:
        yield for_the_drain(
            f"{name} says that it loses its quorum without {node}: a reboot takes it down.",
            _KEPT,
            more_votes(machine, own.cluster.name or ""),
            drained=is_to_be_drained(host, policy, group),
        )
    else:
        yield ok(f"{name} says that it keeps its quorum without {node}.")


def _counted(host: FactsView, own: Membership, machine: FixTarget) -> Finding:
    """Judge the votes, where the cluster was not asked or did not answer.

    Raises:
        BlockedError: the votes are not known either.
    """
    votes = votes_without(own.node, own.others, own.cluster.witness_weight)
    if votes is None:
        said = host.outcome(CLUSTER_QUORUM)
        if isinstance(said, NotGathered):
            failure = said.failure
            raise BlockedError(failure.root, failure.sentence, failure.next_step)
        raise BlockedError(
            "",
            f"{one_line(own.cluster.name or '')} says neither whether it keeps its quorum without "
            f"{one_line(own.node.name)}, nor who votes.",
            "Run Get-ClusterNode | Format-Table Name, NodeWeight, DynamicWeight on the host.",
        )
    left = f"{counted(votes.left, 'vote')} of {votes.whole} {'is' if votes.left == 1 else 'are'}"
    told = f"Without {one_line(own.node.name)}, {left} left, witness included"
    if votes.suffice:
        return ok(f"{told}: enough. The cluster itself could not be asked.")
    return warn(
        f"{told}: too few. {_handed_over(own)} The cluster itself could not be asked.",
        _KEPT,
        more_votes(machine, own.cluster.name or ""),
    )


def _handed_over(own: Membership) -> str:
    if own.cluster.dynamic_quorum:
        return (
            "Dynamic quorum is on: a clean shutdown hands the node's vote over, a crash does not."
        )
    if own.cluster.dynamic_quorum is None:
        return "Only with dynamic quorum does a clean shutdown hand the node's vote over."
    return "Dynamic quorum is off: a shutdown hands no vote over."
