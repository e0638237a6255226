"""Facts that were read from a file are written as they stand there, and never otherwise than so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fact_builders import HOST, OTHER
from in_turn import in_turn
from test_sheet_lines import text
from whole_run import BEGAN

from livemigration.collector import facts_file, snapshot
from livemigration.collector.told_again import LinesOf
from livemigration.facts.model import NotGathered
from livemigration.facts.sheets import RunFacts


def written(facts: RunFacts, lines: LinesOf | None) -> str:
    return "".join(snapshot.texts_of(facts, BEGAN, "prod.yaml", "d", lines=lines))


def in_words(facts: RunFacts) -> str:
    """Return what is written of facts where nothing is known of a file."""
    return written(facts, None)


def file_in(folder: Path, content: str) -> Path:
    path = folder / "facts.json"
    path.write_text(content, encoding="utf-8")
    return path


def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the hosts that are put into words from now on."""
    found: list[str] = []
    sheet = snapshot.OutcomeTexts.sheet

    def watched(self: snapshot.OutcomeTexts, each: object, vmm: str | None) -> str:
        found.append(each.name)  # type: ignore[attr-defined]  # a sheet
        return sheet(self, each, vmm)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr(snapshot.OutcomeTexts, "sheet", watched)
    return found


@pytest.mark.parametrize("name", ["facts.json", "facts.json.gz"])
def test_what_was_read_of_hosts_is_copied(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    known = facts_file.load(file_in(tmp_path, text()))
    snapshot.save(path, known, gathered=BEGAN, inventory="prod.yaml", digest="d")
    facts, lines = facts_file.load_to_copy(path)
    words = encoded(monkeypatch)
    assert written(facts, lines) == text()
    assert not {HOST, OTHER} & {*words}


def _changed(facts: RunFacts) -> RunFacts:
    sheet = facts.hosts[HOST]
    less = {name: each for name, each in sheet.outcomes.items() if name != "services"}
    return replace(facts, hosts={**facts.hosts, HOST: replace(sheet, outcomes=less)})


OTHERWISE: dict[str, Callable[[RunFacts], RunFacts]] = {
    "a host without a group": _changed,
    "one host": lambda facts: replace(facts, hosts={OTHER: facts.hosts[OTHER]}),
    "another order": lambda facts: replace(facts, hosts=dict(reversed([*facts.hosts.items()]))),
    "another server": lambda facts: replace(facts, managers={HOST: "vmm09.contoso.com"}),
    "no server": lambda facts: replace(facts, managers={}),
}


@in_turn("what", OTHERWISE)
def test_what_is_not_as_it_was_read_is_put_into_words(what: str, tmp_path: Path) -> None:
    read, lines = facts_file.load_to_copy(file_in(tmp_path, text()))
    facts = OTHERWISE[what](read)
    assert written(facts, lines) == in_words(facts)


AFTERWARDS: dict[str, Callable[[Path], object]] = {
    "it is gone": lambda path: path.unlink(),
    "it is empty": lambda path: path.write_text(""),
    "another says otherwise": lambda path: path.write_text(text().replace("the host", "the VMM")),
    "it is no text": lambda path: path.write_bytes(b"\xff\xfe\x00" * 9),
    "it is torn": lambda path: path.write_bytes(b"\x1f\x8b\x08\x00"),
    "its first half is gone": lambda path: path.write_text(text()[len(text()) // 2 :]),
}


@in_turn("what", AFTERWARDS)
def test_a_file_that_changed_meanwhile_is_not_copied(what: str, tmp_path: Path) -> None:
    path = file_in(tmp_path, text())
    facts, lines = facts_file.load_to_copy(path)
    AFTERWARDS[what](path)
    assert written(facts, lines) == text()


FORMS: dict[str, Callable[[str], str]] = {
    "another release": lambda whole: whole.replace('"suite_version": "', '"suite_version": "9'),
    "a group twice": lambda whole: whole.replace(
        '"outcomes":{', '"outcomes":{"cluster":{"inapplicable":"at first"},', 1
    ),
    "whole seconds": lambda whole: whole.replace('"seconds":0.25', '"seconds":1'),
    "a document": lambda whole: json.dumps(json.loads(whole), indent=1),
}


@in_turn("form", FORMS)
def test_a_file_of_another_form_is_put_into_words(form: str, tmp_path: Path) -> None:
    content = FORMS[form](text())
    assert content != text()
    facts, lines = facts_file.load_to_copy(file_in(tmp_path, content))
    assert written(facts, lines) == in_words(facts)


def test_what_a_machine_cannot_have_said_is_written_as_what_became_of_it(tmp_path: Path) -> None:
    value = json.loads(text())["hosts"][0]["outcomes"]["local-addresses"]["value"]
    all_of_it = f'"value":{json.dumps(value, separators=(",", ":"))}'
    facts, lines = facts_file.load_to_copy(
        file_in(tmp_path, text().replace(all_of_it, '"value":[]', 1))
    )
    assert isinstance(facts.hosts[HOST].outcomes["local-addresses"], NotGathered)
    assert written(facts, lines) == in_words(facts)
