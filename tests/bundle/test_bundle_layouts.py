"""Bundles whose results.json is of an older schema, or has another form than the suite writes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bundle_forging import Edit, members, results_in, text, verified, written
from fact_builders import run_facts
from whole_run import BEGAN, save, whole_run

from livemigration.bundle.members import bundle_of

LATER = BEGAN + timedelta(hours=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layouts")


def bundle_with(folder: Path, schema: int) -> Path:
    run, asked = whole_run(run_facts(enabled=False))
    path = folder / f"{schema}.zip"
    files = save(folder / f"run-{schema}", replace(run, schema=schema), asked)
    path.write_bytes(bundle_of(files)[0])
    return path


@pytest.mark.parametrize("schema", [1, 2])
def test_a_bundle_of_either_schema_is_verified(folder: Path, schema: int) -> None:
    path = bundle_with(folder, schema)
    assert ("plan" in json.loads(members(path)["results.json"])) is (schema == 1)
    assert results_in(members(path))["schema"] == schema
    found = verified(path, LATER)
    assert (found.wrong, found.no_evidence) == ((), ())


def _spare_outcome(document: dict[str, Any]) -> None:
    document["checks"]["LM101"]["outcomes"].append({"reason": "Nothing comes to it."})


def _spare_fix(document: dict[str, Any]) -> None:
    document["fixes"].append({"key": "spare", "summary": "Mend nothing."})


def _spare_value(document: dict[str, Any]) -> None:
    document["hosts"][0]["results"]["LM101"].append("spare")


def _another_order(document: dict[str, Any]) -> None:
    document["order"]["plan"] = list(range(sum(len(h["results"]) for h in document["hosts"]) + 1))


def _another_key(document: dict[str, Any]) -> None:
    document["hosts"][0]["note"] = "All is well."


@pytest.mark.parametrize(
    "edit",
    [_spare_outcome, _spare_fix, _spare_value, _another_order, _another_key],
    ids=lambda each: each.__name__,
)
def test_what_no_result_refers_to_is_found(folder: Path, tmp_path: Path, edit: Edit) -> None:
    path = bundle_with(folder, 2)
    held = members(path)
    before = results_in(held)
    document = json.loads(held["results.json"])
    edit(document)
    held["results.json"] = text(document)
    # To who reads the run, nothing has changed.
    assert results_in(held) == before
    wrong = verified(written(held, tmp_path / "x.zip"), LATER).wrong
    assert "results.json has more in it, or another form, than the suite writes." in wrong
