from __future__ import annotations

from in_turn import in_turn

from livemigration.report.text import plain


@in_turn(
    "text, shown",
    [
        ("hv01.contoso.com", "hv01.contoso.com"),
        ("Grüße, 東京", "Grüße, 東京"),
        ("a\r\nb\nc\td", "a b c d"),
        ("\x1b[2Jgone", "?[2Jgone"),
        ("\x9b31m\x00\x7f", "?31m??"),
        ("\u202egnp.exe\u2066\u200b", "?gnp.exe??"),
        ("one\u2028two\u2029three\x85four", "one two three four"),
        ("\ud800", "?"),
        ("a ##vso[task.setvariable variable=PATH]b", "a # #vso[task.setvariable variable=PATH]b"),
        ("####VSO[task.complete]", "### #VSO[task.complete]"),
        ("##[error]forged", "# #[error]forged"),
        ("#\u200b#[x]", "#?#[x]"),
        ("## a heading [x]", "## a heading [x]"),
    ],
)
def test_plain_makes_control_characters_harmless(text: str, shown: str) -> None:
    assert plain(text) == shown
