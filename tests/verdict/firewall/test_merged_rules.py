"""Rules of the active store: where local ones are ignored, Group Policy's alone count."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from test_firewall_judgement import (
    ADDRESS,
    ANY_BLOCK,
    IGNORES,
    LETS_IN,
    LOCAL,
    NEAR,
    PUBLIC,
    firewall,
    made,
)

from livemigration.facts.firewall import (
    ALLOW,
    BLOCK,
    FROM_GROUP_POLICY,
    FirewallProfile,
    FirewallRule,
)
from livemigration.verdict.firewall.rules import MIGRATION_RULE, Firewall, Passage

FROM_LOCAL = 1
DOMAIN = FirewallProfile("Domain", True, BLOCK, None)
IGNORES_PUBLIC = replace(PUBLIC, local_rules=False)


def merged(told: Firewall, *sources: int | None) -> Firewall:
    """Return a firewall whose rules are from these stores."""
    pairs = zip(told.rules, sources, strict=True)
    return replace(told, rules=tuple(replace(rule, source=source) for rule, source in pairs))


def passage(told: Firewall) -> Passage:
    return told.facing(ADDRESS, LOCAL).judge((NEAR,)).passage


@in_turn(
    "source, profile, expected",
    [
        (FROM_GROUP_POLICY, DOMAIN, Passage.ALLOWED),
        (FROM_GROUP_POLICY, IGNORES, Passage.ALLOWED),
        (FROM_LOCAL, DOMAIN, Passage.ALLOWED),
        (FROM_LOCAL, IGNORES, Passage.IGNORED),
        # Hardening of services is not what lets anyone in.
        (5, IGNORES, Passage.IGNORED),
        (None, IGNORES, Passage.IGNORED),
    ],
)
def test_of_a_profile_that_ignores_local_rules_group_policys_decide(
    source: int | None, profile: FirewallProfile, expected: Passage
) -> None:
    assert passage(merged(firewall(made(), profiles=(profile,)), source)) is expected


@pytest.mark.parametrize("profile", [DOMAIN, IGNORES])
def test_a_rule_of_group_policy_that_blocks_wins(profile: FirewallProfile) -> None:
    told = firewall(made("Local"), ANY_BLOCK, profiles=(profile,))
    assert passage(merged(told, FROM_LOCAL, FROM_GROUP_POLICY)) is Passage.BLOCKED


def test_a_local_rule_that_is_ignored_blocks_nobody() -> None:
    told = firewall(made("Policy"), ANY_BLOCK, profiles=(IGNORES,))
    assert passage(merged(told, FROM_GROUP_POLICY, FROM_LOCAL)) is Passage.ALLOWED


def test_where_it_is_not_known_whether_local_rules_count_the_two_must_agree() -> None:
    both = {"profiles": (DOMAIN, IGNORES_PUBLIC), "connections": ()}
    assert passage(merged(firewall(made(), **both), FROM_LOCAL)) is Passage.DOUBTFUL
    assert passage(merged(firewall(made(), **both), FROM_GROUP_POLICY)) is Passage.ALLOWED


def test_what_is_let_in_by_default_is_so_with_rules_of_group_policy() -> None:
    told = firewall(made(ports=("80",)), profiles=(replace(LETS_IN, local_rules=False),))
    assert passage(merged(told, FROM_GROUP_POLICY)) is Passage.OPEN


def test_the_rule_to_mend_is_the_local_one() -> None:
    policys = FirewallRule(MIGRATION_RULE, True, ALLOW, 0, FROM_GROUP_POLICY)
    local = replace(policys, enabled=False, source=FROM_LOCAL)
    assert firewall(rules=(policys, local)).find(MIGRATION_RULE) == local
    assert firewall(rules=(policys,)).find(MIGRATION_RULE) is None


RULES = st.lists(
    st.builds(
        lambda action, ports, enabled: {"action": action, "ports": ports, "enabled": enabled},
        st.sampled_from([ALLOW, BLOCK]),
        st.sampled_from([("6600",), ("80",), ("Any",), ("Odd",)]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
PROFILES = st.sampled_from([DOMAIN, LETS_IN, replace(DOMAIN, enabled=False)])


@examples(150)
@given(RULES, PROFILES, st.sampled_from([FROM_LOCAL, FROM_GROUP_POLICY]))
def test_where_local_rules_count_it_does_not_matter_where_a_rule_is_from(
    rules: list[dict[str, object]], profile: FirewallProfile, source: int
) -> None:
    told = firewall(
        *(made(f"Rule {n}", **each) for n, each in enumerate(rules)), profiles=(profile,)
    )
    facing = told.facing(ADDRESS, LOCAL)
    assert merged(told, *[source] * len(rules)).facing(ADDRESS, LOCAL).judge((NEAR,)) == (
        facing.judge((NEAR,))
    )
