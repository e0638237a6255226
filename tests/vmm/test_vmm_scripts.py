"""The PowerShell files: syntax, the dialect of version 3.0, reviewed cmdlets, contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from powershell_gates import called, careless_json, later_than_version_3, syntax_errors

from livemigration.vmm.scripts import (
    BOOTSTRAP,
    POWERSHELL_ARGUMENTS,
    PROBE,
    RESOLVE_NAMES,
    SCRIPTS,
    ResolveRequest,
    Script,
)

TEXTS = {each.name: each.text for each in SCRIPTS} | {"the bootstrap": BOOTSTRAP}

# Every cmdlet that a script may call, reviewed: none of them changes anything, but for one.
REVIEWED = {
    "ConvertFrom-Json",
    "ConvertTo-Json",
    "ForEach-Object",
    "Get-ItemProperty",
    "Get-SCVMHost",
    # VMM may create a planned virtual machine for it, and a job: only with --stage-vm.
    "Get-SCVMHostRating",
    "Get-SCVMMServer",
    "Get-SCVirtualMachine",
    "Import-Module",
    "New-Object",
    "Out-Null",
    "Set-StrictMode",
    "Test-Path",
    "Test-WSMan",
}

scripts = pytest.mark.parametrize("name", TEXTS)


@scripts
def test_a_script_has_no_syntax_error(name: str) -> None:
    assert syntax_errors(TEXTS[name]) == []


@scripts
def test_a_script_calls_reviewed_cmdlets_and_its_own_functions_only(name: str) -> None:
    assert called(TEXTS[name])
    assert called(TEXTS[name]) <= REVIEWED


@scripts
def test_a_script_keeps_to_version_3(name: str) -> None:
    assert later_than_version_3(TEXTS[name]) == []


@in_turn(
    "feature, code",
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
    assert feature in later_than_version_3(code)


@scripts
def test_json_is_written_with_its_depth_and_as_one_object(name: str) -> None:
    assert careless_json(TEXTS[name]) == []


@in_turn(
    "gate, code",
    [
        (syntax_errors, "foreach ($a in) {"),
        (called, "Remove-VM -Name a"),
        (careless_json, "ConvertTo-Json -InputObject $a"),
        (careless_json, "$a | ConvertTo-Json -Depth 4"),
    ],
)
def test_the_other_gates_find_what_they_are_for(gate: Callable[[str], object], code: str) -> None:
    assert gate(code)


@in_turn("script", SCRIPTS)
def test_a_script_says_what_it_reads_prints_and_leaves_alone(script: Script[Any, Any]) -> None:
    head = script.text.partition("param(")[0].casefold()
    for word in ("request:", "reply:", "changes nothing"):
        assert word in head


def test_vmms_module_loads_where_windows_lets_no_script_run() -> None:
    at = POWERSHELL_ARGUMENTS.index("-ExecutionPolicy")
    assert POWERSHELL_ARGUMENTS[at + 1] == "RemoteSigned"
    assert POWERSHELL_ARGUMENTS.index("-EncodedCommand") == len(POWERSHELL_ARGUMENTS) - 2
    assert at + 2 <= len(POWERSHELL_ARGUMENTS) - 2


def test_no_warning_of_a_module_comes_before_the_reason_of_a_failure() -> None:
    first = BOOTSTRAP.splitlines()[:2]
    for preference in ("Progress", "Warning"):
        assert any(f"${preference}Preference='SilentlyContinue'" in line for line in first)


@given(st.lists(st.text(max_size=20), max_size=3), st.integers(0, 2**31 - 1))
def test_the_request_travels_as_one_line_of_ascii(names: list[str], milliseconds: int) -> None:
    given_bytes = RESOLVE_NAMES.standard_input(ResolveRequest(tuple(names), milliseconds))
    first, _, rest = given_bytes.partition(b"\n")
    assert first.isascii()
    assert json.loads(first) == {"names": names, "milliseconds": milliseconds}
    # As the bootstrap looks for it: without a blank.
    assert f'"milliseconds":{milliseconds}'.encode() in first
    assert rest.decode() == RESOLVE_NAMES.text


@given(st.binary(max_size=200))
def test_a_reply_that_breaks_the_contract_is_refused(output: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any text; the caller words it
        PROBE.read_reply(output)
