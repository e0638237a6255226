"""Planted plans are never denied; a fleet is decided host by host; nothing is written to stdout."""

from __future__ import annotations

import subprocess
import sys

import drain
import pytest
from fleets import planted
from in_turn import in_turn

from livemigration.placement.effort import Effort
from livemigration.placement.ladder import answer
from livemigration.placement.model import Move, Question, Verdict
from livemigration.placement.replay import fault

SOLVED = """
import sys
sys.path[:0] = sys.argv[1:]
from fleets import planted
from livemigration.placement.effort import Effort
from livemigration.placement.ladder import answer
for seed in range(8):
    found = answer(planted(seed, hosts=5)[0], effort=Effort(attempts=0, orders=0))
    sys.stderr.write(f"{found.verdict.value} by {found.solver}\\n")
"""


def denied(question: Question, places: dict[str, str], effort: Effort) -> bool:
    plan = [Move(each, each.host, places[each.key]) for each in question.machines]
    assert fault(question, plan) == ""
    found = answer(question, effort=effort)
    assert not found.plan or fault(question, found.plan) == ""
    return found.verdict is not Verdict.FITS and found.verdict is not Verdict.UNDECIDED


@in_turn("hosts", [3, 4, 5])
@in_turn("solver", [True, False])
def test_a_planted_plan_is_never_denied(hosts: int, solver: bool) -> None:
    for seed in range(3):
        assert not denied(*planted(seed, hosts), Effort(solver=solver)), seed


@pytest.mark.long
@pytest.mark.parametrize("hosts", [8, 12, 20])
@pytest.mark.parametrize("seed", range(1, 4))
def test_a_large_planted_plan_is_never_denied(hosts: int, seed: int) -> None:
    # One of twenty hosts and this seed was "infeasible" for another release of the solver.
    assert not denied(*planted(seed, hosts), Effort())


def test_the_exact_solver_is_reached_in_a_fleet_of_64_hosts() -> None:
    asked = next(
        each for each in drain.each_drained(drain.fleet(1, 0.98)) if each.drained == {"hv11"}
    )
    found = answer(asked)
    # There is a plan when another machine makes room, and none before: that took the solver.
    assert found.verdict is Verdict.FITS_WITH_SWAPS
    assert fault(asked, found.plan) == ""
    assert found.fewest
    assert found.witness is not None
    assert found.witness.proof in drain.BY_SOLVER
    assert found.solver.startswith("HiGHS 1.16.")


@pytest.mark.long
@pytest.mark.parametrize(("seed", "fill"), [(1, 0.99), (2, 1.0)])
def test_each_host_of_a_full_fleet_is_decided(seed: int, fill: float) -> None:
    found = drain.measured(drain.fleet(seed, fill))
    assert len(found.answers) == 64
    assert found.undecided <= 1
    assert found.by_solver >= 3
    assert all(each.solver for each in found.answers if each.witness)
    assert any(each.step == "full hosts" for each in found.answers)


@pytest.mark.long
def test_the_solver_writes_nothing_to_stdout() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SOLVED, *(each for each in sys.path if each.endswith("placement"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.returncode) == ("", 0), ended.stderr
    assert "by HiGHS" in ended.stderr
