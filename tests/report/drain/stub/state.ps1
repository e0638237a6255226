# Stands in for hosts: objects in the JSON file that LIVEMIGRATION_STUB names, which several processes
# read and write. What a host answers to a question of WMI is in CimCmdlets.
function Use-Stub {
    param([scriptblock] $Do)
    $lock = $null
    while ($null -eq $lock) {
        try {
            $lock = [IO.File]::Open("$env:LIVEMIGRATION_STUB.lock", 'OpenOrCreate', 'ReadWrite', 'None')
        } catch {
            Start-Sleep -Milliseconds 20
        }
    }
    try {
        & $Do (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($env:LIVEMIGRATION_STUB)))
    } finally {
        $lock.Dispose()
    }
}

# Returns a host by its name, or by the first label of it, as a cluster calls its nodes.
function Select-StubHost {
    param([object] $State, [string] $Name)
    foreach ($one in $State.Hosts) {
        if ($one.Name -eq $Name -or $one.Name.Split('.')[0] -eq $Name) { return $one }
    }
    throw ('{0} is no host.' -f $Name)
}

# Moves a machine, or refuses as Hyper-V does; notes what was asked.
function Move-StubMachine {
    param([string] $Id, [string] $To, [string] $By, [bool] $Disks)
    Use-Stub {
        param($state)
        $there = Select-StubHost $state $To
        $from = @($state.Hosts | Where-Object { @($_.Machines | Where-Object { $_.Id -eq $Id }) })
        if ($from.Count -ne 1) { throw ('{0} runs on {1} hosts.' -f $Id, $from.Count) }
        $machine = @($from[0].Machines | Where-Object { $_.Id -eq $Id })[0]
        if ($state.Refused -contains $Id) { throw ('{0}: refused.' -f $Id) }
        if ($machine.Memory -gt $there.Free) { throw ('{0}: no memory is left.' -f $there.Name) }
        $there.Free -= $machine.Memory
        $from[0].Free += $machine.Memory
        $from[0].Machines = @($from[0].Machines | Where-Object { $_.Id -ne $Id })
        $there.Machines = @($there.Machines) + @($machine)
        $told = '{0} from {1} to {2} by {3}' -f $Id, $from[0].Name, $there.Name, $By
        if ($Disks) { $told += ' with disks' }
        $state.Moves = @($state.Moves) + @($told)
        [IO.File]::WriteAllText(
            $env:LIVEMIGRATION_STUB, (ConvertTo-Json -InputObject $state -Depth 9)
        )
    }
}
