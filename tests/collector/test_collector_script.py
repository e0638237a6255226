"""The PowerShell file that the collector writes, in both its forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from in_turn import in_turn
from powershell_gates import (
    called,
    careless_json,
    later_than_version_3,
    syntax_errors,
)
from script_parts import declared, file_text, functions

from livemigration import __version__
from livemigration.collector.document import Collected, CollectedHost, CollectedVmm
from livemigration.collector.redact import redact
from livemigration.collector.script import script_text
from livemigration.facts.cluster import CLUSTER_PARAMETERS, REGISTRY_METHOD
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, MOST_ASKED_SINGLY
from livemigration.facts.cluster_owners import MOVE_TYPE_THRESHOLD
from livemigration.facts.host_guardian import HOST_GUARDIAN
from livemigration.facts.registry import HOST_WMI_GROUPS, METHOD_GROUPS
from livemigration.gather.batches import MOST_ITEMS
from livemigration.gather.properties import INVALID_QUERY
from livemigration.gather.vmm_disks import MOST_HOSTS
from livemigration.inventory.connection import TimeLimits
from livemigration.vmm.scripts import PROBE, RATE_HOST, READ_DISKS, READ_VMM, RESOLVE_NAMES
from livemigration.wsman.invoke import InvokeResult

PLAIN, REDACTING = script_text(), script_text(redacted=True)
VMM_SCRIPTS = (READ_VMM, READ_DISKS, RESOLVE_NAMES, PROBE)
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
    "Get-SCVirtualMachine",
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


FILES = ("collect.ps1", "redact.ps1")


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_powershell_as_it_stands_and_no_template(name: str) -> None:
    text = file_text(name)
    assert syntax_errors(text) == []
    assert later_than_version_3(text) == []
    assert not re.search(r"@@|\{\{|<%|%%", text)


def test_a_file_that_declares_nothing_yet_says_so_before_it_does_anything() -> None:
    text = file_text("collect.ps1")
    assert declared(text) == {}
    first = text.index("declares nothing yet")
    assert first < text.index("function ")
    assert "    throw" in text[: text.index("'This file declares")]


@both
def test_all_that_the_suite_fills_in_is_one_document_and_whole_files(text: str) -> None:
    kept = text
    for script in VMM_SCRIPTS:
        assert kept.count(f"= {{\n{script.text.rstrip()}\n}}\n") == 1
        kept = kept.replace(
            f"{script.text.rstrip()}\n", f"    throw 'Here stands {script.name}.'\n"
        )
    kept = re.sub(r"(?s)@'\n.*?\n'@\n", "@'\\n{}\\n'@\\n", kept)
    bare, redaction = file_text("collect.ps1"), file_text("redact.ps1")
    place = "# Here stands redact.ps1.\n\n"
    assert bare.count(place) == 1
    assert kept == bare.replace(place, f"{redaction}\n" if text is REDACTING else "")


@both
def test_it_has_no_syntax_error(text: str) -> None:
    assert syntax_errors(text) == []


@both
def test_it_calls_reviewed_cmdlets_and_its_own_functions_only(text: str) -> None:
    # The name of a script block in a variable is not known to the parser as a command.
    # The plain form holds no redaction, and its document keeps it from calling one.
    assert called(text) - {"Hide-Collected"} <= REVIEWED


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
    assert "Here stands" not in text
    assert text.isascii()
    assert __version__ in text


@both
@in_turn("group", HOST_WMI_GROUPS)
def test_it_asks_what_the_suite_asks(group: object, text: str) -> None:
    query = group.query  # type: ignore[attr-defined]  # every group of the registry has one
    asked = [each for each in declared(text)["questions"] if each["query"] == query.wql]
    (question,) = asked
    assert question["namespace"] == query.wmi_class.namespace
    assert question["properties"] == [each.name for each in query.wmi_class.properties]
    assert question["optional"] == [each.name for each in query.wmi_class.optional]
    assert question["by_patch"] == any(each.by_patch for each in query.wmi_class.optional)


# The order in which the script asks of a class: what the suite's own reader does.
FINDING_OUT = (
    "$without = @($absent[$Key])",
    "Get-Rows $Session $Question $without",
    "$without = @($Question.optional)",
    "if ($without.Length -eq 0 -or -not (Test-InvalidQuery $refused)) { throw $refused }",
    "foreach ($name in $Question.optional) {",
    "if ([string]::Join(' ', $fewer) -eq $asked) { continue }",
    "Get-Rows $Session $Question $fewer",
    "if (-not (Test-InvalidQuery $_)) { throw }",
    "if (-not $answered) { $rows = @(Get-Rows $Session $Question $without) }",
    "if (Test-InvalidQuery $_) { throw $refused }",
    "$absent[$Key] = $without",
)


@both
def test_it_finds_out_what_a_class_lacks_as_the_suite_does(text: str) -> None:
    body, at = functions(text)["Get-Present"], 0
    for step in FINDING_OUT:
        at = body.index(step, at) + len(step)
    document = declared(text)
    assert document["invalid_query"] == sorted(INVALID_QUERY)
    assert document["system"] == document["questions"][0]["group"] == "operating-system"
    assert "if ($build -ne '' -and -not $question.by_patch) { $about = $build }" in text


@both
def test_it_asks_for_no_fact_by_a_star(text: str) -> None:
    assert not [each for each in declared(text)["questions"] if "*" in each["query"]]
    # The two instances that a method is called with, of which no property is kept.
    assert re.findall(r"SELECT \* FROM (\w+)", text) == [
        "Msvm_VirtualSystemMigrationService",
        "Msvm_ComputerSystem",
    ]


@both
def test_it_asks_the_registry_for_the_values_that_the_suite_asks_for(text: str) -> None:
    asked: list[dict[str, str]] = []

    class Machine:
        def call(self, method: Any, selectors: Any, arguments: Any) -> InvokeResult:
            assert not selectors
            key, value = arguments["sSubKeyName"], arguments.get("sValueName", "")
            asked.append({"method": method.name, "key": key, "value": value})
            return InvokeResult(2, {})

    of_registry = [e for e in METHOD_GROUPS if e.method.wmi_class.name == "StdRegProv"]
    for group in of_registry:
        group.read(Machine())  # type: ignore[arg-type]  # nothing is enumerated
    assert len(of_registry) > 2
    written = {tuple(each.values()) for each in declared(text)["registry_values"]}
    # Only where the number is of another type is it asked for as a text.
    as_text = (REGISTRY_METHOD.name, CLUSTER_PARAMETERS, MOVE_TYPE_THRESHOLD)
    assert written == {as_text, *(tuple(each.values()) for each in asked)}
    for name in ("compatibility", "quorum"):
        assert f"Get-Call $declared.{name} " in text
    assert 'Get-Call "StdRegProv.$($wanted.method)" $wanted.value ' in text


@both
def test_the_values_of_a_registry_are_still_found_after_redaction(text: str) -> None:
    for each in declared(text)["registry_values"]:
        assert redact({"about": each["value"]}) == {"about": each["value"]}


@both
def test_it_asks_who_keeps_the_keys_and_writes_what_the_suite_reads_of_it(text: str) -> None:
    assert declared(text)["guardian"] == HOST_GUARDIAN.method.title
    assert "Get-Call $declared.guardian " in text
    assert f"-ClassName '{HOST_GUARDIAN.method.wmi_class.name}' -MethodName 'Get'" in text
    assert f"Namespace = '{HOST_GUARDIAN.method.wmi_class.namespace}'" in text
    read: list[str] = []

    class Output:
        return_value = 0

        def texts(self, name: str) -> tuple[str, ...]:
            read.append(name)
            return ()

    class Machine:
        def call(self, method: Any, selectors: Any, arguments: Any) -> Any:
            assert (method, selectors, arguments) == (HOST_GUARDIAN.method, {}, {})
            return Output()

    HOST_GUARDIAN.read(Machine())  # type: ignore[arg-type]  # nothing is enumerated
    assert sorted(declared(text)["guardian_values"]) == sorted(read)
    assert all(each.startswith("cmdletOutput.") for each in read)
    assert "['cmdletOutput']" in text


@both
def test_what_rows_leave_out_is_asked_for_one_by_one_as_the_suite_does(text: str) -> None:
    (question,) = (each for each in declared(text)["questions"] if each["singly"] is not None)
    assert question["group"] == CLUSTER_RESOURCES.name
    assert question["singly"] == {
        "missing": "PrivateProperties",
        "key": "Name",
        "of_kind": ["Type", "Virtual Machine"],
        "owner": "OwnerNode",
        "most": MOST_ASKED_SINGLY,
    }
    assert question["members"] == {"PrivateProperties": ["VmId"]}


@both
@pytest.mark.parametrize("script", VMM_SCRIPTS, ids=lambda each: each.name)
def test_the_vmm_server_is_asked_with_the_suites_own_scripts(script: object, text: str) -> None:
    assert script.text.rstrip() in text  # type: ignore[attr-defined]  # a Script


@both
def test_it_asks_for_no_more_at_once_than_have_threads(text: str) -> None:
    sizes = re.findall(r"@\(Get-Slice \$(\w+) \$start ([0-9]+)\)\n +.*?(\w+) = \$batch", text)
    assert {(filled, int(size)) for _, size, filled in sizes} == {
        ("names", MOST_ITEMS),
        ("connections", 1000),
        ("listeners", MOST_ITEMS),
        ("hosts", MOST_HOSTS),
    }
    assert all(f"$start += {size})" in text for _, size, _ in sizes)
    assert text.count("Invoke-OnVmm $probe $asked") == 2
    for part in ("connections = $batch; listeners = @()", "connections = @(); listeners = $batch"):
        assert text.count(part) == 1


@both
def test_it_waits_as_long_as_a_reader_of_its_file_takes_for_granted(text: str) -> None:
    # From how long a connection took is told whether the server had any time for it.
    waits = set(re.findall(r"milliseconds = (\d+)", text))
    assert waits == {str(round(TimeLimits().probe * 1000))}


@both
def test_it_tries_no_listener_whose_port_did_not_open(text: str) -> None:
    assert "@(Get-Listened $connections)" in text
    assert "$met -notcontains 0 -and $met -notcontains $null" in text
    assert "if (-not $shut) {" in text


@both
def test_it_lets_vmm_rate_no_host(text: str) -> None:
    assert "Get-SCVMHostRating" not in text
    assert "Get-SCVMHostRating" in RATE_HOST.text


@pytest.mark.parametrize("kind", [Collected, CollectedHost, CollectedVmm])
def test_it_writes_every_key_that_the_suite_reads(kind: type) -> None:
    for name in kind.__dataclass_fields__:  # type: ignore[attr-defined]  # a data class
        assert re.search(rf"(?m)^ +{name} = ", PLAIN), name


def test_no_table_of_powershell_itself_gets_into_what_is_redacted() -> None:
    text = file_text("collect.ps1")
    functions = re.split(r"(?m)^function ", text)
    for each in functions:
        tables = {found.casefold() for found in re.findall(r"(?m)^\s*\$(\w+) = @\{", each)}
        written = re.findall(r"New-Object psobject -Property @\{\n(.*?)\n\s*\}", each, re.DOTALL)
        values = {
            found.casefold()
            for lines in written
            for found in re.findall(r"(?m)^\s*\w+ = \$(\w+)$", lines)
        }
        assert not tables & values, each.partition(" ")[0]
    assert "output = New-Object psobject -Property $output" in text
    # Should one get there all the same, it is walked like an object.
    walked = file_text("redact.ps1")
    assert "if ($Value -is [Collections.IDictionary])" in walked
    assert walked.index("[Collections.IDictionary]") < walked.index(
        "if ($Value -isnot [Management.Automation.PSCustomObject])"
    )
