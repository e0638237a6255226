"""The parts of every fix script that no host has a word in.

Windows PowerShell 3.0: about_Functions_CmdletBindingAttribute and about_Throw of Microsoft's
documents for ShouldProcess and for what `throw` ends.
"""

from __future__ import annotations

OPENING = (
    "[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]",
    "param(",
    "    [string[]] $HostName = @(),",
    "    [switch] $Rollback,",
    "    [switch] $Force",
    ")",
    "$ErrorActionPreference = 'Stop'",
)

STALE = (
    "if ([System.DateTime]::UtcNow -gt $validUntil -and -not $Force) {",
    "    throw 'What this script was made from is too old. Run the suite again, or use -Force.'",
    "}",
)

# A workgroup host takes credentials of its own: a person types them once, not at every look.
HELPERS = (
    "",
    "$credentials = @{}",
    "function Get-HostCredential {",
    "    param([string] $Name)",
    "    if (-not $credentials.ContainsKey($Name)) {",
    "        $credentials[$Name] = Get-Credential -Message ('An administrator of {0}' -f $Name)",
    "    }",
    "    $credentials[$Name]",
    "}",
    "function Invoke-Part {",
    "    param([scriptblock] $Part)",
    "    $session = $null",
    "    try { . $Part } finally {",
    "        if ($null -ne $session) {",
    "            Remove-CimSession -CimSession $session -WhatIf:$false -Confirm:$false",
    "        }",
    "    }",
    "}",
)

# -File hands `-HostName a,b` over as one text.
_CHOSEN = (
    "",
    "if ($HostName.Count -gt 0) { $HostName = @($HostName -split ',' | ForEach-Object Trim) }",
    "$targets = @($repairs | ForEach-Object { $_.Target })",
    "foreach ($one in $HostName) {",
    "    if ($targets -notcontains $one) {",
    "        throw ('No command here repairs {0}. Nothing was changed.' -f $one)",
    "    }",
    "}",
)

_REPAIRING = (
    "$count = @{}",
    "foreach ($word in @($did, $asBefore, 'not changed', 'skipped', 'FAILED')) {",
    "    $count[$word] = 0",
    "}",
    "foreach ($repair in $repairs) {",
    "    if ($Rollback) { $seen = $repair.Before; $act = $repair.Undo }",
    "    else { $seen = $repair.Done; $act = $repair.Change }",
    "    $script:begun = $false",
    "    $told = ''",
    "    $word = $asBefore",
    "    if ($HostName.Count -gt 0 -and $HostName -notcontains $repair.Target) {",
    "        $word = 'skipped'",
    "    } else {",
    "        try { Invoke-Part $seen | Out-Null } catch { $word = 'not changed' }",
    "    }",
    "    if ($word -eq 'not changed') {",
    "        try {",
    "            Invoke-Part $act | Out-Null",
    "            if ($script:begun) { $word = $did }",
    "        } catch {",
    "            $word = 'FAILED'",
    "            $told = ' ' + $_.Exception.Message",
    "            if ($script:begun) { $told += ' The change had begun: look at the host.' }",
    "        }",
    "    }",
    "    $count[$word] += 1",
    "    Write-Output ('{0,-14}{1}: {2}{3}' -f $word, $repair.Target, $repair.Summary, $told)",
    "}",
)

CLOSING = (
    *_CHOSEN,
    "",
    "$did = 'done'",
    "$asBefore = 'already done'",
    "if ($Rollback) {",
    "    [array]::Reverse($repairs)",
    "    $did = 'undone'",
    "    $asBefore = 'as before'",
    "}",
    *_REPAIRING,
    "Write-Output ('{0} {1}, {2} {3}, {4} not changed, {5} skipped, {6} failed.' -f",
    "    $count[$did], $did, $count[$asBefore], $asBefore, $count['not changed'],",
    "    $count['skipped'], $count['FAILED'])",
    "if ($count['FAILED'] -gt 0) { exit 1 }",
)
