"""What every scripted change has in common: where it runs, its guard, and the VMM cmdlets.

Scripts run on the VMM server or where its console is installed, in Windows PowerShell 3.0 or
later. The guard reads the host's own values, as the suite did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from livemigration.base.text import one_line
from livemigration.facts.migration import MigrationNetwork
from livemigration.verdict.fixes.quoting import comment, quote, quote_list
from livemigration.verdict.networks import USER_MANAGED_ALL

_NAMESPACE = "-Namespace 'root/virtualization/v2'"
_READ = f"Get-CimInstance -CimSession $session {_NAMESPACE} -ClassName"
_SERVICE = f"{_READ} 'Msvm_VirtualSystemMigrationService'"
_SETTINGS = f"{_READ} 'Msvm_VirtualSystemMigrationServiceSettingData'"
_NETWORKS = f"{_READ} 'Msvm_VirtualSystemMigrationNetworkSettingData'"

VMM_MODULE = "Import-Module -Name 'VirtualMachineManager'"

PRECONDITION = (
    "Run it in Windows PowerShell with the VMM cmdlets, as a VMM administrator who also "
    "administers the host. It stops where the host has changed or a migration runs."
)


@dataclass(frozen=True)
class FixTarget:
    """The host that is mended, and the VMM server that manages it; empty where none does yet.

    `joined` is false for a workgroup host: it is reached over SSL, with credentials of its own.
    """

    name: str
    vmm: str
    joined: bool = True


def console(machine: FixTarget, *steps: str) -> tuple[str, ...]:
    """Return steps in the VMM console, from the host's migration settings on.

    Without VMM in Hyper-V Manager, by "Set up hosts for live migration without Failover
    Clustering".
    """
    if not machine.vmm:
        where = f"Hyper-V Settings of {one_line(machine.name)} > Live Migrations"
        return (
            (
                f"In Hyper-V Manager, open {where}; authentication and performance are there or "
                "under Advanced Features."
            ),
            *steps,
        )
    where = f"Fabric > Servers > {one_line(machine.name)} > Properties > Migration Settings"
    return (f"In the VMM console, open {where}.", *steps)


def refuse(machine: FixTarget, condition: str, why: str) -> str:
    """Return a line that ends the script where the condition holds."""
    return f"if ({condition}) {{ throw {quote(f'{machine.name}: {why}; nothing was changed.')} }}"


def opening(machine: FixTarget) -> tuple[str, ...]:
    """Return the lines that connect to VMM and to the host, and refuse a host that migrates."""
    session = "$session = New-CimSession -ComputerName $name"
    if not machine.joined:
        session += " -Credential (Get-Credential) -SessionOption (New-CimSessionOption -UseSsl)"
    return (
        "$ErrorActionPreference = 'Stop'",
        f"$name = {quote(machine.name)}",
        VMM_MODULE,
        f"Get-SCVMMServer -ComputerName {quote(machine.vmm)} | Out-Null",
        "$vmHost = Get-SCVMHost -ComputerName $name",
        refuse(machine, "$null -eq $vmHost", "VMM does not know this host"),
        session,
        f"$service = {_SERVICE}",
        refuse(
            machine,
            "$service.ActiveVirtualSystemMigrationCount -ne 0 -or "
            "$service.ActiveStorageMigrationCount -ne 0",
            "a migration is running",
        ),
    )


def setting_unchanged(machine: FixTarget, name: str, literal: str) -> tuple[str, ...]:
    """Return the guard of one migration setting: it still has the observed value."""
    return (
        f"$settings = {_SETTINGS}",
        refuse(machine, f"$settings.{name} -ne {literal}", f"{name} is no longer as observed"),
    )


def rows_unchanged(machine: FixTarget, rows: Iterable[MigrationNetwork]) -> tuple[str, ...]:
    """Return the guard of the migration networks: the same rows, metrics and tags as observed."""
    return (
        f"$rows = @({_NETWORKS})",
        (
            "$now = @($rows | ForEach-Object { '{0}/{1} metric {2} tags {3}' -f "
            "$_.SubnetNumber, $_.PrefixLength, $_.Metric, "
            "($_.Tags -join ',') } | Sort-Object) -join '; '"
        ),
        f"$observed = @({quote_list(_row_text(row) for row in rows)} | Sort-Object) -join '; '",
        refuse(machine, "$now -cne $observed", "its migration networks are no longer as observed"),
    )


def any_network_still_set(machine: FixTarget) -> tuple[str, ...]:
    """Return the guard of an undo: the host still accepts live migration on any network.

    The row of IPv4 says so: with IPv6 disabled it is alone, and that of IPv6 alone is not enough.
    """
    any_v4 = f"$_.Tags -contains {quote(USER_MANAGED_ALL)} -and $_.SubnetNumber -eq '0.0.0.0'"
    return (
        f"$rows = @({_NETWORKS})",
        refuse(
            machine,
            f"@($rows | Where-Object {{ {any_v4} }}).Count -eq 0",
            "it no longer accepts live migration on any network",
        ),
    )


def networks_are(machine: FixTarget, subnets: Iterable[object]) -> tuple[str, ...]:
    """Return the guard of these migration networks and no others, whatever metric and tags."""
    return (
        f"$rows = @({_NETWORKS})",
        (
            "$now = @($rows | ForEach-Object { '{0}/{1}' -f "
            "[System.Net.IPAddress]::Parse($_.SubnetNumber), $_.PrefixLength } | Sort-Object) "
            "-join ', '"
        ),
        f"$wanted = @({quote_list(subnets)} | Sort-Object) -join ', '",
        refuse(machine, "$now -ne $wanted", "its migration networks are not as wanted"),
    )


def _row_text(row: MigrationNetwork) -> str:
    metric = "" if row.metric is None else row.metric
    return f"{row.spelling} metric {metric} tags {','.join(row.tags)}"


def recorded(rows: Iterable[MigrationNetwork]) -> tuple[str, ...]:
    """Return comments that record the rows before a change: order, metrics and tags."""
    lines = [
        f"Before the change, row {number}: {row.subnet}, "
        f"metric {'not set' if row.metric is None else row.metric}, "
        f"tags {', '.join(row.tags) or 'none'}."
        for number, row in enumerate(rows, start=1)
    ]
    return tuple(comment(line) for line in lines or ["Before the change there was no row."])


def set_host(*parameters: str) -> str:
    """Return the VMM cmdlet that changes the host's settings, and VMM's record with them."""
    return f"Set-SCVMHost -VMHost $vmHost {' '.join(parameters)} | Out-Null"


def subnet_list(subnets: Iterable[object]) -> str:
    """Return the complete list for -MigrationSubnet, which may replace what is there."""
    return f"-MigrationSubnet {quote_list(subnets)}"
