# Reads the release of this VMM server, what it says of itself, and the hosts that it manages.
# Changes nothing.
# Request:  {"server": text, "milliseconds": number}
# Reply:    {"release": {"registry", "server", "answered_by"}, of which each may be null,
#            "server": {"IsHighlyAvailable", "ActiveVMMNode", "VMMServiceAccount",
#            "ConnectedUserName", "UserRole", "Profile"} or null,
#            "hosts": [{"name", "fqdn", "cluster", "perimeter", "settings", "state", "error"}]
#            or null, "error": text or null}
# settings: {"enabled", "maximum_migrations", "maximum_storage_migrations", "any_subnet",
#            "subnets", "authentication", "performance"}; null where VMM does not say.
# state: {"CommunicationState", "OverallState", "HealthMonitors", "MaintenanceHost",
#            "NonTrustedDomainHost", "SslTcpPort", "MigrationSubnetUserManaged", "Agent",
#            "MemoryReserveMB", "OverrideHostGroupReserves", "HostCluster"}; likewise.
#            Of HealthMonitors those that are not healthy.
# error of a host: why its record could not be read whole. milliseconds: how long this may take.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# The value of the first of these properties that the object has and that is not null.
function Get-Value {
    param($Source, [string[]]$Names)
    if ($null -eq $Source) { return $null }
    foreach ($name in $Names) {
        $property = $Source.PSObject.Properties[$name]
        if ($null -ne $property -and $null -ne $property.Value) { return $property.Value }
    }
    return $null
}

function Get-Text {
    param($Source, [string[]]$Names)
    $value = Get-Value $Source $Names
    if ($null -eq $value) { return $null }
    return [string]$value
}

# A list's texts. In a copy of an object the list may have become one text with spaces in it.
function Get-Texts {
    param($Source, [string]$Name)
    foreach ($each in @(Get-Value $Source $Name)) {
        if ($null -ne $each) {
            foreach ($part in ([string]$each).Split(' ')) { if ($part -ne '') { $part } }
        }
    }
}

# VMM answers as localhost; a highly available one perhaps only under its clustered service's name.
function Connect-Vmm {
    param([string]$Name)
    try { return Get-SCVMMServer -ComputerName localhost }
    catch { if (-not $Name) { throw } }
    return Get-SCVMMServer -ComputerName $Name
}

function Get-Truth {
    param($Source, [string]$Name)
    $text = Get-Text $Source $Name
    if ($text -eq 'True') { return $true }
    if ($text -eq 'False') { return $false }
    return $null
}

function Get-Count {
    param($Source, [string]$Name)
    $text = Get-Text $Source $Name
    $number = 0
    if ($null -ne $text -and [int]::TryParse($text, [ref]$number)) { return $number }
    return $null
}

function Get-Settings {
    param($Source)
    $subnets = $null
    if ($null -ne $Source.PSObject.Properties['MigrationSubnet']) {
        $subnets = @(Get-Texts $Source 'MigrationSubnet')
    }
    return New-Object psobject -Property @{
        enabled = Get-Truth $Source 'EnableLiveMigration'
        maximum_migrations = Get-Count $Source 'LiveMigrationMaximum'
        maximum_storage_migrations = Get-Count $Source 'LiveStorageMigrationMaximum'
        any_subnet = Get-Truth $Source 'UseAnyMigrationSubnet'
        subnets = $subnets
        authentication = Get-Text $Source 'MigrationAuthProtocol'
        performance = Get-Text $Source 'MigrationPerformanceOption'
    }
}

# Those that are healthy would be most of the reply of a large VMM.
function Get-Monitors {
    param($Source)
    foreach ($each in @(Get-Value $Source 'HealthMonitors')) {
        if ($null -eq $each -or $each -is [string]) { continue }
        $condition = Get-Text $each @('State', 'StateString')
        if ($condition -ne 'Healthy') {
            New-Object psobject -Property @{
                Name = Get-Text $each 'Name'
                State = $condition
                LastKnownError = Get-Text $each 'LastKnownError'
            }
        }
    }
}

function Get-State {
    param($Source)
    $monitors = $null
    # In a copy of an object the list may be one text of names, which says nothing of their state.
    $listed = Get-Value $Source 'HealthMonitors'
    if ($null -ne $listed -and $listed -isnot [string]) {
        $monitors = @(Get-Monitors $Source)
    }
    $managed = $null
    if ($null -ne $Source.PSObject.Properties['MigrationSubnetUserManaged']) {
        $managed = @(
            foreach ($each in @(Get-Texts $Source 'MigrationSubnetUserManaged')) { $each -eq 'True' }
        )
    }
    $agent = Get-Value $Source @('Agent', 'ManagedComputer')
    $reserve = $null
    $cluster = Get-Value $Source 'HostCluster'
    if ($null -ne $cluster) {
        $reserve = New-Object psobject -Property @{
            ClusterReserve = Get-Count $cluster 'ClusterReserve'
            ClusterReserveState = Get-Text $cluster 'ClusterReserveState'
        }
    }
    return New-Object psobject -Property @{
        CommunicationState = Get-Text $Source @('CommunicationState', 'CommunicationStateString')
        OverallState = Get-Text $Source @('OverallState', 'OverallStateString')
        HealthMonitors = $monitors
        MaintenanceHost = Get-Truth $Source 'MaintenanceHost'
        NonTrustedDomainHost = Get-Truth $Source 'NonTrustedDomainHost'
        SslTcpPort = Get-Count $Source 'SslTcpPort'
        MigrationSubnetUserManaged = $managed
        Agent = New-Object psobject -Property @{
            AgentVersion = Get-Text $agent 'AgentVersion'
            VersionState = Get-Text $agent @('VersionState', 'VersionStateString')
        }
        MemoryReserveMB = Get-Count $Source 'MemoryReserveMB'
        OverrideHostGroupReserves = Get-Truth $Source 'OverrideHostGroupReserves'
        HostCluster = $reserve
    }
}

# What of a record cannot be read takes no other record with it.
function Get-Record {
    param($Source)
    $record = @{
        name = $null
        fqdn = $null
        cluster = $null
        perimeter = $null
        settings = New-Object psobject
        state = New-Object psobject
        error = $null
    }
    try {
        $record['name'] = Get-Text $Source 'Name'
        $record['fqdn'] = Get-Text $Source @('FQDN', 'FullyQualifiedDomainName')
        $record['cluster'] = Get-Text $Source 'HostCluster'
        $record['perimeter'] = Get-Truth $Source 'PerimeterNetworkHost'
        $record['settings'] = Get-Settings $Source
        $record['state'] = Get-State $Source
    }
    catch {
        $record['error'] = [string]$_.Exception.Message
    }
    return New-Object psobject -Property $record
}

function Get-Server {
    param($Source)
    $role = Get-Value $Source 'UserRole'
    $name = Get-Text $role 'Name'
    if ($null -eq $name -and $null -ne $role) { $name = [string]$role }
    $kind = Get-Text $Source 'Profile'
    if ($null -eq $kind) { $kind = Get-Text $role @('Profile', 'UserRoleProfile') }
    return New-Object psobject -Property @{
        IsHighlyAvailable = Get-Truth $Source 'IsHighlyAvailable'
        ActiveVMMNode = Get-Text $Source 'ActiveVMMNode'
        VMMServiceAccount = Get-Text $Source 'VMMServiceAccount'
        ConnectedUserName = Get-Text $Source 'ConnectedUserName'
        UserRole = $name
        Profile = $kind
    }
}

$request = ConvertFrom-Json -InputObject $Document
$registry = $null
$key = 'HKLM:\SOFTWARE\Microsoft\Microsoft System Center Virtual Machine Manager Server\Setup'
if (Test-Path -LiteralPath $key) {
    $registry = Get-Text (Get-ItemProperty -LiteralPath $key) 'ProductVersion'
}

# The computer that answers, which is not always the one whose name was asked.
$computer = $null
try {
    $own = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
    $computer = [string]$own.HostName
    if ($own.DomainName) { $computer = "$computer.$($own.DomainName)" }
}
catch { $computer = $null }

$stated = $null
$server = $null
$hosts = $null
$failure = $null
try {
    Import-Module -Name virtualmachinemanager
    $vmm = Connect-Vmm $request.server
    $stated = Get-Text $vmm 'ProductVersion'
    try { $server = Get-Server $vmm }
    catch { $server = $null }
    $hosts = @(foreach ($each in @(Get-SCVMHost -VMMServer $vmm)) { Get-Record $each })
}
catch {
    $failure = [string]$_.Exception.Message
}

$release = New-Object psobject -Property @{
    registry = $registry
    server = $stated
    answered_by = $computer
}
$reply = New-Object psobject -Property @{
    release = $release
    server = $server
    hosts = $hosts
    error = $failure
}
ConvertTo-Json -InputObject $reply -Depth 8 -Compress
