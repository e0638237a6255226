"""No sentence sends its reader to a check that does not judge this host."""

from __future__ import annotations

import re
from collections.abc import Iterator

from case_tables import CASES
from fact_builders import CHECKS, judged, run_facts
from in_turn import in_turn
from test_fixes import words
from verdict_case import Case, over, over_each

from livemigration.facts.sheets import RunFacts
from livemigration.run.result import Result, State

POINTER = re.compile(r"LM\d{3}")
# LM306 may prove what LM102 warns of; and what it found itself, it cannot place without the others.
OPT_IN = {check for check, each in CHECKS.items() if each.opt_in is not None}


def texts(result: Result) -> Iterator[str]:
    yield result.reason
    for finding in result.findings:
        yield finding.observed
        yield finding.expected
        if finding.fix is not None:
            yield words(finding.fix)


def misleading(case: Case, facts: RunFacts, policy: dict[str, object]) -> list[str]:
    """Return the sentences of a case that name a check which does not apply to its host."""
    return [
        f"{named}: {text}"
        for text in texts(judged(case.check, facts, policy))
        for named in set(POINTER.findall(text)) & set(CHECKS) - OPT_IN - {case.check}
        if judged(named, facts, policy).state is State.NOT_APPLICABLE
    ]


@over_each(CASES, every=3)
def test_no_finding_points_at_a_check_that_does_not_apply(case: Case) -> None:
    assert misleading(case, case.facts, dict(case.policy)) == []


@over([case for case in CASES if case.check not in OPT_IN])
def test_inside_a_cluster_no_finding_points_at_a_check_that_does_not_apply(case: Case) -> None:
    policy = {**case.policy, "migration_scope": "in-cluster"}
    assert misleading(case, case.facts, policy) == []


@in_turn("networks", [(), (("10.9.9.0/24", "Microsoft:UserManaged"),)])
@in_turn("enabled", [True, False])
def test_a_cluster_node_is_told_nothing_of_the_settings_it_does_not_need(
    networks: tuple[tuple[str, str], ...], enabled: bool
) -> None:
    facts = run_facts(networks=networks, listeners=(), enabled=enabled)
    result = judged("LM103", facts, {"migration_scope": "in-cluster"})
    assert not any(re.search("LM10[12]", text) for text in texts(result))
