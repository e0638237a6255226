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
from run_builders import entry_of

from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS
from livemigration.facts.identity import Listed
from livemigration.facts.model import FactSheet, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.lab.fleet import shipped_fleets
from livemigration.lab.launch import start
from livemigration.run.result import Result, State
from livemigration.run.runner import evaluate
from livemigration.verdict.check import Check
from livemigration.verdict.findings import Level

# Of each of the twelve fleets, which makes more than 200 of all of them.
SUBSETS, LARGEST = 20, 8
OF_HOSTS = [each for each in CHECKS.values() if each.target is Subject.HOST and not each.opt_in]
# The only ones that are given the other hosts.
COMPARING = [each for each in OF_HOSTS if "group" in each.arguments]
# What declared peers have may fail in these.
OF_PEERS = {"LM401", "LM403", "LM501", "LM502", "LM503", "LM504", "LM703", "LM704"}
ALWAYS_ASKED = {HOST_ACCESS.name, DOMAIN_MEMBERSHIP.name}
LENIENT, STRICT = Policy(), Policy(fail_on="warning")


def judge(check: Check, facts: RunFacts, host: str, policy: Policy) -> Result:
    return evaluate(check, facts, entry_of(check, host), policy)


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
    # Only hosts that were not looked at excuse a difference, and never one of a failure: it may
    # not be told, and then the host is not ready.
    if not others or part.state is State.FAIL:
        return False
    if part.state is State.BLOCKED and whole.entry.check in OF_PEERS:
        return "not looked at" in part.reason
    if whole.state is State.FAIL:
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
    whole = {(c.identifier, h): judge(c, facts, h, LENIENT) for c in OF_HOSTS for h in hosts}
    strict = {(c.identifier, h): judge(c, facts, h, STRICT) for c in COMPARING for h in hosts}

    def unlike(part: RunFacts, check: Check, host: str, policy: Policy) -> Iterator[str]:
        found = judge(check, part, host, policy)
        expected = (strict if policy is STRICT else whole)[check.identifier, host]
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


# The quick tests take one small fleet; the marker takes the rest, in every run of CI.
QUICK = ("kb-2853203",)


def quickly(names: Iterable[str], quick: Collection[str]) -> list[object]:
    """Return parameters of which all but some are under the marker of whole fleets."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.fleet) for name in names]


@pytest.mark.long
@pytest.mark.parametrize("fleet", quickly(shipped_fleets(), QUICK))
def test_no_selection_of_a_shipped_fleet_changes_a_verdict(fleet: str) -> None:
    assert list(differences(facts_of(fleet), fleet)) == []


@pytest.mark.long
@pytest.mark.parametrize("kind", quickly(mutations.FLEETS, {"unreachable"}))
def test_no_selection_of_a_generated_fleet_changes_a_verdict(
    tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    path = tmp_path_factory.mktemp("fleet") / "fleet.yaml"
    path.write_text(mutations.fleet(kind, *mutations.FLEETS[kind]), encoding="utf-8")
    assert list(differences(facts_of(str(path)), kind)) == []


@pytest.mark.long
def test_a_lost_failure_is_seen_as_a_difference() -> None:
    """The comparison itself: what it must find, it finds."""
    facts = facts_of("kb-2853203")
    host = "hv10.contoso.com"
    whole = judge(CHECKS["LM201"], facts, host, Policy())
    assert whole.state is State.FAIL
    for state in (State.PASS, State.WARNING, State.NOT_APPLICABLE, State.BLOCKED):
        assert not same(whole, replace(whole, state=state, red=False), Policy(), others=True)
    assert {check.identifier for check in COMPARING} >= {"LM201", "LM205", "LM302", "LM305"}
