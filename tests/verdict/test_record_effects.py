"""LM107 names the checks that VMM's value turns: those that a host set like that would get."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from fact_builders import (
    HOST,
    LOCAL,
    MANAGEMENT,
    MIGRATION,
    TIMED_OUT,
    VMM_2012_SP1,
    VMM_2022,
    judged,
    run_facts,
)
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.facts.vmm import VMM_RECORD, VmmHostSettings, VmmRecord
from livemigration.run.result import State
from livemigration.verdict.networks import USER_MANAGED, USER_MANAGED_ALL

CHECKS = ("LM101", "LM102", "LM103", "LM104", "LM105", "LM106", "LM202", "LM203", "LM304")
ANY = (("0.0.0.0/0", USER_MANAGED_ALL), ("::/0", USER_MANAGED_ALL))
OWN = {"10.0.0.0/24": MANAGEMENT, "10.0.50.0/24": MIGRATION, "10.0.99.0/24": None}
FLAGS = {
    "Standard": (False, False),
    "UseCompression": (True, False),
    "UseSmbTransport": (False, True),
}

networks = st.just("any") | st.sets(st.sampled_from(sorted(OWN)))
policies = st.fixed_dictionaries(
    {
        "network_selection": st.sampled_from(["auto", "isolated"]),
        "authentication": st.sampled_from(["any", "kerberos", "credssp"]),
        "minimum_migrations": st.integers(1, 3),
        "minimum_migrations_required": st.booleans(),
        "performance": st.sampled_from(["any", "compression", "smb", "tcpip"]),
        "performance_required": st.booleans(),
    }
)
values: dict[str, st.SearchStrategy[Any]] = {
    "networks": networks,
    "authentication": st.integers(0, 1),
    "maximum": st.integers(0, 3),
    "performance": st.sampled_from(sorted(FLAGS)),
}


def scene(host: dict[str, Any], around: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a host of these settings, as far as they follow from them."""
    chosen = host["networks"]
    rows: tuple[tuple[str, str], ...] = ANY
    listeners = [MANAGEMENT, MIGRATION]
    if chosen != "any":
        rows = tuple((each, USER_MANAGED) for each in sorted(chosen))
        listeners = [own for each in sorted(chosen) if (own := OWN[each]) is not None]
    compression, smb = FLAGS[host["performance"]]
    # VMM reaches the management address, whoever listens there, and no other.
    answers = {
        (MIGRATION, 6600): TIMED_OUT,
        (MANAGEMENT, 6600): 0 if MANAGEMENT in listeners else 10061,
    }
    return {
        **around,
        "networks": rows,
        "listeners": listeners,
        "answers": answers,
        "local": LOCAL,
        "authentication": host["authentication"],
        "maximum": host["maximum"],
        "compression": compression,
        "smb": smb,
    }


def recorded(host: dict[str, Any]) -> VmmHostSettings:
    chosen = host["networks"]
    return VmmHostSettings(
        enabled=True,
        maximum_migrations=host["maximum"],
        maximum_storage_migrations=2,
        any_subnet=chosen == "any",
        subnets=() if chosen == "any" else tuple(sorted(chosen)),
        authentication=("CredSSP", "Kerberos")[host["authentication"]],
        performance=host["performance"],
    )


def failing(given_facts: dict[str, Any], policy: dict[str, Any]) -> set[str]:
    facts = run_facts(**given_facts)
    return {each for each in CHECKS if judged(each, facts, policy).state is State.FAIL}


@examples(150)
@given(
    st.fixed_dictionaries(values),
    st.sampled_from(sorted(values)),
    st.data(),
    st.fixed_dictionaries(
        {
            "release": st.sampled_from([VMM_2012_SP1, VMM_2022]),
            "joined": st.booleans(),
            "guard": st.sampled_from([(), (1,)]),
        }
    ),
    policies,
)
def test_no_check_that_vmms_value_would_turn_is_left_out_and_no_other_is_named(
    host: dict[str, Any],
    setting: str,
    data: st.DataObject,
    around: dict[str, Any],
    policy: dict[str, Any],
) -> None:
    agree(host, {**host, setting: data.draw(values[setting])}, around, policy)


PLAIN = {"authentication": 1, "maximum": 2, "performance": "Standard"}
CHOICES = ("any", *(set(each) for number in range(4) for each in combinations(sorted(OWN), number)))


@pytest.mark.long
@pytest.mark.parametrize("release", [VMM_2012_SP1, VMM_2022])
def test_each_choice_of_networks_against_each_other(release: str) -> None:
    around = {"release": release, "joined": True, "guard": ()}
    policy = {"network_selection": "auto", "authentication": "any"}
    for own, theirs in product(CHOICES, CHOICES):
        agree({**PLAIN, "networks": own}, {**PLAIN, "networks": theirs}, around, policy)


def agree(
    host: dict[str, Any], theirs: dict[str, Any], around: dict[str, Any], policy: dict[str, Any]
) -> None:
    """Assert that LM107 names the checks which differ between the two settings, and no other."""
    record = replace(VmmRecord(known=True, name=HOST), settings=recorded(theirs))
    own = scene(host, around)
    result = judged("LM107", run_facts(**own, also={VMM_RECORD.name: record}), policy)
    named = {check for finding in result.findings for check in CHECKS if check in finding.observed}
    turned = failing(own, policy) ^ failing(scene(theirs, around), policy)
    assert named == turned
    if theirs == host:
        assert result.state is State.PASS
    else:
        assert result.state is (State.FAIL if turned else State.WARNING)
