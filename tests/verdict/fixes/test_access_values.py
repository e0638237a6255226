"""What came back of a machine that gave no facts, as a value of its repair."""

from __future__ import annotations

from in_turn import in_turn

from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.verdict.fixes.access import came_back


@in_turn(
    "said, code, shown",
    [
        ("it refused the credentials (HTTP 401)", 401, "it refused the credentials (HTTP 401)"),
        ("no connection", 10060, "no connection (10060)"),
        ("no connection within 1006 s", 10060, "no connection within 1006 s (10060)"),
        ("no connection", None, "no connection"),
    ],
)
def test_a_code_that_the_words_have_is_not_told_twice(
    said: str, code: int | None, shown: str
) -> None:
    failure = GatherFailure(FailureKind.TIMED_OUT, "Connecting", said, "Look.", "LM302", code)
    assert dict(came_back(failure))["Came back"] == shown
