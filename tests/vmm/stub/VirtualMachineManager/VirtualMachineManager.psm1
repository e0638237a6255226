# Stands in for the VMM module, so that the suite's scripts can be run without VMM.
# The file that LIVEMIGRATION_VMM_STUB names says what the cmdlets return:
#   {"server": {property: value}, "hosts": [{property: value}], "machines": [{property: value}],
#    "ratings": [{property: value}], "error": text or null}
# Names, numbers of enums and units are those of objects of a real VMM 2012 R2. It is no VMM.
Set-StrictMode -Version 2

function Read-Stub {
    $text = [IO.File]::ReadAllText($env:LIVEMIGRATION_VMM_STUB)
    $stub = ConvertFrom-Json -InputObject $text
    if ($null -ne $stub.error) { throw [string]$stub.error }
    return $stub
}

function Get-Listed {
    param($Stub, [string]$Name)
    $property = $Stub.PSObject.Properties[$Name]
    if ($null -ne $property) { foreach ($each in @($property.Value)) { $each } }
}

function Get-SCVMMServer {
    param([string]$ComputerName)
    return (Read-Stub).server
}

function Get-SCVMHost {
    param($VMMServer, [string]$ComputerName)
    foreach ($each in @(Get-Listed (Read-Stub) 'hosts')) {
        if (-not $ComputerName -or $each.Name -eq $ComputerName) { $each }
    }
}

function Get-SCVirtualMachine {
    param($VMMServer, $VMHost)
    foreach ($each in @(Get-Listed (Read-Stub) 'machines')) {
        if ($null -eq $VMHost -or $each.VMHost.Name -eq $VMHost.Name) { $each }
    }
}

function Get-SCVMHostRating {
    param($VM, $VMHost, [switch]$IsMigration)
    foreach ($each in @(Get-Listed (Read-Stub) 'ratings')) {
        if ($each.VMHost -eq $VMHost.Name) { $each }
    }
}

$cmdlets = @('Get-SCVMMServer', 'Get-SCVMHost', 'Get-SCVirtualMachine', 'Get-SCVMHostRating')
Export-ModuleMember -Function $cmdlets
