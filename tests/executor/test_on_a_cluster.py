"""Hosts of the lab, asked by the workers of a real cluster over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

# To import it takes long, which the tests that it is not for need not wait for.
if find_spec("distributed") is None:
    pytest.skip("the extra dask is not installed", allow_module_level=True)

from clusters import Cluster, cluster
from fleets_of_lab import fleet_of

from livemigration.base.errors import UsageError
from livemigration.executor import waves
from livemigration.executor.gathering import opened
from livemigration.executor.held import holds_anything
from livemigration.facts.clock import Clock
from livemigration.facts.compatibility import COMPATIBILITY_VECTORS
from livemigration.facts.host import HOST_ACCESS, OPERATING_SYSTEM, SERVICES
from livemigration.facts.model import FactSheet, FailureKind, Gathered, NotGathered, Outcome
from livemigration.facts.registry import HOST_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VmmProbes
from livemigration.gather.clusters import OF_CLUSTER
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.further import gather_further
from livemigration.inventory.policy import Policy
from livemigration.lab.launch import start
from livemigration.verdict.exchange import EXCHANGE
from livemigration.verdict.processors import PROCESSOR_FACTS
from livemigration.verdict.second_step import of_different_processors

pytestmark = pytest.mark.dask

EVERYTHING = frozenset(each.name for each in (*HOST_GROUPS, *VMM_VIEW_GROUPS))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers that count logons."""
    folder = tmp_path_factory.mktemp("cluster")
    counts = {"preload": str(Path(__file__).with_name("sign_in_counts.py"))}
    with cluster(folder, "one", "two", **counts, LOGONS=str(folder / "logons")) as made:
        yield made


def asked(
    fleet: FleetConnections,
    through: Cluster | None,
    wanted: frozenset[str] = EVERYTHING,
    **more: Any,
) -> RunFacts:
    """Ask everything of a fleet, by the workers of a cluster or from here."""
    order = Order(dict.fromkeys(fleet.hosts, wanted), vmm=bool(fleet.vmms))
    watch = more.pop("watch", lambda *_: None)
    if through is None:
        return gather(fleet, order, watch, **more)
    told = more.pop("told", [])
    with opened(through.scheduler, fleet, lambda _: "", told.append) as executor:
        return gather(replace(fleet, executor=executor), order, watch, **more)


def found(sheet: FactSheet) -> dict[str, Any]:
    """Return what was found out of a machine, without when and how long it was asked."""
    told: dict[str, Any] = {}
    for name, outcome in sheet.outcomes.items():
        told[name] = outcome
        if isinstance(outcome, Gathered):
            value = outcome.value
            if isinstance(value, VmmProbes):
                untimed = (replace(each, milliseconds=0) for each in value.probes)
                value = replace(value, probes=tuple(untimed))
            elif isinstance(value, Clock):
                assert outcome.at is not None
                value = round((value.shows - outcome.at) / timedelta(minutes=1))
            told[name] = value
    return told


def facts_of(facts: RunFacts) -> dict[str, dict[str, Any]]:
    return {name: found(each) for name, each in (*facts.vmms.items(), *facts.hosts.items())}


def failure_of(facts: RunFacts, host: str) -> Any:
    outcome = facts.hosts[host].outcome(HOST_ACCESS)
    assert isinstance(outcome, NotGathered), host
    return outcome.failure


@pytest.mark.parametrize("fleet", ["kb-2853203", "perimeter"])
def test_workers_find_what_this_machine_finds_and_count_what_it_took(
    two: Cluster, fleet: str
) -> None:
    with start(fleet) as lab:
        near = asked(fleet_of(lab), None)
        far = asked(fleet_of(lab), two)
    assert facts_of(far) == facts_of(near)
    for name, sheet in near.hosts.items():
        here, there = (each.outcome(HOST_ACCESS) for each in (sheet, far.hosts[name]))
        if isinstance(here, Gathered) and isinstance(there, Gathered):
            # Each worker finds out for itself which properties a build lacks.
            assert abs(there.value.requests - here.value.requests) <= 12
            assert there.value.bytes_in > there.value.bytes_out > 0


def test_workers_ask_one_node_for_what_its_cluster_says(two: Cluster) -> None:
    with start("cluster-s2d") as lab:
        near, far = asked(fleet_of(lab), None), asked(fleet_of(lab), two)
    for name in ("node1", "node2", "node3"):
        here, there = (each.hosts[f"{name}.contoso.com"] for each in (near, far))
        for group in sorted(OF_CLUSTER):
            far_one, near_one = there.outcomes[group], here.outcomes[group]
            assert isinstance(far_one, Gathered)
            assert isinstance(near_one, Gathered)
            assert far_one.value == near_one.value, group
        access = there.outcomes[HOST_ACCESS.name]
        assert isinstance(access, Gathered)
        assert access.value.cluster_by == ("" if name == "node1" else "node1.contoso.com")


def test_a_host_that_was_asked_is_kept_and_told_of_at_once(two: Cluster) -> None:
    kept: dict[str, set[str]] = {}
    phases: list[tuple[str, int, int]] = []
    with start("healthy") as lab:
        fleet = fleet_of(lab)
        asked(
            fleet,
            two,
            keep=lambda _, name, outcomes: kept.setdefault(name, set()).update(outcomes),
            watch=lambda phase, progress: phases.append((phase, progress.done, progress.total)),
        )
    assert {*kept} >= {*fleet.hosts}
    assert all(HOST_ACCESS.name in kept[name] for name in fleet.hosts)
    total = len(fleet.hosts) + 1
    assert ("Asking hosts and VMM", total, total) in phases
    assert not holds_anything()


def test_a_wrong_password_reaches_two_machines_whoever_asks(two: Cluster) -> None:
    logons = two.path("logons")
    logons.write_text("")
    with start("healthy") as lab:
        fleet = replace(fleet_of(lab, "wrong"), vmms=())
        wanted = frozenset({SERVICES.name})
        problems: list[str] = []
        facts = asked(fleet, two, wanted, told=problems)
    assert problems == []
    told = logons.read_text().splitlines()
    assert len(told) == len({*told}) == 2
    kinds = [failure_of(facts, name).kind for name in fleet.hosts]
    assert kinds.count(FailureKind.AUTHENTICATION) == 1
    assert kinds.count(FailureKind.SAME_CREDENTIALS) == len(kinds) - 1
    assert "refused them" in failure_of(facts, list(fleet.hosts)[-1]).came_back


def test_a_right_password_is_tried_on_two_machines_before_any_chunk(two: Cluster) -> None:
    phases: list[str] = []
    logons = two.path("logons")
    logons.write_text("")
    before: list[int] = []

    def watch(phase: str, _: Any) -> None:
        if phase not in phases:
            phases.append(phase)
            before.append(len(logons.read_text().splitlines()))

    with start("healthy") as lab:
        fleet = replace(fleet_of(lab), vmms=())
        facts = asked(fleet, two, frozenset({SERVICES.name}), watch=watch)
    assert all(isinstance(each.outcome(SERVICES), Gathered) for each in facts.hosts.values())
    # Two by the guard, then every host once.
    assert len(logons.read_text().splitlines()) == 2 + len(fleet.hosts)


class Watched:
    """Acts once, when the first hosts have been told of and others are asked."""

    def __init__(self, act: Any) -> None:
        self._act = act
        self.acted = False

    def __call__(self, phase: str, progress: Any) -> None:
        if phase == "Asking hosts" and progress.done and not self.acted:
            self.acted = True
            self._act()


SLOW = """\
name: slow
title: hosts that take their time
domain: contoso.com
networks: {management: {subnet: "1.0/24"}}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}
hosts:
"""


def slow_fleet(folder: Path, count: int = 12) -> Path:
    path = folder / "slow.yaml"
    hosts = (
        f"  - {{name: h{number:03}.contoso.com, shows: one of many, "
        f'addresses: {{management: "1.{number + 20}"}}}}\n'
        for number in range(count)
    )
    path.write_text(SLOW + "".join(hosts), encoding="utf-8")
    return path


@pytest.fixture
def in_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is given two hosts at a time."""
    monkeypatch.setattr(waves, "MOST_HOSTS", 2)


@pytest.mark.usefixtures("in_pairs")
def test_hosts_of_a_worker_that_was_killed_are_asked_again_elsewhere(tmp_path: Path) -> None:
    with cluster(tmp_path, "one", "two") as made, start(str(slow_fleet(tmp_path))) as lab:
        fleet = replace(fleet_of(lab, concurrency=2), vmms=())
        watch = Watched(lambda: made.kill("one"))
        facts = asked(fleet, made, watch=watch)
    assert watch.acted
    for name, sheet in facts.hosts.items():
        assert isinstance(sheet.outcome(SERVICES), Gathered), name


@pytest.mark.usefixtures("in_pairs")
@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_lost_scheduler_ends_the_gathering_and_what_came_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    # One that stands still closes no connection.
    monkeypatch.setattr("livemigration.executor.link._PULSE_PATIENCE", 3.0)
    with cluster(tmp_path, "one", "two") as made, start(str(slow_fleet(tmp_path))) as lab:
        fleet = replace(fleet_of(lab, concurrency=2), vmms=())
        kept: set[str] = set()
        watch = Watched(lambda: getattr(made, how)("scheduler"))
        told: list[str] = []
        facts = asked(fleet, made, watch=watch, keep=lambda _, name, __: kept.add(name), told=told)
    (sentence,) = told
    assert sentence.startswith(
        f"The account may stay in the memory of the cluster at {made.address}"
    )
    lost = [
        each
        for each in fleet.hosts
        if not isinstance(facts.hosts[each].outcome(SERVICES), Gathered)
    ]
    assert 0 < len(lost) < len(fleet.hosts)
    assert kept >= {*fleet.hosts} - {*lost}
    for name in lost:
        failure = failure_of(facts, name)
        assert failure.kind is FailureKind.NOT_GATHERED
        assert failure.root == "LM302"
        assert "scheduler" in failure.came_back
        assert made.address in failure.tried
    assert not holds_anything()


def test_a_cluster_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path) -> None:
    with cluster(tmp_path) as made, start("healthy") as lab:
        fleet = fleet_of(lab)

        def refusal(scheduler: Any = made.scheduler) -> str:
            with pytest.raises(UsageError) as refused, opened(scheduler, fleet, lambda _: ""):
                pass
            return str(refused.value)

        assert "no worker is there" in refusal()
        stranger = Cluster(tmp_path / "stranger")
        stranger.address = made.address
        assert "refuses this client" in refusal(stranger.scheduler)
        made.start_worker("old", preload=str(Path(__file__).with_name("other_version.py")))
        made.joined("old")
        assert "has livemigration 0.0.1" in refusal()
        made.kill("old")
        made.start_worker("bare", preload=str(Path(__file__).with_name("no_suite.py")))
        made.joined("bare")
        assert "cannot load livemigration" in refusal()
        address = made.address
        made.kill("scheduler")
        assert address in refusal()


def test_workers_ask_in_the_second_step_what_machines_have_taken(two: Cluster) -> None:
    exchanges = {"old.contoso.com": frozenset({"new.contoso.com"})}

    def told(facts: RunFacts) -> dict[str, Outcome[Any]]:
        return {name: each.outcome(COMPATIBILITY_VECTORS) for name, each in facts.hosts.items()}

    first = frozenset(each.name for each in (*PROCESSOR_FACTS, *EXCHANGE, OPERATING_SYSTEM))
    with start("processors") as lab:
        fleet = replace(fleet_of(lab), vmms=())
        near = asked(fleet, None, first)
        further = tuple(
            of_different_processors(near, near.hosts, lambda _: Policy(), exchanges.get)
        )
        here = gather_further(fleet, near, further, COMPATIBILITY_VECTORS, lambda *_: None)
        far = asked(fleet, two, first)
        before = two.path("logons").read_text()
        with opened(two.scheduler, fleet, lambda _: "") as executor:
            there = gather_further(
                replace(fleet, executor=executor),
                far,
                further,
                COMPATIBILITY_VECTORS,
                lambda *_: None,
            )
            assert executor.used
        assert len(two.path("logons").read_text()) > len(before)
    assert {"old.contoso.com", "new.contoso.com"} <= {*further}
    values = {name: each.value for name, each in told(here).items() if isinstance(each, Gathered)}
    assert values.keys() == {*further}
    assert {name: getattr(each, "value", None) for name, each in told(there).items()} == {
        name: values.get(name) for name in near.hosts
    }
    for name in further:
        access, was = (each.hosts[name].outcome(HOST_ACCESS) for each in (there, far))
        assert isinstance(access, Gathered)
        assert isinstance(was, Gathered)
        assert access.value.requests > was.value.requests
