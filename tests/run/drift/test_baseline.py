"""Which earlier run a run is held against: the newest of its inventory that came to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fact_builders import run_facts
from whole_run import BEGAN, save, whole_run

from livemigration.base.errors import UsageError
from livemigration.run import results_file
from livemigration.run.drift.baseline import last, load
from livemigration.run.exit_code import ExitCode
from livemigration.run.run import Run


def saved(folder: Path, day: int, **changes: object) -> Run:
    run, asked = whole_run(run_facts(), began=BEGAN + timedelta(days=day))
    run = replace(run, **changes)  # type: ignore[arg-type]  # tests name real fields
    save(folder, run, asked)
    return run


def test_the_newest_run_of_the_inventory_that_came_to_its_end_is_the_baseline(
    tmp_path: Path,
) -> None:
    first = saved(tmp_path / "2026-11-21", 1)
    second = saved(tmp_path / "2026-11-22", 2)
    saved(tmp_path / "2026-11-23", 3, interrupted=True)
    saved(tmp_path / "2026-11-24", 4, inventory="other.yaml")
    (tmp_path / "2026-11-25").mkdir()
    (tmp_path / "2026-11-26").write_text("no folder", encoding="utf-8")
    found = last(tmp_path, "prod.yaml")
    assert (found.label, found.run, found.remarks) == ("2026-11-22", second, ())
    assert found.facts is not None
    assert found.damaged == ""
    (tmp_path / "2026-11-22" / "results.json").write_text("{", encoding="utf-8")
    passed = last(tmp_path, "prod.yaml")
    assert (passed.label, passed.run) == ("2026-11-21", first)
    assert [each.startswith("Passed over: ") for each in passed.remarks] == [True]
    none = last(tmp_path, "nowhere.yaml")
    assert none.run is None
    assert len(none.remarks) == 1


def test_a_run_that_was_changed_afterwards_is_no_baseline(tmp_path: Path) -> None:
    first = saved(tmp_path / "2026-11-21", 1)
    saved(tmp_path / "2026-11-22", 2, exit_code=ExitCode.NOT_READY)
    found = last(tmp_path, "prod.yaml")
    assert (found.label, found.run) == ("2026-11-21", first)
    assert ["exit_code is 1 (NOT READY)" in each for each in found.remarks] == [True]
    results_file.save(tmp_path / "joined.json", replace(first, exit_code=ExitCode.NOT_READY))
    for path in (tmp_path / "2026-11-22", tmp_path / "joined.json"):
        with pytest.raises(UsageError, match="It was changed after the run, or damaged"):
            load(path)


def test_a_baseline_is_named_by_its_folder_or_any_results_file(tmp_path: Path) -> None:
    run = saved(tmp_path / "run", 1)
    for path in (tmp_path / "run", tmp_path / "run" / "results.json"):
        found = load(path)
        assert (found.label, found.run) == (str(path), run)
        assert found.facts is not None
    joined = tmp_path / "joined.json"
    results_file.save(joined, run)
    alone = load(joined)
    assert (alone.label, alone.run, alone.facts, alone.damaged) == (str(joined), run, None, "")
    with pytest.raises(UsageError):
        load(tmp_path / "gone.json")


def test_damaged_facts_are_told_and_the_results_still_count(tmp_path: Path) -> None:
    run = saved(tmp_path / "run", 1)
    facts = tmp_path / "run" / "facts.json"
    facts.write_text("{", encoding="utf-8")
    found = load(tmp_path / "run")
    assert (found.run, found.facts) == (run, None)
    assert found.damaged.startswith(f"{facts}, the facts of the earlier run, is damaged: ")
    assert not found.damaged.endswith(".")
    facts.unlink()
    assert (load(tmp_path / "run").facts, load(tmp_path / "run").damaged) == (None, "")


def test_facts_that_cannot_be_read_are_told_with_what_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = saved(tmp_path / "run", 1)
    facts = tmp_path / "run" / "facts.json"

    def locked(real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Path, *args: Any, **more: Any) -> Any:
            if path == facts:
                raise PermissionError(13, "Permission denied")
            return real(path, *args, **more)

        return opened

    # An administrator may read any file: what is refused to others has to be made up.
    for name in ("open", "read_text"):
        monkeypatch.setattr(Path, name, locked(getattr(Path, name)))
    found = load(tmp_path / "run")
    assert (found.run, found.facts) == (run, None)
    told = f"{facts}, the facts of the earlier run, cannot be read: Permission denied"
    assert found.damaged == told
