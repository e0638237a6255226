"""Who has a part in a drain, and what is said of hosts that were not looked at."""

from __future__ import annotations

from drain_cases import GIGABYTE, WEB, listed, runs
from fact_builders import HOST, OTHER, run_facts

from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.placement.model import Move
from livemigration.verdict.drain_scene import OF_DRAINS, Judgement, Scene, Unread, Way
from livemigration.verdict.drain_site import DrainSite, Scenes
from livemigration.verdict.views import FactsView, GroupView

UNSEEN = [f"hv{number:02}.contoso.com" for number in range(3, 10)]
READABLE = frozenset(each.name for each in OF_DRAINS)


def scene(*names: str, to: tuple[str, ...] = ()) -> Scene:
    """Return the scene of a host of an inventory that lists these after the two looked at."""
    facts = run_facts(**runs(WEB, listed=listed(HOST, OTHER, *names)))
    group = GroupView(facts, frozenset({HOST, OTHER, *names}), DrainRequest(to=to))
    return Scene(FactsView(facts.hosts[HOST], READABLE), Policy(), group)


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
