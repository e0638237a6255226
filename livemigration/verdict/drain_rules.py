"""What a plan makes of affinity rules that give way in a placement, or are no part of it.

What a cluster does with machines that are on several nodes against a rule is not known.
"""

from __future__ import annotations

from collections import defaultdict

from livemigration.base.text import one_line, some
from livemigration.verdict.drain_question import DrainAnswer
from livemigration.verdict.drain_residents import ClusterRule

_LONGEST_NAME = 80


def taken_apart(found: DrainAnswer) -> tuple[str, ...]:
    """Return the rules that keep machines on one node, of which a plan moves one elsewhere.

    Each with the machines and the hosts on which they are then, for a sentence.
    """
    moved = {each.machine.key: each.destination for each in found.answer.plan}
    staying = {each.key for each in found.staying}
    places: dict[ClusterRule, dict[str, str]] = defaultdict(dict)
    for key, resident in found.residents.items():
        for rule in resident.wishes.together if key not in staying else ():
            places[rule][key] = moved.get(key, resident.host)
    told = []
    for rule, at in places.items():
        if len(set(at.values())) > 1 and not moved.keys().isdisjoint(at):
            where = (f"{found.residents[key].name} on {host}" for key, host in at.items())
            told.append(f"{one_line(rule.name, _LONGEST_NAME)} ({some(where)})")
    return tuple(sorted(told))


def not_weighed(found: DrainAnswer) -> tuple[str, ...]:
    """Return the rules of another kind, such as of fault domains, for machines of a plan."""
    moved = (found.residents[each.machine.key] for each in found.answer.plan)
    rules = {rule.name for each in moved for rule in each.wishes.not_weighed}
    return tuple(sorted(one_line(each, _LONGEST_NAME) for each in rules))
