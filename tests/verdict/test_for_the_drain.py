"""What stops a drain fails where the host is to be emptied, and warns elsewhere."""

from __future__ import annotations

from fact_builders import HOST, OTHER, judged, run_facts
from in_turn import in_turn
from vm_facts import Vm
from vm_file_cases import node

from livemigration.inventory.drain import DrainRequest
from livemigration.run.result import State

OUTSIDE = run_facts(**node(Vm("agent")))


@in_turn(
    "asked, drain, state",
    [
        (None, "on-request", State.WARNING),
        (DrainRequest((OTHER,)), "on-request", State.WARNING),
        (DrainRequest(without=(HOST,)), "on-request", State.WARNING),
        (DrainRequest((OTHER, HOST)), "on-request", State.FAIL),
        (None, "every-host", State.FAIL),
        (DrainRequest((OTHER,)), "every-host", State.FAIL),
    ],
)
def test_an_option_or_the_policy_says_that_a_host_is_to_be_emptied(
    asked: DrainRequest | None, drain: str, state: State
) -> None:
    found = judged("LM706", OUTSIDE, {"drain": drain}, drain=asked)
    assert found.state is state
