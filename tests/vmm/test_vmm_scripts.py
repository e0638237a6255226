"""The PowerShell files: syntax, the dialect of version 3.0, reviewed cmdlets, contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import tree_sitter
import tree_sitter_powershell
from hypothesis import given
from hypothesis import strategies as st

from livemigration.vmm.scripts import (
    BOOTSTRAP,
    PROBE,
    RESOLVE_NAMES,
    SCRIPTS,
    ResolveRequest,
    Script,
)

POWERSHELL = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
TEXTS = {each.name: each.text for each in SCRIPTS} | {"the bootstrap": BOOTSTRAP}

# Every cmdlet that a script may call, reviewed: none of them changes anything.
REVIEWED = {
    "ConvertFrom-Json",
    "ConvertTo-Json",
    "ForEach-Object",
    "Get-ItemProperty",
    "Get-SCVMHost",
    "Get-SCVMMServer",
    "Import-Module",
    "New-Object",
    "Out-Null",
    "Set-StrictMode",
    "Test-Path",
    "Test-WSMan",
}

# What Windows PowerShell 3.0, which VMM 2012 SP1 runs on, does not have.
LATER = {
    "static constructor": r"::new\(",
    "class": r"(?im)^\s*(class|enum)\s+\w+\s*[:{]",
    "null-conditional": r"\?\.|\?\[",
    "null-coalescing": r"\?\?",
    "pipeline chain": r"&&|\|\|",
    "ternary": r"\?\s+[^|{]+\s+:\s",
    "parallel": r"(?i)-Parallel\b",
    "hash table from JSON": r"(?i)-AsHashtable\b",
    "array to JSON": r"(?i)-AsArray\b",
    "using": r"(?im)^\s*using\s+(namespace|module)\b",
    "member method": r"\.(Where|ForEach)\s*[({]",
}

scripts = pytest.mark.parametrize("name", TEXTS)


def nodes(text: str) -> Iterator[tree_sitter.Node]:
    waiting = [POWERSHELL.parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


@scripts
def test_a_script_has_no_syntax_error(name: str) -> None:
    broken = [n for n in nodes(TEXTS[name]) if n.type == "ERROR" or n.is_missing]
    assert not broken, [(each.start_point, each.text) for each in broken]


@scripts
def test_a_script_calls_reviewed_cmdlets_and_its_own_functions_only(name: str) -> None:
    text = TEXTS[name]
    own = set(re.findall(r"(?im)^\s*function\s+([\w-]+)", text))
    called = {
        node.text.decode()
        for node in nodes(text)
        if node.type == "command_name" and node.text is not None
    }
    assert called - own <= REVIEWED
    assert called


@scripts
@pytest.mark.parametrize("feature", LATER)
def test_a_script_keeps_to_version_3(name: str, feature: str) -> None:
    code = re.sub(r"(?m)#.*$", "", TEXTS[name])
    assert not re.search(LATER[feature], code), feature


@pytest.mark.parametrize(
    ("feature", "code"),
    [
        ("static constructor", "[Text.StringBuilder]::new()"),
        ("class", "class A { }"),
        ("null-conditional", "$a?.b"),
        ("null-coalescing", "$a ?? 1"),
        ("pipeline chain", "a && b"),
        ("ternary", "$x = $a ? 1 : 2"),
        ("parallel", "$a | ForEach-Object -Parallel { }"),
        ("hash table from JSON", "ConvertFrom-Json -AsHashtable"),
        ("array to JSON", "ConvertTo-Json -AsArray"),
        ("using", "using namespace System"),
        ("member method", "$a.Where{ $_ }"),
    ],
)
def test_the_gate_finds_what_it_is_for(feature: str, code: str) -> None:
    assert re.search(LATER[feature], code)


@scripts
def test_json_is_written_with_its_depth_and_as_one_object(name: str) -> None:
    for line in re.findall(r"ConvertTo-Json[^\n]*", TEXTS[name]):
        assert "-Depth" in line
        assert "-InputObject" in line


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda each: each.name)
def test_a_script_says_what_it_reads_prints_and_leaves_alone(script: Script[Any, Any]) -> None:
    head = script.text.partition("param(")[0].casefold()
    for word in ("request:", "reply:", "changes nothing"):
        assert word in head


@given(st.lists(st.text(max_size=20), max_size=3), st.integers(0, 2**31 - 1))
def test_the_request_travels_as_one_line_of_ascii(names: list[str], milliseconds: int) -> None:
    given_bytes = RESOLVE_NAMES.standard_input(ResolveRequest(tuple(names), milliseconds))
    first, _, rest = given_bytes.partition(b"\n")
    assert first.isascii()
    assert rest.decode() == RESOLVE_NAMES.text


@given(st.binary(max_size=200))
def test_a_reply_that_breaks_the_contract_is_refused(output: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any text; the caller words it
        PROBE.read_reply(output)
