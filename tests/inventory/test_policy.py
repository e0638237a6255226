"""A group's demands are the site's, each of which it may leave out."""

from __future__ import annotations

import pytest
from in_turn import in_turn
from pydantic import ValidationError

from livemigration.inventory.policy import OF_THE_SITE, GroupPolicy, Policy

DEMANDS = Policy.model_json_schema()["properties"]
GROUPS = GroupPolicy.model_json_schema()["properties"]


def test_a_group_may_set_what_concerns_a_host_and_nothing_of_a_whole_run() -> None:
    assert set(DEMANDS) - set(GROUPS) == OF_THE_SITE == {"evidence_valid_for", "waivers_at_most"}
    assert not set(GROUPS) - set(DEMANDS)


@pytest.mark.parametrize("name", sorted(OF_THE_SITE))
def test_what_concerns_a_whole_run_is_refused_in_a_group(name: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        GroupPolicy.model_validate({name: 5})


@in_turn("name", sorted(GROUPS))
def test_a_demand_of_a_group_takes_what_the_sites_takes_and_is_described_alike(name: str) -> None:
    site, group = dict(DEMANDS[name]), dict(GROUPS[name])
    assert group["description"] == site["description"]
    assert site.pop("default", None) is not None
    assert group.pop("default", "lacking") is None
    taken, nothing = group.pop("anyOf")
    assert nothing == {"type": "null"}
    assert {**taken, "description": site["description"], "title": site["title"]} == site


@in_turn(
    "name, value",
    [
        ("minimum_migrations", 0),
        ("minimum_migrations", "2"),
        ("performance_required", "yes"),
        ("migration_subnets", [1]),
        ("network_selection", "other"),
    ],
)
def test_a_group_is_told_the_same_as_the_site(name: str, value: object) -> None:
    told = []
    for model in (Policy, GroupPolicy):
        with pytest.raises(ValidationError) as caught:
            model.model_validate({name: value})
        told.append([(each["loc"], each["msg"]) for each in caught.value.errors()])
    assert told[0] == told[1]


def test_a_group_changes_what_it_sets_alone() -> None:
    assert GroupPolicy().changes == {}
    assert GroupPolicy.model_validate({"fail_on": "warning"}).changes == {"fail_on": "warning"}
