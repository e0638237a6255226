"""What is said where a host should listen and does not: the cause that its addresses show."""

from __future__ import annotations

from typing import Any

from fact_builders import ANY_V4, ANY_V6, ISOLATED, NODE, NONE, failure
from in_turn import in_turn
from test_resolution import MACHINE, sight

from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.inventory.policy import Policy
from livemigration.verdict.expected_listeners import no_listener, why_no_listener_is_expected
from livemigration.verdict.networks import USER_MANAGED
from livemigration.verdict.readings import selection_of
from livemigration.verdict.scope import scope_of

ELSEWHERE = ("10.9.9.0/24", USER_MANAGED)
V4, V6 = ("10.0.0.11/24", "127.0.0.1/8", "::1/128"), ("2001:db8::11/64", "fe80::1/64")


@in_turn(
    "given, cause, key",
    [
        ({"networks": ISOLATED}, "", "listener-missing"),
        (
            {"networks": (ELSEWHERE,)},
            ", because it has no address in 10.9.9.0/24",
            "address-in-migration-subnets",
        ),
        # One of two networks without an address does not explain it.
        ({"networks": (*ISOLATED, ELSEWHERE)}, "", "listener-missing"),
        (
            {"networks": (ELSEWHERE,), "lost": {LOCAL_ADDRESSES.name: failure()}},
            "",
            "listener-missing",
        ),
        ({"networks": ANY_V6, "local": V4}, ", because it has no IPv6 address", "address-family"),
        ({"networks": ANY_V4, "local": V6}, ", because it has no IPv4 address", "address-family"),
        ({"networks": ANY_V4, "local": V4}, "", "listener-missing"),
        ({"networks": ANY_V6, "local": V6}, "", "listener-missing"),
        ({"networks": ANY_V6, "local": ("127.0.0.1/8",)}, "", "listener-missing"),
    ],
)
def test_a_missing_listener_is_explained_by_the_addresses_where_they_explain_it(
    given: dict[str, Any], cause: str, key: str
) -> None:
    host, _, _ = sight(listeners=(), **given)
    selection = selection_of(host)
    finding = no_listener(host, MACHINE, selection)
    assert finding.observed == (
        f"The host has no usable listener address{cause}. It selects {selection.words}."
    )
    assert finding.fix is not None
    assert finding.fix.key == key


@in_turn(
    "given, policy, said",
    [
        ({"networks": ISOLATED}, {}, ""),
        ({"enabled": False}, {}, "Incoming live migration is disabled; LM101 judges that."),
        ({"networks": NONE}, {}, "No migration network is selected; LM102 judges that."),
        (
            {"enabled": False, **NODE},
            {},
            (
                "Incoming live migration is disabled: the networks of the cluster decide. VMs of "
                "this host move only inside its cluster (assumed from a running cluster service; "
                "set migration_scope to change this)."
            ),
        ),
        (
            {"networks": NONE},
            {"migration_scope": "in-cluster"},
            (
                "No migration network is selected: the networks of the cluster decide. VMs of this "
                "host move only inside its cluster (migration_scope: in-cluster)."
            ),
        ),
    ],
)
def test_where_no_listener_is_expected_it_is_said_who_judges_that(
    given: dict[str, Any], policy: dict[str, Any], said: str
) -> None:
    host, _, _ = sight(**given)
    demanded = Policy.model_validate(policy)
    assert why_no_listener_is_expected(host, demanded) == said
    assert scope_of(host, demanded).in_cluster is ("cluster" in said)
