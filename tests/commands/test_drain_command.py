"""`livemigration drain` and `window`: plans from facts that are there, as text, JSON and files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from drain_cases import DB, WEB, runs
from drain_facts import free
from fact_builders import HOST, OTHER, UNREACHABLE, all_lost, run_facts
from fleet_runs import ask
from printed_json import held_against
from run_builders import made_entry, made_result, made_run, with_what_was_not_examined

from livemigration.base import codec
from livemigration.collector import snapshot
from livemigration.commands.main import main
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands, HostsPolicy
from livemigration.inventory.policy import Policy
from livemigration.lab.launch import start
from livemigration.placement.model import Verdict
from livemigration.placement.plan_document import Means, PlanDocument
from livemigration.run import results_file
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import State
from livemigration.run.run import HostSummary
from livemigration.verdict.findings import Finding, Level

GATHERED = datetime(2026, 11, 24, 20, tzinfo=UTC)
READS = "What a plan needs is read by: pytest -m livemigration --inventory FILE --drain HOST"


def saved(path: Path, facts: RunFacts, digest: str = "d" * 64) -> str:
    snapshot.save(path, facts, gathered=GATHERED, inventory="prod.yaml", digest=digest)
    return str(path)


@pytest.fixture
def facts(tmp_path: Path) -> str:
    return saved(tmp_path / "facts.json", run_facts(**runs(WEB, DB)))


def printed(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], list[str]]:
    found = capsys.readouterr()
    return found.out.splitlines(), found.err.splitlines()


def test_a_plan_is_printed_with_the_facts_that_it_is_of(
    facts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drain", "hv01", "--facts", facts, "--window", "2h"]) == ExitCode.READY
    lines, errors = printed(capsys)
    assert lines[0].startswith("hv01 can be emptied: 2 virtual machines with 10 GB of memory")
    assert "By the estimate it fits the window of 2 h." in lines
    assert any("facts of 2026-11-24 20:00:00 UTC" in line for line in lines)
    assert errors == []


def test_the_plan_as_json_is_what_is_published(
    facts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drain", HOST, "--facts", facts, "--json"]) == ExitCode.READY
    document = held_against("plan", capsys.readouterr().out)
    plan: PlanDocument = codec.from_json(PlanDocument, document)
    assert plan.asked.hosts == (HOST,)
    assert plan.back is not None
    assert plan.back.low > 0
    assert plan.asked.facts == GATHERED
    assert {each.by for each in plan.moves} == {Means.VMM}
    assert {(each.vm, each.to) for each in plan.moves} == {("db01", OTHER), ("web01", OTHER)}
    assert len(plan.moves[0].id) == len("00000000-0000-0000-0000-000000000000")


def test_script_and_chart_are_written_beside_the_answer(
    facts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, chart = tmp_path / "drain.ps1", tmp_path / "drain.svg"
    files = ("--powershell", str(script), "--svg", str(chart))
    assert main(["drain", HOST, "--facts", facts, "--json", *files]) == ExitCode.READY
    out, errors = printed(capsys)
    json.loads("\n".join(out))
    assert errors == [f"Wrote {script}.", f"Wrote {chart}."]
    assert b"-not $Execute" in script.read_bytes()
    assert chart.read_text(encoding="utf-8").startswith("<svg ")
    assert main(["drain", HOST, "--facts", facts, "--svg", str(tmp_path)]) == ExitCode.USAGE
    assert "Name another file with --svg." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "options", "code", "said"),
    [
        (runs(WEB, DB, there=free(9 * 1024)), (), ExitCode.NOT_READY, "hv01 cannot be emptied"),
        (runs(WEB, DB), ("--window", "1m", "--to", OTHER), ExitCode.READY, "hv01 can be emptied"),
        (
            runs(WEB, DB),
            ("--window", "22:00-22:01", "--without", OTHER),
            ExitCode.NOT_READY,
            "cannot be emptied",
        ),
        (
            {**runs(WEB), "other": all_lost(UNREACHABLE)},
            (),
            ExitCode.NO_VERDICT,
            "can be emptied is not known",
        ),
        (runs(), (), ExitCode.READY, "nothing has to move"),
    ],
)
def test_the_exit_code_is_the_answer(
    given: dict[str, Any],
    options: tuple[str, ...],
    code: ExitCode,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = saved(tmp_path / "facts.json", run_facts(**given))
    assert main(["drain", "hv01*", "--facts", path, *options]) == code
    assert said in capsys.readouterr().out.replace(".contoso.com", "")


def test_what_takes_longer_than_the_window_at_best_is_a_no(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    huge = replace(WEB, memory=2_000_000)
    path = saved(tmp_path / "facts.json", run_facts(**runs(huge, there=free(2_100_000))))
    assert main(["drain", HOST, "--facts", path, "--window", "1m"]) == ExitCode.NOT_READY
    assert "It takes longer than the window of 60 s." in capsys.readouterr().out


def test_where_there_is_no_plan_no_file_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / "facts.json", run_facts(**runs(WEB, DB, there=free(1024))))
    script = tmp_path / "drain.ps1"
    assert main(["drain", HOST, "--facts", path, "--powershell", str(script)]) == 1
    assert not script.exists()
    assert "--powershell: nothing was written" in capsys.readouterr().err


def test_facts_that_lack_what_a_plan_needs_say_how_to_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / "facts.json", run_facts(lost=all_lost(UNREACHABLE)))
    assert main(["drain", HOST, "--facts", path]) == ExitCode.NO_VERDICT
    out, errors = printed(capsys)
    assert out == []
    assert errors[0].startswith(f"{HOST}: no plan can be made: ")
    assert errors[1] == READS


def test_the_newest_run_with_facts_is_taken_with_its_policy_and_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["drain", HOST]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith("livemigration: there are no facts in reports.")
    for name in ("2026-11-24T200000Z", "2026-11-25T200000Z"):
        folder = tmp_path / "reports" / name
        folder.mkdir(parents=True)
        stay = HostsPolicy(Policy(stays=("db*",)), (HOST,))
        both = (HOST, OTHER)
        run = made_run(
            [
                made_result(made_entry("LM101", each), State.PASS, Finding(Level.OK, "So."))
                for each in both
            ],
            hosts=tuple(HostSummary(each, ("ams",)) for each in both),
            demands=Demands(
                "",
                Policy(),
                (stay, HostsPolicy(Policy(), (OTHER,))),
                tuple((each, both) for each in both),
                tuple((each, "vmm01.contoso.com") for each in both),
            ),
        )
        results_file.save(folder / "results.json", with_what_was_not_examined(run))
    # The newest has none.
    saved(tmp_path / "reports" / "2026-11-24T200000Z" / "facts.json", run_facts(**runs(WEB, DB)))
    assert main(["drain", HOST]) == ExitCode.READY
    found = capsys.readouterr().out
    assert "under stays: db01." in found
    assert "it is assumed" not in found
    assert main(["drain", HOST, "--facts", "reports/2026-11-24T200000Z"]) == ExitCode.READY
    assert main(["drain", HOST, "--facts", "reports/2026-11-25T200000Z"]) == ExitCode.USAGE
    assert "holds no facts" in capsys.readouterr().err
    assert main(["window", "group:ams", "--window", "1h"]) == ExitCode.READY
    # Facts of another inventory are not judged by the demands that lie beside them.
    older = tmp_path / "reports" / "2026-11-24T200000Z" / "facts.json"
    saved(older, run_facts(**runs(WEB, DB)), digest="another")
    capsys.readouterr()
    assert main(["drain", HOST]) == ExitCode.READY
    assert "db01" in capsys.readouterr().out.split("machine  from")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("drain", "hv0*"), "hv0* names several hosts: hv01.contoso.com and hv02.contoso.com."),
        (("drain", "hv09"), "hv09: no host of these facts matches. Did you mean"),
        (("drain", "hv01", "--without", "hv01"), "cannot be emptied and be under --without"),
        (("window", "hv01", "--to", "hv01"), "cannot be emptied and be under --to"),
        (("drain", "hv01", "--without", "hv09"), "--without hv09: no host"),
        (("drain", "hv01", "--window", "soon"), "is no window"),
    ],
)
def test_a_mistake_says_what_would_be_right(
    words: tuple[str, ...], said: str, facts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--facts", facts]) == ExitCode.USAGE
    assert said in capsys.readouterr().err


def test_hosts_are_ordered_as_they_were_typed_where_they_can_be(
    facts: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["window", "hv02,hv01", "--facts", facts, "--window", "4h"]) == ExitCode.READY
    lines, _ = printed(capsys)
    steps = [line for line in lines if line[:2] in {"1.", "2."}]
    assert [each.split()[1] for each in steps] == [f"{OTHER}:", f"{HOST}:"]
    assert main(["window", "hv0*", "--bring-back", "--facts", facts]) == ExitCode.READY
    assert "2 moves back (10 GB)" in capsys.readouterr().out


def test_an_order_as_json_is_what_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / "facts.json", run_facts(**runs(WEB, DB)))
    words = ("window", "hv0*", "--facts", path, "--json")
    assert main([*words, "--bring-back", "--window", "4h"]) == ExitCode.READY
    found = held_against("order", capsys.readouterr().out)
    assert found["asked"] == {
        "hosts": [HOST, OTHER],
        "without": [],
        "to": [],
        "window": 14400,
        "way": "bring back",
        "facts": "2026-11-24T20:00:00Z",
        "simulated": False,
    }
    (order,) = found["orders"]
    first, second = order["steps"]
    assert [(e["n"], e["host"], e["way"]) for e in order["steps"]] == [
        (1, HOST, "bring back"), (2, OTHER, "bring back")
    ]  # fmt: skip
    moved = [(e["vm"], e["from"], e["to"], e["kind"], e["MB"]) for e in first["moves"]]
    assert moved == [
        ("web01", HOST, OTHER, "drain", WEB.memory), ("db01", HOST, OTHER, "drain", DB.memory)
    ]  # fmt: skip
    assert [(e["vm"], e["to"]) for e in first["back"]] == [("db01", HOST), ("web01", HOST)]
    assert len(first["moves"][0]["id"]) == len("00000000-0000-0000-0000-000000000000")
    assert {"Links", "At a time"} <= dict(first["takes_back"]["inputs"]).keys()
    assert (second["moves"], second["takes"], order["back"], order["takes_back"]) == (
        [], None, [], None
    )  # fmt: skip
    assert found["takes"]["low"] == first["takes"]["low"] + first["takes_back"]["low"]
    assert main([*words, "--to", OTHER, "--without", "hv02"]) == ExitCode.USAGE
    assert main(["window", "hv01", "--facts", path, "--json"]) == ExitCode.READY
    (order,) = held_against("order", capsys.readouterr().out)["orders"]
    assert [(e["vm"], e["to"]) for e in order["back"]] == [("web01", HOST), ("db01", HOST)]
    assert order["takes_back"]["low"] > 0


@pytest.mark.parametrize(
    ("given", "hosts", "verdict", "reason"),
    [
        (runs(WEB, DB, there=free(1024)), "hv01", "does not fit", "it cannot be emptied, at any"),
        ({**runs(WEB), "other": all_lost(UNREACHABLE)}, "hv02", None, ""),
    ],
)
def test_a_host_without_a_place_is_told_in_json_too(
    given: dict[str, Any],
    hosts: str,
    verdict: str | None,
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = saved(tmp_path / "facts.json", run_facts(**given))
    main(["window", hosts, "--facts", path, "--json"])
    found = held_against("order", capsys.readouterr().out)
    (left_out,) = found["left_out"]
    assert (left_out["host"].partition(".")[0], left_out["verdict"]) == (hosts, verdict)
    assert left_out["reason"].startswith(reason)
    assert found["takes"] is None


@pytest.mark.parametrize(
    ("given", "hosts", "options", "code"),
    [
        (runs(WEB, DB, there=free(1024)), "hv01", (), ExitCode.NOT_READY),
        (runs(replace(WEB, memory=9216)), "hv01", ("--window", "1m"), ExitCode.READY),
        ({**runs(WEB), "other": all_lost(UNREACHABLE)}, "hv02", (), ExitCode.NO_VERDICT),
    ],
)
def test_an_order_without_a_place_for_each_host_is_no_success(
    given: dict[str, Any],
    hosts: str,
    options: tuple[str, ...],
    code: ExitCode,
    tmp_path: Path,
) -> None:
    path = saved(tmp_path / "facts.json", run_facts(**given))
    assert main(["window", hosts, "--facts", path, *options]) == code


@pytest.mark.long
def test_of_the_lab_a_plan_is_made_and_carried_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with start("drain-only-with-swap") as lab:
        path = saved(tmp_path / "facts.json", ask(lab))
    assert main(["drain", "node1", "--facts", path, "--json"]) == ExitCode.READY
    text = capsys.readouterr().out
    plan: PlanDocument = codec.from_json(PlanDocument, json.loads(text))
    assert plan.verdict is Verdict.FITS_WITH_SWAPS
    assert plan.asked.simulated
    assert {each.by for each in plan.moves} == {Means.CLUSTER}
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    words = ("--fleet", "drain-only-with-swap", "--output", str(tmp_path / "after.yaml"))
    assert main(["lab", "apply", "--drain", str(tmp_path / "plan.json"), *words]) == 0
    assert "node1.contoso.com: no machine runs there." in capsys.readouterr().out
