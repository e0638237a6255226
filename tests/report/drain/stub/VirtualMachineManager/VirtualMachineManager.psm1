# Stands in for VMM and its cmdlets, as far as the script of a drain calls them.
. (Join-Path (Split-Path -Parent $PSScriptRoot) 'state.ps1')

function Get-SCVMMServer {
    param([string] $ComputerName)
    New-Object PSObject -Property @{ Name = $ComputerName }
}

function Get-SCVirtualMachine {
    param([object] $VMMServer)
    if ($null -eq $VMMServer) { throw 'No server is named.' }
    Use-Stub {
        param($state)
        foreach ($one in $state.Hosts) {
            foreach ($machine in $one.Machines) {
                New-Object PSObject -Property @{ VMId = [guid] $machine.Id; Name = $machine.Id }
            }
        }
    }
}

function Get-SCVMHost {
    param([object] $VMMServer, [string] $ComputerName)
    if ($null -eq $VMMServer) { throw 'No server is named.' }
    $name = (Use-Stub { param($state) Select-StubHost $state $ComputerName }).Name
    New-Object PSObject -Property @{ Name = $name; VMPaths = @('D:\Machines', 'E:\Machines') }
}

function Move-SCVirtualMachine {
    param([object] $VM, [object] $VMHost, [string] $Path, [switch] $UseLAN)
    if ([bool] $Path -ne [bool] $UseLAN) { throw 'Disks are moved by the network, to a folder.' }
    Move-StubMachine "$($VM.VMId)" $VMHost.Name 'vmm' ([bool] $UseLAN)
    $VM
}
