# Stands in for VMM and for WMI: hosts are objects in the JSON file that LIVEMIGRATION_STUB names.
function Read-Stub {
    Get-Content -Path $env:LIVEMIGRATION_STUB -Raw | ConvertFrom-Json
}

function Get-SCVMMServer {
    param([string] $ComputerName)
    New-Object PSObject -Property @{ Name = $ComputerName }
}

function Get-SCVMHost {
    param([string] $ComputerName)
    $known = @(Read-Stub | ForEach-Object { $_.PSObject.Properties } | ForEach-Object { $_.Name })
    if ($known -contains $ComputerName) { New-Object PSObject -Property @{ Name = $ComputerName } }
}

function New-CimSession {
    param([string] $ComputerName)
    New-Object PSObject -Property @{ ComputerName = $ComputerName }
}

function Get-CimInstance {
    param([object] $CimSession, [string] $Namespace, [string] $ClassName)
    $state = Read-Stub
    $of = $state.PSObject.Properties[$CimSession.ComputerName].Value
    $of.PSObject.Properties[$ClassName].Value
}

function Set-SCVMHost {
    param([object] $VMHost, [bool] $EnableLiveMigration)
    $state = Read-Stub
    $of = $state.PSObject.Properties[$VMHost.Name].Value
    $settings = $of.Msvm_VirtualSystemMigrationServiceSettingData
    $settings.EnableVirtualSystemMigration = $EnableLiveMigration
    ConvertTo-Json -InputObject $state -Depth 9 | Set-Content -Path $env:LIVEMIGRATION_STUB
}
