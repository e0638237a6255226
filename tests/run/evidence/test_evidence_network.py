"""The picture of a run's network: each address with its purpose, each attempt with its outcome."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import Any

import pytest
from fact_builders import (
    ANY,
    HOST,
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NONE,
    OF_OTHER,
    OTHER,
    REFUSED,
    TIMED_OUT,
    UNREACHABLE,
    VMM,
    failure,
    run_facts,
)
from in_turn import in_turn

from livemigration.base.addresses import parse_address
from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS
from livemigration.facts.model import FailureKind
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_RECORD, VMM_RESOLUTION
from livemigration.run.evidence.model import Attempt, NetworkHost, Reached
from livemigration.run.evidence.network import MAX_PROBLEM, network_of


def pictured(**given: Any) -> NetworkHost:
    host, other = network_of(run_facts(**given), {HOST: ("berlin", "core")}).hosts
    assert (other.name, other.vmm, other.groups) == (OTHER, VMM, ())
    return host


def purposes(host: NetworkHost) -> dict[str, tuple[bool, bool, bool]]:
    return {
        str(each.address): (each.management, each.migration, each.listener)
        for each in host.attachments
    }


def test_a_host_has_its_names_its_selection_and_its_addresses() -> None:
    host = pictured(networks=ISOLATED, listeners=(MIGRATION,))
    assert (host.name, host.vmm, host.groups) == (HOST, VMM, ("berlin", "core"))
    assert host.selection == "specific networks (10.0.50.0/24)"
    assert purposes(host) == {MANAGEMENT: (True, False, False), MIGRATION: (False, True, True)}
    assert {str(each.subnet) for each in host.attachments} == {"10.0.0.0/24", "10.0.50.0/24"}
    assert (host.attachments_left_out, host.attempts_left_out, host.problem) == (0, 0, "")


@in_turn(
    "given, expected",
    [
        # Selected, and no listener; a listener, and not selected; neither.
        ({"networks": ISOLATED, "listeners": ()}, (False, True, False)),
        ({"networks": NONE, "listeners": (MIGRATION,)}, (False, True, True)),
        ({"networks": ANY, "listeners": ()}, (False, False, False)),
        ({"lost": {MIGRATION_NETWORKS.name: failure()}, "listeners": ()}, (False, False, False)),
        # What nobody told is no purpose.
        (
            {
                "lost": {LISTENERS.name: failure(), VMM_RESOLUTION.name: failure()},
                "networks": ISOLATED,
            },
            (False, True, False),
        ),
    ],
)
def test_an_address_is_for_migration_where_it_is_selected_or_listens(
    given: dict[str, Any], expected: tuple[bool, bool, bool]
) -> None:
    host = pictured(**given)
    assert purposes(host)[MIGRATION] == expected
    assert bool(host.selection) is (MIGRATION_NETWORKS.name not in given.get("lost", {}))


def test_of_many_addresses_those_with_a_purpose_are_shown_first() -> None:
    storage = tuple(f"10.7.{number}.1/24" for number in range(16))
    many = pictured(local=(*storage, f"{MANAGEMENT}/24", f"{MIGRATION}/24"), networks=ISOLATED)
    shown = [str(each.address) for each in many.attachments]
    assert shown[:2] == [MANAGEMENT, MIGRATION]
    assert (len(shown), many.attachments_left_out) == (16, 2)
    probes = {(f"10.8.{number}.1", 5985): 0 for number in range(40)}
    told = pictured(dns=(MANAGEMENT,), listeners=(), answers=probes)
    assert (len(told.attempts), told.attempts_left_out) == (32, 10)


def test_each_attempt_has_its_subnet_and_what_became_of_it() -> None:
    stale, selected, odd = "10.0.0.99", "10.9.9.9", "10.66.0.1"
    host = pictured(
        networks=(*ISOLATED, ("10.9.9.0/24", "Microsoft:UserManaged")),
        local=(f"{MANAGEMENT}/25", f"{MIGRATION}/24"),
        dns=(MANAGEMENT, stale),
        listeners=(),
        answers={
            (MANAGEMENT, 5985): 0,
            (stale, 5985): TIMED_OUT,
            (selected, 6600): REFUSED,
            (odd, 6600): 10065,
            (OF_OTHER, 6600): 0,
        },
    )
    found = {(str(each.address), each.port): each for each in host.attempts}

    def attempt(text: str, port: int, subnet: str, reached: Reached, code: int) -> Attempt:
        within = ipaddress.ip_network(subnet) if subnet else None
        foreign = text != MANAGEMENT
        return Attempt(parse_address(text), within, port, reached, code, foreign)

    assert found[MANAGEMENT, 5985] == attempt(MANAGEMENT, 5985, "10.0.0.0/25", Reached.OPEN, 0)
    # The narrowest subnet that any host of the run is on.
    assert found[stale, 5985] == attempt(stale, 5985, "10.0.0.0/25", Reached.TIMED_OUT, TIMED_OUT)
    assert found[selected, 6600] == attempt(selected, 6600, "10.9.9.0/24", Reached.REFUSED, REFUSED)
    assert found[odd, 6600] == attempt(odd, 6600, "", Reached.FAILED, 10065)
    unknown = pictured(lost={LOCAL_ADDRESSES.name: failure()}, dns=(MANAGEMENT,))
    assert not any(each.foreign for each in unknown.attempts)


@in_turn(
    "recorded, own, expected",
    [("cl01", None, "cl01"), ("cl01", "cl02", "cl01"), (None, "cl02", "cl02"), (None, None, "")],
)
def test_a_cluster_is_the_one_that_vmm_records_or_the_hosts_own(
    recorded: str | None, own: str | None, expected: str
) -> None:
    host = pictured(cluster=recorded, also={CLUSTER.name: Cluster(own, None)})
    assert host.cluster == expected
    lost = pictured(
        also={CLUSTER.name: Cluster(own, None)}, vmm_lost={}, lost={VMM_RECORD.name: failure()}
    )
    assert lost.cluster == (own or "")
    unread = pictured(cluster=recorded, lost={CLUSTER.name: failure()})
    assert unread.cluster == (recorded or "")


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ({HOST_ACCESS.name: UNREACHABLE, LOCAL_ADDRESSES.name: failure()}, UNREACHABLE),
        ({LOCAL_ADDRESSES.name: failure()}, failure()),
        (
            {
                HOST_ACCESS.name: failure(FailureKind.NOT_GATHERED),
                LOCAL_ADDRESSES.name: failure(FailureKind.NOT_GATHERED),
            },
            None,
        ),
    ],
)
def test_where_no_address_is_known_the_first_failure_says_why(
    lost: dict[str, Any], said: Any
) -> None:
    host = pictured(lost=lost)
    if said is None:
        assert host.problem == "Its addresses were not gathered in this run."
    else:
        assert host.problem == f"{said.failure.sentence}."
    assert host.attachments == ()


def test_a_long_problem_is_cut() -> None:
    for length, whole in ((MAX_PROBLEM, True), (MAX_PROBLEM + 1, False)):
        broken = failure()
        spare = length - len(f"{broken.failure.sentence}.")
        came_back = broken.failure.came_back + "x" * spare
        longer = replace(broken, failure=replace(broken.failure, came_back=came_back))
        problem = pictured(lost={LOCAL_ADDRESSES.name: longer}).problem
        assert len(problem) == MAX_PROBLEM
        assert problem.endswith("…") is not whole
