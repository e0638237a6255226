"""The lines and words that fixes are made of: guards, records, quoted text, bounded sentences."""

from __future__ import annotations

import pytest
from fix_rows import HOST, MACHINE, SERVER, SUBNET
from in_turn import in_turn

from livemigration.base.text import one_line, sentence, some
from livemigration.facts.migration import MigrationNetwork
from livemigration.verdict.fixes import (
    script,
)
from livemigration.verdict.fixes.quoting import LONGEST_COMMENT, comment, quote
from livemigration.verdict.fixes.script import FixTarget, opening


def test_rows_are_recorded_as_they_were_and_guarded_by_their_words() -> None:
    rows = (
        MigrationNetwork(SUBNET, None, ()),
        MigrationNetwork(SUBNET, 5, ("Microsoft:UserManaged", "Other")),
    )
    assert script.recorded(rows) == (
        "# Before the change, row 1: 10.1.9.0/24, metric not set, tags none.",
        "# Before the change, row 2: 10.1.9.0/24, metric 5, tags Microsoft:UserManaged, Other.",
    )
    observed = script.rows_unchanged(MACHINE, rows)[2]
    assert "'10.1.9.0/24 metric  tags '" in observed
    assert "'10.1.9.0/24 metric 5 tags Microsoft:UserManaged,Other'" in observed


def test_a_comment_records_more_than_a_sentence_shows_and_not_without_an_end() -> None:
    assert comment("a" * LONGEST_COMMENT) == "# " + "a" * LONGEST_COMMENT
    assert len(comment("a" * 9999)) == LONGEST_COMMENT + len("# ")


@pytest.mark.parametrize(
    ("machine", "session"),
    [
        (MACHINE, "$session = New-CimSession -ComputerName $name"),
        (
            FixTarget(HOST, SERVER, joined=False),
            (
                "$session = New-CimSession -ComputerName $name -Credential (Get-Credential) "
                "-SessionOption (New-CimSessionOption -UseSsl)"
            ),
        ),
    ],
)
def test_a_workgroup_host_is_reached_with_credentials_of_its_own(
    machine: FixTarget, session: str
) -> None:
    lines = opening(machine)
    assert session in lines
    assert f"$name = '{HOST}'" in lines
    assert f"Get-SCVMMServer -ComputerName '{SERVER}' | Out-Null" in lines
    assert any(line.startswith("if ($null -eq $vmHost) { throw") for line in lines)


@in_turn(
    "text, expression",
    [
        ("it's", "'it''s'"),
        ("a\u2019b", "'a\u2019\u2019b'"),
        ("a\nb", "('a' + [char]10 + 'b')"),
        ("\u202e", "('' + [char]8238 + '')"),
        ("a\U000e0001b", "('a' + [char]56128 + [char]56321 + 'b')"),
    ],
)
def test_a_character_that_could_end_a_line_is_written_by_its_number(
    text: str, expression: str
) -> None:
    assert quote(text) == expression


def test_words_of_a_sentence_are_bounded_where_they_are_too_many() -> None:
    assert one_line("a" * 300) == "a" * 300
    assert one_line("a" * 301) == "a" * 297 + "..."
    assert one_line("a\tb\u202ec  d") == "a b c d"
    assert sentence("a" * 600) == "a" * 600 + "."
    assert (sentence("so?"), sentence("so!"), sentence("so")) == ("so?", "so!", "so.")
    eight = [f"hv{number:02}" for number in range(1, 9)]
    assert some(eight) == f"{', '.join(eight[:7])} and hv08"
    assert some([*eight, "hv09"]) == f"{', '.join(eight)} and 1 more"
    assert some(eight, at_most=7) == f"{', '.join(eight[:7])} and 1 more"
