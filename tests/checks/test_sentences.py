"""What a finding says is not empty, does not contradict itself, and names who is meant."""

from __future__ import annotations

import re

from case_tables import CASES
from fact_builders import UNREACHABLE, VMM_DOWN, all_lost, judged, run_facts
from verdict_case import Case, over

from livemigration.run.result import State

# A list of nothing where a sentence wants a thing, text that repeats itself, and an actor that
# no reader can be.
_EMPTY = re.compile(
    r"\b(?:is|are|on|uses|names|reaches|selects|addresses) none\b|\bno text\b"
    r"|\(\)|: \.|(?<!\.)\.\.(?!\.)"
)
_TWICE = re.compile(r"\b(\w{4,}) \1\b")
_ACTOR = re.compile(r"\b[Tt]he suite (?!again\b)[a-z]+s\b|\banswers? the suite\b|\blet the suite\b")
_ANY_IS_NO_REASON = re.compile(r"because (?:it|the host) selects any network(?!, IPv6)")
_FORBIDDEN = (_EMPTY, _TWICE, _ACTOR, _ANY_IS_NO_REASON)


@over(CASES)
def test_no_finding_says_nothing_or_the_opposite_of_itself(case: Case) -> None:
    result = case.result()
    texts = [result.reason]
    for finding in result.findings:
        texts += [finding.observed, finding.expected]
        if finding.fix is not None:
            texts += [finding.fix.summary, *finding.fix.console]
    for text in texts:
        for pattern in _FORBIDDEN:
            assert pattern.search(text) is None, text


def test_a_machine_that_did_not_answer_is_said_not_to_have_answered() -> None:
    host = judged("LM302", run_facts(lost=all_lost(UNREACHABLE)))
    assert host.state is State.FAIL
    assert host.findings[0].observed.startswith("The host did not answer. ")
    server = judged("LM001", run_facts(vmm_lost={"vmm-access": UNREACHABLE, **VMM_DOWN}))
    assert server.state is State.FAIL
    assert server.findings[0].observed.startswith("The VMM server did not answer. ")
