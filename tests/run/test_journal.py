"""What a journal holds is what was written, as far as the run came."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fact_builders import CHECKS, HOST, OTHER, VMM, run_facts
from whole_run import BEGAN, whole_run

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.collector import snapshot
from livemigration.collector.snapshot import OutcomeTexts
from livemigration.facts.identity import Listed
from livemigration.facts.model import Subject
from livemigration.run import results_file
from livemigration.run.evidence.model import Gathering
from livemigration.run.exit_code import ExitCode
from livemigration.run.files import RunFiles
from livemigration.run.journal import Journal, JournalContent, ending_of, read
from livemigration.run.merge.model import Besides
from livemigration.run.record import Beginning, Observed
from livemigration.run.result import State
from livemigration.run.run import HostSummary, Run
from livemigration.run.stored import load_beside_journal

GATHERING = Gathering(BEGAN, BEGAN + timedelta(seconds=30))


@cache
def whole() -> tuple[Run, Observed]:
    return whole_run(run_facts(enabled=False, listeners=()))


def beginning(run: Run, **changes: Any) -> Beginning:
    _, asked = whole()
    assert asked.facts is not None
    assert run.demands is not None
    assert run.zone is not None
    begun = Beginning(
        suite_version=run.suite_version,
        inventory=run.inventory,
        inventory_digest=run.inventory_digest,
        started=run.started,
        zone=run.zone,
        servers=(VMM,),
        selection=run.selection,
        hosts=tuple(HostSummary(host.name) for host in run.hosts),
        plan=run.plan,
        reads={name: tuple(group.name for group in each.groups) for name, each in CHECKS.items()},
        demands=run.demands,
        listed=asked.facts.listed,
        listed_vmms=(Listed(VMM, "10.0.0.5"),),
    )
    return replace(begun, **changes)


def written(path: Path, *, results: int | None = None, end: bool = True) -> Run:
    """Write the journal of a run, of so many of its results; return the run."""
    run, asked = whole()
    assert asked.facts is not None
    assert run.stamp is not None
    journal = Journal(path)
    journal.begin(beginning(run), run.stamp)
    journal.gathering(Gathering(BEGAN))
    journal.gathering(GATHERING)
    for name, sheet in asked.facts.hosts.items():
        first = dict(list(sheet.outcomes.items())[:3])
        journal.facts(Subject.HOST, name, first)
        journal.facts(Subject.HOST, name, sheet.outcomes)
        journal.facts(Subject.HOST, name, sheet.outcomes)
    journal.facts(Subject.VMM, VMM, asked.facts.vmm.outcomes)
    for each in run.results[:results]:
        journal.result(each)
    if end:
        journal.end(replace(ending_of(run), exit_code=ExitCode.READY), None)
        journal.end(ending_of(run), run.stamp)
    journal.close()
    return run


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_facts_that_come_with_their_text_are_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    run, asked = whole()
    assert asked.facts is not None
    assert run.stamp is not None
    sheets = asked.facts.hosts
    journal = Journal(path)
    journal.begin(beginning(run), run.stamp)
    first = dict(list(sheets[OTHER].outcomes.items())[:3])
    journal.facts(Subject.HOST, OTHER, first)
    texts = {name: OutcomeTexts().outcomes(sheet.outcomes) for name, sheet in sheets.items()}
    for _ in range(2):
        for name, sheet in sheets.items():
            journal.facts(Subject.HOST, name, sheet.outcomes, texts[name])
            journal.facts(Subject.HOST, name, sheet.outcomes)
    journal.close()
    found = path.read_text(encoding="utf-8").splitlines()[2:]
    # Of which some was there already, the rest alone.
    assert len(found) == 2
    assert found[0].endswith(f'"outcomes":{texts[HOST]}}}')
    assert not first.keys() & json.loads(found[1])["outcomes"].keys()
    told = read(path).facts.hosts
    assert {name: sheet.outcomes for name, sheet in told.items()} == {
        name: sheet.outcomes for name, sheet in sheets.items()
    }


def test_what_was_written_is_told_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    before = datetime.now(UTC)
    run = written(path)
    told = read(path)
    assert told.beginning == beginning(run)
    assert told.gathering == GATHERING
    assert tuple(told.results) == run.results
    assert told.ending == ending_of(run)
    assert before <= told.last <= datetime.now(UTC)
    _, asked = whole()
    assert asked.facts is not None
    facts = told.facts
    assert {name: sheet.outcomes for name, sheet in facts.hosts.items()} == {
        name: sheet.outcomes for name, sheet in asked.facts.hosts.items()
    }
    assert facts.vmm.outcomes == asked.facts.vmm.outcomes
    assert facts.gathered == BEGAN
    assert facts.managers == dict.fromkeys((HOST, OTHER), VMM)
    assert (facts.listed, facts.listed_vmms) == (asked.facts.listed, (Listed(VMM, "10.0.0.5"),))
    # All of it: what the reports show of the facts, and until when they are evidence.
    assert told.run == run
    assert run.evidence
    assert run.valid_until


def beside(folder: Path) -> tuple[Path, Run]:
    """Write the journal of a run whose facts are in its facts file; return path and run."""
    run, asked = whole()
    assert asked.facts is not None
    assert run.stamp is not None
    path = folder / "journal.jsonl"
    journal = Journal(path)
    journal.begin(beginning(run), run.stamp)
    journal.gathering(GATHERING)
    snapshot.save(
        folder / "facts.json.gz",
        asked.facts,
        gathered=BEGAN,
        inventory=run.inventory,
        digest=run.inventory_digest,
    )
    journal.facts_beside()
    for each in run.results:
        journal.result(each)
    journal.end(ending_of(run), run.stamp)
    journal.close()
    return path, run


def test_facts_that_are_in_a_file_beside_it_are_read_from_there(tmp_path: Path) -> None:
    path, run = beside(tmp_path)
    assert [each["kind"] for each in lines(path)].count("facts") == 0
    told = read(path)
    assert tuple(told.results) == run.results
    assert told.run == run
    _, asked = whole()
    assert asked.facts is not None
    assert {name: sheet.outcomes for name, sheet in told.facts.hosts.items()} == {
        name: sheet.outcomes for name, sheet in asked.facts.hosts.items()
    }


def test_facts_that_are_not_beside_it_are_asked_for_by_name(tmp_path: Path) -> None:
    path, run = beside(tmp_path)
    (tmp_path / "facts.json.gz").unlink()
    told = read(path)
    # What became of the checks is in it all the same.
    assert tuple(told.results) == run.results
    with pytest.raises(UsageError, match=r"facts\.json: .* not beside its journal\. Put the file"):
        _ = told.run


def test_results_in_any_order_and_of_no_plan_are_told_as_they_came(tmp_path: Path) -> None:
    run, _ = whole()
    assert run.stamp is not None
    stranger = replace(run.results[0], entry=replace(run.results[0].entry, node_id="of_no_plan"))
    equal = replace(run.results[4], entry=replace(run.results[4].entry))
    told = [*run.results[3:9], stranger, *reversed(run.results), equal, run.results[5]]
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.begin(beginning(run), run.stamp)
    for each in told:
        journal.result(each)
    journal.close()
    assert read(path).results == told
    # Of the one that no plan has, all is in its line.
    assert [type(each.get("result")) for each in lines(path)].count(dict) == 1


def test_a_fact_that_is_written_already_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    written(path)
    of_host = [each for each in lines(path) if each.get("name") == HOST]
    first, rest = (set(each["outcomes"]) for each in of_host)  # type: ignore[call-overload]  # JSON
    assert len(first) == 3
    assert not first & rest
    assert " " not in path.read_text(encoding="utf-8").splitlines()[1].replace(HOST, "")


def test_a_run_that_did_not_end_is_no_verdict_but_shows_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    run = written(path, results=4, end=False)
    told = read(path)
    assert told.ending is None
    assert told.run.results == run.results[:4]
    assert told.run.interrupted
    assert told.run.finished == told.last
    assert told.run.exit_code is ExitCode.INTERRUPTED
    assert len(told.run.problems) == 1
    assert told.run.not_run == run.plan[4:]
    empty = JournalContent(beginning(run), BEGAN)
    assert empty.run.results == ()
    assert empty.run.exit_code is ExitCode.INTERRUPTED
    assert set(empty.facts.hosts) == {HOST, OTHER}
    assert all(sheet.outcomes == {} for sheet in empty.facts.hosts.values())
    assert empty.facts.gathered is None
    assert empty.run.evidence is None


def test_a_line_that_was_cut_off_is_left_out_at_the_end_only(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    run = written(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-5], encoding="utf-8")
    assert read(path).ending == replace(ending_of(run), exit_code=ExitCode.READY)
    head, _, rest = text.partition("\n")
    for number, content in (
        (2, f"{head}\n{rest[5:]}"),
        (1, rest),
        (2, f'{head}\n{{"kind": "odd", "at": "2026-11-23T20:00:00+00:00"}}\n'),
        (2, f'{head}\n{{"kind": "result"}}\n'),
        (2, f"{head}\n[]\n"),
    ):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(UsageError, match=f"line {number}: not a line of a journal"):
            read(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the journal is empty"),
        ('{"kind": "begin"', "the journal was cut in its first line"),
        ('{"kind": "end", "at": "2026-11-23T20:00:00+00:00"}\n', ": it does not begin with the"),
        ("no JSON\n", "line 1: not a line of a journal of this release."),
    ],
)
def test_what_is_no_journal_is_refused_with_what_is_wrong(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read(path)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)
    path.unlink()
    with pytest.raises(UsageError, match="No such file"):
        read(path)


def test_results_are_held_against_the_journal_beside_them(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    run = written(files.journal)
    results_file.save(files.results, run)
    assert load_beside_journal(files) == run
    written(files.journal, results=4)
    with pytest.raises(UsageError, match=r"not what journal\.jsonl beside it says"):
        load_beside_journal(files)
    # One that did not end says less, and denies nothing.
    written(files.journal, results=4, end=False)
    assert load_beside_journal(files) == run


def test_the_first_and_the_last_line_carry_the_stamp_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    run = written(path)
    first, *_, last = lines(path)
    assert (first["kind"], last["kind"]) == ("begin", "end")
    assert first["stamp"] == last["stamp"] == codec.to_json(run.stamp)


def test_a_broken_check_is_told_of_a_run_that_was_cut_off_too() -> None:
    run, _ = whole()
    broken = replace(run.results[0], state=State.INTERNAL_ERROR, red=False)
    told = JournalContent(beginning(run), BEGAN, results=[broken]).run
    assert told.exit_code is ExitCode.INTERNAL_ERROR
    assert told.interrupted


def test_how_a_run_ended_is_all_of_what_its_exit_code_comes_from() -> None:
    run = replace(
        whole()[0],
        interrupted=True,
        stopped_early="--maxfail",
        problems=("Full.",),
        besides=Besides(own_tests_failed=1),
    )
    ending = ending_of(run)
    assert {name: getattr(run, name) for name in vars(ending)} == vars(ending)
