# Stands in for VMM, for WMI and for the firewall: hosts are objects in the JSON file that
# LIVEMIGRATION_STUB names. What VMM writes into rows of migration networks is made up.
function Read-Stub {
    Get-Content -Path $env:LIVEMIGRATION_STUB -Raw | ConvertFrom-Json
}

function Write-Stub {
    param([object] $State)
    ConvertTo-Json -InputObject $State -Depth 9 | Set-Content -Path $env:LIVEMIGRATION_STUB
}

function Get-Part {
    param([object] $Of, [string] $Name)
    $Of.PSObject.Properties[$Name].Value
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

function Remove-CimSession {
    [CmdletBinding(SupportsShouldProcess = $true)]
    param([object] $CimSession)
    if ($null -eq $CimSession) { throw 'There is no session to remove.' }
}

function Get-CimInstance {
    param([object] $CimSession, [string] $Namespace, [string] $ClassName)
    Get-Part (Get-Part (Read-Stub) $CimSession.ComputerName) $ClassName
}

function New-Row {
    param([string] $Number, [int] $Length, [string] $Tag)
    New-Object PSObject -Property @{
        SubnetNumber = $Number
        PrefixLength = $Length
        Metric = 0
        Tags = @("Microsoft:$Tag")
    }
}

function Set-Network {
    param([object] $Of, [object] $UseAny, [object] $Subnets)
    $all = 'Microsoft:UserManagedAllNetworks'
    $rows = @($Of.Msvm_VirtualSystemMigrationNetworkSettingData)
    $any = @($rows | Where-Object { $_.Tags -contains $all })
    $named = @($rows | Where-Object { $_.Tags -notcontains $all })
    if ($UseAny -eq $true) {
        $named = @()
        $any = @((New-Row '0.0.0.0' 0 'UserManagedAllNetworks'), (New-Row '::' 0 'UserManagedAllNetworks'))
    }
    if ($UseAny -eq $false) { $any = @() }
    if ($null -ne $Subnets) {
        $named = @($Subnets | ForEach-Object {
            $number, $length = $_ -split '/'
            New-Row $number $length 'UserManaged'
        })
    }
    $Of.Msvm_VirtualSystemMigrationNetworkSettingData = @($any + $named)
}

function Set-SCVMHost {
    param(
        [object] $VMHost,
        [bool] $EnableLiveMigration,
        [bool] $UseAnyMigrationSubnet,
        [string[]] $MigrationSubnet,
        [string] $MigrationAuthProtocol,
        [int] $LiveMigrationMaximum,
        [string] $MigrationPerformanceOption
    )
    $state = Read-Stub
    $of = Get-Part $state $VMHost.Name
    $settings = $of.Msvm_VirtualSystemMigrationServiceSettingData
    $given = $PSBoundParameters
    if ($given.ContainsKey('EnableLiveMigration')) {
        $settings.EnableVirtualSystemMigration = $EnableLiveMigration
    }
    if ($given.ContainsKey('MigrationAuthProtocol')) {
        $settings.AuthenticationType = [int]($MigrationAuthProtocol -eq 'Kerberos')
    }
    if ($given.ContainsKey('LiveMigrationMaximum')) {
        $settings.MaximumActiveVirtualSystemMigration = $LiveMigrationMaximum
    }
    if ($given.ContainsKey('MigrationPerformanceOption')) {
        $settings.EnableCompression = $MigrationPerformanceOption -eq 'UseCompression'
        $settings.EnableSmbTransport = $MigrationPerformanceOption -eq 'UseSmbTransport'
    }
    Set-Network $of $given['UseAnyMigrationSubnet'] $given['MigrationSubnet']
    Write-Stub $state
}

function Get-NetFirewallRule {
    [CmdletBinding()]
    param([object] $CimSession, [string] $Name)
    $rule = Get-Part (Get-Part (Read-Stub) $CimSession.ComputerName) 'Rule'
    if ($null -eq $rule) { Write-Error "There is no rule $Name."; return }
    $bits = @{ Any = 0; Domain = 1; Private = 2; Public = 4 }
    $mask = ($rule.Profile | ForEach-Object { $bits[$_] } | Measure-Object -Sum).Sum
    $rule | Add-Member -MemberType NoteProperty -Name 'Profiles' -Value $mask -PassThru
}

function Get-NetFirewallAddressFilter {
    param([object] $CimSession, [object] $AssociatedNetFirewallRule)
    $AssociatedNetFirewallRule
}

function Set-Rule {
    param([string] $Machine, [object] $Rule)
    $state = Read-Stub
    (Get-Part $state $Machine).Rule = $Rule
    Write-Stub $state
}

function New-NetFirewallRule {
    param(
        [object] $CimSession, [string] $Name, [string] $DisplayName, [string] $Direction,
        [string] $Action, [string] $Protocol, [string] $LocalPort, [string] $Program,
        [string] $Service, [string[]] $Profile, [string[]] $RemoteAddress
    )
    $rule = New-Object PSObject -Property @{
        Enabled = 'True'
        Profile = $Profile
        RemoteAddress = $RemoteAddress
    }
    Set-Rule $CimSession.ComputerName $rule
    $rule
}

function Set-NetFirewallRule {
    param(
        [object] $CimSession, [string] $Name, [string] $Enabled,
        [string[]] $Profile, [string[]] $RemoteAddress
    )
    Set-Rule $CimSession.ComputerName (New-Object PSObject -Property @{
        Enabled = $Enabled
        Profile = $Profile
        RemoteAddress = $RemoteAddress
    })
}

function Remove-NetFirewallRule {
    param([object] $CimSession, [string] $Name)
    Set-Rule $CimSession.ComputerName $null
}
