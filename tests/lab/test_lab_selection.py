"""What is said of a host does not depend on what else a run looks at."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import mutations
import pytest
from fact_builders import CHECKS
from fleet_runs import ask

from livemigration.check import Check
from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS
from livemigration.facts.model import FactSheet, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.findings import Level
from livemigration.identity import Listed
from livemigration.lab.fleet import shipped_fleets
from livemigration.lab.launch import start
from livemigration.policy import Policy
from livemigration.results import PlanEntry, Result, State
from livemigration.runner import evaluate

# Of each of the twelve fleets, which makes more than 200 of all of them.
SUBSETS, LARGEST = 20, 8
OF_HOSTS = [each for each in CHECKS.values() if each.target is Subject.HOST and not each.opt_in]
# The only ones that are given the other hosts.
COMPARING = [each for each in OF_HOSTS if "group" in each.arguments]
ALWAYS_ASKED = {HOST_ACCESS.name, DOMAIN_MEMBERSHIP.name}
LENIENT, STRICT = Policy(), Policy(fail_on="warning")


def judge(check: Check, facts: RunFacts, host: str, policy: Policy) -> Result:
    entry = PlanEntry("", check.identifier, check.title, check.area, check.target, host)
    return evaluate(check, facts, entry, policy)


def selected(facts: RunFacts, hosts: Collection[str], checks: Iterable[Check]) -> RunFacts:
    """Return what a live run of these hosts and checks would have gathered."""
    groups = ALWAYS_ASKED | {group.name for check in checks for group in check.groups}
    return replace(
        facts,
        hosts={
            name: FactSheet(
                sheet.subject,
                name,
                {group: each for group, each in sheet.outcomes.items() if group in groups},
            )
            for name, sheet in facts.hosts.items()
            if name in hosts
        },
    )


def names_who_is_missing(result: Result) -> bool:
    return any(
        each.level is Level.NOTE and "not looked at" in each.observed for each in result.findings
    )


def same(whole: Result, part: Result, policy: Policy, *, others: bool) -> bool:
    """Whether a part of a run says of a host what the whole says, or openly less."""
    if part.state is whole.state and part.red is whole.red:
        return True
    # Only hosts that were not looked at excuse a difference, and never one of a failure.
    if not others or whole.state is State.FAIL or part.state is State.FAIL:
        return False
    if policy.fail_on == "warning":
        return part.state is State.BLOCKED
    return part.state in {State.PASS, State.NOT_APPLICABLE} and names_who_is_missing(part)


@cache
def facts_of(fleet: str) -> RunFacts:
    with start(fleet) as lab:
        facts = ask(lab)
    return replace(facts, listed=tuple(map(Listed, facts.hosts)))


def subsets(hosts: list[str], seed: str) -> list[tuple[str, ...]]:
    chance = random.Random(seed)  # noqa: S311 - the same subsets in every run, no secret
    most = min(len(hosts), LARGEST)
    return [tuple(chance.sample(hosts, chance.randint(1, most))) for _ in range(SUBSETS)]


def differences(facts: RunFacts, seed: str) -> Iterator[str]:
    hosts = list(facts.hosts)
    whole = {(c, h): judge(c, facts, h, LENIENT) for c in OF_HOSTS for h in hosts}
    strict = {(c, h): judge(c, facts, h, STRICT) for c in COMPARING for h in hosts}

    def unlike(part: RunFacts, check: Check, host: str, policy: Policy) -> Iterator[str]:
        found = judge(check, part, host, policy)
        expected = (strict if policy is STRICT else whole)[check, host]
        others = len(part.hosts) < len(hosts)
        if not same(expected, found, policy, others=others):
            yield f"{check.identifier} {host} of {list(part.hosts)}: {found.state.value}"

    for host in hosts:
        part = selected(facts, [host], OF_HOSTS)
        for check in OF_HOSTS:
            yield from unlike(part, check, host, LENIENT)
    for number, pair in enumerate(combinations(hosts, 2)):
        part = selected(facts, pair, COMPARING)
        for check in COMPARING:
            yield from unlike(part, check, pair[number % 2], LENIENT)
    for chosen in subsets(hosts, seed):
        part = selected(facts, chosen, COMPARING)
        for check in COMPARING:
            for host in chosen:
                yield from unlike(part, check, host, LENIENT)
                yield from unlike(part, check, host, STRICT)
    for check in OF_HOSTS:
        part = selected(facts, hosts, [check])
        for host in hosts:
            yield from unlike(part, check, host, LENIENT)


@pytest.mark.parametrize("fleet", shipped_fleets())
def test_no_selection_of_a_shipped_fleet_changes_a_verdict(fleet: str) -> None:
    assert list(differences(facts_of(fleet), fleet)) == []


@pytest.mark.parametrize("kind", mutations.FLEETS)
def test_no_selection_of_a_generated_fleet_changes_a_verdict(
    tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    path = tmp_path_factory.mktemp("fleet") / "fleet.yaml"
    path.write_text(mutations.fleet(kind, *mutations.FLEETS[kind]), encoding="utf-8")
    assert list(differences(facts_of(str(path)), kind)) == []


def test_a_lost_failure_is_seen_as_a_difference() -> None:
    """The comparison itself: what it must find, it finds."""
    facts = facts_of("kb-2853203")
    host = "hv10.contoso.com"
    whole = judge(CHECKS["LM201"], facts, host, Policy())
    assert whole.state is State.FAIL
    for state in (State.PASS, State.WARNING, State.NOT_APPLICABLE, State.BLOCKED):
        assert not same(whole, replace(whole, state=state, red=False), Policy(), others=True)
    assert {check.identifier for check in COMPARING} >= {"LM201", "LM205", "LM302", "LM305"}
