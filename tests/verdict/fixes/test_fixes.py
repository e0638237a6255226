"""Every fix that a row of the verdict table can produce obeys the table's last section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tree_sitter
import tree_sitter_powershell
from case_tables import CASES
from fact_builders import (
    HOST,
    MANAGEMENT,
    MIGRATION,
    ON_BOTH,
    ON_MIGRATION,
    VMM,
    judged,
    run_facts,
)
from in_turn import in_turn
from verdict_case import Case, over

from livemigration.facts.model import Gathered
from livemigration.run.result import State
from livemigration.verdict import fixes
from livemigration.verdict.findings import Fix, Level
from livemigration.verdict.references import KB_2853203
from livemigration.verdict.release import Release, release_of

POWERSHELL = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))

# What the verdict table forbids, whatever the release.
FORBIDDEN = (
    r"disable.{0,20}credential guard",
    r"turn off.{0,20}credential guard",
    r"disable.{0,20}ntlm",
    r"trustedhosts",
    r"enable-netfirewallrule",
    r"-displaygroup",
    r"enable.{0,20}group.{0,10}hyper-v",
    r"\bset-vmhost\b",
    r"\b(add|set|remove)-vmmigrationnetwork\b",
    r"read-scvmhost",
    r"restart-service",
    r"stop-service",
    r"net stop",
    r"set-item.{0,20}wsman:",
    r"new-netroute",
    r"route add",
    r"group policy.{0,40}winrm",
)

# Cmdlets that a fix may contain; what else changes something is CHANGES.
READING = {
    "Import-Module",
    "Get-SCVMMServer",
    "Get-SCVMHost",
    "New-CimSession",
    "New-CimSessionOption",
    "Get-CimInstance",
    "Get-Cluster",
    "Get-ClusterOwnerNode",
    "Get-ClusterParameter",
    "Get-ClusterResourceType",
    "Get-Credential",
    "Get-NetFirewallAddressFilter",
    "Get-NetFirewallRule",
    "Get-NetAdapter",
    "Get-VMSwitch",
    "ForEach-Object",
    "Where-Object",
    "Sort-Object",
    "Out-Null",
    "Read-Host",
    "Resolve-DnsName",
    "Test-NetConnection",
    "New-Object",
    "netsh",
    "Get-ADComputer",
    # It refuses a name that another account has, and looks for it first.
    "setspn",
}
# Of the directory, in which no migration is under way.
OF_DIRECTORY = {
    "Set-ADObject",
    "Set-ADAccountControl",
    "Enable-ADAccount",
    "Disable-ADAccount",
}
CHANGING = {
    "Set-SCVMHost",
    "Set-ClusterOwnerNode",
    "Set-ClusterParameter",
    "New-NetFirewallRule",
    "Set-NetFirewallRule",
    "Remove-NetFirewallRule",
}
# How the lines that change something begin.
CHANGES = (*sorted(CHANGING), "$cluster.", "$type |")


def fixes_of(case: Case) -> tuple[Fix, ...]:
    return tuple(each.fix for each in case.result().findings if each.fix is not None)


def words(fix: Fix) -> str:
    texts = (
        fix.summary,
        fix.precondition,
        fix.cost,
        fix.alternative,
        *fix.console,
        *fix.commands,
        *fix.undo,
        *fix.done,
    )
    return "\n".join(texts)


def script(lines: tuple[str, ...]) -> str:
    # The grammar has no script without a statement.
    return "\n".join(("$null", *lines)) + "\n"


def nodes(lines: tuple[str, ...]) -> Iterator[tree_sitter.Node]:
    waiting = [POWERSHELL.parse(script(lines).encode()).root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


def commands(lines: tuple[str, ...]) -> list[str]:
    names = (node for node in nodes(lines) if node.type == "command_name")
    return sorted(node.text.decode() for node in names if node.text is not None)


# Only these have something to look at. None is judged here: what is judged while tests are
# collected is judged in every process, and before any change that a mutation run makes.
FIXED = [case for case in CASES if case.state in {State.FAIL, State.WARNING}]
cases = over(FIXED)


def release(case: Case) -> Release:
    outcome = case.facts.vmm.outcomes["vmm-release"]
    return release_of(outcome.value)[0] if isinstance(outcome, Gathered) else Release.UNKNOWN


def forbidden_in(text: str) -> list[str]:
    return [pattern for pattern in FORBIDDEN if re.search(pattern, text.casefold())]


@in_turn(
    "advice",
    [
        "Disable Windows Defender Credential Guard on the host.",
        "Turn off Credential Guard.",
        "Disable the use of NTLM.",
        "winrm set winrm/config/client @{TrustedHosts='*'}",
        "Enable-NetFirewallRule -DisplayGroup 'Hyper-V'",
        "Enable the firewall group Hyper-V.",
        "Set-VMHost -UseAnyNetworkForMigration $true",
        "Add-VMMigrationNetwork 10.0.0.0/24",
        "Read-SCVMHost -VMHost $vmHost",
        "Restart-Service vmms",
        "net stop winrm",
        "New-NetRoute -DestinationPrefix 10.0.50.0/24",
    ],
)
def test_the_search_for_forbidden_advice_finds_it(advice: str) -> None:
    assert forbidden_in(advice)


def test_the_rows_lead_to_every_fix_that_there_is() -> None:
    # A check may bring a fix of its own.
    folders = (Path(fixes.__file__).parent, Path(__file__).parents[3] / "checks")
    declared = {
        key
        for folder in folders
        for path in folder.rglob("*.py")
        for key in re.findall(r'\bkey="([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert {fix.key for case in CASES for fix in fixes_of(case)} == declared


@cases
def test_no_fix_contains_forbidden_advice(case: Case) -> None:
    for fix in fixes_of(case):
        assert not forbidden_in(words(fix)), fix.summary


@cases
def test_any_network_is_advised_for_vmm_2012_sp1_only_and_with_its_cost(case: Case) -> None:
    for fix in fixes_of(case):
        if "-UseAnyMigrationSubnet $true" in words(fix) or "Use any available" in words(fix):
            assert release(case) is Release.AFFECTED
            assert "unencrypted" in fix.cost
            assert "Upgrade VMM to 2012 R2" in fix.alternative
            assert fix.source == KB_2853203


@over(CASES)
def test_the_kb_explains_nothing_but_vmm_2012_sp1(case: Case) -> None:
    if release(case) is Release.AFFECTED:
        return
    result = case.result()
    assert KB_2853203 not in [each.source for each in fixes_of(case)]
    judgements = [
        each for each in result.findings if each.level in {Level.FAIL, Level.WARNING, Level.NOTE}
    ]
    for finding in judgements:
        assert "2853203" not in finding.observed + finding.expected
        # LM306 quotes VMM's own words.
        assert case.check == "LM306" or "8007274D" not in finding.observed + finding.expected


@cases
def test_a_scripted_change_is_guarded_complete_and_can_be_undone(case: Case) -> None:
    for fix in fixes_of(case):
        assert set(commands(fix.commands)) <= READING | CHANGING | OF_DIRECTORY
        assert set(commands(fix.undo)) <= READING | CHANGING | OF_DIRECTORY
        assert set(commands(fix.done)) <= READING
        if any(line.startswith(CHANGES) for line in fix.commands):
            assert fix.undo, fix.key
            assert fix.precondition, fix.key
            assert fix.console, "console steps come first"
        for lines in (fix.commands, fix.undo):
            changes = [at for at, line in enumerate(lines) if line.startswith(CHANGES)]
            if not changes:
                continue
            before = lines[: changes[0]]
            guards = [line for line in before if line.startswith("if (") and "throw" in line]
            assert any("ActiveVirtualSystemMigrationCount" in line for line in guards)
            assert any("ActiveStorageMigrationCount" in line for line in guards)
            observed = ("as observed", "no longer accepts")
            assert any(word in line for line in guards for word in observed), fix.key


@cases
def test_a_scripted_change_of_an_account_looks_at_it_first_and_can_be_undone(case: Case) -> None:
    for fix in fixes_of(case):
        if OF_DIRECTORY.isdisjoint(commands(fix.commands)):
            continue
        assert fix.precondition
        assert fix.console
        assert not OF_DIRECTORY.isdisjoint(commands(fix.undo))
        for lines in (fix.commands, fix.undo):
            guarded = ""
            for line in lines:
                read = re.match(r"\$account = Get-ADComputer .*?-Identity ('[^']+')", line)
                if read:
                    guarded = ""
                elif line.startswith("if (") and "not as observed" in line:
                    guarded = "looked at"
                elif any(each in line for each in OF_DIRECTORY):
                    assert guarded, line


@cases
def test_every_script_is_powershell_without_a_syntax_error(case: Case) -> None:
    for fix in fixes_of(case):
        for lines in (fix.commands, fix.undo, fix.done):
            assert all("\n" not in line for line in lines)
            for node in nodes(lines):
                assert node.type != "ERROR", f"{node.start_point} of {script(lines)}"
                assert not node.is_missing


@cases
def test_a_fix_of_a_host_names_the_host_or_its_vmm_server(case: Case) -> None:
    for fix in fixes_of(case):
        assert any(name in words(fix) for name in (case.given.get("name", HOST), VMM))
        assert fix.source is not None
        assert fix.source.url.startswith("https://")


@cases
def test_a_list_of_networks_in_a_script_is_complete(case: Case) -> None:
    before = {subnet for subnet, _ in case.given.get("networks", ()) if not subnet.endswith("/0")}
    wanted = set(case.policy.get("migration_subnets", ()))
    for fix in fixes_of(case):
        for lines, complete in ((fix.commands, wanted), (fix.undo, before)):
            for line in (each for each in lines if "-MigrationSubnet" in each):
                assert set(re.findall(r"'([^']+)'", line)) == complete, fix.key


def case_of(check: str, row: str) -> Case:
    return next(each for each in CASES if (each.check, each.row) == (check, row))


def test_the_migration_networks_are_written_as_a_complete_list() -> None:
    fix = fixes_of(case_of("LM102", "A: isolated, none used"))[0]
    assert "-MigrationSubnet @('10.0.50.0/24')" in fix.undo[-1]
    assert "tags Microsoft:UserManaged" in fix.undo[0]
    assert "10.0.50.0/24 and 10.0.0.0/24" in fix.alternative


def test_a_host_without_an_address_in_its_subnet_is_told_the_addresses_that_it_has() -> None:
    case = next(each for each in CASES if each.fix == "address-in-migration-subnets")
    steps = " ".join(fixes_of(case)[0].console)
    assert "no address in 10.9.9.0/24; it has 10.0.0.11/24 and 10.0.50.11/24" in steps


@pytest.mark.parametrize(
    "networks",
    [
        ON_MIGRATION,
        ON_BOTH,
    ],
    ids=["migration network selected", "both networks selected"],
)
def test_the_management_address_is_never_taken_out_of_dns(networks: dict[str, Any]) -> None:
    facts = run_facts(dns=(MIGRATION, MANAGEMENT), **networks)
    findings = judged("LM201", facts).findings
    for fix in (each.fix for each in findings if each.fix is not None):
        assert MANAGEMENT not in words(fix)


def test_isolating_adds_and_verifies_before_it_switches_any_off() -> None:
    fix = fixes_of(case_of("LM102", "B: any"))[0]
    steps = " ".join(fix.console)
    assert steps.index("Add the migration networks") < steps.index("Verify") < steps.index("Only")
    assert "both ends" in steps
    assert not any(line.startswith("Set-SCVMHost") for line in fix.commands)


def test_kerberos_waits_for_delegation_on_both_ends() -> None:
    fix = fixes_of(case_of("LM104", "CredSSP, guard running"))[0]
    steps = " ".join(fix.console)
    assert steps.index("delegation") < steps.index("replicated") < steps.index("select Kerberos")
    asked = [line for line in fix.commands if "Read-Host" in line]
    assert asked
    assert fix.commands.index(asked[0]) < len(fix.commands) - 1


def test_any_network_is_undone_by_restoring_the_list_before_any_is_switched_off() -> None:
    undo = fixes_of(case_of("LM102", "A: isolated, none used"))[0].undo
    changes = [line for line in undo if line.startswith("Set-SCVMHost")]
    assert len(changes) == 2
    assert "-UseAnyMigrationSubnet" not in changes[0]
    assert "-MigrationSubnet @('10.0.50.0/24')" in changes[0]
    assert "-UseAnyMigrationSubnet $false -MigrationSubnet @('10.0.50.0/24')" in changes[1]


def test_a_subnet_that_vmm_cannot_reach_is_never_routed_to_it() -> None:
    looked_at = [case for case in FIXED if release(case) is Release.RESOLVED]
    assert looked_at
    for case in looked_at:
        for fix in fixes_of(case):
            text = words(fix).casefold()
            assert not re.search(r"\b(open|route|allow)\b.{0,40}migration (sub)?net", text)
