"""Files of other forms beside the report, what GitHub Actions shows, and JUnit, in whole runs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import JUnitXml
from plugin_runs import Ended, run_here, site

from livemigration.commands.main import main
from livemigration.plugin import more_views
from livemigration.report.formats import FORMATS
from livemigration.report.sarif import sarif_text
from livemigration.report.wording import SIMULATED
from livemigration.run import results_file, runner
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result, State

FORMS = tuple(FORMATS)
HOSTILE = """
from livemigration.verdict.check import check
from livemigration.verdict.findings import fail, Fix


@check("LM199")
def test_site(host):
    '''The site is right.'''
    text = "a\\x00\\x1b[2J\\ud800]]>&<b \\ufffe"
    yield fail(text, text, Fix(key="k", summary=text))
"""
# The classes of junitparser by the name of their element.
KINDS: dict[State, type | None] = {
    State.PASS: None,
    State.WARNING: None,
    State.FAIL: Failure,
    State.BLOCKED: Error,
    State.NOT_APPLICABLE: Skipped,
    State.WAIVED: Skipped,
}


@pytest.fixture(autouse=True)
def _no_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may themselves run in GitHub Actions."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def cases_of(path: Path) -> list[Any]:
    return [case for suite in JUnitXml.fromfile(str(path)) for case in suite]


def properties_of(part: Any) -> dict[str, str]:
    return {each.name: each.value for each in part.properties()}


def test_the_files_that_are_asked_for_are_views_of_the_results(
    tmp_path: Path, demo_facts: str
) -> None:
    options = [f"--{form}={tmp_path}/new/run.{form}" for form in FORMS]
    ended = run_here(tmp_path / "reports", demo_facts, *options)
    assert ended.code == 1, ended.output
    run = results_file.load(ended.folder / "results.json")
    for form in FORMS:
        written = (tmp_path / "new" / f"run.{form}").read_bytes()
        assert written.decode() == FORMATS[form].text(run, Path())
    (sarif,) = json.loads((tmp_path / "new/run.sarif").read_text("utf-8"))["runs"]
    assert sarif["invocations"][0]["exitCode"] == 1
    with (tmp_path / "new/run.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = {(row["check"], row["target"]): row["state"] for row in csv.DictReader(stream)}
    assert found == ended.states()
    assert SIMULATED in (tmp_path / "new/run.markdown").read_text("utf-8")
    # Outside GitHub Actions its commands would be noise.
    assert "::error" not in ended.output


@pytest.mark.parametrize("form", FORMS)
def test_a_view_that_cannot_be_written_leaves_the_verdict_and_is_told(
    form: str, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = run_here(tmp_path / "reports", *healthy_replay, f"--{form}={tmp_path}/file/run")
    assert ended.code == ExitCode.ARTEFACT_NOT_WRITTEN, ended.output
    assert set(ended.states().values()) <= {"pass", "not-applicable", "warning"}
    (problem,) = ended.results["problems"]
    assert problem.startswith(f"The {FORMATS[form].called} file {tmp_path}/file/run could not")
    assert problem in ended.output
    assert (ended.folder / "report.html").is_file()


def test_a_defect_in_one_view_keeps_the_others_and_quotes_no_host(
    tmp_path: Path, healthy_replay: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("what a host sent")

    monkeypatch.setattr("livemigration.report.sarif.export", broken)
    options = [f"--{form}={tmp_path}/run.{form}" for form in FORMS]
    ended = run_here(tmp_path / "reports", *healthy_replay, *options)
    assert ended.code == ExitCode.ARTEFACT_NOT_WRITTEN, ended.output
    assert "could not be written: ValueError." in ended.output
    assert "what a host sent" not in ended.output
    assert not (tmp_path / "run.sarif").exists()
    assert (tmp_path / "run.csv").exists()


def test_in_github_actions_the_verdict_is_annotated_and_the_summary_appended(
    tmp_path: Path, demo_facts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("Of another program.", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    ended = run_here(tmp_path / "reports", demo_facts)
    commands = [line for line in ended.output.splitlines() if line.startswith("::")]
    assert commands[0].startswith("::error title=Live migration%3A NOT READY::SIMULATED")
    kinds = Counter(line.split(" ")[0] for line in commands)
    assert kinds["::error"] == 1 + 7
    assert kinds["::warning"] == 3
    assert ended.last_lines[-1].startswith("Exit code 1: ")
    assert summary.read_text("utf-8").startswith(
        f"Of another program.\n# Live migration: NOT READY\n\n**{SIMULATED}**\n"
    )


def test_a_summary_grows_no_larger_than_github_takes(
    tmp_path: Path, demo_facts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"x" * (more_views.MOST_OF_SUMMARY - 5000))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    ended = run_here(tmp_path / "reports", demo_facts)
    assert ended.code == 1, ended.output
    assert more_views.MOST_OF_SUMMARY - 4500 < summary.stat().st_size <= more_views.MOST_OF_SUMMARY
    assert b"sections are left out here" in summary.read_bytes()


def test_a_summary_that_cannot_be_written_is_a_problem_of_the_run(
    tmp_path: Path, healthy_replay: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    ended = run_here(tmp_path / "reports", *healthy_replay)
    assert ended.code == ExitCode.ARTEFACT_NOT_WRITTEN, ended.output
    assert "The job summary of GitHub Actions could not be written: " in ended.output


def test_junit_names_every_check_and_target_once_with_what_was_said(
    demo: tuple[Ended, Path],
) -> None:
    ended, facts = demo
    cases = {(case.classname, case.name): case for case in cases_of(facts.with_name("junit.xml"))}
    results = {
        (
            f"livemigration.{each['entry']['area']}.{each['entry']['check']}",
            f"{each['entry']['check']} {each['entry']['target']}",
        ): each
        for each in ended.results["results"]
    }
    assert cases.keys() == results.keys()
    assert len(cases) == len(cases_of(facts.with_name("junit.xml")))
    for name, result in results.items():
        case, state = cases[name], State(result["state"])
        assert [type(each) for each in case.result] == [each for each in [KINDS[state]] if each]
        properties = properties_of(case)
        assert properties["state"] == state.value
        assert properties["target"] == result["entry"]["target"]
        for finding in result["findings"]:
            if finding["level"] == properties["level"]:
                assert finding["observed"] in properties["observed"]
                assert finding["expected"] in properties["expected"]
                assert not finding["fix"] or finding["fix"]["summary"] in properties["fix"]
        if state is State.BLOCKED:
            assert f"{result['entry']['target']}: Blocked by LM" in (case.result[0].message or "")
            assert result["blocked_by"]["next_step"] in case.result[0].text
        if state is State.FAIL:
            # GitLab and Azure Pipelines ignore properties.
            message, text = case.result[0].message or "", case.result[0].text
            for key in ("observed", "expected", "fix"):
                assert properties[key][:100] in message
            assert "truncated" not in message
            weighty = [each for each in result["findings"] if each["level"] == "fail"]
            for finding in weighty:
                assert f"Observed: {finding['observed']}" in text
                assert f"Expected: {finding['expected']}" in text
            first = weighty[0]["fix"]
            assert all(said in text for said in (first["summary"], *first["console"]))
        if state is State.NOT_APPLICABLE:
            assert result["reason"] in (case.result[0].message or "")


def test_junit_says_the_verdict_and_that_a_run_is_of_the_lab(demo: tuple[Ended, Path]) -> None:
    (suite,) = JUnitXml.fromfile(str(demo[1].with_name("junit.xml")))
    properties = properties_of(suite)
    assert properties["verdict"] == "NOT READY"
    assert properties["simulated"] == SIMULATED


def test_junit_tells_a_waived_check_as_skipped_with_its_reason(
    tmp_path: Path, demo_facts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = runner.timed

    def waived(*arguments: Any, **rest: Any) -> Result:
        result = judge(*arguments, **rest)
        signed = "Accepted by J. Doe until 2026-06-30."
        if result.state is State.FAIL:
            result = replace(result, state=State.WAIVED, red=False, reason=signed)
        return result

    monkeypatch.setattr(runner, "timed", waived)
    junit = tmp_path / "junit.xml"
    ended = run_here(
        tmp_path / "reports", demo_facts, f"--junitxml={junit}", "-k", "LM102 or suits"
    )
    found = [case for case in cases_of(junit) if properties_of(case)["state"] == "waived"]
    assert len(found) == list(ended.states().values()).count("waived") > 0
    for case in found:
        (skipped,) = case.result
        assert isinstance(skipped, Skipped)
        assert skipped.message == "Accepted by J. Doe until 2026-06-30."
        assert properties_of(case)["level"] == "fail"


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_no_text_of_a_host_makes_junit_invalid(
    family: str, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder, junit = site(tmp_path / "site", test_own=HOSTILE), tmp_path / "junit.xml"
    options = (f"--junitxml={junit}", "--override-ini", f"junit_family={family}")
    ended = run_here(
        tmp_path / "reports", *healthy_replay, *options, "--junitprefix=nightly", cwd=folder
    )
    assert ended.code == 1, ended.output
    cases = cases_of(junit)
    assert {case.classname for case in cases} == {"nightly.livemigration.settings.LM199"}
    assert {properties_of(case)["fix"] for case in cases} == {"a??[2J?]]>&<b ?"}
    assert "a??[2J?]]>&<b ?" in cases[0].result[0].message


@pytest.mark.parametrize("form", FORMS)
def test_the_command_prints_what_the_option_writes(
    form: str,
    tmp_path: Path,
    demo: tuple[Ended, Path],
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    folder = demo[0].folder
    expected = FORMATS[form].text(results_file.load(folder / "results.json"), Path()).encode()
    assert main(["view", str(folder), "--format", form]) == ExitCode.READY
    assert capfdbinary.readouterr().out == expected
    output = tmp_path / "view"
    arguments = ["view", str(folder / "results.json"), f"--format={form}", f"--output={output}"]
    assert main(arguments) == ExitCode.READY
    assert capfdbinary.readouterr().out == b""
    assert output.read_bytes() == expected


def test_the_command_prints_the_same_bytes_on_a_console_of_windows(
    demo: tuple[Ended, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = io.BytesIO()
    console = io.TextIOWrapper(printed, encoding="cp1252", newline="\r\n")
    monkeypatch.setattr(sys, "stdout", console)
    assert main(["view", str(demo[0].folder), "--format", "csv"]) == ExitCode.READY
    run = results_file.load(demo[0].folder / "results.json")
    assert printed.getvalue() == FORMATS["csv"].text(run, Path()).encode()


def test_the_command_names_the_lines_of_the_inventory_where_it_is_the_same(
    tmp_path: Path, demo: tuple[Ended, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "hosts:\n" + "".join(f"  - name: hv{number:02}.contoso.com\n" for number in range(1, 11))
    (tmp_path / "prod.yaml").write_text(text, encoding="utf-8")
    run = replace(
        results_file.load(demo[0].folder / "results.json"),
        inventory="prod.yaml",
        inventory_digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    results_file.save(tmp_path / "results.json", run)
    monkeypatch.chdir(tmp_path)
    assert main(["view", "results.json", "--format=sarif", "--output=a.sarif"]) == ExitCode.READY
    written = (tmp_path / "a.sarif").read_text("utf-8")
    lines = {f"hv{number:02}.contoso.com": number + 1 for number in range(1, 11)}
    assert written == sarif_text(run, lines)
    assert written != sarif_text(run)


@pytest.mark.parametrize(
    ("path", "says"),
    [("missing.json", " is not there. Name "), (".", ": not the folder of a run. Name ")],
)
def test_the_command_says_what_is_wrong_with_its_input(
    path: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["view", path, "--format", "csv"]) == ExitCode.USAGE
    assert capsys.readouterr().err.startswith(f"livemigration: {path}{says}")


def test_the_command_says_that_a_file_cannot_be_written(
    tmp_path: Path, demo: tuple[Ended, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "missing" / "a.csv"
    arguments = ["view", str(demo[0].folder), "--format=csv", f"--output={output}"]
    assert main(arguments) == ExitCode.USAGE
    assert "Make it, or name another file with --output." in capsys.readouterr().err
