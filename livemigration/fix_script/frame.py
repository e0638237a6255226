"""The parts of every fix script that no host has a word in."""

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

CLOSING = (
    "",
    "if ($Rollback) { [array]::Reverse($repairs) }",
    "$failed = 0",
    "foreach ($repair in $repairs) {",
    "    if ($HostName.Count -gt 0 -and $HostName -notcontains $repair.Target) {",
    "        Write-Output ('skipped       {0}: {1}' -f $repair.Target, $repair.Summary)",
    "        continue",
    "    }",
    "    $script:changed = $false",
    "    $already = $true",
    "    if (-not $Rollback) {",
    "        try { & $repair.Wanted | Out-Null } catch { $already = $false }",
    "        if ($already) {",
    "            Write-Output ('already done  {0}: {1}' -f $repair.Target, $repair.Summary)",
    "            continue",
    "        }",
    "    }",
    "    try {",
    "        if ($Rollback) { & $repair.Undo } else { & $repair.Change }",
    "        if ($script:changed) { $word = 'done        ' } else { $word = 'not changed ' }",
    "        Write-Output ('{0}  {1}: {2}' -f $word, $repair.Target, $repair.Summary)",
    "    } catch {",
    "        $failed = $failed + 1",
    "        Write-Output ('FAILED        {0}: {1}' -f $repair.Target, $_.Exception.Message)",
    "    }",
    "}",
    "Write-Output ('{0} of {1} repairs failed.' -f $failed, $repairs.Count)",
    "if ($failed -gt 0) { exit 1 }",
)
