# Stands in for a failover cluster and its cmdlets, as far as the script of a drain calls them.
. (Join-Path (Split-Path -Parent $PSScriptRoot) 'state.ps1')

function Get-Cluster {
    Use-Stub { param($state) $state.Cluster }
}

function Move-ClusterVirtualMachineRole {
    param([string] $VMId, [string] $Node, [string] $MigrationType)
    if ($MigrationType -ne 'Live') { throw 'Only live migration is meant.' }
    Move-StubMachine $VMId $Node 'cluster' $false
    New-Object PSObject -Property @{ Name = $VMId; OwnerNode = $Node }
}
