"""No fix leads a host to an authentication protocol that cannot work there."""

from __future__ import annotations

from itertools import product
from typing import Any

from fact_builders import failure, judged, run_facts
from in_turn import in_turn
from test_fixes import words

RUNS, ABSENT, UNREAD = "running", "not running", "not readable"
GUARD: dict[str, dict[str, Any]] = {
    RUNS: {"guard": (1,)},
    ABSENT: {"guard": ()},
    UNREAD: {"lost": {"device-guard": failure()}},
}
CREDSSP, KERBEROS, NO_NAME = 0, 1, 7

HOSTS = list(
    product((CREDSSP, KERBEROS, NO_NAME), (True, False), GUARD, ("any", "kerberos", "credssp"))
)


@in_turn("number, joined, guard, policy", HOSTS)
def test_no_fix_switches_a_host_to_a_protocol_that_cannot_work_there(
    number: int, joined: bool, guard: str, policy: str
) -> None:
    facts = run_facts(authentication=number, joined=joined, **GUARD[guard])
    result = judged("LM104", facts, {"authentication": policy})
    for fix in (each.fix for each in result.findings if each.fix is not None):
        scripted = " ".join(fix.commands)
        if "-MigrationAuthProtocol 'Kerberos'" in scripted:
            assert joined
        if "-MigrationAuthProtocol 'CredSSP'" in scripted:
            assert guard != RUNS
            assert guard == ABSENT or "Credential Guard" in words(fix)
