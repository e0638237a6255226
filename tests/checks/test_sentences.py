"""What a finding says is not empty, does not contradict itself, and names who is meant."""

from __future__ import annotations

import re

from case_tables import CASES
from fact_builders import UNREACHABLE, VMM_DOWN, all_lost, judged, run_facts
from verdict_case import Case, over

from livemigration.run.result import State
from livemigration.verdict.findings import HOSTS

# A list of nothing where a sentence wants a thing, text that repeats itself, and an actor that
# no reader can be.
_EMPTY = re.compile(
    r"\b(?:is|are|on|uses|names|reaches|selects|addresses) none\b|\bno text\b"
    r"|\(\)|: \.|(?<!\.)\.\.(?!\.)"
)
_TWICE = re.compile(r"\b(\w{4,}) \1\b")
_ACTOR = re.compile(r"\b[Tt]he suite (?!again\b)[a-z]+s\b|\banswers? the suite\b|\blet the suite\b")
_ANY_IS_NO_REASON = re.compile(r"because (?:it|the host) selects any network(?!, IPv6)")
# One host with the verb of several, and one thing counted as if it were several.
_MANY_FOR_ONE = re.compile(
    r"(?<!and )(?<!, )(?<!of )\b(?:hv|HV)\d+(?:\.[\w.]+)? (?:are|have|do|reach|run)\b"
    r"|\b1 (?:running )?(?:host|virtual machine)s?\b[^.:]*? (?:are|have|were)\b"
)
_FORBIDDEN = (_EMPTY, _TWICE, _ACTOR, _ANY_IS_NO_REASON, _MANY_FOR_ONE)


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


@over(CASES)
def test_the_order_of_a_cause_holds_for_several_hosts_as_for_one(case: Case) -> None:
    for finding in case.result().findings:
        if finding.fix is not None and finding.fix.cause is not None:
            order = finding.fix.cause.title
            assert HOSTS not in order or re.search(r"\bits\b", order) is None, order


def test_a_machine_that_did_not_answer_is_said_not_to_have_answered() -> None:
    host = judged("LM302", run_facts(lost=all_lost(UNREACHABLE)))
    assert host.state is State.FAIL
    assert host.findings[0].observed.startswith("The host did not answer. ")
    server = judged("LM001", run_facts(vmm_lost={"vmm-access": UNREACHABLE, **VMM_DOWN}))
    assert server.state is State.FAIL
    assert server.findings[0].observed.startswith("The VMM server did not answer. ")
