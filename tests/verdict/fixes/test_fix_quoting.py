"""No value of a host or an inventory can leave its place in a script or forge a line of text."""

from __future__ import annotations

import re
import unicodedata

from fact_builders import VMM_2012_SP1, VMM_2022, judged, run_facts
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from test_fixes import commands, nodes

from livemigration.base.text import one_line
from livemigration.verdict.fixes.quoting import SINGLE_QUOTES, comment, quote, quote_list

HOSTILE = (
    "'; Remove-Item C:\\ -Recurse; '",
    "\u2019; Remove-Item C:\\; \u2018",
    "\u201a\u201b'\u2019",
    '"$(Remove-Item C:\\)"',
    "`$(whoami)",
    "a\nRemove-Item C:\\",
    "a\r\n'@\nRemove-Item C:\\",
    "a\u2028Remove-Item C:\\",
    "a\u0085Remove-Item C:\\",
    "\u202eevil\u2066",
    "nul\x00nul",
    "]]></script>#>",
    "\ud800",
    "\U0001f600'",
)

anything = (
    st.text()
    | st.text(alphabet="'\u2018\u2019\u201a\u201b\"`$(){};|&#\n\r\u2028 a")
    | (st.sampled_from(HOSTILE))
)


def value_of(expression: str) -> str:
    """Return the value that PowerShell gives to what `quote` writes, or fail.

    PowerShell ends a single-quoted string at any of its single quotes that is not doubled.
    """
    numbered = expression.startswith("(")
    rest = expression[1:-1] if numbered else expression
    units: list[int] = []
    while rest:
        if match := re.match(r"\[char\](\d{1,5})", rest):
            units.append(int(match.group(1)))
            rest = rest[match.end() :]
        else:
            assert rest[0] == "'", rest
            at = 1
            while not (
                rest[at] in SINGLE_QUOTES and rest[at + 1 : at + 2] not in set(SINGLE_QUOTES)
            ):
                step = 2 if rest[at] in SINGLE_QUOTES else 1
                raw = rest[at].encode("utf-16-be", "surrogatepass")
                units += [int.from_bytes(raw[i : i + 2]) for i in range(0, len(raw), 2)]
                at += step
            rest = rest[at + 1 :]
        if rest:
            assert numbered
            assert rest.startswith(" + "), rest
            rest = rest[3:]
    data = b"".join(unit.to_bytes(2) for unit in units)
    return data.decode("utf-16-be", "surrogatepass")


@given(anything)
def test_a_quoted_text_is_one_expression_on_one_line_whose_value_is_the_text(text: str) -> None:
    expression = quote(text)
    assert len(expression.splitlines()) <= 1
    expected = text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
    assert value_of(expression) == expected


@given(st.lists(anything, max_size=4))
def test_a_quoted_list_stays_on_one_line(texts: list[str]) -> None:
    assert len(quote_list(texts).splitlines()) == 1


@given(anything)
def test_a_text_for_a_sentence_or_a_comment_cannot_start_another_line(text: str) -> None:
    for line in (one_line(text), comment(text)):
        assert len(line.splitlines()) <= 1
        assert not any(unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"} for each in line)
    assert comment(text).startswith("# ")


@in_turn("release", [VMM_2012_SP1, VMM_2022])
@in_turn("hostile", HOSTILE)
def test_a_hostile_name_or_tag_adds_no_command_to_a_script(release: str, hostile: str) -> None:
    def scripts(name: str, tag: str) -> list[tuple[str, ...]]:
        rows = (("10.0.50.0/24", tag), ("10.0.60.0/24", "Microsoft:UserManaged"))
        facts = run_facts(
            release=release, name=name, networks=rows, listeners=("10.0.50.11",), enabled=False
        )
        found = []
        for check in ("LM101", "LM102", "LM104", "LM201", "LM304"):
            result = judged(check, facts, {"authentication": "credssp"})
            for finding in result.findings:
                assert len(finding.observed.splitlines()) == 1
                if finding.fix is not None:
                    found += [finding.fix.commands, finding.fix.undo]
        assert found
        return found

    tame = scripts("hv01.contoso.com", "Microsoft:UserManaged")
    wild = scripts(hostile, hostile)
    assert [commands(lines) for lines in wild] == [commands(lines) for lines in tame]
    assert [len(lines) for lines in wild] == [len(lines) for lines in tame]
    for lines in wild:
        assert not any(node.type == "ERROR" for node in nodes(lines))
