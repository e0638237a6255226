"""What moves a machine of a plan: its cluster, VMM, or Hyper-V by itself."""

from __future__ import annotations

from livemigration.facts.cluster_groups import CLUSTER_RESOURCES
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_RECORD
from livemigration.placement.plan_document import Means
from livemigration.verdict.clustered_machines import machines_among
from livemigration.verdict.exchange_circles import are_mates, place_of


def means_of(facts: RunFacts, identifier: str, source: str, destination: str) -> Means | None:
    """Return what moves a machine from one host to another; None: that is not known.

    Args:
        facts: of a run or a facts file.
        identifier: the machine's GUID.
        source: the name of the host on which it runs.
        destination: the name of the host to which it moves.
    """
    here, there = facts.hosts.get(source), facts.hosts.get(destination)
    if here is None or there is None:
        return None
    mates = are_mates(place_of(here), place_of(there))
    if mates is None:
        return None
    if mates:
        resources = here.outcome(CLUSTER_RESOURCES)
        if not isinstance(resources, Gathered):
            return None
        if machines_among(resources.value, "").resource(identifier) is not None:
            return Means.CLUSTER
    records = [each.outcome(VMM_RECORD) for each in (here, there)]
    known = [each.value.known for each in records if isinstance(each, Gathered)]
    return Means.VMM if known == [True, True] else Means.HYPER_V
