"""The fix script in a real PowerShell, against stand-ins for VMM and WMI.

Written where no PowerShell was at hand, and not run yet: a first run may have to mend the stub.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from powershell_gates import careless_json, syntax_errors
from powershell_runs import Stubbed
from script_runs import result, run_of

from livemigration.facts.firewall import FirewallRule
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.network import LocalAddress
from livemigration.report.fix_script.render import fix_script_bytes
from livemigration.verdict.findings import Fix
from livemigration.verdict.firewall.rules import MIGRATION_RULE
from livemigration.verdict.fixes.firewall import admit_peers
from livemigration.verdict.fixes.network_selection import any_network, choose_networks
from livemigration.verdict.fixes.options import more_in_cluster, more_migrations, performance_option
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.settings import enable_live_migration, use_credssp

STUB = Path(__file__).parent / "stub"
HOSTS = ("hv01", "hv02", "hv03")
SERVICE = "Msvm_VirtualSystemMigrationService"
SETTINGS = "Msvm_VirtualSystemMigrationServiceSettingData"
NETWORKS = "Msvm_VirtualSystemMigrationNetworkSettingData"
SUBNET = ip_network("10.0.50.0/24")
LOCAL = (LocalAddress(ip_address("10.0.50.11"), 24, "Migration"),)
PEER = ip_address("10.0.50.12")
USER_MANAGED = ("Microsoft:UserManaged",)

State = dict[str, Any]


@pytest.mark.parametrize("module", [*STUB.glob("*/*.psm1")], ids=lambda path: path.stem)
def test_a_stub_has_no_syntax_error(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert syntax_errors(text) == []
    assert careless_json(text) == []


def row(subnet: str = "10.0.50.0/24") -> State:
    number, length = subnet.split("/")
    return {
        "SubnetNumber": number,
        "PrefixLength": int(length),
        "Metric": 0,
        "Tags": list(USER_MANAGED),
    }


def fleet(*, migrating: str = "") -> State:
    """Return hosts whose settings all are as they should not be, and their cluster."""
    hosts = {
        name: {
            SERVICE: {
                "ActiveVirtualSystemMigrationCount": int(name == migrating),
                "ActiveStorageMigrationCount": 0,
            },
            SETTINGS: {
                "EnableVirtualSystemMigration": False,
                "AuthenticationType": 1,
                "MaximumActiveVirtualSystemMigration": 0,
                "EnableCompression": True,
                "EnableSmbTransport": False,
            },
            NETWORKS: [row()],
            "Rule": {"Enabled": "False", "Profile": ["Any"], "RemoteAddress": ["10.0.0.9"]},
        }
        for name in HOSTS
    }
    return {**hosts, "s2d": 1}


def _any_network(machine: FixTarget) -> Fix:
    return any_network(machine, (MigrationNetwork(SUBNET, 0, USER_MANAGED),), (), ())


def _admit(machine: FixTarget) -> Fix:
    rule = FirewallRule(MIGRATION_RULE, enabled=False, action=2, profiles=0)
    return admit_peers(machine, rule, ("10.0.0.9",), (PEER,))


# What mends a host, where its state is in the stub, and what it becomes there.
REPAIRS: dict[str, tuple[Callable[[FixTarget], Fix], tuple[str, ...], Any]] = {
    "enabled": (enable_live_migration, (SETTINGS, "EnableVirtualSystemMigration"), True),
    "CredSSP": (lambda machine: use_credssp(machine, 1), (SETTINGS, "AuthenticationType"), 0),
    "limit": (
        lambda machine: more_migrations(machine, 0, 4),
        (SETTINGS, "MaximumActiveVirtualSystemMigration"),
        4,
    ),
    "performance": (
        lambda machine: performance_option(machine, (True, False), "compression", "tcpip"),
        (SETTINGS, "EnableCompression"),
        False,
    ),
    "any network": (
        _any_network,
        (NETWORKS,),
        [
            row("0.0.0.0/0") | {"Tags": ["Microsoft:UserManagedAllNetworks"]},
            row("::/0") | {"Tags": ["Microsoft:UserManagedAllNetworks"]},
        ],
    ),
    "firewall": (
        _admit,
        ("Rule",),
        {"Enabled": "True", "Profile": ["Any"], "RemoteAddress": ["10.0.50.12"]},
    ),
}


def stubbed_fix(folder: Path, state: State, fix: Callable[[FixTarget], Fix]) -> Stubbed:
    """Return a fix script for three hosts, and the state that it would change."""
    fixes = [(name, fix(FixTarget(name, "vmm01"))) for name in HOSTS]
    script = fix_script_bytes(run_of([result("LM101", name, each) for name, each in fixes]))
    return Stubbed(folder, STUB, script, state)


def mended(place: tuple[str, ...], value: object, *hosts: str) -> State:
    """Return the state in which these hosts have another value at a place."""
    changed = fleet()
    for name in hosts:
        inner = changed[name]
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
    return changed


@pytest.mark.peer
@pytest.mark.parametrize("name", REPAIRS)
def test_whatif_changes_nothing_and_still_looks(name: str, tmp_path: Path) -> None:
    fix, _, _ = REPAIRS[name]
    before = fleet(migrating="hv02")
    stubbed = stubbed_fix(tmp_path, before, fix)
    code, said = stubbed.run("-WhatIf")
    assert stubbed.state == before
    assert code == 1
    assert "hv02: a migration is running; nothing was changed." in said
    assert "0 done, 0 already done, 2 not changed, 0 skipped, 1 failed." in said


@pytest.mark.peer
@pytest.mark.parametrize("name", REPAIRS)
def test_the_script_changes_what_it_should_once_and_takes_it_back(
    name: str, tmp_path: Path
) -> None:
    fix, place, value = REPAIRS[name]
    stubbed = stubbed_fix(tmp_path, fleet(), fix)
    code, said = stubbed.run("-Confirm:$false", "-HostName", "hv01,hv03")
    assert (code, stubbed.state) == (0, mended(place, value, "hv01", "hv03"))
    assert "2 done, 0 already done, 0 not changed, 1 skipped, 0 failed." in said
    code, said = stubbed.run("-Confirm:$false")
    assert (code, stubbed.state) == (0, mended(place, value, *HOSTS))
    assert "1 done, 2 already done, 0 not changed, 0 skipped, 0 failed." in said
    for undone in (1, 0):
        code, said = stubbed.run("-Confirm:$false", "-Rollback", "-HostName", "hv01")
        assert (code, stubbed.state) == (0, mended(place, value, "hv02", "hv03"))
        assert f"{undone} undone, {1 - undone} as before, " in said


@pytest.mark.peer
def test_the_limit_of_a_cluster_is_set_once_for_all_its_nodes(tmp_path: Path) -> None:
    stubbed = stubbed_fix(tmp_path, fleet(), lambda machine: more_in_cluster(machine, "s2d", 1, 2))
    code, said = stubbed.run("-Confirm:$false")
    assert (code, stubbed.state) == (0, fleet() | {"s2d": 2})
    assert "1 done, 2 already done, " in said
    code, said = stubbed.run("-Confirm:$false", "-Rollback")
    assert (code, stubbed.state) == (0, fleet())
    assert "1 undone, 2 as before, " in said


@pytest.mark.peer
def test_networks_that_no_command_takes_away_again_are_named_once(tmp_path: Path) -> None:
    state = mended((NETWORKS,), [], *HOSTS)
    stubbed = stubbed_fix(
        tmp_path, state, lambda machine: choose_networks(machine, (SUBNET,), LOCAL)
    )
    assert stubbed.run("-Confirm:$false")[0] == 0
    assert stubbed.state == fleet()
    code, said = stubbed.run("-Confirm:$false")
    assert (code, stubbed.state) == (0, fleet())
    assert "0 done, 3 already done, " in said
    code, said = stubbed.run("-Confirm:$false", "-Rollback")
    assert (code, stubbed.state) == (1, fleet())
    assert "No command undoes this: undo it in the console." in said


@pytest.mark.peer
def test_a_host_that_fails_does_not_keep_the_others_from_being_mended(tmp_path: Path) -> None:
    fix, place, value = REPAIRS["enabled"]
    stubbed = stubbed_fix(tmp_path, fleet(migrating="hv01"), fix)
    code, said = stubbed.run("-Confirm:$false")
    assert code == 1
    wanted = mended(place, value, "hv02", "hv03")
    assert {name: stubbed.state[name][SETTINGS] for name in HOSTS} == {
        name: wanted[name][SETTINGS] for name in HOSTS
    }
    assert "2 done, 0 already done, 0 not changed, 0 skipped, 1 failed." in said


@pytest.mark.peer
def test_what_is_mended_already_is_told_although_a_migration_runs(tmp_path: Path) -> None:
    fix, (*_, name), value = REPAIRS["enabled"]
    state = fleet(migrating="hv01")
    for host in HOSTS:
        state[host][SETTINGS][name] = value
    stubbed = stubbed_fix(tmp_path, state, fix)
    code, said = stubbed.run("-Confirm:$false")
    assert (code, stubbed.state) == (0, state)
    assert "0 done, 3 already done, " in said


@pytest.mark.peer
def test_a_host_that_the_script_does_not_repair_is_told_before_anything_changes(
    tmp_path: Path,
) -> None:
    stubbed = stubbed_fix(tmp_path, fleet(), enable_live_migration)
    code, _ = stubbed.run("-Confirm:$false", "-HostName", "hv01,hv9")
    assert (code, stubbed.state) == (1, fleet())
