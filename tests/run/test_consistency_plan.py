"""What a results.json says of exit code, plan and hosts, and the rest of it denies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from consistent_runs import (
    Denied,
    Edit,
    Fitting,
    demands_with,
    denied_otherwise,
    entry,
    left_out,
    real,
    result,
    said,
    selection,
    with_code,
)
from fact_builders import CHECKS, OTHER, VMM

from livemigration.run.exit_code import ExitCode
from livemigration.run.merge.model import Besides
from livemigration.run.plan import LeftOut
from livemigration.run.run import HostSummary

# The check with which the plan ends.
LAST = max(name for name, each in CHECKS.items() if each.opt_in is None)

DENIED: list[Denied] = [
    ("schema", lambda run: replace(run, schema=3), ["schema is 3, not 2."]),
    (
        "exit code",
        lambda run: replace(run, exit_code=ExitCode.READY),
        ["exit_code is 0 (ready), its results lead to 1 (NOT READY)."],
    ),
    (
        "pytest's code is one of results",
        lambda run: with_code(run, besides=Besides(pytest_code=1)),
        ["besides says that pytest ended with 1."],
    ),
    (
        "a file is missing, without a problem",
        lambda run: with_code(run, besides=Besides(artefact_missing=True)),
        ["a file could not be written, and no problem says which."],
    ),
    (
        "a problem, and no file is missing",
        lambda run: with_code(run, problems=("The journal could not be written.",)),
        ["problems are told, and besides says that there was none."],
    ),
    (
        "a check planned twice",
        lambda run: replace(run, plan=(*run.plan, replace(run.plan[0], node_id="other"))),
        [
            "the plan has a check of a target twice.",
            f"LM001 {VMM} has a result and is not in the plan.",
        ],
    ),
    (
        "a node id used twice",
        lambda run: replace(
            run, plan=(*run.plan[:-1], replace(run.plan[-1], node_id=run.plan[0].node_id))
        ),
        [
            "the plan has a check of a target twice.",
            f"{LAST} {OTHER} has a result and is not in the plan.",
        ],
    ),
    (
        "two results",
        lambda run: replace(run, results=(*run.results, run.results[-1])),
        [f"{LAST} {OTHER} has two results."],
    ),
    (
        "a result of what was not planned",
        lambda run: left_out(run, plan=run.plan[:-1]),
        [f"{LAST} {OTHER} has a result and is not in the plan."],
    ),
    (
        "a result of another title",
        lambda run: result(LAST, OTHER, entry=replace(run.plan[-1], title="It holds."))(run),
        [f"{LAST} {OTHER} has a result and is not in the plan."],
    ),
    (
        "another title than elsewhere",
        entry(title="It holds."),
        [f"LM101 {OTHER} has another title, area or kind than elsewhere."],
    ),
    (
        "another area than elsewhere",
        entry(area="staging"),
        [f"LM101 {OTHER} has another title, area or kind than elsewhere."],
    ),
    (
        "more left out than deselected",
        selection(left_out=(LeftOut("LM101", 2, ("hv08", "hv09")),), deselected_checks=1),
        ["more checks are left out than it says were deselected."],
    ),
    (
        "a host twice",
        lambda run: left_out(
            run,
            hosts=(*run.hosts, run.hosts[0]),
            selection=replace(run.selection, selected_hosts=3, inventory_hosts=3),
            demands=None,
            stamp=None,
        ),
        ["a host is in it twice."],
    ),
    (
        "a host that nothing is planned for",
        lambda run: left_out(
            run,
            hosts=(*run.hosts, HostSummary("hv09")),
            selection=replace(run.selection, selected_hosts=3, inventory_hosts=3),
            demands=None,
            matrix=None,
            stamp=None,
        ),
        ["hv09 is a host and not among the others."],
    ),
    (
        "a plan for what is no host",
        lambda run: left_out(
            run,
            hosts=run.hosts[:1],
            selection=replace(run.selection, selected_hosts=1),
            demands=None,
            matrix=None,
            stamp=None,
        ),
        [f"{OTHER} is planned and not among the others."],
    ),
    (
        "fewer hosts than counted",
        selection(selected_hosts=3),
        ["selection counts 3 of 2 hosts, and it has 2."],
    ),
    (
        "an inventory smaller than the run",
        selection(inventory_hosts=1),
        ["selection counts 2 of 1 hosts, and it has 2."],
    ),
    (
        "not examined",
        lambda run: replace(run, not_examined=()),
        ["not_examined is not what plan, selection and results leave out."],
    ),
    ("a shard that is none", selection(shard="9/8"), ["selection.shard is 9/8, which is none."]),
    (
        "hosts of another shard",
        selection(shard="1/1000"),
        ["its hosts are not those of shard 1/1000."],
    ),
    (
        "demands of other hosts",
        lambda run: replace(run, demands=demands_with(run, policies=())),
        ["demands are of other hosts."],
    ),
    (
        "managers of other hosts",
        lambda run: replace(run, demands=demands_with(run, managers=())),
        ["demands name the VMM servers of other hosts."],
    ),
    (
        "managers at a gate",
        lambda run: left_out(run, gate="host-build"),
        ["demands name the VMM servers of other hosts."],
    ),
]


@pytest.mark.parametrize(
    ("edit", "sentences"),
    [pytest.param(edit, sentences, id=name) for name, edit, sentences in DENIED],
)
def test_what_the_rest_denies_is_said(edit: Edit, sentences: list[str]) -> None:
    assert denied_otherwise(edit(real()), sentences) == set()


FITS: list[Fitting] = [
    ("unchanged", lambda run: run),
    ("pytest was stopped", lambda run: with_code(run, besides=Besides(pytest_code=2))),
    (
        "a file is missing, and a problem says so",
        lambda run: with_code(run, besides=Besides(artefact_missing=True), problems=("Full.",)),
    ),
    (
        "interrupted, with a problem",
        lambda run: with_code(run, interrupted=True, problems=("Full.",)),
    ),
    ("a check left out", selection(left_out=(LeftOut("LM101", 2),), deselected_checks=2)),
    ("a check left out that is nowhere planned", selection(left_out=(LeftOut("LM306", 2),))),
    ("the only shard", selection(shard="1/1")),
    ("a larger inventory", selection(inventory_hosts=3)),
    (
        "a gate, which has no VMM server",
        lambda run: left_out(run, gate="host-build", demands=demands_with(run, managers=())),
    ),
]


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in FITS])
def test_what_fits_is_not_denied(edit: Edit) -> None:
    assert said(edit(real())) == []
