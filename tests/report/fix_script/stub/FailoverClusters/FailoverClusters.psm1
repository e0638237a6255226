# Stands in for a cluster: its limit is in the JSON file that LIVEMIGRATION_STUB names.
function Get-Cluster {
    param([string] $Name)
    $cluster = New-Object PSObject -Property @{ Name = $Name }
    $read = {
        $state = Get-Content -Path $env:LIVEMIGRATION_STUB -Raw | ConvertFrom-Json
        $state.PSObject.Properties[$this.Name].Value
    }
    $write = {
        param($limit)
        $state = Get-Content -Path $env:LIVEMIGRATION_STUB -Raw | ConvertFrom-Json
        $state.PSObject.Properties[$this.Name].Value = $limit
        ConvertTo-Json -InputObject $state -Depth 9 | Set-Content -Path $env:LIVEMIGRATION_STUB
    }
    $cluster | Add-Member -MemberType ScriptProperty -Name 'MaximumParallelMigrations' -Value $read -SecondValue $write -PassThru
}
