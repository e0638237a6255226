"""Plans of drains from facts: the same whatever hosts and machines are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from drain_cases import DECLARED, on_share, runs
from drain_facts import free
from fact_builders import HOST, OTHER, failure, host_outcomes, run_facts, vmm_outcomes
from fact_parts import facts_with, gathered
from hypothesis import given, settings
from hypothesis import strategies as st
from vm_facts import Vm, with_machines

from livemigration.facts.adapter_speeds import ADAPTER_SPEEDS, AdapterSpeed
from livemigration.facts.directory import DIRECTORY_CONTROLLERS, DomainController
from livemigration.facts.model import Gathered, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.facts.volumes import VOLUME_SPACE, VolumeSpace
from livemigration.gather.asking import Outcomes
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.placement.effort import DEFAULT, Effort
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Question, Verdict
from livemigration.verdict import drain_question
from livemigration.verdict.drain_controllers import Controllers
from livemigration.verdict.drain_names import Numbered
from livemigration.verdict.drain_plan import DrainPlan, plan_by, plan_of, view_of
from livemigration.verdict.drain_question import DrainAnswer
from livemigration.verdict.drain_scene import Scene
from livemigration.verdict.views import BlockedError, GroupView

GIGABYTE = 1024
VMM = "vmm01.contoso.com"


def fleet(hosts: dict[str, tuple[int, tuple[tuple[str, int], ...]]]) -> RunFacts:
    """Return hosts with so much memory left and these machines, on a share that all reach."""
    outcomes = {}
    for number, (name, (left, machines)) in enumerate(hosts.items(), start=1):
        vms = [
            Vm(each, version="4.0", path=r"\\fs01\vms", memory=memory) for each, memory in machines
        ]
        address = f"10.0.0.{number}"
        outcomes[name] = host_outcomes(
            name=name,
            local=(f"{address}/24",),
            dns=(address,),
            listeners=(address,),
            also={**with_machines(*vms), **free(left)},
        )
    return facts_with(outcomes, VMM, vmm_outcomes("10.22.1287.0"))


def plan(facts: RunFacts, drain: DrainRequest | None = None, **policy: Any) -> DrainPlan:
    first = next(iter(facts.hosts))
    return plan_of(facts, first, Policy(**policy), frozenset(facts.hosts), drain)


NAMES = st.permutations(["alfa", "bravo", "charlie", "delta"])
SIZES = st.lists(st.sampled_from([2048, 3072, 5120]), min_size=1, max_size=4)


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(NAMES, NAMES, SIZES, st.lists(st.integers(0, 12), min_size=2, max_size=2))
def test_a_plan_does_not_depend_on_names(
    hosts: list[str], machines: list[str], sizes: list[int], left: list[int]
) -> None:
    def made(host_names: list[str], vm_names: list[str]) -> tuple[Any, ...]:
        given = tuple(zip(vm_names, sizes, strict=False))
        first, second, third = (f"{each}.contoso.com" for each in host_names[:3])
        spare = [each * GIGABYTE for each in left]
        found = plan(fleet({first: (0, given), second: (spare[0], ()), third: (spare[1], ())}))
        places = {first: 1, second: 2, third: 3}
        numbers = {name: number for number, name in enumerate(vm_names)}
        moves = [(numbers[each.machine], places[each.destination]) for each in found.moves]
        return found.verdict, found.step, moves, [numbers[each] for each in found.unplaced]

    usual = ["alfa", "bravo", "charlie", "delta"]
    assert made(hosts, machines) == made(usual, usual)


def test_numbers_are_given_their_names_back_wherever_they_stand() -> None:
    numbered = Numbered([HOST, OTHER], {"key1": "#m000000# of a joker"})
    token = numbered.machine("key1")
    assert (
        numbered.named(f"{token} to {numbered.host(OTHER)}") == f"#m000000# of a joker to {OTHER}"
    )
    assert numbered.named({numbered.host(HOST): (numbered.key("key1"),)}) == {HOST: ("key1",)}
    assert numbered.hosts([HOST]) == frozenset({numbered.host(HOST)})


THREE = {
    HOST: (0, (("web01", 4096),)),
    OTHER: (4096, (("db01", 2048),)),
    "hv03.contoso.com": (6144, ()),
}


def test_what_a_host_that_is_down_ran_needs_a_place_too() -> None:
    found = plan(fleet(THREE), DrainRequest((HOST,), without=(OTHER,)))
    assert (found.verdict, found.leaving) == (Verdict.FITS, 2)
    assert {each.destination for each in found.moves} == {"hv03.contoso.com"}
    assert {each.source for each in found.moves} == {HOST, OTHER}


def test_only_the_named_hosts_take_machines() -> None:
    found = plan(fleet(THREE), DrainRequest((HOST,), to=(OTHER,)))
    assert [each.destination for each in found.moves] == [OTHER]


def test_what_stays_is_shut_down_and_makes_no_room_elsewhere() -> None:
    full = {**THREE, OTHER: (2048, (("db01", 2048),)), "hv03.contoso.com": (2048, ())}
    assert plan(fleet(full)).verdict is Verdict.FITS_WITH_SWAPS
    assert plan(fleet(full), stays=("db*",)).verdict is Verdict.DOES_NOT_FIT
    shut = plan(fleet(full), stays=("web*",))
    assert (shut.verdict, shut.staying, shut.moves) == (Verdict.FITS, ("web01",), ())


def test_a_second_host_that_could_not_be_emptied_then_is_named() -> None:
    tight = {
        HOST: (0, (("web01", 4096),)),
        OTHER: (4096, (("db01", 4096),)),
        "hv03.contoso.com": (4096, ()),
    }
    found = plan(fleet(tight))
    assert (found.fits, found.then_stuck) == (True, (OTHER,))


def test_a_second_host_is_asked_for_with_less_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: set[int] = set()

    def noted(question: Question, *, effort: Effort = DEFAULT) -> Answer:
        steps.add(effort.steps)
        return answer(question, effort=effort)

    monkeypatch.setattr(drain_question, "answer", noted)
    both = {HOST: (0, (("web01", 3072),)), OTHER: (0, (("db01", 3072), ("db02", 3072)))}
    others = {"hv03.contoso.com": (5120, ()), "hv04.contoso.com": (4096, ())}
    assert plan(fleet({**both, **others})).then_stuck == (OTHER,)
    assert max(steps) == DEFAULT.steps
    assert min(steps) < DEFAULT.steps


def test_where_no_second_host_could_be_emptied_for_want_of_any_other_none_is_named() -> None:
    pair = {HOST: THREE[HOST], OTHER: THREE[OTHER]}
    found = plan(fleet(pair))
    assert (found.fits, found.then_stuck) == (True, ())
    tight = fleet({**THREE, OTHER: (0, (("db01", 4096),)), "hv03.contoso.com": (4096, ())})
    assert plan(tight).then_stuck == (OTHER, "hv03.contoso.com")
    assert plan(losing(tight, "hv03.contoso.com")).then_stuck == ()


def losing(facts: RunFacts, host: str) -> RunFacts:
    """Return facts in which it could not be read what a host runs."""
    lost: Outcomes = {VIRTUAL_MACHINES.name: failure(root="")}
    sheet = facts.hosts[host]
    found = replace(sheet, outcomes={**sheet.outcomes, **lost})
    return replace(facts, hosts={**facts.hosts, host: found})


@pytest.mark.parametrize("number", [16, 17])
def test_a_second_host_is_looked_for_among_a_few(number: int) -> None:
    others = [f"hv{each:02}.contoso.com" for each in range(3, number + 2)]
    hosts = {HOST: THREE[HOST], OTHER: (0, (("db01", 4096),)), **dict.fromkeys(others, (0, ()))}
    found = plan(fleet({**hosts, others[0]: (4096, ())}))
    assert (found.fits, found.then_stuck) == (True, (OTHER, others[0]) if number == 16 else ())


def test_a_host_is_as_full_as_it_says_whatever_is_not_known_of_another_one() -> None:
    full = fleet({HOST: (0, (("web01", 4096),)), OTHER: (0, ()), "hv03.contoso.com": (0, ())})
    asked = DrainRequest((HOST,), to=(OTHER,))
    assert plan(losing(full, "hv03.contoso.com"), asked).verdict is Verdict.DOES_NOT_FIT
    assert plan(losing(full, "hv03.contoso.com")).verdict is Verdict.UNKNOWN
    # Nor do volumes decide of it to which no disk would go.
    split: Outcomes = gathered(VOLUME_SPACE, (VolumeSpace("C:", 5), VolumeSpace("D:", 6)))
    sheet = full.hosts[OTHER]
    hosts = {**full.hosts, OTHER: replace(sheet, outcomes={**sheet.outcomes, **split})}
    found = plan(losing(replace(full, hosts=hosts), "hv03.contoso.com"))
    assert [each for each in found.open if "volumes" in each] == []
    assert found.open[0] == "Reading it: it failed."


def test_where_no_assumed_host_takes_anything_the_answer_assumes_nothing() -> None:
    there = {"also": with_machines(), "enabled": False}
    found = plan_of(run_facts(**runs(on_share("web01"), second=there)), HOST, Policy())
    assert (found.verdict, found.by_assumption) == (Verdict.DOES_NOT_FIT, False)


def test_a_host_that_only_assumed_ones_can_take_from_is_not_called_stuck() -> None:
    facts = fleet(
        {HOST: (4096, ()), OTHER: (4096, (("db01", 4096),)), "hv03.contoso.com": (4096, ())}
    )
    found = plan_of(facts, HOST, Policy())
    assert (found.fits, found.declared, found.leaving) == (True, False, 0)
    assert plan_of(facts, OTHER, Policy(), drain=DrainRequest((OTHER,), without=(HOST,))).fits
    assert found.then_stuck == ()


def test_several_adapters_make_the_earliest_earlier_and_the_latest_no_later() -> None:
    gigabit = 10**9
    facts = fleet(THREE)

    def on(*speeds: AdapterSpeed) -> DrainPlan:
        own: Outcomes = {ADAPTER_SPEEDS.name: Gathered(speeds, Vantage.HOST)}
        hosts = {
            name: replace(sheet, outcomes={**sheet.outcomes, **own})
            for name, sheet in facts.hosts.items()
        }
        return plan(replace(facts, hosts=hosts))

    slow = on(AdapterSpeed("Ethernet", gigabit, gigabit, False, "A"))
    fast = on(AdapterSpeed("Ethernet", 10 * gigabit, 10 * gigabit, False, "A"))
    unknown = on(AdapterSpeed("Ethernet", None, None, False, "A"))
    assert slow.time is not None
    assert fast.time is not None
    assert unknown.time is not None
    assert (slow.time.low > fast.time.low, unknown.time.high) == (True, None)


def test_vmms_own_machine_waits_until_all_others_are_moved() -> None:
    aboard = {**THREE, HOST: (0, (("VMM01", 2048), ("web01", 4096)))}
    found, without = plan(fleet(aboard)), plan(fleet({**aboard, HOST: (0, aboard[HOST][1][1:])}))
    web, vmm = found.moves
    assert [(each.machine, each.stage) for each in found.moves] == [("web01", 0), ("VMM01", 1)]
    assert web.latest_end is not None
    assert vmm.latest_start is not None
    assert vmm.latest_start >= web.latest_end
    # Both could be under way at a time, as these hosts allow two.
    assert found.time is not None
    assert without.time is not None
    assert (found.time.high or 0) > (without.time.high or 0) + 8


def knowing(facts: RunFacts, *names: str) -> RunFacts:
    """Return facts in which a directory said that these are the domain's controllers."""
    said = Gathered(tuple(map(DomainController, names)), Vantage.DIRECTORY)
    known: Outcomes = {DIRECTORY_CONTROLLERS.name: said}
    hosts = {
        name: replace(sheet, outcomes={**sheet.outcomes, **known})
        for name, sheet in facts.hosts.items()
    }
    return replace(facts, hosts=hosts)


def test_a_domain_controller_is_moved_last_and_nothing_else_of_the_plan_changes() -> None:
    aboard = {**THREE, HOST: (0, (("DC01", 2048), ("web01", 4096)))}
    found = plan(knowing(fleet(aboard), "dc01.contoso.com", "dc02.contoso.com"))
    usual = plan(fleet(aboard))
    assert [(each.machine, each.stage) for each in found.moves] == [("web01", 0), ("DC01", 1)]
    assert [(each.machine, each.stage) for each in usual.moves] == [("DC01", 0), ("web01", 0)]
    assert (found.controllers, found.controllers_unread, found.last) == (("DC01",), "", ())
    assert (usual.controllers, usual.controllers_unread) == ((), "no directory configured")
    assert found.verdict is usual.verdict


def test_a_controller_that_makes_room_is_named_and_waits_as_long_as_it_can() -> None:
    tight = {
        HOST: (0, (("web01", 4096), ("web02", 1024))),
        OTHER: (3072, (("DC01", 2048),)),
        "hv03.contoso.com": (3072, ()),
    }
    found = plan(knowing(fleet(tight), "dc01.contoso.com"))
    assert (found.controllers, found.controllers_making_room) == ((), ("DC01",))
    assert [each.machine for each in found.moves] == ["web02", "DC01", "web01"]
    assert [each.stage for each in found.moves] == [0, 1, 2]
    servers = plan(fleet({**tight, OTHER: (3072, (("VMM01", 2048),))}))
    assert (servers.last, servers.last_making_room) == ((), ("VMM01",))


@settings(max_examples=40, deadline=None)
@given(
    st.from_regex("[a-z0-9-]{1,12}", fullmatch=True),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["", ".contoso.com", ".b.test"]),
)
def test_a_name_is_that_of_a_controller_in_any_case_and_domain(
    label: str, spelt: Callable[[str], str], domain: str
) -> None:
    known = Controllers(knowing(fleet(THREE), f"{label}.contoso.com", "", ".contoso.com"))
    assert known.is_one(spelt(f"{label}{domain}"))
    assert not known.is_one(spelt(f"{label}x{domain}"))
    assert not known.is_one(domain)


def test_what_makes_room_is_done_first_and_vmms_own_machine_is_last() -> None:
    tight = {
        HOST: (0, (("vmm01", 1024), ("web01", 4096))),
        OTHER: (3072, (("db01", 2048),)),
        "hv03.contoso.com": (3072, ()),
    }
    moves = plan(fleet(tight)).moves
    found = [(each.machine, each.relocates, each.stage) for each in moves]
    assert found == [("db01", True, 0), ("web01", False, 1), ("vmm01", False, 2)]


def test_a_plan_that_is_not_known_is_told_each_time() -> None:
    facts = fleet(THREE)
    del facts.hosts[HOST].outcomes["virtual-machine-memory"]  # type: ignore[attr-defined] # a dictionary of the builder's
    told = []
    for _ in range(2):
        with pytest.raises(BlockedError) as caught:
            plan(facts)
        told.append((caught.value.by, caught.value.reason, caught.value.next_step))
    assert told[0] == told[1]
    assert all(told[0][1:])


def test_each_question_about_one_run_has_an_answer_of_its_own() -> None:
    facts, everybody = fleet(THREE), frozenset(THREE)
    first = plan_of(facts, HOST, Policy(), everybody)
    assert plan_of(facts, HOST, Policy(), everybody) is first
    others = [
        plan_of(facts, OTHER, Policy(), everybody),
        plan_of(facts, HOST, Policy(stays=("web*",)), everybody),
        plan_of(facts, HOST, Policy(), frozenset({HOST, OTHER})),
        plan_of(facts, HOST, Policy(), everybody, DrainRequest(without=(OTHER,))),
    ]
    assert [each.host for each in others] == [OTHER, HOST, HOST, HOST]
    moves = [[(e.machine, e.destination) for e in each.moves] for each in (first, *others)]
    assert len({tuple(each) for each in moves}) == len(moves)


def test_what_was_neither_shown_nor_refuted_keeps_what_to_do_about_it() -> None:
    facts = fleet(THREE)
    scene = Scene(view_of(facts, HOST), Policy(), GroupView(facts, frozenset(THREE)))
    answer = Answer(Verdict.UNDECIDED, advice="Install it.")
    found = plan_by(facts, scene, DrainAnswer(answer, scene.residents))
    assert (found.verdict, found.advice) == (Verdict.UNDECIDED, "Install it.")


def test_the_way_back_has_a_time_of_its_own() -> None:
    gigabit = 10**9
    facts = fleet({**THREE, OTHER: (2048, (("db01", 2048),)), "hv03.contoso.com": (2048, ())})
    speed = AdapterSpeed("Ethernet", gigabit, gigabit, False, "A")
    hosts = {
        name: replace(
            sheet,
            outcomes={**sheet.outcomes, ADAPTER_SPEEDS.name: Gathered((speed,), Vantage.HOST)},
        )
        for name, sheet in facts.hosts.items()
    }
    found = plan(replace(facts, hosts=hosts))
    assert found.verdict is Verdict.FITS_WITH_SWAPS
    assert found.time is not None
    assert found.back is not None
    assert found.back.high is not None
    # Two stages, one after the other, as on the way there.
    assert (found.back.low, found.back.high) == (found.time.low, found.time.high)
    assert dict(found.back.inputs)["Links"] == "1 Gb/s"
    nothing = plan(fleet({**THREE, HOST: (0, ())}))
    assert (nothing.fits, nothing.time, nothing.back) == (True, None, None)


def of_two(*machines: Vm, **there: Any) -> DrainPlan:
    """Return the plan of a host with these machines beside another one with these groups."""
    groups = {name.replace("_", "-"): value for name, value in there.items()}
    return plan_of(run_facts(**runs(*machines, there=groups)), HOST, Policy(), DECLARED)


def test_a_move_that_a_check_warns_of_says_so_and_another_one_does_not() -> None:
    found = of_two(on_share("old"), Vm("new", version="9.0", path=r"\\fs01\vms"))
    told = {each.machine: each.against for each in found.moves}
    assert told == {
        "old": "",
        "new": "whether configuration version 9.0 runs there is not published (LM503)",
    }


def test_times_of_moves_are_those_of_the_plan_with_one_digit_behind_the_point() -> None:
    found = of_two(*(on_share(f"vm{each}", memory=1111 * each) for each in (1, 2, 3)))
    assert found.time is not None
    ends = [(each.earliest_end, each.latest_end or 0.0) for each in found.moves]
    starts = [(each.earliest_start, each.latest_start or 0.0) for each in found.moves]
    earliest, latest = map(max, zip(*ends, strict=True))
    # What a link carries of all together may take longer than any of them by itself.
    assert earliest <= found.time.low
    assert all(end > start for (end, _), (start, _) in zip(ends, starts, strict=True))
    assert latest == found.time.high
    assert starts[0] == (0.0, 0.0)
    # The host allows two at a time.
    assert max(starts) > (0.0, 0.0)
    for each in (time for pair in (*starts, *ends) for time in pair):
        assert each == round(each, 1)
    assert found.time.low != round(found.time.low)
    for every in zip(*ends, strict=True):
        assert any(each != round(each) for each in every)


def test_disks_that_both_hosts_reach_need_no_room() -> None:
    found = of_two(on_share("web01"), volume_space=(VolumeSpace("D:", 1),))
    assert [(each.machine, each.disk) for each in found.moves] == [("web01", 0)]
    local = of_two(Vm("web01", version="4.0"), volume_space=(VolumeSpace("D:", 10_240),))
    assert [(each.machine, each.disk) for each in local.moves] == [("web01", 10_240)]
    assert not of_two(Vm("web01", version="4.0"), volume_space=(VolumeSpace("D:", 10_239),)).fits
    # Its settings alone move along.
    small = Vm("web01", version="4.0", disks=(r"\\fs01\vms\web01.vhdx",))
    assert of_two(small, volume_space=(VolumeSpace("D:", 0),)).fits
