"""The PowerShell file that the collector writes, in both its forms."""

from __future__ import annotations

import json
import re

import pytest
from powershell_gates import called, careless_json, later_than_version_3, syntax_errors

from livemigration import __version__
from livemigration.collector import hiding, redact
from livemigration.collector.document import Collected, CollectedHost, CollectedVmm
from livemigration.collector.script import script_text
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.vmm.scripts import PROBE, RATE_HOST, READ_VMM, RESOLVE_NAMES

PLAIN, REDACTING = script_text(), script_text(redacted=True)
both = pytest.mark.parametrize("text", [PLAIN, REDACTING], ids=["plain", "redacting"])

# Reviewed: none of them changes anything on any machine; New-CimSession opens a connection.
REVIEWED = {
    "ConvertFrom-Json",
    "ConvertTo-Json",
    "ForEach-Object",
    "Get-CimInstance",
    "Get-ItemProperty",
    "Get-Module",
    "Get-SCVMHost",
    "Get-SCVMMServer",
    "Import-Module",
    "Invoke-CimMethod",
    "Invoke-Command",
    "New-CimSession",
    "New-Object",
    "Out-Null",
    "Remove-CimSession",
    "Set-StrictMode",
    "Sort-Object",
    "Test-Path",
    "Test-WSMan",
    "Where-Object",
}
# The .NET methods that write to a disk, end processes or run text.
WRITING = r"(?i)\[(System\.)?IO\.\w+\]::\w+|Process\]::|\.InvokeMethod|Invoke-Expression|iex\b"


@both
def test_it_has_no_syntax_error(text: str) -> None:
    assert syntax_errors(text) == []


@both
def test_it_calls_reviewed_cmdlets_and_its_own_functions_only(text: str) -> None:
    # The name of a script block in a variable is not known to the parser as a command.
    assert called(text) <= REVIEWED


@both
def test_it_keeps_to_version_3(text: str) -> None:
    assert later_than_version_3(text) == []


@both
def test_json_is_written_with_its_depth_and_as_one_object(text: str) -> None:
    assert careless_json(text) == []


@both
def test_the_only_thing_it_writes_is_the_named_file(text: str) -> None:
    writes = [found.group(0) for found in re.finditer(WRITING, text)]
    assert writes == ["[IO.File]::WriteAllText"]
    assert "is there already: name a new file" in text


@both
def test_nothing_of_the_template_is_left(text: str) -> None:
    assert "@@" not in text
    assert text.isascii()
    assert __version__ in text


@both
@pytest.mark.parametrize("group", HOST_WMI_GROUPS, ids=lambda each: each.name)
def test_it_asks_what_the_suite_asks(group: object, text: str) -> None:
    query = group.query  # type: ignore[attr-defined]  # every group of the registry has one
    assert f"query = '{query.wql.replace(chr(39), chr(39) * 2)}'" in text
    assert f"namespace = '{query.wmi_class.namespace}'" in text
    for declared in query.wmi_class.properties:
        assert f"'{declared.name}'" in text


@both
@pytest.mark.parametrize("script", [READ_VMM, RESOLVE_NAMES, PROBE], ids=lambda each: each.name)
def test_the_vmm_server_is_asked_with_the_suites_own_scripts(script: object, text: str) -> None:
    assert script.text.rstrip() in text  # type: ignore[attr-defined]  # a Script


@both
def test_it_lets_vmm_rate_no_host(text: str) -> None:
    assert "Get-SCVMHostRating" not in text
    assert "Get-SCVMHostRating" in RATE_HOST.text


def test_only_the_redacting_form_redacts() -> None:
    assert "Hide-Collected" not in PLAIN
    assert "redacted = $false" in PLAIN
    assert "$collected = Hide-Collected $collected" in REDACTING
    assert "redacted = $true" in REDACTING


def test_both_redactions_know_the_same_rules() -> None:
    lists = {
        "nameKeys": redact.NAME_KEYS,
        "removedKeys": redact.REMOVED_KEYS,
        "untouchedKeys": redact.UNTOUCHED_KEYS,
        "untouchedValues": redact.UNTOUCHED_VALUES,
        "keptV4": hiding.KEPT_V4,
        "keptV6": hiding.KEPT_V6,
        "isatapMarks": hiding.ISATAP_MARKS,
    }
    for name, values in lists.items():
        found = re.search(rf"\${name} = @\((.*)\)", REDACTING)
        assert found is not None, name
        assert json.loads("[" + found.group(1).replace("'", '"') + "]") == list(values)


@pytest.mark.parametrize("kind", [Collected, CollectedHost, CollectedVmm])
def test_it_writes_every_key_that_the_suite_reads(kind: type) -> None:
    for name in kind.__dataclass_fields__:  # type: ignore[attr-defined]  # a data class
        assert re.search(rf"(?m)^ +{name} = ", PLAIN), name
