# Reads what VMM has on record of the virtual hard disks of some hosts' virtual machines.
# Changes nothing.
# Request:  {"server": text, "hosts": [text], "milliseconds": number}
# Reply:    {"hosts": [{"name", "disks": [{"file", "size", "maximum", "differencing",
#            "parents": [{"file", "size"}]}] or null, "error"}] or null, "error": text or null}
# hosts: by VMM's names. size: bytes of the file, maximum: of the disk in it; null where VMM does not
# say. parents: what a disk builds upon, the nearest first; file null: VMM names it without its path.
# error of a host: why its disks could not be read. milliseconds: how long this may take.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# The value of the first of these properties that the object has and that is not null.
function Get-Value {
    param($Source, [string[]]$Names)
    if ($null -eq $Source) { return $null }
    foreach ($name in $Names) {
        $property = $Source.PSObject.Properties[$name]
        if ($null -ne $property -and $null -ne $property.Value) { return $property.Value }
    }
    return $null
}

function Get-Text {
    param($Source, [string[]]$Names)
    $value = Get-Value $Source $Names
    if ($null -eq $value) { return $null }
    return [string]$value
}

# VMM answers as localhost; a highly available one perhaps only under its clustered service's name.
function Connect-Vmm {
    param([string]$Name)
    try { return Get-SCVMMServer -ComputerName localhost }
    catch { if (-not $Name) { throw } }
    return Get-SCVMMServer -ComputerName $Name
}

function Get-Bytes {
    param($Source, [string]$Name)
    $text = Get-Text $Source $Name
    $number = [long]0
    if ($null -ne $text -and [long]::TryParse($text, [ref]$number)) { return $number }
    return $null
}

# VHDType as a name, or as its number where PowerShell had a copy of the object.
function Get-Differencing {
    param($Source)
    $text = Get-Text $Source 'VHDType'
    if ($text -eq '3' -or $text -like 'Differencing*') { return $true }
    if ($text -eq '1' -or $text -eq '2') { return $false }
    if ($text -like 'Dynamic*' -or $text -like 'Fixed*') { return $false }
    return $null
}

# In a copy of an object a disk may have become one text, which is its name and no path.
function Get-File {
    param($Source)
    if ($Source -is [string]) { return $null }
    return Get-Text $Source @('Location', 'SharePath')
}

function Get-Parents {
    param($Source)
    $parent = Get-Value $Source 'ParentDisk'
    for ($step = 0; $step -lt 64 -and $null -ne $parent; $step++) {
        New-Object psobject -Property @{
            file = Get-File $parent
            size = Get-Bytes $parent 'Size'
        }
        $parent = Get-Value $parent 'ParentDisk'
    }
    if ($null -ne $parent) { New-Object psobject -Property @{ file = $null; size = $null } }
}

function Get-Disk {
    param($Source)
    return New-Object psobject -Property @{
        file = Get-File $Source
        size = Get-Bytes $Source 'Size'
        maximum = Get-Bytes $Source 'MaximumSize'
        differencing = Get-Differencing $Source
        parents = @(Get-Parents $Source)
    }
}

function Assert-Time {
    if ($clock.ElapsedMilliseconds -ge $request.milliseconds) {
        throw 'The deadline passed before all of its disks were read.'
    }
}

function Get-Disks {
    param($Server, [string]$Name)
    Assert-Time
    $place = @(Get-SCVMHost -VMMServer $Server -ComputerName $Name)
    if ($place.Length -ne 1) { throw "VMM has $($place.Length) hosts of this name." }
    foreach ($machine in @(Get-SCVirtualMachine -VMMServer $Server -VMHost $place[0])) {
        Assert-Time
        foreach ($disk in @(Get-Value $machine 'VirtualHardDisks')) {
            if ($null -ne $disk -and $disk -isnot [string]) { Get-Disk $disk }
        }
    }
}

# What of a host cannot be read takes no other host with it.
function Get-Kept {
    param($Server, [string]$Name)
    $kept = @{
        name = $Name
        disks = $null
        error = $null
    }
    try { $kept['disks'] = @(Get-Disks $Server $Name) }
    catch { $kept['error'] = [string]$_.Exception.Message }
    return New-Object psobject -Property $kept
}

$request = ConvertFrom-Json -InputObject $Document
$clock = [Diagnostics.Stopwatch]::StartNew()
$hosts = $null
$failure = $null
try {
    Import-Module -Name virtualmachinemanager
    $vmm = Connect-Vmm $request.server
    $hosts = @(foreach ($each in @($request.hosts)) { Get-Kept $vmm $each })
}
catch {
    $failure = [string]$_.Exception.Message
}

$reply = New-Object psobject -Property @{
    hosts = $hosts
    error = $failure
}
ConvertTo-Json -InputObject $reply -Depth 8 -Compress
