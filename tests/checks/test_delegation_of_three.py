"""What the check of delegation says of a group in which an account reaches some hosts only."""

from __future__ import annotations

from typing import Any

import pytest
from delegation_cases import on_2022
from directory_facts import BOTH_SERVICES, names, said_of
from fact_builders import HOST, OTHER, VMM, VMM_2022, host_outcomes, judged, vmm_outcomes
from fact_parts import facts_with

from livemigration.facts.model import Outcome
from livemigration.facts.sheets import RunFacts
from livemigration.run.result import State

THIRD = "hv03.contoso.com"
GROUP = (HOST, OTHER, THIRD)


def of_three(*reached: str) -> RunFacts:
    """Return the facts of a group of three, of which the first delegates to these."""

    def host(name: str) -> dict[str, Outcome[Any]]:
        said = said_of(name, delegates_to=names(BOTH_SERVICES, *reached))
        return {**host_outcomes(name=name, authentication=1), **said, **on_2022()}

    return facts_with({each: host(each) for each in GROUP}, VMM, vmm_outcomes(VMM_2022, None))


@pytest.mark.parametrize(
    ("reached", "told"),
    [
        ((OTHER,), f"1 of 2 hosts ({THIRD})."),
        ((THIRD,), f"1 of 2 hosts ({OTHER})."),
        ((), f"2 of 2 hosts ({OTHER} and {THIRD})."),
    ],
)
def test_it_says_how_many_of_the_hosts_are_not_reached_and_which(
    reached: tuple[str, ...], told: str
) -> None:
    result = judged("LM401", of_three(*reached), {}, frozenset(GROUP))
    assert result.state is State.FAIL
    failures = [each.observed for each in result.findings if told in each.observed]
    assert failures == [f"The account HV01$ may not delegate live migration to {told}"]
