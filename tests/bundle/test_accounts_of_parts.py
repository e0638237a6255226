"""Each thing that results leave out of their facts is told by a sentence with its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bundle_forging import verified
from fact_builders import HOST, OTHER, VMM, run_facts
from in_turn import in_turn
from test_bundle_forgeries import WAIVER
from whole_run import BEGAN, save, whole_run

from livemigration.bundle.account import unaccounted_checks, unaccounted_hosts, untimely
from livemigration.bundle.again import Pairs, dropped
from livemigration.bundle.members import bundle_of
from livemigration.bundle.replay import Replay
from livemigration.facts.identity import Listed
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands, HostsPolicy
from livemigration.inventory.policy import Policy
from livemigration.run.evidence.model import Gathering
from livemigration.run.not_examined import OptIn
from livemigration.run.plan import LeftOut
from livemigration.run.run import Run
from livemigration.run.selected import suite_checks, whole_suite

LEFT = "hv77.contoso.com"
HIDDEN = {HOST: "a1.d1.t1", OTHER: "a2.d1.t1", VMM: "a3.d1.t1", LEFT: "a4.d1.t1"}
MINUTES = timedelta(minutes=1)


@cache
def facts() -> RunFacts:
    known = run_facts()
    return replace(known, listed=tuple(map(Listed, (*known.hosts, LEFT))))


@cache
def run() -> Run:
    return whole_run(facts())[0]


def selected(**changes: Any) -> Run:
    return replace(run(), selection=replace(run().selection, **changes))


def hosts(said: Run, *listed: str) -> list[str]:
    hidden = replace(facts(), listed=tuple(map(Listed, listed)))
    return list(unaccounted_hosts(said, hidden, {n: h for n, h in HIDDEN.items() if n != LEFT}))


THREE = (HIDDEN[HOST], HIDDEN[OTHER], HIDDEN[LEFT])
COUNTED = "facts.json has an inventory of {} hosts; the results have 2 and leave out {} of {}."


@in_turn(
    "changes, listed, sentences",
    [
        ({}, THREE, []),
        ({}, THREE[:2], [COUNTED.format(2, 1, 3)]),
        ({}, (*THREE, "a5.d1.t1"), [COUNTED.format(4, 1, 3)]),
        ({"inventory_hosts": 4}, (*THREE, "a5.d1.t1"), [COUNTED.format(4, 1, 4)]),
        ({"inventory_hosts": 4}, THREE, [COUNTED.format(3, 1, 4)]),
        ({"unselected_hosts": ()}, THREE, [COUNTED.format(3, 0, 3)]),
        ({}, (THREE[0], "a5.d1.t1", THREE[2]), [COUNTED.format(3, 1, 3)]),
        # Parts that are known are replaced alike, and no other part is replaced by the same.
        ({}, (*THREE[:2], "a4.d2.t1"), "another domain"),
        ({}, (*THREE[:2], "a4.d1"), "fewer parts"),
        ({"unselected_hosts": ("hv01.contoso.example",)}, THREE, "a known part"),
        ({"unselected_hosts": ("HV77.Contoso.COM",)}, THREE, []),
        ({}, (*THREE[:2], "10.0.0.9"), "an address for a name"),
        ({"unselected_hosts": ("10.0.0.8",)}, (*THREE[:2], "10.0.0.9"), []),
        ({"unselected_hosts": ("10.0.0.8",)}, THREE, "a name for an address"),
        # Neither is one of four parts, as an address has.
        ({"unselected_hosts": ("10.0.0.8",)}, (*THREE[:2], "a4.d8.t8.u8"), "a name for it"),
        ({"unselected_hosts": ("hv77.a.b.c",)}, (*THREE[:2], "10.0.0.9"), "an address for it"),
    ],
)
def test_the_hosts_of_results_are_those_of_the_inventory_in_the_facts(
    changes: dict[str, Any], listed: tuple[str, ...], sentences: list[str] | str
) -> None:
    said = selected(**changes)
    if isinstance(sentences, str):
        left = said.selection.unselected_hosts[0]
        sentences = [
            f"selection: {left} is not a host that the inventory of facts.json leaves out."
        ]
    assert hosts(said, *listed) == sentences


def test_a_replaced_name_of_fewer_parts_is_compared_as_far_as_it_goes() -> None:
    # Whoever wrote replay.json by hand is told what it leads to, whatever it says.
    assert Pairs({HOST: "a1", OTHER: "a2.d1.t1"}).parts() == {
        "hv01": "a1",
        "hv02": "a2",
        "contoso": "d1",
        "com": "t1",
    }
    hidden = replace(facts(), listed=tuple(map(Listed, ("a1", *THREE[1:]))))
    of = {HOST: "a1", OTHER: HIDDEN[OTHER], VMM: HIDDEN[VMM]}
    assert list(unaccounted_hosts(run(), hidden, of)) == []


OPTION = OptIn("LM306", "--stage-vm")
DRAINS = (OptIn("LM801", "--drain"), OptIn("LM802", "--drain"))


@in_turn(
    "changes, sentences",
    [
        ({}, []),
        ({"opt_ins": DRAINS}, ["LM306 was made on no target, and that is not told."]),
        (
            {"opt_ins": DRAINS, "unselected_checks": ("LM306",)},
            [],
        ),
        ({"opt_ins": DRAINS, "lacking": ("LM306",)}, []),
        (
            {"opt_ins": (OPTION, DRAINS[0])},
            ["LM802 was made on no target, and that is not told."],
        ),
        ({"unselected_checks": ("LM101",)}, ["LM101 is told as left out, and it is not."]),
        ({"lacking": ("LM306",)}, ["LM306 is told as left out, and it is not."]),
        (
            {"opt_ins": (OptIn("LM306", "--other"), *DRAINS)},
            ["LM306 is not left out for want of --other."],
        ),
        (
            {"unselected_checks": ("LM306",)},
            ["LM306 is not left out for want of --stage-vm."],
        ),
        (
            {"opt_ins": (OPTION, *DRAINS, OptIn("LM101", "--stage-vm"))},
            ["LM101 is told as left out, and it is not."],
        ),
    ],
)
def test_each_check_of_the_suite_is_planned_or_told(
    changes: dict[str, Any], sentences: list[str]
) -> None:
    told = list(unaccounted_checks(selected(**changes), whole_suite()))
    assert told == [f"selection: {each}" for each in sentences]


def test_a_check_that_no_plan_has_is_missed() -> None:
    fewer = replace(run(), plan=tuple(each for each in run().plan if each.check != "LM205"))
    assert list(unaccounted_checks(fewer, whole_suite())) == [
        "selection: LM205 was made on no target, and that is not told."
    ]


def at(*times: datetime) -> RunFacts:
    """Return facts of which some were gathered at these times, and the rest at none."""
    sheet = facts().hosts[HOST]
    left = iter(times)
    outcomes = {
        name: replace(each, at=next(left, None)) if isinstance(each, Gathered) else each
        for name, each in sheet.outcomes.items()
    }
    return replace(facts(), hosts={**facts().hosts, HOST: replace(sheet, outcomes=outcomes)})


@in_turn(
    "times, denied",
    [
        ((), False),
        ((BEGAN - 10 * MINUTES, BEGAN), False),
        ((BEGAN - 11 * MINUTES, BEGAN), True),
        ((BEGAN, BEGAN + 12 * MINUTES), False),
        ((BEGAN, BEGAN + 13 * MINUTES), True),
    ],
)
def test_facts_are_of_the_time_of_the_run_but_for_a_clock_that_is_set(
    times: tuple[datetime, ...], denied: bool
) -> None:
    timed = replace(run(), gathered=Gathering(BEGAN, BEGAN + 2 * MINUTES))
    assert bool(list(untimely(timed, at(*times)))) is denied
    assert list(untimely(replace(run(), gathered=None), at(*times))) == []
    # Where nobody knows when the gathering ended, it was before the run did.
    open_ended = replace(run(), gathered=Gathering(BEGAN), finished=BEGAN + 2 * MINUTES)
    assert bool(list(untimely(open_ended, at(*times)))) is denied


def replayed(said: Run, **changes: Any) -> Replay:
    """Return the replay of a run, with the replaced names in it."""
    assert said.demands is not None
    hidden = Demands(
        digest=said.demands.digest,
        site=said.demands.site,
        policies=tuple(
            replace(each, hosts=tuple(HIDDEN[host] for host in each.hosts))
            for each in said.demands.policies
        ),
        exchanges=tuple(
            (HIDDEN[host], tuple(HIDDEN[each] for each in peers))
            for host, peers in said.demands.exchanges
        ),
        managers=tuple((HIDDEN[host], HIDDEN[vmm]) for host, vmm in said.demands.managers),
    )
    targets = tuple(HIDDEN[each.entry.target] for each in said.results)
    return replace(Replay(1, targets, hidden), **changes)


def exchanging(*pairs: tuple[str, tuple[str, ...]]) -> Run:
    demands = run().demands
    assert demands is not None
    return replace(run(), demands=replace(demands, exchanges=pairs))


def test_each_machine_of_a_run_has_one_name_in_its_replay() -> None:
    said = exchanging((HOST, (OTHER, LEFT)))
    pairs = Pairs.between(said, replayed(said))
    assert pairs.of == HIDDEN
    assert pairs.parts() == {
        "hv01": "a1",
        "hv02": "a2",
        "vmm01": "a3",
        "hv77": "a4",
        "contoso": "d1",
        "com": "t1",
    }
    alone = replace(run(), demands=None)
    assert set(Pairs.between(alone, replayed(run())).of) == {HOST, OTHER, VMM}


def fewer_targets(replay: Replay) -> Replay:
    return replace(replay, targets=replay.targets[1:])


def two_names(replay: Replay) -> Replay:
    return replace(replay, targets=(*replay.targets[:-1], "a9.d1.t1"))


def one_name(replay: Replay) -> Replay:
    same = {HIDDEN[OTHER]: HIDDEN[HOST]}
    return replace(
        replay,
        targets=tuple(same.get(each, each) for each in replay.targets),
        demands=Demands("", replay.demands.site),
    )


def demanding(**changes: Any) -> Callable[[Replay], Replay]:
    return lambda replay: replace(replay, demands=replace(replay.demands, **changes))


@in_turn(
    "change",
    [
        fewer_targets,
        two_names,
        one_name,
        demanding(policies=()),
        demanding(policies=(HostsPolicy(Policy(), (HIDDEN[HOST],)),)),
        demanding(exchanges=()),
        demanding(exchanges=((HIDDEN[HOST], (HIDDEN[OTHER],)),)),
        demanding(exchanges=((HIDDEN[OTHER], (HIDDEN[OTHER], HIDDEN[LEFT])),)),
        demanding(managers=()),
        demanding(managers=((HIDDEN[HOST], HIDDEN[OTHER]),) * 2),
    ],
)
def test_a_replay_of_other_machines_is_refused(change: Callable[[Replay], Replay]) -> None:
    said = exchanging((HOST, (OTHER, LEFT)))
    with pytest.raises(ValueError, match=r"replay\.json|argument 2"):
        Pairs.between(said, change(replayed(said)))


def without(*pairs: tuple[str, str], left_out: tuple[LeftOut, ...] = ()) -> Run:
    plan = tuple(each for each in run().plan if (each.check, each.target) not in pairs)
    return replace(run(), plan=plan, selection=replace(run().selection, left_out=left_out))


BOTH = (("LM101", HOST), ("LM101", OTHER))


@in_turn(
    "said, sentences",
    [
        (run(), []),
        (without(("LM101", HOST)), [f"LM101 is neither planned nor left out for {HOST}."]),
        (without(*BOTH), [f"LM101 is neither planned nor left out for {HOST} and 1 more."]),
        (without(("LM101", HOST), left_out=(LeftOut("LM101", 1, (HOST,)),)), []),
        (without(*BOTH, left_out=(LeftOut("LM101", 2),)), []),
        (
            without(*BOTH, left_out=(LeftOut("LM101", 3),)),
            ["LM101 is neither planned nor left out for as many as it says."],
        ),
        (
            without(("LM101", HOST), left_out=(LeftOut("LM101", 1, (OTHER,)),)),
            [f"LM101 is neither planned nor left out for {HOST} and 1 more."],
        ),
        (without(("LM001", VMM)), [f"LM001 is neither planned nor left out for {VMM}."]),
    ],
)
def test_each_check_of_each_machine_is_planned_or_left_out(said: Run, sentences: list[str]) -> None:
    own = Pairs({name: name for name in (HOST, OTHER, VMM)})
    assert list(dropped(said, facts(), own, suite_checks())) == sentences


def test_what_a_site_does_not_have_is_neither() -> None:
    own = Pairs({name: name for name in (HOST, OTHER, VMM)})
    said = without(*BOTH)
    lacking = replace(said, selection=replace(said.selection, lacking=("LM101",)))
    assert list(dropped(lacking, facts(), own, suite_checks())) == []


def test_a_machine_that_facts_or_results_lack_is_counted() -> None:
    own = Pairs({name: name for name in (HOST, OTHER, VMM)})
    fewer = replace(facts(), hosts={HOST: facts().hosts[HOST]})
    more = replace(facts(), hosts={**facts().hosts, LEFT: facts().hosts[HOST]})
    lacks = "facts.json lacks hosts that the results have: 1."
    assert list(dropped(run(), fewer, own, suite_checks())) == [lacks]
    has = "facts.json has hosts that the results lack: 1."
    assert list(dropped(run(), more, own, suite_checks())) == [has]
    # A file of facts that is judged again holds what was not selected as well, and no more.
    again = replace(run(), facts_from="facts.json")
    assert list(dropped(again, more, own, suite_checks())) == []
    every = replace(again, selection=replace(again.selection, unselected_hosts=()))
    assert list(dropped(every, more, own, suite_checks())) == [has]


def test_a_failing_host_beside_one_that_is_waived_is_no_false_alarm(tmp_path: Path) -> None:
    both = run_facts(
        enabled=False, listeners=(), second={"name": OTHER, "enabled": False, "listeners": ()}
    )
    said, asked = whole_run(both, waivers=(WAIVER,))
    states = {(each.entry.check, each.entry.target): each.state.value for each in said.results}
    assert (states["LM101", HOST], states["LM101", OTHER]) == ("waived", "fail")
    path = tmp_path / "real.zip"
    path.write_bytes(bundle_of(save(tmp_path / "run", said, asked))[0])
    assert verified(path, BEGAN + timedelta(hours=1)).wrong == ()
