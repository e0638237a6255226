# Stands in for Hyper-V's own cmdlets, as far as the script of a drain calls them.
. (Join-Path (Split-Path -Parent $PSScriptRoot) 'state.ps1')

function Get-VM {
    param([string] $ComputerName, [guid] $Id)
    $of = Use-Stub { param($state) Select-StubHost $state $ComputerName }
    $found = @($of.Machines | Where-Object { [guid] $_.Id -eq $Id })
    if ($found.Count -ne 1) { throw ('{0} does not run on {1}.' -f $Id, $ComputerName) }
    New-Object PSObject -Property @{ VMId = $Id; ComputerName = $of.Name }
}

function Get-VMHost {
    param([string] $ComputerName)
    New-Object PSObject -Property @{ VirtualMachinePath = 'D:\Machines' }
}

function Move-VM {
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    param(
        [object] $VM,
        [string] $DestinationHost,
        [switch] $IncludeStorage,
        [string] $DestinationStoragePath
    )
    if ([bool] $IncludeStorage -ne [bool] $DestinationStoragePath) { throw 'Where to?' }
    if ($PSCmdlet.ShouldProcess("$($VM.VMId)", 'Move')) {
        Move-StubMachine "$($VM.VMId)" $DestinationHost 'hyper-v' ([bool] $IncludeStorage)
    }
}
