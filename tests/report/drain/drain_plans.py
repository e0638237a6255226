"""Plans of drains as the results of a run keep them."""

from __future__ import annotations

from typing import Any

from plan_builders import HV03, HV04, HV05, guid

from livemigration.placement.model import Verdict
from livemigration.verdict.drain_plan import DrainPlan, PlannedMove, PlanProof, PlanTime

TIME = PlanTime(4.2, 61.4, "By an estimate it takes 4 s to 62 s.", (("Links", "10 Gb/s"),))

BACK = PlanTime(
    5.2,
    71.4,
    "By an estimate it takes 5 s to 72 s.",
    (("Links", "10 Gb/s"), ("Sent by", "SMB")),
)


def move(number: int, **changes: Any) -> PlannedMove:
    usual: dict[str, Any] = {
        "machine": f"web{number:02}",
        "identifier": guid(number),
        "source": HV03,
        "destination": HV04,
        "memory": 4096,
        "earliest_end": 4.0,
        "latest_start": 10.0 * number,
        "latest_end": 10.0 * number + 9,
    }
    return PlannedMove(**{**usual, **changes})


def fits(moves: int = 2, host: str = HV03, **changes: Any) -> DrainPlan:
    found = tuple(move(number, source=host) for number in range(1, moves + 1))
    usual: dict[str, Any] = {"moves": found, "step": "greedy"}
    if moves:
        usual |= {"time": TIME, "back": BACK}
    return DrainPlan(host, Verdict.FITS, moves, **{**usual, **changes})


def refused(host: str = HV03) -> DrainPlan:
    return DrainPlan(
        host,
        Verdict.DOES_NOT_FIT,
        1,
        unplaced=("sql01",),
        explained=("sql01 (64 GB) has no place.",),
        helps=("52 GB more free on hv04.",),
        step="no candidate",
        proof=PlanProof("no candidate", ("sql01",), (HV04, HV05), 65536, 12288),
    )
