"""The file of --junitxml is the one that pytest's own writer would make of the same reports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree.ElementTree import Element

import pytest
from _pytest.junitxml import LogXML
from defusedxml.ElementTree import parse
from hypothesis import given
from hypothesis import strategies as st
from plugin_runs import Ended, run_here, site
from run_builders import made_entry

from livemigration.plugin.compat_junit import shorten_message
from livemigration.plugin.items import CheckItem
from livemigration.plugin.reports import reports_of, sentence
from livemigration.report.junit import case_name, case_properties, class_name, suite_properties
from livemigration.report.junit_xml import CaseForm, case_xml
from livemigration.run import results_file
from livemigration.run.result import Blocker, Result, State
from livemigration.verdict.findings import Finding, Level

Places = dict[str, tuple[str, int | None]]


def written_by_pytest(
    path: Path,
    results: Sequence[Result],
    places: Places,
    prefix: str | None = None,
    **form: Any,
) -> LogXML:
    """Let pytest's own writer take the reports of results."""
    writer = LogXML(path, prefix, **form)
    writer.pytest_sessionstart()
    for result in results:
        location = (*places[result.entry.check], sentence(result))
        item = SimpleNamespace(nodeid=result.entry.node_id, location=location, keywords={})
        reports = list(reports_of(cast("CheckItem", item), result))
        case = writer.node_reporter(reports[0])
        own = class_name(result.entry)
        case.add_attribute("classname", f"{prefix}.{own}" if prefix else own)
        case.add_attribute("name", case_name(result.entry))
        for report in reports:
            report.user_properties = [*case_properties(result)]
            writer.pytest_runtest_logreport(report)
    return writer


def elements(node: Element) -> list[object]:
    own = {name: value for name, value in node.items() if name not in {"timestamp", "hostname"}}
    if node.tag == "testsuite":
        del own["time"]
    return [node.tag, list(own.items()), node.text or "", [elements(each) for each in node]]


def root_of(path: Path) -> Element:
    found = parse(path).getroot()
    assert found is not None
    return found


def test_a_run_writes_what_pytest_would_write_element_by_element(
    tmp_path: Path, demo: tuple[Ended, Path]
) -> None:
    ended, facts = demo
    run = results_file.load(ended.folder / "results.json")
    assert {each.state for each in run.results} >= {
        State.PASS,
        State.WARNING,
        State.FAIL,
        State.BLOCKED,
        State.NOT_APPLICABLE,
    }
    places: Places = {}
    for result in run.results:
        path = result.entry.node_id.partition("::")[0]
        places[result.entry.check] = path, _line_of(result)
    writer = written_by_pytest(tmp_path / "a.xml", run.results, places, family="xunit2")
    for name, value in suite_properties(run):
        writer.add_global_property(name, value)
    writer.pytest_sessionfinish()
    assert elements(root_of(facts.with_name("junit.xml"))) == elements(root_of(tmp_path / "a.xml"))


def _line_of(result: Result) -> int:
    from fact_builders import CHECKS

    functions = {each.identifier: each.function for each in CHECKS.values()}
    return functions[result.entry.check].__code__.co_firstlineno


def result_of(state: State, text: str) -> Result:
    entry = replace(
        made_entry("LM199", "hv01", node_id="checks/test_a.py::test_a[hv01]"),
        title=text or "It is.",
    )
    level = {State.PASS: Level.OK, State.WARNING: Level.WARNING}.get(state, Level.FAIL)
    made = Result(entry, state, state is State.FAIL, (Finding(level, text, text),), seconds=0.0125)
    if state is State.BLOCKED:
        return replace(made, findings=(), blocked_by=Blocker("LM302", text, text), reason=text)
    if state in {State.WAIVED, State.NOT_APPLICABLE, State.INTERNAL_ERROR}:
        return replace(made, reason=text)
    return made


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
@pytest.mark.parametrize("duration", ["total", "call"])
@pytest.mark.parametrize("state", [each for each in State if each is not State.NOT_RUN])
@given(text=st.text(max_size=900), prefix=st.sampled_from([None, "night <ly>"]))
def test_no_text_of_a_result_is_written_as_pytest_would_not_write_it(
    family: str,
    duration: str,
    state: State,
    tmp_path_factory: pytest.TempPathFactory,
    text: str,
    prefix: str | None,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    result, places = result_of(state, text), {"LM199": ("checks/test_a.py", 7)}
    path = folder / f"junit-{os.getpid()}.xml"
    writer = written_by_pytest(
        path, [result], cast("Places", places), prefix, family=family, report_duration=duration
    )
    writer.pytest_sessionfinish()
    (case,) = root_of(path).iter("testcase")
    form = CaseForm(
        prefix=prefix or "",
        says_place=family == "xunit1",
        counts_setup=duration == "total",
        shorten=shorten_message,
        places=cast("Places", places),
    )
    path.write_text(case_xml(result, form, sentence(result)), encoding="utf-8")
    assert elements(root_of(path)) == elements(case)


CHECK = """
from livemigration.api import check, ok


@check("LM199")
def test_site(host):
    '''The site is right.'''
    yield ok(host.name)
"""


def test_a_file_that_cannot_be_written_leaves_the_verdict_and_is_named(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder = site(tmp_path / "site", test_own=CHECK)
    (tmp_path / "file").write_text("", encoding="utf-8")
    junit = tmp_path / "file" / "junit.xml"
    ended = run_here(tmp_path / "reports", *healthy_replay, f"--junitxml={junit}", cwd=folder)
    assert ended.code == 11, ended.output
    (problem,) = ended.results["problems"]
    assert problem.startswith(f"The JUnit file {junit} could not be written")
    assert {"report.html", "tests.html"} <= {each.name for each in ended.folder.iterdir()}


def test_a_defect_in_the_file_quotes_no_host(
    tmp_path: Path, healthy_replay: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("what a host sent")

    monkeypatch.setattr("livemigration.plugin.junit_file.case_xml", broken)
    folder, junit = site(tmp_path / "site", test_own=CHECK), tmp_path / "junit.xml"
    ended = run_here(tmp_path / "reports", *healthy_replay, f"--junitxml={junit}", cwd=folder)
    assert ended.code == 11, ended.output
    assert "could not be written: ValueError." in ended.output
    assert "what a host sent" not in ended.output
    assert not junit.exists()


@pytest.mark.parametrize("option", ["--co", "-k nothing_of_this_name"])
def test_a_session_without_results_still_has_its_file(
    option: str, tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    folder, junit = site(tmp_path / "site", test_own=CHECK), tmp_path / "junit.xml"
    run_here(tmp_path / "reports", *healthy_replay, option, f"--junitxml={junit}", cwd=folder)
    assert list(root_of(junit).iter("testsuite"))
    assert not list(root_of(junit).iter("testcase"))
