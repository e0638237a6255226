# Lists the hosts that this VMM server manages, with where they stand in VMM. Changes nothing.
# Request:  {"server": text, "milliseconds": number}
# Reply:    {"hosts": [{"name", "fqdn", "cluster", "group", "platform", "perimeter",
#            "communication", "maintenance", "error"}] or null, "error": text or null}
# group:    the path of its host group, such as All Hosts\Amsterdam; platform: such as HyperV.
# error of a host: why its record could not be read whole. milliseconds: how long this may take.
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

function Get-Truth {
    param($Source, [string]$Name)
    $text = Get-Text $Source $Name
    if ($text -eq 'True') { return $true }
    if ($text -eq 'False') { return $false }
    return $null
}

# In a copy of an object the group may have become one text, which is then its path or its name.
function Get-Place {
    param($Source)
    $group = Get-Value $Source 'VMHostGroup'
    $path = Get-Text $group @('Path', 'Name')
    if ($null -eq $path -and $null -ne $group) { $path = [string]$group }
    return $path
}

# What of a host cannot be read takes no other host with it.
function Get-Listed {
    param($Source)
    $listed = @{
        name = $null
        fqdn = $null
        cluster = $null
        group = $null
        platform = $null
        perimeter = $null
        communication = $null
        maintenance = $null
        error = $null
    }
    try {
        $listed['name'] = Get-Text $Source 'Name'
        $listed['fqdn'] = Get-Text $Source @('FQDN', 'FullyQualifiedDomainName')
        $listed['cluster'] = Get-Text $Source 'HostCluster'
        $listed['group'] = Get-Place $Source
        $listed['platform'] = Get-Text $Source 'VirtualizationPlatform'
        $listed['perimeter'] = Get-Truth $Source 'PerimeterNetworkHost'
        $listed['communication'] = Get-Text $Source @('CommunicationState', 'CommunicationStateString')
        $listed['maintenance'] = Get-Truth $Source 'MaintenanceHost'
    }
    catch {
        $listed['error'] = [string]$_.Exception.Message
    }
    return New-Object psobject -Property $listed
}

$request = ConvertFrom-Json -InputObject $Document
$hosts = $null
$failure = $null
try {
    Import-Module -Name virtualmachinemanager
    $vmm = Connect-Vmm $request.server
    $hosts = @(foreach ($each in @(Get-SCVMHost -VMMServer $vmm)) { Get-Listed $each })
}
catch {
    $failure = [string]$_.Exception.Message
}

$reply = New-Object psobject -Property @{
    hosts = $hosts
    error = $failure
}
ConvertTo-Json -InputObject $reply -Depth 4 -Compress
