# Stands in for the VMM module, so that the suite's scripts can be run without VMM.
# The file that LIVEMIGRATION_VMM_STUB names says what the cmdlets return:
#   {"server": {property: value}, "hosts": [{property: value}], "error": text or null}
# It is no VMM: which properties real objects have is not proven by it.
Set-StrictMode -Version 2

function Read-Stub {
    $text = [IO.File]::ReadAllText($env:LIVEMIGRATION_VMM_STUB)
    $stub = ConvertFrom-Json -InputObject $text
    if ($null -ne $stub.error) { throw [string]$stub.error }
    return $stub
}

function Get-SCVMMServer {
    param([string]$ComputerName)
    return (Read-Stub).server
}

function Get-SCVMHost {
    param($VMMServer, [string]$ComputerName)
    $stub = Read-Stub
    foreach ($each in @($stub.hosts)) {
        if (-not $ComputerName -or $each.FQDN -eq $ComputerName) { $each }
    }
}

Export-ModuleMember -Function @('Get-SCVMMServer', 'Get-SCVMHost')
