"""Why it does not fit and what would help, held against the questions themselves."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from properties import examples
from sites import GB, machine, site, sites

from livemigration.placement.asking import can
from livemigration.placement.candidates import Against
from livemigration.placement.core import only
from livemigration.placement.explanation import Bounds, Explanation, explained
from livemigration.placement.explanation_text import lines, making_room
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Question, Verdict


def cannot(found: Answer) -> bool:
    return found.verdict is Verdict.DOES_NOT_FIT


def why(question: Question, bounds: Bounds = Bounds()) -> Explanation:  # noqa: B008 # frozen
    found = answer(question)
    assert found.verdict is Verdict.DOES_NOT_FIT
    return explained(question, found, bounds=bounds)


def one_too_large() -> Question:
    """Return a host with a machine for which nobody has quite enough room."""
    return site(
        {"hv01": 0, "hv02": 12 * GB, "hv03": 8 * GB, "hv04": 64 * GB},
        [
            machine(
                "sql01",
                "hv01",
                16 * GB,
                "hv02",
                "hv03",
                priority=3,
                refused={"hv04": "it has no switch named Production"},
            ),
            machine("web01", "hv01", 2 * GB, "hv03", priority=1),
        ],
        drained=["hv01"],
    )


def test_each_destination_of_a_machine_without_a_place_has_its_reason() -> None:
    assert list(lines(why(one_too_large()))) == [
        "sql01 (16 GB) has no place.",
        "hv02: free 12 GB after the plan, needs 16 GB.",
        "hv03: free 6 GB after the plan, needs 16 GB.",
        "hv04: it has no switch named Production.",
        "Each of these alone would make it fit, with all other machines where they are:",
        "4 GB more free on hv02.",
        "10 GB more free on hv03.",
        "Allowed: sql01 to hv04 (now refused: it has no switch named Production).",
        "Shut down: sql01.",
    ]


def test_hosts_with_the_same_reason_stand_in_one_sentence() -> None:
    names = [f"hv{number:02}" for number in range(2, 14)]
    question = site(
        {"hv01": 0, **dict.fromkeys(names, GB)},
        [machine("vm", "hv01", 2 * GB, refused=dict.fromkeys(names, "its manufacturer differs"))],
        drained=["hv01"],
    )

    assert list(lines(why(question)))[1] == (
        "hv02, hv03, hv04, hv05, hv06, hv07, hv08, hv09 and 4 more: its manufacturer differs."
    )


def test_machines_that_do_not_fit_together_are_named_without_the_others() -> None:
    question = site(
        {"hv01": 0, "hv02": 9 * GB, "hv03": 8 * GB, "hv04": 50 * GB},
        [
            *(machine(f"vm{size}", "hv01", size * GB, "hv02", "hv03") for size in (5, 6, 7)),
            machine("other", "hv01", GB, "hv02", "hv04"),
        ],
        drained=["hv01"],
    )

    found = why(question)

    assert found.core is not None
    assert [each.name for each in found.core.machines] == ["vm5", "vm6", "vm7"]
    assert found.core.minimal
    assert (found.core.needed, found.core.free) == (18 * GB, 17 * GB)
    assert "vm5, vm6 and vm7 may only go to hv02 and hv03: 18 GB are needed and 17 GB are free" in (
        " ".join(lines(found))
    )


def test_machines_that_cannot_be_divided_are_said_to_be_so() -> None:
    question = site(
        {"hv01": 0, "hv02": 9, "hv03": 8},
        [
            machine(f"vm{number}", "hv01", size, "hv02", "hv03")
            for number, size in enumerate((5, 5, 7))
        ],
        drained=["hv01"],
    )

    said = " ".join(lines(why(question)))

    assert (
        "17 MB are needed and 17 MB are free, but they cannot be divided among these hosts." in said
    )
    assert "Without any one of them the rest of them fits" in said


def test_a_low_priority_is_shut_down_rather_than_a_high_one() -> None:
    question = site(
        {"hv01": 0, "hv02": 4},
        [
            machine("high", "hv01", 4, "hv02", priority=3),
            machine("low", "hv01", 4, "hv02", priority=1),
        ],
        drained=["hv01"],
    )

    found = why(question)

    assert found.stopped is not None
    assert [each.name for each in found.stopped.machines] == ["low"]
    assert [each.name for each in found.stopped.instead] == ["high"]
    assert "Shut down: low; instead of it, high." in list(lines(found))


def test_disk_and_machines_to_be_apart_from_are_reasons() -> None:
    question = site(
        {"hv01": 0, "hv02": 9, "hv03": 9},
        [
            machine(
                "dc01",
                "hv01",
                4,
                "hv02",
                "hv03",
                disk=20,
                storage_moves_to=frozenset({"hv02"}),
                apart=frozenset({"dc"}),
            ),
            machine("dc02", "hv03", 4, apart=frozenset({"dc"})),
        ],
        drained=["hv01"],
        disk={"hv02": 10},
    )

    found = why(question)

    assert [each.against for each in found.unplaced[0].candidates] == [Against.DISK, Against.APART]
    assert list(lines(found))[1:3] == [
        "hv02: free 10 MB of disk after the plan, needs 20 MB.",
        "hv03: must be kept apart from dc02 there.",
    ]


def test_where_no_is_not_proven_only_the_reasons_are_told() -> None:
    question = one_too_large()
    vague = replace(answer(question), verdict=Verdict.UNDECIDED)

    found = explained(question, vague)

    assert found.core is None
    assert not [each for each in lines(found) if "would make it fit" in each]


def test_what_was_not_proven_smallest_is_said_so() -> None:
    question = site(
        {"hv01": 0, "hv02": 0, "hv03": 5},
        [machine(f"vm{each}", "hv01", 4, "hv02", "hv03") for each in range(3)],
        drained=["hv01"],
    )

    found = why(question, Bounds(memory=1))

    assert [each.smallest for each in found.memory] == [False]
    assert "more free on hv03; perhaps less would do." in " ".join(lines(found))


def test_more_memory_on_all_hosts_together_is_a_range_where_one_host_needs_more() -> None:
    question = site(
        {"hv01": 0, "hv02": 5, "hv03": 5},
        [machine(f"vm{each}", "hv01", 4, "hv02", "hv03") for each in range(3)],
        drained=["hv01"],
    )

    assert "3 MB more free on hv02." in list(lines(why(question)))
    assert "Between 2 MB and 3 MB more free on all hosts together." in list(lines(why(question)))


def test_a_destination_that_is_not_known_is_no_reason_and_is_named() -> None:
    question = site(
        {"hv01": 0, "hv02": 9, "hv03": 3},
        [machine("vm", "hv01", 4, unknown=frozenset({"hv02", "hv03"}))],
        drained=["hv01"],
    )
    found = answer(question)
    assert found.verdict is Verdict.UNKNOWN

    assert list(lines(explained(question, found))) == [
        "vm (4 MB) has no place.",
        "hv02: not known whether it may go there.",
        "hv03: free 3 MB after the plan, needs 4 MB.",
    ]


def test_only_so_many_machines_are_shown() -> None:
    question = site(
        {"hv01": 0, "hv02": 0},
        [machine(f"vm{each}", "hv01", 4, "hv02") for each in range(5)],
        drained=["hv01"],
    )

    found = why(question, Bounds(machines=2))

    assert (len(found.unplaced), found.more) == (2, 3)
    assert "3 machines more without a place, not shown." in list(lines(found))


@examples(150)
@given(sites(hosts=4, machines=8))
def test_every_change_makes_it_fit_and_the_smallest_is_the_smallest(question: Question) -> None:
    question = replace(question, drained=frozenset({"hv01"}))
    found = answer(question)
    assume(found.verdict is Verdict.DOES_NOT_FIT)
    # Of all others, none makes room.
    asked = _fixed(question)

    made = explained(question, found)

    assert made.core is not None
    assert cannot(answer(only(asked, made.core.machines)))
    if made.core.minimal:
        for each in made.core.machines:
            rest = [other for other in made.core.machines if other != each]
            assert not cannot(answer(only(asked, rest)))
    for more in made.memory:
        assert can(answer(_with(asked, more.host, more.memory)))
        assert not more.smallest or cannot(answer(_with(asked, more.host, more.memory - 1)))
        assert made.in_all is not None
        assert made.in_all.least <= more.memory
    if made.lifted:
        assert can(answer(_allowing(asked, made)))
    if made.stopped:
        assert can(answer(_stopping(asked, *(each.key for each in made.stopped.machines))))
        assert all(can(answer(_stopping(asked, each.key))) for each in made.stopped.instead)
        if made.stopped.smallest and len(made.stopped.machines) > 1:
            assert not [each for each in asked.leaving if can(answer(_stopping(asked, each.key)))]
    assert list(lines(made))


def _fixed(question: Question) -> Question:
    return replace(
        question,
        machines=tuple(
            each if each.host in question.drained else replace(each, allowed=frozenset())
            for each in question.machines
        ),
    )


def _with(question: Question, host: str, memory: int) -> Question:
    hosts = tuple(
        replace(each, free=each.free + memory) if each.name == host else each
        for each in question.hosts
    )
    return replace(question, hosts=hosts)


def _allowing(question: Question, found: Explanation) -> Question:
    assert found.lifted is not None
    machines = {each.key: each for each in question.machines}
    for lift in found.lifted.pairs:
        machine = machines[lift.machine.key]
        assert lift.host not in machine.allowed
        machines[machine.key] = replace(machine, allowed=machine.allowed | {lift.host})
    return replace(question, machines=tuple(machines.values()))


def _stopping(question: Question, *keys: str) -> Question:
    return replace(question, stays=question.stays | set(keys))


def test_how_many_make_room_is_said_with_whether_fewer_might() -> None:
    question = site(
        {"hv01": 0, "hv02": 4, "hv03": 4},
        [machine("a", "hv01", 7, "hv02", "hv03"), machine("b", "hv03", 3, "hv02")],
        drained=["hv01"],
    )
    found = answer(question)

    assert making_room(found) == "It fits only when 1 machine of other hosts makes room first."
    twice = replace(found, plan=found.plan[:1] * 2, fewest=False)
    assert making_room(twice) == (
        "It fits when 2 machines of other hosts make room first; perhaps fewer would do."
    )
    assert making_room(replace(found, plan=found.plan[1:])) == ""


def test_an_answer_without_machines_has_nothing_to_explain() -> None:
    question = site({"hv01": 0, "hv02": 4}, [], drained=["hv01"])

    assert list(lines(explained(question, Answer(Verdict.UNDECIDED)))) == []
