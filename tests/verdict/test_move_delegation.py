"""Whom accounts reach, as moves compare them: equals are those that lack the same hosts."""

from __future__ import annotations

from typing import Any

from delegation_cases import TRUSTED, on_2022
from directory_facts import BOTH_SERVICES, COMPUTER, names, said_of
from fact_builders import HOST, OTHER, VMM, VMM_2022, failure, host_outcomes, vmm_outcomes
from fact_parts import facts_with
from test_moves_alone import alone

from livemigration.facts.directory import FILE_SERVICE, MIGRATION_SERVICE
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.model import Outcome
from livemigration.inventory.policy import Policy
from livemigration.verdict.move_answers import Standing
from livemigration.verdict.move_delegation import Reach
from livemigration.verdict.moves import Moves

THIRD = "hv03.contoso.com"
GROUP = (HOST, OTHER, THIRD)


def moves_of(hosts: dict[str, dict[str, Outcome[Any]]]) -> Moves:
    facts = facts_with(hosts, VMM, vmm_outcomes(VMM_2022, None))
    return Moves(facts, lambda _: Policy(), lambda _: frozenset(hosts))


def host(name: str, **said: Any) -> dict[str, Outcome[Any]]:
    return {**host_outcomes(name=name, authentication=1), **said_of(name, **said), **on_2022()}


def reaches(**reached: tuple[str, ...]) -> dict[str, Reach]:
    """Return whom accounts of three hosts reach that delegate to these, by their short names."""
    to = {each: names(BOTH_SERVICES, *reached[each.partition(".")[0]]) for each in GROUP}
    moves = moves_of({each: host(each, delegates_to=to[each]) for each in GROUP})
    found = {each: moves.reach(each) for each in GROUP}
    return {name: each for name, each in found.items() if isinstance(each, Reach)}


def test_accounts_that_lack_the_same_hosts_are_equals_whatever_their_own_host_is() -> None:
    found = reaches(hv01=(OTHER, THIRD), hv02=(HOST, THIRD), hv03=(HOST,))
    assert found[HOST].likeness == found[OTHER].likeness
    assert found[HOST].likeness != found[THIRD].likeness
    nobody = reaches(hv01=(), hv02=(), hv03=(HOST, OTHER))
    assert nobody[HOST].likeness == nobody[OTHER].likeness != nobody[THIRD].likeness


def test_only_what_differs_among_the_others_is_an_exception() -> None:
    found = reaches(hv01=(OTHER,), hv02=(HOST, THIRD), hv03=())
    told = {name: list(each.exceptions()) for name, each in found.items()}
    assert told == {HOST: [(THIRD, "nothing")], OTHER: [], THIRD: []}


def test_an_account_trusted_for_any_service_reaches_all_whatever_else_is_not_known() -> None:
    unread = {OPERATING_SYSTEM.name: failure()}
    said = {"delegates_to": names((FILE_SERVICE, MIGRATION_SERVICE), THIRD)}

    def towards_other(control: int) -> tuple[Standing, str]:
        own = {**host(HOST, control=control, **said), **unread}
        found = moves_of({HOST: own, OTHER: host(OTHER)}).between(HOST, OTHER)
        return found.standing, found.check

    with alone("LM401"):
        assert towards_other(COMPUTER | TRUSTED) == (Standing.ALLOWED, "")
        # Whether it is too little depends on the operating system.
        assert towards_other(COMPUTER) == (Standing.UNKNOWN, "LM302")
