"""The forms for issues and pull requests, and the changelog, are what their readers take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from check_jsonschema import main as check_schema
from click.testing import CliRunner
from ruamel.yaml import YAML

from livemigration.commands.main import main

ROOT = Path(__file__).parents[2]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
QUESTIONS = [path for path in FORMS if path.name != "config.yml"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_a_form_is_what_github_takes(path: Path, tmp_path: Path) -> None:
    kind = "issue-config" if path.name == "config.yml" else "issue-forms"
    assert _complaints(kind, path) == ""
    text = path.read_text(encoding="utf-8")
    broken = tmp_path / path.name
    for old, new in (("  - type: ", "  - typ: "), ("blank_issues_enabled: ", "blank: ")):
        broken.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert bool(_complaints(kind, broken)) is (old in text)


def _complaints(kind: str, path: Path) -> str:
    given = ["--builtin-schema", f"vendor.github-{kind}", str(path)]
    ended = CliRunner().invoke(check_schema, given)
    return "" if ended.exit_code == 0 else ended.output or repr(ended.exception)


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.name)
def test_a_form_asks_for_a_redacted_capture_and_says_how_to_make_one(path: Path) -> None:
    form = YAML(typ="safe", pure=True).load(path)
    asked = {each["id"]: each for each in form["body"] if "id" in each}
    capture = asked["capture"]
    assert capture["validations"]["required"]
    assert "redacted" in capture["attributes"]["label"].casefold()
    for said in ("livemigration redact", "docs/contributing-captures.md", "ead "):
        assert said in capture["attributes"]["description"]
    assert asked["releases"]["validations"]["required"]
    labels = [each["attributes"].get("label") for each in form["body"] if "id" in each]
    assert len(labels) == len(set(labels)) == len(asked)


def test_the_forms_are_those_that_people_need() -> None:
    assert {path.stem for path in QUESTIONS} == {"bug", "new-fault", "wrong-verdict"}


def test_a_pull_request_is_asked_for_a_redacted_capture() -> None:
    text = (ROOT / ".github" / "PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8")
    for said in ("Redacted capture:", "livemigration redact", "docs/contributing-captures.md"):
        assert said in text


def test_the_commands_that_the_forms_name_exist() -> None:
    folder = ROOT / ".github"
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()]
    named = {name for text in texts for name in re.findall(r"`livemigration (\w+)", text)}
    assert named >= {"redact", "collector", "explain"}
    for name in named:
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
    for name in {each for text in texts for each in re.findall(r"docs/[\w-]+\.md", text)}:
        assert (ROOT / name).is_file()


def test_the_changelog_has_the_form_that_tools_read() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    for version in versions[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", version)
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    for part in text.split("\n## ")[1:]:
        found = re.findall(r"^### (.*)$", part, re.MULTILINE)
        assert len(found) == len(set(found))
        assert set(found) <= kinds
        before, *sections = part.split("\n### ")
        assert "\n- " not in before
        assert all("\n- " in section for section in sections)
    if len(versions) == 1:
        assert "Nothing is released yet" in text
