"""Runs that were cut off: what their journal holds is rendered, and the rest is gathered."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plugin_runs import CREDENTIALS, HOST_CHECKS, Ended, run_forked, run_here

from livemigration.base.errors import UsageError
from livemigration.commands.main import main
from livemigration.lab.launch import RunningLab, start
from livemigration.run import journal
from livemigration.run.exit_code import ExitCode

# Ends the process as a power cut does, once the facts of so many machines are written.
CUT_OFF = """
import os
from livemigration.run.journal import Journal

whole, seen = Journal.facts, set()

def facts(self, subject, name, outcomes):
    whole(self, subject, name, outcomes)
    seen.add(name)
    if len(seen) == 3:
        os._exit(137)

Journal.facts = facts
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with start("healthy") as running:
        yield running


@pytest.fixture(scope="module")
def variables(lab: RunningLab) -> dict[str, str]:
    names = sorted(CREDENTIALS)
    return {
        names[1]: lab.credentials.username,
        names[0]: lab.credentials.password.reveal(),
    }


def inventory(folder: Path, lab: RunningLab) -> Path:
    """Write an inventory that names the lab's machines as if they were real."""
    hosts = "".join(f"  - {{name: {each.name}, address: {each.address}}}\n" for each in lab.hosts)
    path = folder / "prod.yaml"
    path.write_text(
        f"schema: 1\nvmm: {{name: {lab.vmm.name}, address: {lab.vmm.address}}}\n"
        f"hosts:\n{hosts}"
        f"connection: {{port: {lab.vmm.port}, time_limits: {{connect: 20, probe: 4}}}}\n",
        encoding="utf-8",
    )
    return path


def moments(facts: Path) -> dict[str, list[str]]:
    """Return when each group was gathered, by machine."""
    document = json.loads(facts.read_text(encoding="utf-8"))
    return {
        sheet["name"]: sorted(each["at"] for each in sheet["outcomes"].values() if each["at"])
        for sheet in document["hosts"]
    }


def test_a_run_that_was_killed_is_rendered_and_then_gone_on_with(
    tmp_path: Path,
    lab: RunningLab,
    variables: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    ours = f"--inventory={inventory(tmp_path, lab)}"
    killed = run_forked(tmp_path / "reports", ours, before=CUT_OFF, variables=variables)
    assert killed.code == 137, killed.output
    assert {each.name for each in killed.folder.iterdir()} == {"journal.jsonl"}

    told = journal.read(killed.folder / "journal.jsonl")
    known = {name for _, name in told.outcomes}
    assert len(known) == 3
    assert main(["report", str(killed.folder)]) == ExitCode.INTERRUPTED
    said = capsys.readouterr().out
    assert "NO VERDICT: interrupted" in said
    assert f"Interrupted: 0 of {len(HOST_CHECKS) * 6 + 1} planned checks ran." in said
    assert f"\nGo on with the same command and --resume={killed.folder}\n" in said
    assert said.splitlines()[-1].startswith("Exit code 2: ")
    page = (killed.folder / "report.html").read_text(encoding="utf-8")
    assert "The run did not end. This is what its journal holds." in page

    whole = run_here(tmp_path / "again", ours, f"--resume={killed.folder}", variables=variables)
    assert whole.code == 0, whole.output
    assert "ready. 6 of 6 hosts are ready." in whole.output
    assert "Resumed: what the run of 2" in whole.output
    assert told.gathering is not None
    began = datetime.fromisoformat(whole.results["gathered"]["began"])
    assert began == told.gathering.began
    restarted = whole.results["started"]
    asked_again = {
        name for name, times in moments(whole.folder / "facts.json").items() if times[0] > restarted
    }
    # Of hosts that are known, VMM is still asked; they themselves are not.
    assert asked_again == {each.name for each in lab.hosts} - known


@pytest.fixture(scope="module")
def lines(demo: tuple[Ended, Path]) -> bytes:
    return (demo[0].folder / "journal.jsonl").read_bytes()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.floats(0, 1))
def test_a_journal_that_ends_anywhere_is_no_green_verdict(
    lines: bytes, tmp_path: Path, cut: float
) -> None:
    path = tmp_path / "journal.jsonl"
    # All but the last byte: with it the run has ended.
    path.write_bytes(lines[: int(cut * (len(lines) - 1))])
    whole = path.read_bytes().count(b"\n")
    if not whole:
        said = "was cut in its first line" if path.stat().st_size else "is empty"
        with pytest.raises(UsageError, match=f"the journal {said}"):
            journal.read(path)
        return
    told = journal.read(path)
    assert (told.ending is None) == (whole < lines.count(b"\n"))
    if told.ending is None:
        ended = told.run
        assert ended.exit_code is ExitCode.INTERRUPTED
        assert len(ended.results) + len(ended.not_run) == len(ended.plan)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{}\n", "line 1: not a line of a journal"),
        ('{"kind":"end","at":"2026-01-01T00:00:00+00:00"}\n', "does not begin with the plan"),
        ("[]\n", "line 1"),
        ("[" * 100_000 + "\n", "line 1"),
    ],
)
def test_what_is_no_journal_is_refused_with_its_line(
    tmp_path: Path, line: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(line, encoding="utf-8")
    assert main(["report", str(path)]) == 4
    assert words in capsys.readouterr().err
    assert {each.name for each in tmp_path.iterdir()} == {"journal.jsonl"}


def test_a_full_disk_costs_the_results_but_not_the_verdict(
    tmp_path: Path, demo: tuple[Ended, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The journal was written while the run went on; results.json and the report were not."""
    shutil.copy(demo[0].folder / "journal.jsonl", tmp_path)
    assert main(["report", str(tmp_path)]) == 1
    assert "NOT READY. 7 of 10 hosts are not ready." in capsys.readouterr().out
    written = (tmp_path / "results.json").read_bytes()
    assert written == (demo[0].folder / "results.json").read_bytes()
    assert "hv03.contoso.com" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_report_can_be_written_elsewhere(
    tmp_path: Path, demo: tuple[Ended, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "new" / "folder"
    assert main(["report", str(demo[0].folder / "results.json"), "--output", str(to)]) == 1
    assert f"Report: {to / 'report.html'}" in capsys.readouterr().out
    assert {each.name for each in to.iterdir()} == {"report.html", "results.json"}


def changed(folder: Path, **changes: Any) -> Path:
    """Change the first line of a folder's journal."""
    path = folder / "journal.jsonl"
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    document = json.loads(first)
    document["run"] |= changes
    path.write_text(json.dumps(document) + "\n" + rest, encoding="utf-8")
    return path


def test_a_run_of_the_demo_is_gone_on_with_at_the_addresses_it_had(tmp_path: Path) -> None:
    killed = run_forked(tmp_path / "reports", before=CUT_OFF)
    assert killed.code == 137, killed.output
    told = journal.read(killed.folder / "journal.jsonl")
    assert len(told.outcomes) == 3
    ended = run_here(tmp_path / "again", f"--resume={killed.folder}")
    assert ended.code == 1, ended.output
    assert "NOT READY. 7 of 10 hosts are not ready." in ended.output
    assert "had gathered was not asked for again." in ended.output
    facts = (ended.folder / "facts.json").read_text(encoding="utf-8")
    assert len(set(re.findall(r'"127\.([0-9]+)\.1\.', facts))) == 1


def test_only_a_recent_run_of_the_same_inventory_is_gone_on_with(
    tmp_path: Path, lab: RunningLab, monkeypatch: pytest.MonkeyPatch, demo: tuple[Ended, Path]
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    ours = f"--inventory={inventory(tmp_path, lab)}"
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    shutil.copy(demo[0].folder / "journal.jsonl", earlier)
    resume = f"--resume={earlier}"

    def refused(*arguments: str) -> str:
        ended = run_here(tmp_path / "reports", *arguments)
        assert ended.code == 4, ended.output
        return ended.output

    assert "has changed since or is not this inventory" in refused(ours, resume)
    digest = re.search(r"[0-9a-f]{64}", digest_of(tmp_path, ours))
    assert digest is not None
    old = (datetime.now(UTC) - timedelta(hours=13)).isoformat()
    path = changed(earlier, inventory_digest=digest[0])
    text = re.sub(r'"began":"[^"]*"', f'"began":"{old}"', path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    assert "its facts are older than 12 hours" in refused(ours, resume)
    changed(earlier, facts_from="facts.json")
    assert "a replay of facts, which asked nobody" in refused(ours, resume)
    assert "--facts asks nobody, --resume asks" in refused(resume, f"--facts={demo[1]}")
    assert "not the folder of a run" in refused(ours, f"--resume={tmp_path / 'nowhere'}")


def digest_of(folder: Path, ours: str) -> str:
    from livemigration.inventory.inventory import load
    from livemigration.lab.played import machines_of

    return load(ours.removeprefix("--inventory="), folder, machines_of).digest
