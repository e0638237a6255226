# Reads the release of this VMM server and the hosts that it manages. Changes nothing.
# Request:  {"server": text}
# Reply:    {"release": {"registry", "server", "is_highly_available", "active_node", "answered_by"},
#            "hosts": [{"name", "fqdn", "cluster", "perimeter", "settings"}] or null,
#            "error": text or null}
# settings: {"enabled", "maximum_migrations", "maximum_storage_migrations", "any_subnet",
#            "subnets", "authentication", "performance"}; null where VMM does not say.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

function Get-Text {
    param($Source, [string]$Name)
    if ($null -eq $Source) { return $null }
    $property = $Source.PSObject.Properties[$Name]
    if ($null -eq $property -or $null -eq $property.Value) { return $null }
    return [string]$property.Value
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

function Get-Count {
    param($Source, [string]$Name)
    $number = 0
    if ([int]::TryParse((Get-Text $Source $Name), [ref]$number)) { return $number }
    return $null
}

function Get-Settings {
    param($Source)
    $subnets = $null
    $property = $Source.PSObject.Properties['MigrationSubnet']
    if ($null -ne $property) {
        $subnets = @(foreach ($each in @($property.Value)) { if ($null -ne $each) { "$each" } })
    }
    return New-Object psobject -Property @{
        enabled = Get-Truth $Source 'EnableLiveMigration'
        maximum_migrations = Get-Count $Source 'LiveMigrationMaximum'
        maximum_storage_migrations = Get-Count $Source 'LiveStorageMigrationMaximum'
        any_subnet = Get-Truth $Source 'UseAnyMigrationSubnet'
        subnets = $subnets
        authentication = Get-Text $Source 'MigrationAuthProtocol'
        performance = Get-Text $Source 'MigrationPerformanceOption'
    }
}

$request = ConvertFrom-Json -InputObject $Document
$registry = $null
$key = 'HKLM:\SOFTWARE\Microsoft\Microsoft System Center Virtual Machine Manager Server\Setup'
if (Test-Path -LiteralPath $key) {
    $registry = Get-Text (Get-ItemProperty -LiteralPath $key) 'ProductVersion'
}

# The computer that answers, which is not always the one whose name was asked.
$computer = $null
try {
    $own = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    $computer = [string]$own.HostName
    if ($own.DomainName) { $computer = "$computer.$($own.DomainName)" }
}
catch { $computer = $null }

$server = $null
$available = $null
$node = $null
$hosts = $null
$failure = $null
try {
    Import-Module -Name virtualmachinemanager
    $vmm = Connect-Vmm $request.server
    $server = Get-Text $vmm 'ProductVersion'
    $available = Get-Truth $vmm 'IsHighlyAvailable'
    $node = Get-Text $vmm 'ActiveVMMNode'
    $hosts = @(
        foreach ($each in @(Get-SCVMHost -VMMServer $vmm)) {
            New-Object psobject -Property @{
                name = Get-Text $each 'Name'
                fqdn = Get-Text $each 'FQDN'
                cluster = Get-Text $each 'HostCluster'
                perimeter = Get-Truth $each 'PerimeterNetworkHost'
                settings = Get-Settings $each
            }
        }
    )
}
catch {
    $failure = [string]$_.Exception.Message
}

$release = New-Object psobject -Property @{
    registry = $registry
    server = $server
    is_highly_available = $available
    active_node = $node
    answered_by = $computer
}
$reply = New-Object psobject -Property @{ release = $release; hosts = $hosts; error = $failure }
ConvertTo-Json -InputObject $reply -Depth 8 -Compress
