"""A cluster service that does not run explains what its provider cannot answer."""

from __future__ import annotations

import pytest
import wsman_replies as soap
from asked_host import Asked
from windows_host import SERVER_2022, Instances

from livemigration.facts.cluster import CLUSTER, CLUSTER_NETWORKS
from livemigration.facts.host import SERVICES
from livemigration.facts.model import FailureKind

BROKEN = soap.fault(2150859010)
WANTED = (SERVICES.name, CLUSTER.name, CLUSTER_NETWORKS.name)


def node(state: str, mode: str = "Auto") -> Instances:
    return ({"Name": "ClusSvc", "ProcessId": 0, "StartMode": mode, "State": state},)


def asked(services: Instances, body: str = BROKEN) -> Asked:
    classes = dict.fromkeys(("MSCluster_Cluster", "MSCluster_Network"), body)
    return Asked({**SERVER_2022, "Win32_Service": services, **classes}, wanted=WANTED)


@pytest.mark.parametrize(
    ("state", "mode", "came_back"),
    [
        ("Stopped", "Auto", "does not run"),
        ("Start Pending", "Auto", "is still starting"),
        ("Start Pending", "Manual", "is still starting"),
    ],
)
def test_a_service_that_does_not_run_explains_what_its_provider_cannot_answer(
    state: str, mode: str, came_back: str
) -> None:
    found = asked(node(state, mode))
    for group in (CLUSTER, CLUSTER_NETWORKS):
        failure = found.failure(group)
        assert (failure.root, failure.kind) == ("LM602", FailureKind.MISSING)
        assert failure.came_back.endswith(came_back)
        assert group.title in failure.tried


@pytest.mark.parametrize(("state", "mode"), [("Running", "Auto"), ("Stopped", "Disabled")])
def test_a_failure_beside_a_service_that_runs_or_is_disabled_is_told_as_it_is(
    state: str, mode: str
) -> None:
    failure = asked(node(state, mode)).failure(CLUSTER)
    assert (failure.root, failure.kind) == ("", FailureKind.FAULT)
