"""A run says on which hosts what Group Policy defines could not be seen, and files on disk."""

from __future__ import annotations

from fact_builders import HOST, OTHER, run_facts
from whole_run import whole_run

from livemigration.facts.policy_rights import POLICY_RIGHTS, PolicyRights
from livemigration.run.consistency import contradictions

NOT_KEPT = {POLICY_RIGHTS.name: PolicyRights(logged=False)}
SAID = "User rights that Group Policy defines (LM402), on"


def test_hosts_without_their_resultant_set_of_policy_are_named() -> None:
    whole, _ = whole_run(run_facts())
    assert not any(each.startswith(SAID) for each in whole.not_examined)
    run, _ = whole_run(run_facts(also=NOT_KEPT))
    assert [each for each in run.not_examined if each.startswith(SAID)] == [
        f"{SAID} 1 host: no Resultant Set of Policy is kept there ({HOST})."
    ]
    both, _ = whole_run(run_facts(also=NOT_KEPT, second={"also": NOT_KEPT}))
    assert any(
        f"2 hosts: no Resultant Set of Policy is kept there ({HOST} and {OTHER})" in each
        for each in both.not_examined
    )
    assert list(contradictions(run)) == []


def test_files_that_earlier_moves_left_are_never_seen() -> None:
    run, _ = whole_run(run_facts())
    assert any("cluster folder" in each for each in run.not_examined)
