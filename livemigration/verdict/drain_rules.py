"""What a plan makes of affinity rules that give way in a placement, or are no part of it.

What a cluster does with machines whose places are against a rule is not known: none of it refuses a
plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from livemigration.base.text import some
from livemigration.verdict.drain_question import DrainAnswer
from livemigration.verdict.drain_residents import ClusterRule, Wishes
from livemigration.verdict.fault_domains import FaultDomain


@dataclass(frozen=True)
class AgainstRules:
    """The rules that a plan does not keep, each with the machines and where they are then.

    Against rules that keep machines on one node, `taken_apart`; on different ones where that can
    be, `brought_together`; in one fault domain, `across_domains`; in different ones,
    `within_a_domain`. `not_weighed` are rules of another kind, and those of fault domains where it
    is not known in which a node is.
    """

    taken_apart: tuple[str, ...] = ()
    brought_together: tuple[str, ...] = ()
    across_domains: tuple[str, ...] = ()
    within_a_domain: tuple[str, ...] = ()
    not_weighed: tuple[str, ...] = ()


def against_rules(found: DrainAnswer, domain_of: Callable[[str], FaultDomain]) -> AgainstRules:
    """Return which affinity rules a plan does not keep, of those whose machines it moves.

    Args:
        found: the answer with the plan.
        domain_of: in which fault domain a host is.
    """
    rules = _Rules(found)
    across, unknown_across = rules.across(domain_of)
    within, unknown_within = rules.within(domain_of)
    other = {each.shown for each, _ in rules.of(lambda wishes: wishes.not_weighed)}
    not_weighed = {*unknown_across, *unknown_within, *other}
    return AgainstRules(
        rules.taken_apart(), rules.brought_together(), across, within, tuple(sorted(not_weighed))
    )


class _Rules:
    """The rules of the machines that a plan moves, with where it leaves all their machines."""

    def __init__(self, found: DrainAnswer) -> None:
        self._residents = found.residents
        self._moved = {each.machine.key: each.destination for each in found.answer.plan}
        self._at = {**found.places, **self._moved}
        self._staying = {each.key for each in found.staying}

    def of(
        self, kind: Callable[[Wishes], Iterable[ClusterRule]]
    ) -> Iterator[tuple[ClusterRule, Mapping[str, str]]]:
        """Yield the rules of a kind of which any machine moves, with the host of each machine."""
        places: dict[ClusterRule, dict[str, str]] = defaultdict(dict)
        for key, resident in self._residents.items():
            for rule in kind(resident.wishes) if key not in self._staying else ():
                places[rule][key] = self._at[key]
        for rule, at in places.items():
            if not self._moved.keys().isdisjoint(at):
                yield rule, at

    def taken_apart(self) -> tuple[str, ...]:
        """Return the rules that keep machines on one node, and that it does not keep."""
        rules = self.of(lambda wishes: wishes.together)
        return tuple(sorted(self._told(rule, at) for rule, at in rules if len({*at.values()}) > 1))

    def brought_together(self) -> tuple[str, ...]:
        """Return what keeps machines on different nodes where that can be, and it does not."""
        told = []
        for rule, at in self.of(lambda wishes: wishes.rather_apart):
            on: dict[str, list[str]] = defaultdict(list)
            for key, host in at.items():
                on[host].append(key)
            shared = {
                key: host
                for host, those in on.items()
                if len(those) > 1 and not self._moved.keys().isdisjoint(those)
                for key in those
            }
            if shared:
                told.append(self._told(rule, shared))
        return tuple(sorted(told))

    def across(
        self, domain_of: Callable[[str], FaultDomain]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return rules that keep machines in one fault domain: those not kept, those not known."""
        return self._by_domain(lambda wishes: wishes.together_by_domain, domain_of, wrong=False)

    def within(
        self, domain_of: Callable[[str], FaultDomain]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return rules that keep them in different ones: those not kept, those not known."""
        return self._by_domain(lambda wishes: wishes.apart_by_domain, domain_of, wrong=True)

    def _by_domain(
        self,
        kind: Callable[[Wishes], Iterable[ClusterRule]],
        domain_of: Callable[[str], FaultDomain],
        *,
        wrong: bool,
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        broken, unknown = [], []
        for rule, at in self.of(kind):
            same = {
                True if one == other else domain_of(one).is_same(domain_of(other))
                for one, other in combinations(at.values(), 2)
            }
            if wrong in same:
                broken.append(self._told(rule, at))
            elif None in same:
                unknown.append(rule.shown)
        return tuple(sorted(broken)), tuple(sorted(unknown))

    def _told(self, rule: ClusterRule, at: Mapping[str, str]) -> str:
        where = (f"{self._residents[key].name} on {host}" for key, host in at.items())
        return f"{rule.shown} ({some(where)})"
