# Reads the release of this VMM server and the hosts that it manages. Changes nothing.
# Request:  {}
# Reply:    {"release": {"registry": text or null, "server": text or null},
#            "hosts": [{"name", "fqdn", "cluster", "perimeter"}] or null, "error": text or null}
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

$registry = $null
$key = 'HKLM:\SOFTWARE\Microsoft\Microsoft System Center Virtual Machine Manager Server\Setup'
if (Test-Path -LiteralPath $key) {
    $registry = Get-Text (Get-ItemProperty -LiteralPath $key) 'ProductVersion'
}

$server = $null
$hosts = $null
$failure = $null
try {
    Import-Module -Name virtualmachinemanager
    $vmm = Get-SCVMMServer -ComputerName localhost
    $server = Get-Text $vmm 'ProductVersion'
    $hosts = @(
        foreach ($each in @(Get-SCVMHost -VMMServer $vmm)) {
            $perimeter = Get-Text $each 'PerimeterNetworkHost'
            $isPerimeter = $null
            if ($null -ne $perimeter) { $isPerimeter = ($perimeter -eq 'True') }
            New-Object psobject -Property @{
                name = Get-Text $each 'Name'
                fqdn = Get-Text $each 'FQDN'
                cluster = Get-Text $each 'HostCluster'
                perimeter = $isPerimeter
            }
        }
    )
}
catch {
    $failure = [string]$_.Exception.Message
}

$release = New-Object psobject -Property @{ registry = $registry; server = $server }
$reply = New-Object psobject -Property @{ release = $release; hosts = $hosts; error = $failure }
ConvertTo-Json -InputObject $reply -Depth 4 -Compress
