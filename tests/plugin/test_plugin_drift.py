"""--baseline: what changed since an earlier run, in whole runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from plugin_runs import Ended, run_here

from livemigration.base import codec
from livemigration.run import results_file
from livemigration.run.run import Run


@pytest.fixture
def earlier(demo: tuple[Ended, Path], tmp_path: Path) -> Path:
    """A run of the demo in which hv02 failed LM101, hv03 did not fail LM102, and facts differed."""
    folder = tmp_path / "earlier"
    shutil.copytree(demo[0].folder, folder)

    def change(name: str, edit: Any) -> None:
        path = folder / name
        document = json.loads(path.read_text(encoding="utf-8"))
        edit(document)
        path.write_text(json.dumps(document), encoding="utf-8")

    def change_results(edit: Any) -> None:
        path = folder / "results.json"
        document = codec.to_json(results_file.load(path))
        edit(document)
        results_file.save(path, codec.from_json(Run, document))

    def results(document: dict[str, Any]) -> None:
        found = {(e["entry"]["check"], e["entry"]["target"][:4]): e for e in document["results"]}
        # Two hosts that were as another one is.
        for check, host, other in (("LM101", "hv02", "hv04"), ("LM102", "hv03", "hv01")):
            found[check, host].update(
                {key: found[check, other][key] for key in ("state", "red", "reason", "findings")}
            )

    def facts(document: dict[str, Any]) -> None:
        document["hosts"][0]["outcomes"]["migration-settings"]["value"]["maximum_migrations"] = 7

    change_results(results)
    # It would deny them.
    (folder / "journal.jsonl").unlink()
    change("facts.json", facts)
    return folder


def test_what_changed_since_an_earlier_run_comes_first(
    tmp_path: Path, demo_facts: str, earlier: Path
) -> None:
    ended = run_here(tmp_path / "reports", demo_facts, f"--baseline={earlier}")
    assert ended.code == 1, ended.output
    moved = "UTC: 1 ready again, 7 as before (1 for other checks), 1 setting moved."
    assert moved in ended.output
    # First in the recap, which stands before the verdict.
    _, recap = ended.output.split("\nNot ready, and why:\n")
    assert recap.splitlines()[0].endswith(moved)
    assert recap.splitlines()[1] == "  ready again: hv02"
    drift = ended.results["drift"]
    assert [(each["check"], each["target"]) for each in drift["new"]] == [
        ("LM102", "hv03.contoso.com")
    ]
    (fact,) = drift["facts"]
    assert (fact["target"], fact["was"], fact["now"]) == ("hv01.contoso.com", "7", "2")
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert "Settings that moved, also where they are still right" in page


def test_without_its_facts_the_settings_of_an_earlier_run_are_not_compared(
    tmp_path: Path, demo_facts: str, earlier: Path
) -> None:
    alone = tmp_path / "results.json"
    shutil.copy(earlier / "results.json", alone)
    ended = run_here(tmp_path / "reports", demo_facts, f"--baseline={alone}")
    assert "Settings were not compared" in ended.output
    assert ended.results["drift"]["facts"] is None


def test_last_is_the_newest_run_of_this_inventory_that_can_be_read(
    tmp_path: Path, healthy_replay: tuple[str, str], demo_facts: str
) -> None:
    reports = tmp_path / "reports"
    first = run_here(reports, *healthy_replay, "--baseline=last")
    assert "There is no earlier run of this inventory to compare with." in first.output
    run_here(tmp_path / "other", demo_facts)
    for name in ("9998-demo", "9999-damaged"):
        shutil.copytree(next((tmp_path / "other").glob("2*")), reports / name)
    (reports / "9999-damaged" / "results.json").write_text("{}", encoding="utf-8")
    (reports / "9997-empty").mkdir()
    again = run_here(reports, *healthy_replay, "--baseline=last")
    assert again.code == 0, again.output
    assert "UTC: nothing changed." in again.output
    assert "Passed over: " in again.output
    assert again.output.count("Passed over: ") == 1


@pytest.mark.parametrize(
    ("content", "words"), [(None, "No such file"), ("{}", "not the results.json of a run")]
)
def test_a_baseline_that_cannot_be_read_is_a_usage_error(
    tmp_path: Path, healthy_replay: tuple[str, str], content: str | None, words: str
) -> None:
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    ended = run_here(tmp_path / "reports", *healthy_replay, f"--baseline={path}")
    assert ended.code == 4, ended.output
    assert words in ended.output
