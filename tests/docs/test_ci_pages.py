"""The pipelines of docs/ci.md hold against their systems' schemas, bash, and the suite itself.

What no test here shows: that a runner reaches the hosts, that a system has the actions, tasks,
plugins and credentials that are named, and that Jenkins knows the steps and their arguments.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ci_pipelines import PAGE, Pipeline, broken_shell, complaints, pipelines, runs, shell
from in_process import run_pytest
from in_turn import in_turn

ROOT = Path(__file__).parents[2]
TEXT = PAGE.read_text(encoding="utf-8")
ALL = {each.name: each for each in pipelines(TEXT)}
SYSTEMS = {"github-workflows", "gitlab-ci", "jenkins", "azure-pipelines"}
NIGHTLY = ["-m", "livemigration", "--inventory", "inventories/prod.yaml"]
GATE = ["-m", "livemigration", "--gate", "host-build", "--target=$HOST"]
JUNIT = "--junitxml=reports/junit.xml"

each_pipeline = pytest.mark.parametrize("pipeline", ALL.values(), ids=ALL)


@pytest.fixture(scope="session")
def known_options() -> set[str]:
    """The options that pytest has with the suite's plugin."""
    code, told = run_pytest("--help", cwd=ROOT)
    assert code == 0, told
    # The help leaves out the other spelling of --junit-xml.
    return {"--junitxml", *re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", told)}


@each_pipeline
def test_a_pipeline_is_what_its_system_takes(pipeline: Pipeline, tmp_path: Path) -> None:
    assert complaints(pipeline, tmp_path) == ""


@each_pipeline
def test_the_shell_of_a_pipeline_is_bash(pipeline: Pipeline) -> None:
    scripts = shell(pipeline)
    assert any("pip install" in script for script in scripts)
    assert [broken_shell(script) for script in scripts] == [""] * len(scripts)


@each_pipeline
def test_a_pipeline_uses_options_that_the_suite_has(
    pipeline: Pipeline, known_options: set[str]
) -> None:
    given = [each.partition("=")[0] for run in runs(pipeline) for each in run]
    options = {each for each in given if each.startswith("-")}
    assert "-m" in options
    assert options <= known_options


def test_each_system_has_the_nightly_run_and_the_gate() -> None:
    found: dict[str, list[list[str]]] = {system: [] for system in SYSTEMS}
    for pipeline in ALL.values():
        found[pipeline.system] += runs(pipeline)
    for system, made in found.items():
        nightly, gate = [*NIGHTLY, JUNIT], [*GATE, JUNIT]
        if system == "github-workflows":
            nightly.append("--sarif=reports/results.sarif")
        assert made == [nightly, gate], system


def steps(pipeline: Pipeline) -> list[dict[str, Any]]:
    jobs = pipeline.document["jobs"]
    (job,) = jobs.values() if isinstance(jobs, dict) else jobs
    found: list[dict[str, Any]] = job["steps"]
    return found


@each_pipeline
def test_what_a_failed_run_leaves_is_kept(pipeline: Pipeline) -> None:
    if pipeline.system == "jenkins":
        always = pipeline.text.partition("always {")[2]
        assert "archiveArtifacts artifacts: 'reports/**', allowEmptyArchive: true" in always
        assert "junit testResults: 'reports/junit.xml', allowEmptyResults: true" in always
    elif pipeline.system == "gitlab-ci":
        kept = pipeline.document[".check"]["artifacts"]
        assert kept["when"] == "always"
        assert kept["paths"] == ["reports/"]
        assert kept["reports"] == {"junit": "reports/junit.xml"}
        jobs = ("compliance", "host-build")
        assert {pipeline.document[job]["extends"] for job in jobs} == {".check"}
    else:
        github = pipeline.system == "github-workflows"
        after = [each for each in steps(pipeline) if {"uses", "task", "publish"} & set(each)]
        after = [each for each in after if "checkout" not in each.get("uses", "")]
        said = [each["if" if github else "condition"] for each in after]
        assert len(said) >= 1 if github else len(said) == 2
        assert all("!cancelled()" in each or each == "succeededOrFailed()" for each in said)


@each_pipeline
def test_no_pipeline_hides_an_exit_code(pipeline: Pipeline) -> None:
    for hiding in ("continue-on-error", "continueOnError", "allow_failure", "catchError", "||"):
        assert hiding not in pipeline.text
    assert "returnStatus" not in pipeline.text


@each_pipeline
def test_credentials_come_from_the_systems_own_store(pipeline: Pipeline) -> None:
    # GitLab gives its variables to every job of the project.
    for name in ("LIVEMIGRATION_USERNAME", "LIVEMIGRATION_PASSWORD"):
        said = {
            "github-workflows": f"{name}: ${{{{ secrets.{name} }}}}",
            "azure-pipelines": f"{name}: $({name})",
            "jenkins": f"Variable: '{name}'",
            "gitlab-ci": "",
        }[pipeline.system]
        assert said in pipeline.text
        assert pipeline.text.count(name) == said.count(name)


@each_pipeline
def test_the_hosts_name_reaches_the_shell_as_a_value(pipeline: Pipeline) -> None:
    for script in shell(pipeline):
        assert "${{" not in script
        assert "$HOST" not in script.replace('"$HOST"', "")
    if pipeline.system == "jenkins":
        assert '"""' not in pipeline.text
        assert 'sh "' not in pipeline.text


@pytest.mark.parametrize("name", [name for name in ALL if name.startswith(".github/")])
def test_actions_are_pinned_by_their_major_version(name: str) -> None:
    used = [each["uses"] for each in steps(ALL[name]) if "uses" in each]
    assert len(used) >= 2
    assert all(re.fullmatch(r"[\w-]+(/[\w-]+)+@v\d+", each) for each in used)


GITHUB, GITLAB = ".github/workflows/live-migration.yml", ".gitlab-ci.yml"
JENKINS, AZURE = "Jenkinsfile", "azure-pipelines.yml"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (GITHUB, "runs-on:", "run-on:"),
        (GITHUB, "timeout-minutes: 30", "timeout-minutes: soon"),
        (GITHUB, "security-events: write", "security-events: all"),
        (GITLAB, "when: always", "when: on_always"),
        (GITLAB, "paths: [reports/]", "path: [reports/]"),
        (GITLAB, "access: developer", "access: everyone"),
        (JENKINS, "stages {", "stages "),
        (JENKINS, "    post {", "    afterwards {"),
        (JENKINS, "agent { label 'linux && winrm' }", ""),
        (JENKINS, "            steps {", "            step {"),
        (JENKINS, "pipeline {", "node {"),
        (AZURE, "- job: compliance", "- jobs: compliance"),
        (AZURE, "always: true", "always: sometimes"),
        (AZURE, "timeoutInMinutes: 30", "timeoutInMinuts: 30"),
        (AZURE, "- publish: reports", "- publishes: reports"),
        (AZURE, "include: [main]", "only: [main]"),
    ],
)
def test_a_broken_pipeline_is_found(name: str, old: str, new: str, tmp_path: Path) -> None:
    whole = ALL[name]
    broken = replace(whole, text=whole.text.replace(old, new))
    assert broken.text != whole.text
    assert complaints(broken, tmp_path) != ""


@in_turn("name", ALL)
def test_broken_shell_is_found(name: str) -> None:
    whole = ALL[name]
    broken = replace(whole, text=whole.text.replace("&& .venv/bin/pip", "&& ( .venv/bin/pip"))
    assert any("syntax error" in broken_shell(script) for script in shell(broken))


def test_a_block_without_a_files_name_is_found() -> None:
    with pytest.raises(AssertionError, match="no file's name"):
        pipelines(TEXT.replace("`Jenkinsfile`:", "The file:"))
