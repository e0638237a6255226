"""The PowerShell file that the collector writes, in both its forms."""

from __future__ import annotations

import re

import pytest
from powershell_gates import (
    called,
    careless_json,
    later_than_version_3,
    nodes,
    syntax_errors,
)

from livemigration import __version__
from livemigration.collector import hiding, rules
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


def functions(text: str) -> dict[str, str]:
    """Return the text of each function of a file by its name."""
    found = {}
    for node in nodes(text):
        if node.type == "function_statement" and node.text is not None:
            body = node.text.decode()
            (name,) = re.findall(r"\Afunction\s+([\w-]+)", body)
            found[name] = body
    return found


def _texts(written: str) -> list[str]:
    """Return the quoted texts of PowerShell, in order."""
    return [each.replace("''", "'") for each in re.findall(r"'((?:[^']|'')*)'", written)]


def _assigned(name: str) -> str:
    (found,) = re.findall(rf"(?m)^\${name} = (.*)$", REDACTING)
    return str(found)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("nameKeys", rules.NAME_KEYS),
        ("nameWords", rules.NAME_WORDS),
        ("programKeys", rules.PROGRAM_KEYS),
        ("removedKeys", rules.REMOVED_KEYS),
        ("untouchedValues", rules.UNTOUCHED_VALUES),
        ("keptV4", hiding.KEPT_V4),
        ("keptV6", hiding.KEPT_V6),
        ("isatapMarks", hiding.ISATAP_MARKS),
    ],
)
def test_both_redactions_know_the_same_lists(name: str, values: tuple[str, ...]) -> None:
    assert _assigned(name).startswith("@(")
    assert _texts(_assigned(name)) == list(values)


@pytest.mark.parametrize(
    ("name", "values"), [("numberedKeys", rules.NUMBERED_KEYS), ("forms", rules.FORMS)]
)
def test_both_redactions_know_the_same_tables(name: str, values: dict[str, str]) -> None:
    written = _assigned(name)
    assert _texts(written) == list(values.values())
    assert re.findall(r"(?:@\{ |'; )(\w+) = ", written) == list(values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("removedText", rules.REMOVED),
        ("sid", rules.SID),
        ("guid", rules.GUID),
        ("addressForm", rules.ADDRESS),
        ("rangeForm", rules.RANGE),
        ("vmmsPath", rules.VMMS_PATH),
        ("vmmsName", rules.VMMS_NAME),
        ("codeForm", rules.CODE),
    ],
)
def test_both_redactions_know_the_same_forms(name: str, value: str) -> None:
    assert _texts(_assigned(name)) == [value]


@pytest.mark.parametrize(
    ("name", "value"), [("wellKnown", rules.WELL_KNOWN), ("netbios", rules.NETBIOS)]
)
def test_both_redactions_know_the_same_numbers(name: str, value: int) -> None:
    assert int(_assigned(name)) == value


# What .NET reads otherwise than Python, or not at all.
UNLIKE = r"\(\?P|\\[dswbDSWB]|\\Z|\(\?[<a-z]|[*+?]\+|\[\["


def test_both_redactions_read_the_same_patterns() -> None:
    patterns = (
        *rules.FORMS.values(),
        *(rules.SID, rules.GUID, rules.ADDRESS, rules.RANGE),
        *(rules.VMMS_PATH, rules.VMMS_NAME),
    )
    assert [each for each in patterns if re.search(UNLIKE, each)] == []


# The order in which each of both asks of a text: what comes first decides.
ASKED = {
    "Hide-Text": [
        "$removedKeys",
        "Test-Harmless",
        "Hide-KnownForm",
        "$programKeys",
        "$numberedKeys",
        "$nameKeys",
        "Get-Number 'text'",
    ],
    "Test-Harmless": ["$untouchedValues", "$nameKeys", "$nameWords", "$forms"],
    "Hide-KnownForm": ["$sid", "$guid", "$addressForm"],
    "Hide-Program": ["$vmmsPath", "$vmmsName"],
    "Hide-Label": ["$nameWords", "$netbios"],
    "Hide-Element": ["$rangeForm", "Get-Cover", "Hide-Value"],
    "Hide-Value": ["Hide-Text", "Hide-Element", "SubnetNumber", "PrefixLength"],
    "Hide-Words": ["$codeForm", "$removedText"],
}


@pytest.mark.parametrize("name", ASKED)
def test_the_redaction_in_powershell_asks_in_the_same_order(name: str) -> None:
    body = functions(REDACTING)[name]
    places = [body.find(each) for each in ASKED[name]]
    assert -1 not in places, name
    assert places == sorted(places), name


RULES = (
    *("nameKeys", "nameWords", "numberedKeys", "programKeys", "removedKeys", "forms"),
    *("untouchedValues", "keptV4", "keptV6", "isatapMarks", "wellKnown", "netbios", "sid", "guid"),
    *("addressForm", "rangeForm", "vmmsPath", "vmmsName", "codeForm", "removedText"),
)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_used_by_the_redaction_in_powershell(name: str) -> None:
    assert any(re.search(rf"\${name}\b", body) for body in functions(REDACTING).values())


def test_nothing_of_the_redaction_in_powershell_is_never_called() -> None:
    bodies = functions(REDACTING)
    for name in bodies:
        callers = [each for each, body in bodies.items() if each != name and name in body]
        assert callers or re.search(rf"(?m)^(?!function).*\b{name}\b", PLAIN + _ENDS), name


_ENDS = "$collected = Hide-Collected $collected"


@pytest.mark.parametrize("kind", [Collected, CollectedHost, CollectedVmm])
def test_it_writes_every_key_that_the_suite_reads(kind: type) -> None:
    for name in kind.__dataclass_fields__:  # type: ignore[attr-defined]  # a data class
        assert re.search(rf"(?m)^ +{name} = ", PLAIN), name
