"""Who has a part in a drain, and what is said of hosts that were not looked at."""

from __future__ import annotations

from typing import Any

from drain_cases import GIGABYTE, LOCAL, WEB, listed, runs
from fact_builders import HOST, OTHER, failure, run_facts
from test_drain_declared import ALONE, BIG, SECOND, fleet
from vm_facts import with_machines

from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.host_memory import HOST_CAPACITY, MEMORY_POOL
from livemigration.facts.model import FailureKind, GatherFailure, Inapplicable, NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_disks import VIRTUAL_DISKS
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.exchanging import Exchanges
from livemigration.inventory.policy import Policy
from livemigration.placement.model import Move
from livemigration.verdict.drain_room import NO_VOLUMES
from livemigration.verdict.drain_scene import OF_DRAINS, Judgement, Scene, Unread, Way
from livemigration.verdict.drain_site import DrainSite, Scenes
from livemigration.verdict.views import FactsView, GroupView

UNSEEN = [f"hv{number:02}.contoso.com" for number in range(3, 10)]
READABLE = frozenset(each.name for each in OF_DRAINS)


def scene(*names: str, to: tuple[str, ...] = ()) -> Scene:
    """Return the scene of a host of an inventory that lists these after the two looked at."""
    facts = run_facts(**runs(WEB, listed=listed(HOST, OTHER, *names)))
    return scene_of(facts, frozenset({HOST, OTHER, *names}), DrainRequest(to=to))


def scene_of(
    facts: RunFacts, exchanges: Exchanges = None, drain: DrainRequest | None = None, **policy: Any
) -> Scene:
    """Return the scene of the first host of two, or of a fleet."""
    group = GroupView(facts, exchanges, drain)
    return Scene(FactsView(facts.hosts[HOST], READABLE), Policy(**policy), group)


def judged(facts: RunFacts, to: str = OTHER, **said: Any) -> Judgement:
    """Return what is said of the first machine of the first host on its way to another one."""
    found = scene_of(facts, **said)
    return found.judged(found.residents[0], to)


def test_hosts_that_were_not_looked_at_come_last_in_the_order_of_the_inventory() -> None:
    assert scene(*UNSEEN).others == (OTHER, *UNSEEN)
    assert scene(*reversed(UNSEEN)).others == (OTHER, *reversed(UNSEEN))


def test_of_a_host_that_was_not_looked_at_nothing_is_known() -> None:
    found = scene(UNSEEN[0])
    (web,) = found.residents
    assert found.judged(web, UNSEEN[0]) == Judgement(Way.UNKNOWN, "it was not looked at")
    assert found.judged(web, OTHER).way is Way.OPEN
    assert found.runs(UNSEEN[0]) == Unread("hv03.contoso.com was not looked at")
    assert found.room(UNSEEN[0]).free is None


def test_a_host_that_is_not_named_as_a_destination_takes_nothing_known_or_not() -> None:
    found = scene(UNSEEN[0], to=(UNSEEN[1],))
    (web,) = found.residents
    for name in (OTHER, UNSEEN[0]):
        assert found.judged(web, name) == Judgement(Way.CLOSED, "--to names others")


BOTH = frozenset({HOST, OTHER})
NOT_ASKED = NotGathered(GatherFailure(FailureKind.NOT_GATHERED, "Reading it", "no", "Look.", ""))


def test_a_host_that_was_not_asked_what_a_drain_needs_was_not_looked_at() -> None:
    facts = run_facts(**runs(WEB, other={MEMORY_POOL.name: NOT_ASKED}))
    assert scene_of(facts, BOTH).unseen == (OTHER,)
    assert judged(facts, exchanges=BOTH) == Judgement(Way.UNKNOWN, "it was not looked at")
    # Beside the memory that is free, nothing decides.
    facts = run_facts(**runs(WEB, other={HOST_CAPACITY.name: NOT_ASKED}))
    assert judged(facts, exchanges=BOTH) == Judgement(Way.OPEN)


def test_of_a_host_whose_domain_is_not_known_it_is_said_that_it_is_not_known() -> None:
    facts = run_facts(**runs(WEB, other={DOMAIN_MEMBERSHIP.name: failure()}))
    cause = "whether the two exchange virtual machines is not known"
    assert judged(facts) == Judgement(Way.UNKNOWN, cause)


def test_what_is_only_assumed_is_so_whatever_is_said_of_it() -> None:
    pool, ports = {MEMORY_POOL.name: failure(root="")}, {VIRTUAL_PORTS.name: failure(root="")}
    for given, way, with_disks in (
        (runs(WEB), Way.OPEN, False),
        (runs(LOCAL), Way.OPEN, True),
        (runs(WEB, other=pool), Way.UNKNOWN, False),
        (runs(WEB, other=ports), Way.UNKNOWN, False),
        (runs(WEB, second={"also": with_machines(), "enabled": False}), Way.CLOSED, False),
    ):
        found = judged(run_facts(**given))
        assert (found.way, found.with_disks, found.assumed) == (way, with_disks, True)
        assert not judged(run_facts(**given), exchanges=BOTH).assumed


def test_to_a_host_that_is_meant_to_exchange_nothing_with_it_a_machine_has_no_way() -> None:
    facts = fleet(BIG, BIG)
    assert judged(facts, ALONE) == Judgement(Way.CLOSED, assumed=True)
    crossing = judged(facts, ALONE, migration_scope="cross-host")
    assert crossing == Judgement(Way.OPEN, assumed=True)


def test_disks_move_along_where_the_other_host_does_not_see_them() -> None:
    shared = r"C:\ClusterStorage\Volume1"
    for path, moved in ((shared, True), (r"\\fs01\vms", False)):
        facts = fleet(9 * BIG, 9 * BIG, path=path)
        found = scene_of(facts, migration_scope="cross-host")
        web, _ = found.residents
        assert [found.judged(web, each).with_disks for each in (SECOND, ALONE)] == [False, moved]


def test_a_machine_of_a_host_that_has_no_disks_to_list_moves_none() -> None:
    facts = run_facts(**runs(LOCAL, lost={VIRTUAL_DISKS.name: Inapplicable("Too old.")}))
    assert judged(facts, exchanges=BOTH) == Judgement(Way.OPEN)
    unread = run_facts(**runs(LOCAL, lost={VIRTUAL_DISKS.name: failure(root="")}))
    assert judged(unread, exchanges=BOTH).way is Way.UNKNOWN


def test_of_the_volumes_of_a_node_nothing_is_free_for_disks_that_move_along() -> None:
    facts = fleet(BIG, BIG)
    found = scene_of(facts, migration_scope="cross-host")
    assert found.room(SECOND).disk.one_volume == found.disk_room(ALONE).one_volume is not None
    assert found.disk_room(SECOND) == NO_VOLUMES


def at(site: DrainSite) -> tuple[dict[str, int], dict[str, str]]:
    """Return what is free on each host, and where each machine is."""
    question = site.question
    free = {each.name: each.free for each in question.hosts}
    return free, {each.name: each.host for each in question.machines}


def test_what_a_window_moved_is_there_and_takes_its_room_in_the_next_step() -> None:
    site = DrainSite(Scenes([scene()]))
    free, places = at(site)
    assert (free[OTHER], places) == (10 * GIGABYTE, {"web01": HOST})
    (web,) = site.question.machines
    then, moved = at(site.then([Move(web, HOST, OTHER)]))
    assert moved == {"web01": OTHER}
    assert (then[OTHER], then[HOST]) == (6 * GIGABYTE, free[HOST] + 4 * GIGABYTE)
    # What was before is as it was.
    assert at(site) == (free, places)


def test_a_host_that_was_not_looked_at_may_have_room_for_all_in_a_window() -> None:
    free, _ = at(DrainSite(Scenes([scene(UNSEEN[0])])))
    assert free[UNSEEN[0]] == 4 * GIGABYTE + 1
