# Asks VMM to rate one host for one virtual machine that would migrate there, as its wizard does.
# This script changes nothing itself, but for the rating VMM may create a planned virtual machine on
# the host, and a job, and removes them itself: it runs only where --stage-vm asks for it.
# Request:  {"server": text, "vm": text, "host": text, "milliseconds": number}
# Reply:    {"found": number, "current": text or null, "rating": number or null,
#            "reasons": [text], "warnings": [text]}
# found: how many virtual machines have that name. current: the host on which it is; that host is
# not rated. reasons: why the rating is zero. milliseconds: how long this may take.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

function Get-Property {
    param($Source, [string]$Name)
    if ($null -eq $Source) { return $null }
    $property = $Source.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

# VMM answers as localhost; a highly available one perhaps only under its clustered service's name.
function Connect-Vmm {
    param([string]$Name)
    try { return Get-SCVMMServer -ComputerName localhost }
    catch { if (-not $Name) { throw } }
    return Get-SCVMMServer -ComputerName $Name
}

function Get-Messages {
    param($Source, [string]$Name)
    foreach ($each in @(Get-Property $Source $Name)) { if ($null -ne $each) { "$each" } }
}

$request = ConvertFrom-Json -InputObject $Document
$current = $null
$rating = $null
$reasons = @()
$warnings = @()
Import-Module -Name virtualmachinemanager
$vmm = Connect-Vmm $request.server
$machines = @(
    foreach ($each in @(Get-SCVirtualMachine -VMMServer $vmm)) {
        if ($each.Name -eq $request.vm) { $each }
    }
)
if ($machines.Length -eq 1) {
    $on = Get-Property $machines[0] 'VMHost'
    foreach ($name in @('FQDN', 'FullyQualifiedDomainName', 'Name')) {
        if ($null -eq $current) { $current = Get-Property $on $name }
    }
    if ($null -ne $current) { $current = [string]$current }
    if ($current -ne $request.host) {
        $target = Get-SCVMHost -VMMServer $vmm -ComputerName $request.host
        $given = @(Get-SCVMHostRating -VM $machines[0] -VMHost $target -IsMigration)
        if ($given.Length -gt 0) {
            $value = Get-Property $given[0] 'Rating'
            if ($null -ne $value) { $rating = [double]$value }
            $reasons = @(Get-Messages $given[0] 'ZeroRatingReasonList')
            $warnings = @(Get-Messages $given[0] 'WarningReasonList')
        }
    }
}

$reply = New-Object psobject -Property @{
    found = $machines.Length
    current = $current
    rating = $rating
    reasons = $reasons
    warnings = $warnings
}
ConvertTo-Json -InputObject $reply -Depth 4 -Compress
