"""Selections and names that nobody means: refused with their reason, and at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from plugin_runs import run_here

from livemigration.base.errors import NothingToCheckError
from livemigration.base.files import not_kept_by_windows
from livemigration.inventory import inventory
from livemigration.plugin.artefacts import RunFolder

WHOLE = "schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts: [{name: hv01.contoso.com}]\n"
USAGE = 4


@pytest.mark.parametrize("option", ["-k", "-m"])
@pytest.mark.parametrize(
    "selection",
    [
        "(" * 5000 + "a" + ")" * 5000,
        "not " * 5000 + "a",
        "(not " * 60 + "a" + ")" * 60,
        "(" * 51 + "livemigration" + ")" * 51,
        "(not not " * 20 + "a" + ")" * 20,
    ],
    ids=["brackets", "nots", "both", "just too deep", "two nots each"],
)
def test_a_selection_that_lies_too_deep_is_a_usage_error(
    tmp_path: Path, option: str, selection: str
) -> None:
    ended = run_here(tmp_path, "--inventory=lab:healthy", "--co", "-q", option, selection)
    assert ended.code == USAGE
    assert f"{option}: more than 50 brackets and nots lie in each other." in ended.output
    assert "INTERNALERROR" not in ended.output


@pytest.mark.parametrize(
    "selection",
    [
        "(" * 50 + "livemigration" + ")" * 50,
        " and ".join(["not (nothing)"] * 100),
        " or ".join(["livemigration"] * 500),
    ],
    ids=["as deep as it may be", "side by side", "long"],
)
def test_a_selection_that_is_only_long_is_read(tmp_path: Path, selection: str) -> None:
    ended = run_here(tmp_path, "--inventory=lab:healthy", "--co", "-q", "-k", selection)
    assert ended.code == 0, ended.output


@pytest.mark.parametrize("together", [True, False])
def test_a_pattern_longer_than_any_name_is_a_usage_error(tmp_path: Path, together: bool) -> None:
    pattern = "[" * 60_000
    given = [f"--limit={pattern}"] if together else ["--limit", pattern]
    ended = run_here(tmp_path, "--inventory=lab:healthy", "--co", "-q", *given)
    assert ended.code == USAGE
    assert "a pattern of 60000 characters. Write 300 at most: a name has 253." in ended.output
    assert len(ended.output) < 2000


@pytest.mark.parametrize("pattern", ["[" * 300, "*a" * 150, "[!" * 100 + "]", "[[]hv01*"])
def test_a_pattern_with_brackets_is_only_a_pattern(pattern: str) -> None:
    hosts = inventory.parse(WHOLE, "prod.yaml").hosts
    with pytest.raises(NothingToCheckError, match="no host of the inventory matches"):
        inventory.limit(hosts, [pattern])


@pytest.mark.parametrize(
    "label",
    ["con.yaml", "NUL", "nul.yaml", "aux .yaml", "com1.site.yaml", "site. .yaml", "...", "LPT1."],
)
@pytest.mark.parametrize("change", ["", "CON", "NUL"])
def test_no_file_of_a_run_has_a_name_that_windows_would_not_keep(
    tmp_path: Path, label: str, change: str
) -> None:
    files = RunFolder(tmp_path, label, datetime.now(UTC), change).files
    made = [files.results, files.report, files.tests, files.journal, files.facts]
    made += [files.fix_script, files.bundle, files.folder]
    assert [each.name for each in made if not_kept_by_windows(each.name)] == []
