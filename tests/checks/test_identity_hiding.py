"""Who answered is judged alike where names and addresses are replaced, and after a round trip."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import identity_cases
from fact_builders import CHECKS, judged
from run_builders import entry_of
from verdict_case import Case, over_each

from livemigration.collector import snapshot
from livemigration.collector.redact import redact
from livemigration.facts.model import Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.result import State
from livemigration.run.runner import evaluate

KEY = b"of the test"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def states(facts: RunFacts, check: str) -> list[State]:
    found = CHECKS[check]
    targets = facts.hosts if found.target is Subject.HOST else facts.vmms
    entries = [entry_of(found, each) for each in targets]
    return [evaluate(found, facts, entry, Policy()).state for entry in entries]


@over_each(identity_cases.CASES, every=2)
def test_no_name_that_is_replaced_changes_who_answered(case: Case) -> None:
    facts = case.facts
    with TemporaryDirectory() as folder:
        path = Path(folder) / "facts.json"
        snapshot.save(path, facts, gathered=NOON, inventory="site.yaml", digest="")
        document = json.loads(path.read_text(encoding="utf-8"))
    hidden = redact(document, KEY)
    for check in ("LM302", "LM001", "LM201", "LM101"):
        expected = states(facts, check)
        assert states(snapshot.facts_of(document), check) == expected
        assert states(snapshot.facts_of(hidden), check) == expected
    assert judged(case.check, facts).state is case.state
