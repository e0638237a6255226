"""Each host in its turn, and the pairs that cannot be down together."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from properties import examples
from sites import machine, site, sites

from livemigration.placement.asking import can, without
from livemigration.placement.each_host import Alone, EachHost, Together, each_host, not_after
from livemigration.placement.each_host_text import lines
from livemigration.placement.each_host_text import not_after as told_not_after
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Question, Verdict

HOSTS = ("hv01", "hv02", "hv03")


def cannot(found: Answer) -> bool:
    return found.verdict is Verdict.DOES_NOT_FIT


def level(free: int) -> Question:
    """Return three hosts with one machine of 4 MB each, and so many MB free on each."""
    machines = [
        machine(f"vm{host}", host, 4, *(each for each in HOSTS if each != host)) for host in HOSTS
    ]
    return site(dict.fromkeys(HOSTS, free), machines)


def test_each_host_can_be_emptied_and_no_two_of_them() -> None:
    found = each_host(level(4), HOSTS, answer)

    assert [(each.host, each.answer.verdict) for each in found.alone] == [
        (each, Verdict.FITS) for each in HOSTS
    ]
    assert [(each.first, each.second) for each in found.together] == list(combinations(HOSTS, 2))
    assert list(lines(found)) == [
        "3 hosts can be emptied, one at a time: hv01, hv02 and hv03.",
        "No two of them can be down at once.",
    ]


def test_any_two_hosts_can_be_down_at_once() -> None:
    assert list(lines(each_host(level(8), HOSTS, answer)))[1:] == [
        "Any two of them can be down at once."
    ]


def test_a_host_that_cannot_be_emptied_has_no_pairs_that_are_asked() -> None:
    question = site(
        {"hv01": 4, "hv02": 4, "hv03": 0},
        [
            machine("a", "hv01", 4, "hv02"),
            machine("b", "hv02", 4, "hv01"),
            machine("c", "hv03", 9, "hv01"),
        ],
    )

    found = each_host(question, HOSTS, answer)

    assert found.asked == 1
    assert list(lines(found)) == [
        "2 hosts can be emptied, one at a time: hv01 and hv02.",
        "Cannot be emptied, with all others there: hv03.",
        "hv01 cannot be down together with hv02.",
    ]


def test_hosts_that_take_nothing_from_each_other_are_not_asked_as_a_pair() -> None:
    question = site(
        {"hv01": 4, "hv02": 4, "hv03": 4, "hv04": 4},
        [machine("a", "hv01", 4, "hv02"), machine("b", "hv03", 4, "hv04")],
    )

    found = each_host(question, ("hv01", "hv03"), answer)

    assert (found.asked, found.together) == (0, ())


def test_of_many_pairs_those_with_most_memory_are_asked_and_the_rest_is_said() -> None:
    question = level(4)
    larger = (*question.machines, machine("large", "hv03", 1, "hv02"))

    found = each_host(Question(question.hosts, larger, frozenset()), HOSTS, answer, most_pairs=1)

    assert (found.asked, found.skipped) == (1, 2)
    assert [(each.first, each.second) for each in found.together] == [("hv01", "hv03")]
    assert list(lines(found))[1:] == [
        "hv01 cannot be down together with hv03.",
        "Not looked at: 2 pairs of hosts with less memory in use.",
    ]


def divided() -> Question:
    """Return two hosts whose machines have room elsewhere in all, and cannot be divided."""
    return site(
        {"hv01": 0, "hv02": 0, "hv03": 9, "hv04": 8},
        [
            machine("a", "hv01", 5, "hv03", "hv04"),
            machine("b", "hv01", 5, "hv03", "hv04"),
            machine("c", "hv02", 7, "hv03", "hv04"),
        ],
    )


def test_hosts_with_the_same_partners_stand_in_one_sentence() -> None:
    def told(*pairs: tuple[str, str]) -> list[str]:
        alone = tuple(Alone(each, Answer(Verdict.FITS)) for each in "abcde")
        together = tuple(Together(*pair, Verdict.DOES_NOT_FIT) for pair in pairs)
        return list(lines(EachHost(alone, together, asked=10)))[1:]

    assert told(("a", "b"), ("a", "c"), ("b", "c")) == ["No two of a, b and c can be down at once."]
    assert told(("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")) == [
        "None of a and b can be down together with any of c and d."
    ]
    assert told(("a", "e"), ("b", "e")) == ["None of a and b can be down together with e."]
    assert told(("a", "b"), ("a", "e")) == ["a cannot be down together with any of b and e."]


def test_what_only_the_whole_answer_tells_is_asked() -> None:
    found = each_host(divided(), HOSTS[:2], answer)

    assert [(each.first, each.second) for each in found.together] == [("hv01", "hv02")]
    assert found.together[0].verdict is Verdict.DOES_NOT_FIT


def test_what_is_not_decided_is_not_said_to_be_impossible() -> None:
    def vague(question: Question) -> Answer:
        if len(question.drained) < 2:
            return answer(question)
        return Answer(Verdict.UNDECIDED)

    found = each_host(divided(), HOSTS[:2], vague)

    assert list(lines(found))[1:] == [
        "Whether both can be down at once is not known of: hv01 with hv02."
    ]
    assert not_after(divided(), "hv01", ("hv02",), vague) == ()


def test_a_drain_that_works_only_once_is_said() -> None:
    others = not_after(level(4), "hv03", HOSTS[:2], answer)

    assert told_not_after("hv03", others) == (
        "After hv03, hv01 and hv02 cannot be emptied too while hv03 is down."
    )
    assert told_not_after("hv03", not_after(level(8), "hv03", HOSTS[:2], answer)) == ""


@examples(150)
@given(sites(hosts=4, machines=7))
def test_each_pair_is_as_when_it_is_asked(question: Question) -> None:
    hosts = [each.name for each in question.hosts]

    found = each_host(question, hosts, answer)

    apart = {(each.first, each.second) for each in found.together}
    for first, second in combinations(hosts, 2):
        both = answer(without(without(question, first), second))
        alone = [each.answer for each in found.alone if each.host in {first, second}]
        if all(can(each) for each in alone):
            assert ((first, second) in apart) == (not can(both))
        elif any(cannot(each) for each in alone):
            assert cannot(both) or both.verdict is Verdict.UNDECIDED
