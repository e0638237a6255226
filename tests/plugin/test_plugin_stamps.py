"""Every file of a run, and every member of its bundle, says for what and until when it holds."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plugin_runs import Ended, real, run_here

from livemigration.bundle.members import FACTS, REPLAY, RESULTS, views_of
from livemigration.report.formats import FORMATS
from livemigration.report.moments import utc
from livemigration.run.results_file import load

WINDOW = "2026-11-24T22:00+01:00/2026-11-25T02:00+01:00"
CHANGE = ("--change=CHG0012345", "--operator=Kim", f"--window={WINDOW}", "--bundle")
FORMS = (*FORMATS, "junitxml")


def files(ended: Ended, forms: Path) -> Iterator[tuple[str, str]]:
    """Yield every file that a run left, and what each holds as text."""
    for path in (*ended.reports.rglob("*"), *forms.glob("form.*")):
        if path.is_dir():
            continue
        if path.suffix != ".zip":
            yield path.name, path.read_text(encoding="utf-8-sig")
            continue
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path.name}/{name}", archive.read(name).decode("utf-8-sig")


def waivers(folder: Path) -> str:
    path = folder / "waivers.yaml"
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    path.write_text(
        "schema: 1\ntime_zone: UTC\nwaivers:\n  - {hosts: [hv03*], checks: [LM102], owner: Kim, "
        f"ticket: R-1, reason: soon, expires: {tomorrow}}}\n",
        encoding="utf-8",
    )
    return f"--waivers={path}"


@pytest.mark.parametrize("simulated", [True, False])
def test_no_file_of_a_bundle_or_a_run_is_without_change_policy_and_time(
    demo: tuple[Ended, Path], tmp_path: Path, simulated: bool
) -> None:
    facts = (f"--facts={demo[1]}",) if simulated else real(demo[1], tmp_path)
    forms = [f"--{each}={tmp_path / f'form.{each}'}" for each in FORMS]
    ended = run_here(tmp_path / "reports", *facts, *CHANGE, *forms, waivers(tmp_path))
    assert ended.code == 1, ended.output
    results = (ended.folder / "CHG0012345-results.json").read_text(encoding="utf-8")
    stamp = json.loads(results)["stamp"]
    until = datetime.fromisoformat(stamp["valid_until"])
    wanted = {
        "change": ("CHG0012345",),
        "operator": ("Kim",),
        "window": ("2026-11-24T21:00:00Z", "2026-11-24 21:00:00 UTC"),
        "policy": (stamp["policy_digest"],),
    }
    if simulated:
        wanted["watermark"] = ("SIMULATED",)
    else:
        wanted["time"] = (f"{until:%Y-%m-%dT%H:%M:%S}", utc(until))
    seen = dict(files(ended, tmp_path))
    # The run's own, with what leads to its report; the bundle's, with its manifest; and the forms.
    bundled = {FACTS, REPLAY, RESULTS, *views_of(load(ended.folder / "CHG0012345-results.json"))}
    assert len(seen) == 7 + len(bundled) + 1 + len(FORMS), sorted(seen)
    lacking = [
        f"{name}: {what}"
        for name, text in seen.items()
        for what, forms_of_it in wanted.items()
        if not any(each in text for each in forms_of_it)
    ]
    assert lacking == []
