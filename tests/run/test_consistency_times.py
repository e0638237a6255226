"""What a results.json says of times, evidence and its parts, and the rest of it denies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from consistent_runs import (
    MINUTE,
    Denied,
    Edit,
    Fitting,
    demands_with,
    denied_otherwise,
    joined,
    real,
    said,
    times,
)
from fact_builders import HOST
from whole_run import BEGAN

from livemigration.inventory.change import Change
from livemigration.run.drift.model import Drift, Moved
from livemigration.run.evidence.model import Gathering
from livemigration.run.merge.model import Besides

MOVED = Moved("LM102", "It holds.", HOST, "pass", "fail")


def drifted(**moved: Any) -> Edit:
    return lambda run: replace(run, drift=Drift("old.json", BEGAN, **moved))


DENIED: list[Denied] = [
    (
        "finished before it started",
        times(finished=BEGAN - MINUTE),
        ["it finished before it started.", "its facts were gathered after it finished."],
    ),
    (
        "valid, and nobody knows from when",
        times(gathered=None, demands=None),
        ["it is valid until a time, and when its facts were gathered is not known."],
    ),
    (
        "gathered after the end",
        times(gathered=Gathering(BEGAN, BEGAN + 2 * MINUTE)),
        ["its facts were gathered after it finished."],
    ),
    (
        "begun to gather after the end",
        times(gathered=Gathering(BEGAN + 2 * MINUTE), valid_until=None),
        ["its facts were gathered after it finished."],
    ),
    (
        "gathered before that began",
        times(gathered=Gathering(BEGAN, BEGAN - MINUTE)),
        ["its facts were gathered before that began."],
    ),
    (
        "valid for longer than the policy says",
        times(valid_until=BEGAN + timedelta(hours=13)),
        ["valid_until is not as long after the gathering as the policy says."],
    ),
    (
        "the lab as an inventory",
        lambda run: replace(run, inventory="lab:mixed"),
        ["its inventory is a simulated fleet, and simulated is false."],
    ),
    (
        "the lab in place of machines",
        lambda run: replace(run, lab="mixed.yaml"),
        ["its inventory is a simulated fleet, and simulated is false."],
    ),
    (
        "stamped with another change",
        lambda run: replace(run, change=Change("CHG2", "Kim")),
        ["stamp is not what the rest says of change, policy, simulation and time."],
    ),
    (
        "stamped with another policy",
        lambda run: replace(run, demands=demands_with(run, digest="q" * 64)),
        ["stamp is not what the rest says of change, policy, simulation and time."],
    ),
    (
        "simulated, and not stamped so",
        lambda run: replace(run, simulated=True),
        ["stamp is not what the rest says of change, policy, simulation and time."],
    ),
    *(
        (
            f"drift, {kind}",
            drifted(**{kind: (MOVED, replace(MOVED, now="pass"))}),
            [f"drift: LM102 {HOST} is not pass now."],
        )
        for kind in ("new", "still", "waived", "blocked", "seen")
    ),
]


@pytest.mark.parametrize(
    ("edit", "sentences"),
    [pytest.param(edit, sentences, id=name) for name, edit, sentences in DENIED],
)
def test_what_the_rest_of_times_denies_is_said(edit: Edit, sentences: list[str]) -> None:
    assert denied_otherwise(edit(real()), sentences) == set()


FITS: list[Fitting] = [
    ("no demands, and no stamp", lambda run: replace(run, demands=None, stamp=None)),
    ("gathered to the last moment", times(gathered=Gathering(BEGAN, BEGAN + MINUTE))),
    ("finished as it started", times(finished=BEGAN, gathered=Gathering(BEGAN, BEGAN))),
    (
        "not known when it was gathered",
        times(gathered=None, valid_until=None),
    ),
    ("nobody knows when the gathering ended", times(gathered=Gathering(BEGAN))),
    ("the lab, and simulated", times(inventory="lab:mixed", simulated=True)),
    ("drift as it is", drifted(new=(MOVED,), seen=(replace(MOVED, check="LM101", now="waived"),))),
]


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in FITS])
def test_what_of_times_fits_is_not_denied(edit: Edit) -> None:
    assert said(edit(real())) == []


def test_a_joined_run_is_held_against_its_parts() -> None:
    run = joined()
    assert said(run) == []
    apart = "times or failures are not those of the runs that it was joined from."
    for changes in (
        {"started": BEGAN + MINUTE},
        {"finished": BEGAN + 2 * MINUTE},
        {"besides": Besides(own_tests_failed=1)},
        {"besides": Besides(artefact_missing=True)},
    ):
        assert apart in said(replace(run, **changes))
    until = "valid_until is not the earliest of the runs that it was joined from."
    for moment in (None, BEGAN + timedelta(hours=12, minutes=1)):
        assert until in said(replace(run, valid_until=moment, stamp=None))
    unknown = (replace(run.parts[0], valid_until=None), *run.parts[1:])
    assert until in said(replace(run, parts=unknown))
    assert said(replace(run, parts=unknown, valid_until=None, stamp=None)) == []
