"""What keeps one dead or broken machine from changing what a script says of another.

Read off the scripts' syntax trees: each mend was measured in a real PowerShell, and each test fails
for the text without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter
from in_turn import in_turn
from powershell_gates import nodes

from livemigration.collector.script import script_text
from livemigration.vmm.scripts import BOOTSTRAP, NO_ANSWER, PROBE, READ_VMM, RESOLVE_NAMES

COLLECTOR = script_text()
PROBES = {"probe.ps1": PROBE.text, "collect.ps1": COLLECTOR}
WSMAN = "Microsoft.WSMan.Management"
RUNNER = (Path(__file__).parent / "run-script.ps1").read_text(encoding="utf-8")


def shown(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def calls(text: str, method: str) -> list[tree_sitter.Node]:
    """Return the calls of a .NET method, in their order in the text."""
    found = [
        each
        for each in nodes(text)
        if each.type == "invokation_expression" and re.search(rf"(\.|::){method}\(", shown(each))
    ]
    return sorted(found, key=lambda each: each.start_byte)


def arguments(call: tree_sitter.Node) -> list[str]:
    (listed,) = (each for each in call.children if each.type == "argument_list")
    return [each.strip() for each in shown(listed)[1:-1].split(",")]


def around(node: tree_sitter.Node) -> Iterator[str]:
    """Yield the types of what a node is in, from the inside."""
    parent = node.parent
    while parent is not None:
        yield parent.type
        parent = parent.parent


LOOPS = {"foreach_statement", "for_statement"}


def is_caught_for_its_item(call: tree_sitter.Node) -> bool:
    """Whether a call is in a try that is in a loop: what it throws ends its own item only."""
    types = list(around(call))
    if "try_statement" not in types or not LOOPS & set(types):
        return False
    return types.index("try_statement") < min(types.index(each) for each in LOOPS & set(types))


def own_input(text: str) -> list[str]:
    """Return the places that name the variable of PowerShell's own input."""
    return re.findall(r"(?i)\$\{?(?:\w+:)?input\b\}?", text)


def loads_wsman_before_any_runspace(text: str) -> bool:
    """Whether the pool's runspaces begin with the module of Test-WSMan."""
    imports, pools = calls(text, "ImportPSModule"), calls(text, "CreateRunspacePool")
    return (
        bool(pools)
        and len(imports) == len(pools)
        and all(WSMAN in shown(each) for each in imports)
        and all(
            shown(made).startswith(f"{arguments(pool)[2]}.") and made.start_byte < pool.start_byte
            for made, pool in zip(imports, pools, strict=True)
        )
    )


def has_threads_first(text: str, begins: str) -> bool:
    """Whether the thread pool gets its threads before the first item begins."""
    asked, begun = calls(text, "SetMinThreads"), calls(text, begins)
    bounded = [int(number) for each in asked for number in arguments(each)]
    return (
        bool(asked and begun)
        and asked[0].start_byte < begun[0].start_byte
        and set(bounded) == {512}
        and not LOOPS & set(around(asked[0]))
    )


def test_the_bootstrap_never_names_the_variable_for_which_the_host_eats_standard_input() -> None:
    assert own_input(BOOTSTRAP) == []
    for named in ("$input", "${input}", "@($Input)", "$script:input"):
        assert own_input(f"{BOOTSTRAP}{named}")


def test_the_process_ends_whatever_its_threads_wait_for() -> None:
    program = BOOTSTRAP.strip()
    last = max(nodes(program), key=lambda each: (each.end_byte, -each.start_byte))
    assert shown(last).endswith("[Environment]::Exit($c)")
    ending = calls(program, "Exit")
    assert [arguments(each) for each in ending] == [["$c"]]
    # After the output, after an error too, and not inside the try whose catch sets the code.
    assert ending[0].start_byte > calls(program, "Flush")[-1].start_byte
    assert "try_statement" not in around(ending[0])


def test_a_run_by_hand_ends_its_process_after_an_error_too() -> None:
    (ending,) = calls(RUNNER, "Exit")
    assert arguments(ending) == ["$code"]
    assert RUNNER.rstrip().endswith(shown(ending))
    assert "try_statement" not in around(ending)
    assert "    $code = 1\n" in RUNNER.split("catch {\n", 1)[1].split("}\n", 1)[0] + "\n"


def test_a_script_that_hangs_is_ended_soon_after_its_deadline() -> None:
    guard = re.search(r"Sleep\(\$\(([0-9]+)\+\[int\]\$Matches\[1\]\)\)", BOOTSTRAP)
    assert guard is not None
    begins = re.findall(r"\[Math\]::Min\(([0-9]+), \$clock\.ElapsedMilliseconds\)", PROBE.text)
    # The script's own end comes first; both, and the start of the shell, are within 4 s.
    assert [int(each) for each in begins] == [1500]
    assert 1500 < int(guard[1]) <= 2800
    assert "[Environment]::Exit(3)" in BOOTSTRAP
    run = calls(BOOTSTRAP, "Create")
    assert calls(BOOTSTRAP, "BeginInvoke")[0].start_byte < run[-1].start_byte


@pytest.mark.parametrize("text", PROBES.values(), ids=PROBES)
def test_no_runspace_loads_its_module_on_first_use(text: str) -> None:
    assert loads_wsman_before_any_runspace(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (".ImportPSModule(", ".ImportModule("),
        (WSMAN, "Microsoft.PowerShell.Utility"),
        ("$width, $state, $Host", "$width, $other, $Host"),
    ],
)
def test_the_gate_finds_a_pool_whose_runspaces_race(before: str, after: str) -> None:
    assert before in PROBE.text
    assert not loads_wsman_before_any_runspace(PROBE.text.replace(before, after))


def is_tried(call: tree_sitter.Node) -> bool:
    """Whether what a call throws is caught before it ends the script."""
    return "try_statement" in around(call)


@pytest.mark.parametrize("text", PROBES.values(), ids=PROBES)
def test_a_machine_without_test_wsman_still_says_which_connections_open(text: str) -> None:
    for method in ("ImportPSModule", "CreateRunspacePool", "Open"):
        found = [each for each in calls(text, method) if not shown(each).startswith("[IO.")]
        assert found
        assert all(map(is_tried, found))
    # Asked once, before a pool would ask it in each of its runspaces and print what it is told.
    first = text.index(f"Import-Module -Name {WSMAN}\n")
    assert first < calls(text, "CreateRunspacePool")[0].start_byte
    assert "$unfit = [string](Get-Cause $_.Exception).Message\n" in text
    (begun,) = calls(text, "BeginInvoke")
    assert list(around(begun)).index("try_statement") < list(around(begun)).index("if_statement")
    assert "        $text = $unfit\n        if ($null -ne $pool) {\n" in text


def test_a_test_that_ends_without_a_word_is_no_answer() -> None:
    """Of Test-WSMan's published source: what fails without a fault of WSMan writes no error."""
    asked = re.findall(r"(?m)^ +(.*Test-WSMan -ComputerName.*)$", PROBE.text)
    assert len(asked) == 2
    assert all(each.startswith("$said = Test-WSMan ") and "|" not in each for each in asked)
    assert "if ($null -ne $said) { $Started[$Number] = 'answered' }" in PROBE.text
    (ended,) = calls(PROBE.text, "EndInvoke")
    behind = PROBE.text.encode()[ended.end_byte :].decode()
    assert behind.split("\n")[1:3] == [
        "                $answered = $started[$each.number] -eq 'answered'",
        "                $tried = $answered",
    ]
    assert "$answered = $true" not in PROBE.text
    # The collector asks so too, before it asks anything else of a host.
    _, behind = COLLECTOR.split("$said = Test-WSMan @To -Authentication Default\n")
    assert behind.lstrip().startswith("if ($null -eq $said) { throw ")


def test_a_signed_hresult_is_said_as_everybody_writes_it() -> None:
    assert "if ($number -lt 0) { $number += 4294967296 }" in PROBE.text


def test_a_number_that_vmm_does_not_state_is_not_parsed() -> None:
    (parsed,) = calls(READ_VMM.text, "TryParse")
    condition = next(
        shown(each)
        for each in nodes(READ_VMM.text)
        if each.type == "if_statement" and each.start_byte < parsed.start_byte < each.end_byte
    )
    assert condition.startswith("if ($null -ne $text -and [int]::TryParse($text,")


@pytest.mark.parametrize("text", PROBES.values(), ids=PROBES)
def test_the_runspaces_of_a_batch_do_not_stay_where_the_process_goes_on(text: str) -> None:
    (closing,) = calls(text, "BeginClose")
    # Never awaited, never fatal, and only once the reply is made.
    assert is_tried(closing)
    assert not [each for each in calls(text, "Close") if shown(each).startswith("$pool.")]
    made = text[: closing.start_byte].rindex("$json = ConvertTo-Json -InputObject $reply")
    assert made > calls(text, "EndInvoke")[0].start_byte


def test_monitors_of_which_only_the_names_came_are_not_called_healthy() -> None:
    assert "    $listed = Get-Value $Source 'HealthMonitors'\n" in READ_VMM.text
    guard = "    if ($null -ne $listed -and $listed -isnot [string]) {\n"
    assert f"{guard}        $monitors = @(Get-Monitors $Source)\n" in READ_VMM.text


def test_the_runspaces_are_as_many_as_the_listeners_within_bounds() -> None:
    (pool,) = calls(PROBE.text, "CreateRunspacePool")
    assert arguments(pool)[:2] == ["1", "$width"]
    assert "$widest = 256\n" in PROBE.text
    assert "$width = [Math]::Min($widest, $wanted.Length)" in PROBE.text


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        (RESOLVE_NAMES.text, "BeginGetHostAddresses"),
        (PROBE.text, "BeginInvoke"),
        (PROBE.text, "BeginConnect"),
    ],
)
def test_names_and_listeners_without_an_answer_leave_threads_for_the_others(
    text: str, begins: str
) -> None:
    assert has_threads_first(text, begins)
    late = text.replace("[void][Threading.ThreadPool]::SetMinThreads(512, 512)\n", "")
    assert not has_threads_first(f"{late}[Threading.ThreadPool]::SetMinThreads(512, 512)\n", begins)


ITEMS = [
    (RESOLVE_NAMES.text, "BeginGetHostAddresses"),
    (RESOLVE_NAMES.text, "EndGetHostAddresses"),
    (PROBE.text, "Parse"),
    (PROBE.text, "BeginConnect"),
    (PROBE.text, "EndConnect"),
    (PROBE.text, "BeginInvoke"),
    (PROBE.text, "EndInvoke"),
    (PROBE.text, "WaitOne"),
]


@in_turn("text, method", ITEMS)
def test_an_item_that_throws_ends_no_other(text: str, method: str) -> None:
    found = calls(text, method)
    assert found
    assert all(map(is_caught_for_its_item, found))


def test_the_gate_finds_an_item_that_is_not_caught() -> None:
    for text in (
        "foreach ($a in $b) {\n    [Net.IPAddress]::Parse($a)\n}\n",
        "try {\nforeach ($a in $b) {\n[Net.IPAddress]::Parse($a)\n}\n}\ncatch { 1 }\n",
    ):
        (call,) = calls(text, "Parse")
        assert not is_caught_for_its_item(call)


def test_a_record_that_cannot_be_read_takes_no_other_with_it() -> None:
    (reads,) = (
        each
        for each in nodes(READ_VMM.text)
        if each.type == "function_statement" and "function Get-Record" in shown(each)
    )
    caught = next(each for each in nodes(shown(reads)) if each.type == "try_statement")
    for part in ("Get-Text $Source 'Name'", "Get-Settings $Source", "Get-State $Source"):
        assert part in shown(caught)
    assert (
        "foreach ($each in @(Get-SCVMHost -VMMServer $vmm)) { Get-Record $each }" in READ_VMM.text
    )


def test_the_script_and_the_suite_call_silence_the_same() -> None:
    assert f"$text = '{NO_ANSWER}'" in PROBE.text
