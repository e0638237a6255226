"""Every fleet, shipped or with one broken thing in each host: redacted, its facts say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fleet_runs import Judged, ask, judged
from mutations import FLEETS, HEALTHY, fleet

from livemigration.collector import facts_file, snapshot
from livemigration.collector.redact import redact
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.lab.fleet import shipped_fleets
from livemigration.lab.launch import start

pytestmark = pytest.mark.fleet


def hidden(facts: RunFacts, folder: Path) -> RunFacts:
    path = folder / "facts.json"
    snapshot.save(path, facts, gathered=datetime.now(UTC), inventory="site.yaml", digest="")
    document = redact(json.loads(path.read_text(encoding="utf-8")))
    assert "contoso" not in json.dumps(document).casefold()
    path.write_text(json.dumps(document), encoding="utf-8")
    return facts_file.load(path)


def states(results: Judged, places: Mapping[str, int]) -> dict[tuple[str, int], tuple[str, ...]]:
    """Return what the results say, by the places of their targets, as the names are others."""
    return {
        (check, places[target]): (
            each.state.value,
            each.blocked_by.check if each.blocked_by is not None else "",
            *(finding.level.value for finding in each.findings),
        )
        for (check, target), each in results.items()
    }


def places(facts: RunFacts) -> dict[str, int]:
    return {name: place for place, name in enumerate((*facts.vmms, *facts.hosts))}


def says_the_same(name: str, folder: Path, policies: Mapping[int, Policy]) -> None:
    with start(name) as lab:
        facts = ask(lab)
    again = hidden(facts, folder)
    found = []
    for each in (facts, again):
        of_host = {host: policies.get(place, Policy()) for place, host in enumerate(each.hosts)}
        found.append(states(judged(each, of_host), places(each)))
    assert found[0] == found[1]


@pytest.mark.parametrize("name", shipped_fleets())
def test_no_verdict_of_a_shipped_fleet_is_lost_by_redaction(name: str, tmp_path: Path) -> None:
    says_the_same(name, tmp_path, {})


@pytest.mark.parametrize("name", FLEETS)
def test_no_verdict_of_a_broken_thing_is_lost_by_redaction(name: str, tmp_path: Path) -> None:
    registry, system, healthy, mutations = FLEETS[name]
    path = tmp_path / "fleet.yaml"
    path.write_text(fleet(name, registry, system, healthy, mutations), encoding="utf-8")
    policies = {
        HEALTHY + number: Policy.model_validate(dict(mutation.policy))
        for number, mutation in enumerate(mutations)
    }
    says_the_same(str(path), tmp_path, policies)
