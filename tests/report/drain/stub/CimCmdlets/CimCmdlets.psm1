# Stands in for WMI on the hosts, as far as the script of a drain asks it.
. (Join-Path (Split-Path -Parent $PSScriptRoot) 'state.ps1')

function Get-CimInstance {
    param([string] $ComputerName, [string] $Namespace, [string] $Query)
    if ($Namespace -ne 'root/virtualization/v2') { throw ('There is no {0}.' -f $Namespace) }
    if ($Query -notmatch "^SELECT \* FROM (\w+)(?: WHERE (\w+) = '?([^']+?)'?)?$") {
        throw ('{0}: this is no query.' -f $Query)
    }
    $class, $key, $value = $Matches[1], $Matches[2], $Matches[3]
    $of = Use-Stub { param($state) Select-StubHost $state $ComputerName }
    $machines = @($of.Machines | Where-Object { $_.Id -eq $value })
    switch ("$class $key".Trim()) {
        'Msvm_ComputerSystem Name' {
            foreach ($one in $machines) {
                New-Object PSObject -Property @{ Name = $one.Id; EnabledState = $one.EnabledState }
            }
        }
        'Msvm_Memory SystemName' {
            foreach ($one in $machines) {
                New-Object PSObject -Property @{ NumberOfBlocks = $one.Memory }
            }
        }
        'Msvm_ResourcePool ResourceType' {
            New-Object PSObject -Property @{
                Primordial = $true
                AllocationUnits = 'byte * 2^20'
                MaxConsumableResource = $of.Free + 1024
                Reserved = 1024
            }
        }
        'Msvm_VirtualSystemMigrationService' {
            New-Object PSObject -Property @{
                ActiveVirtualSystemMigrationCount = 0
                ActiveStorageMigrationCount = 0
            }
        }
        'Msvm_VirtualSystemMigrationServiceSettingData' {
            New-Object PSObject -Property @{
                MaximumActiveVirtualSystemMigration = $of.Live
                MaximumActiveStorageMigration = $of.Storage
            }
        }
        default { throw ('{0}: nobody asks this.' -f $Query) }
    }
}
