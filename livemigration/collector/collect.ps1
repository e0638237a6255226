# Collects what the live-migration suite reads, for the hosts that you name, into one JSON file.
# It changes nothing: it reads WMI over WinRM, reads VMM's records, resolves names, opens one TCP
# connection for each address and port, and writes the file that -OutFile names. Needs PowerShell 3.0.
#
#   .\collect.ps1 -OutFile facts.json                         on the VMM server: every host of VMM
#   .\collect.ps1 -OutFile facts.json -ComputerName hv01.contoso.com, hv02.contoso.com
#   .\collect.ps1 -OutFile facts.json -VMMServer vmm01.contoso.com      from a jump host
#   .\collect.ps1 -OutFile facts.json                         on a host without VMM: that host alone
#
# Name the machines as the suite's inventory does. Then: pytest -m livemigration --facts facts.json
# @@ABOUT_REDACTION@@
#
# Written by livemigration @@VERSION@@. In order: @@PARTS@@.
param(
    [Parameter(Mandatory = $true)][string]$OutFile,
    [string[]]$ComputerName = @(),
    [string]$VMMServer = '',
    [int]$Port = 5985,
    [Management.Automation.PSCredential]$Credential
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# What each host is asked: the suite's own queries. Only the listed properties are kept.
$questions = @(
@@QUESTIONS@@
)

# What the VMM server is asked with: the suite's own scripts, unchanged.
# Each gets one JSON document and prints one.
$readVmm = {
@@READ_VMM@@
}

$resolveNames = {
@@RESOLVE_NAMES@@
}

$probe = {
@@PROBE@@
}

@@REDACTION@@# Collecting.
function Get-Connection {
    param([string]$Name)
    if ($Name.Split('.')[0] -eq $env:COMPUTERNAME) { return @{} }
    $to = @{ ComputerName = $Name; Port = $Port }
    if ($null -ne $Credential) { $to['Credential'] = $Credential }
    return $to
}

function Get-Failure {
    param($Record)
    $said = "$($Record.FullyQualifiedErrorId) $($Record.Exception.Message)"
    $code = $null
    if ($said -match 'HRESULT 0x([0-9A-F]{8})') {
        $code = [Convert]::ToInt64($Matches[1], 16)
    }
    elseif ($said -match 'Code="([0-9]{1,10})"') {
        $code = [Convert]::ToInt64($Matches[1])
    }
    return New-Object psobject -Property @{ code = $code; text = [string]$Record.Exception.Message }
}

function Get-Identification {
    param([hashtable]$To)
    $said = Test-WSMan @To -Authentication Default
    return New-Object psobject -Property @{
        vendor = [string]$said.ProductVendor
        version = [string]$said.ProductVersion
    }
}

function Get-Row {
    param($Instance, [string[]]$Properties)
    $row = @{}
    foreach ($name in $Properties) {
        $property = $Instance.CimInstanceProperties[$name]
        if ($null -ne $property) { $row[$name] = $property.Value }
    }
    return New-Object psobject -Property $row
}

function Get-Answer {
    param($Session, $Question)
    $rows = $null
    $failure = $null
    $asked = @{ CimSession = $Session; Namespace = $Question.namespace; Query = $Question.query }
    try {
        $rows = @(
            foreach ($instance in @(Get-CimInstance @asked)) {
                Get-Row $instance $Question.properties
            }
        )
    }
    catch {
        $rows = $null
        $failure = Get-Failure $_
    }
    return New-Object psobject -Property @{
        group = $Question.group
        rows = $rows
        failure = $failure
    }
}

# Read-only methods: the migration service is asked what it supports, the registry for two values.
function Get-Call {
    param([string]$Method, [string]$About, [scriptblock]$Call)
    $returned = $null
    $output = @{}
    $failure = $null
    try {
        $said = & $Call
        $returned = [int64]$said.ReturnValue
        $text = $said.PSObject.Properties['sValue']
        if ($null -ne $text) { $output['sValue'] = $text.Value }
    }
    catch {
        $failure = Get-Failure $_
    }
    return New-Object psobject -Property @{
        method = $Method
        about = $About
        return_value = $returned
        output = $output
        failure = $failure
    }
}

function Get-Calls {
    param($Session)
    Get-Call @@COMPATIBILITY@@ '' {
        $in = @{ CimSession = $Session; Namespace = 'root/virtualization/v2' }
        $service = Get-CimInstance @in -Query 'SELECT * FROM Msvm_VirtualSystemMigrationService'
        $own = "SELECT * FROM Msvm_ComputerSystem WHERE Name = '$($service.SystemName)'"
        $about = @{ ComputerSystem = [ciminstance](Get-CimInstance @in -Query $own) }
        $asked = @{ CimSession = $Session; InputObject = $service; Arguments = $about }
        Invoke-CimMethod @asked -MethodName 'GetSystemCompatibilityInfo'
    }
    foreach ($value in @(@@CLUSTER_VALUES@@)) {
        Get-Call @@REGISTRY@@ $value {
            $about = @{
                hDefKey = [uint32]2147483650
                sSubKeyName = @@CLUSTER_KEY@@
                sValueName = $value
            }
            $asked = @{ CimSession = $Session; Namespace = 'root/default'; Arguments = $about }
            Invoke-CimMethod @asked -ClassName 'StdRegProv' -MethodName 'GetStringValue'
        }
    }
}

function Get-HostAnswers {
    param([string]$Name)
    $identity = $null
    $failure = $null
    $answers = @()
    $calls = @()
    try {
        $to = Get-Connection $Name
        $identity = Get-Identification $to
        $session = New-CimSession @to -OperationTimeoutSec 30
        try {
            $answers = @(foreach ($question in $questions) { Get-Answer $session $question })
            $calls = @(Get-Calls $session)
        }
        finally {
            Remove-CimSession -CimSession $session
        }
    }
    catch {
        $failure = Get-Failure $_
    }
    return New-Object psobject -Property @{
        name = $Name
        identity = $identity
        failure = $failure
        answers = $answers
        calls = $calls
    }
}

function Invoke-OnVmm {
    param([scriptblock]$Script, $Request)
    $document = ConvertTo-Json -InputObject $Request -Depth 4 -Compress
    $to = Get-Connection $vmm.name
    if ($to.Count -eq 0) { $printed = & $Script $document }
    else { $printed = Invoke-Command @to -ScriptBlock $Script -ArgumentList $document }
    return ConvertFrom-Json -InputObject ([string]::Join("`n", @($printed)))
}

# The names by which VMM may know the hosts: their own, and its records of the same first label.
function Get-NamesForVmm {
    $names = @{}
    $first = @{}
    foreach ($each in $hosts) {
        $names[$each.name] = $true
        $first[$each.name.Split('.')[0]] = $true
    }
    foreach ($record in @($vmm.records.hosts)) {
        foreach ($name in @($record.fqdn, $record.name)) {
            if ($name -and $first.ContainsKey($name.Split('.')[0])) { $names[$name] = $true }
        }
    }
    return @($names.Keys | Sort-Object)
}

# VMM manages perimeter hosts over SSL.
function Test-Ssl {
    param([string]$Name)
    foreach ($record in @($vmm.records.hosts)) {
        if ($record.perimeter -and @($record.fqdn, $record.name) -contains $Name) { return $true }
    }
    return $false
}

function Get-ControlPort {
    param([string]$Name)
    if (Test-Ssl $Name) { return 5986 }
    return $Port
}

# Every listener that a peer could use on 6600; every address VMM uses on 6600, on the data ports and
# on the port through which VMM manages the host.
function Get-Connections {
    $wanted = @{}
    foreach ($each in $hosts) {
        foreach ($answer in $each.answers) {
            if ($answer.group -ne 'listeners' -or $null -eq $answer.rows) { continue }
            foreach ($row in $answer.rows) {
                foreach ($address in @($row.MigrationServiceListenerIPAddressList)) {
                    if ($address -and $address -notmatch '^(fe[89ab]|169\.254\.)') {
                        $wanted["$address 6600"] = @{ address = $address; port = 6600 }
                    }
                }
            }
        }
    }
    foreach ($name in $vmm.resolution.names) {
        foreach ($address in $name.addresses) {
            foreach ($number in @(6600, 443, 445, (Get-ControlPort $name.name))) {
                $wanted["$address $number"] = @{ address = $address; port = $number }
            }
        }
    }
    return @($wanted.Values)
}

function Read-VmmView {
    $names = @(Get-NamesForVmm)
    $vmm.resolution = Invoke-OnVmm $resolveNames @{ names = $names; milliseconds = 4000 }
    $listeners = @(
        foreach ($name in $names) {
            @{ name = $name; port = (Get-ControlPort $name); ssl = (Test-Ssl $name) }
        }
    )
    $vmm.probes = Invoke-OnVmm $probe @{
        connections = @(Get-Connections)
        listeners = $listeners
        milliseconds = 4000
    }
}

if (Test-Path -LiteralPath $OutFile) { throw "$OutFile is there already: name a new file." }
$network = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
$self = "$($network.HostName).$($network.DomainName)".TrimEnd('.')
$vmm = New-Object psobject -Property @{
    name = $VMMServer
    asked = ($VMMServer -ne '')
    identity = $null
    failure = $null
    records = $null
    resolution = $null
    probes = $null
}
if (-not $vmm.asked -and @(Get-Module -ListAvailable -Name virtualmachinemanager).Length -gt 0) {
    $vmm.name = $self
    $vmm.asked = $true
}
if ($vmm.asked) {
    try {
        $vmm.identity = Get-Identification (Get-Connection $vmm.name)
        $vmm.records = Invoke-OnVmm $readVmm @{ server = $vmm.name }
    }
    catch {
        $vmm.failure = Get-Failure $_
    }
}
$listed = $null -ne $vmm.records -and $null -ne $vmm.records.hosts
$wantedHosts = @(foreach ($each in $ComputerName) { $each -split '[, ]+' | Where-Object { $_ } })
if ($wantedHosts.Length -eq 0 -and $listed) {
    $wantedHosts = @(
        foreach ($each in $vmm.records.hosts) {
            if ($each.fqdn) { $each.fqdn } else { $each.name }
        }
    )
}
if ($wantedHosts.Length -eq 0) { $wantedHosts = @($self) }
$hosts = @(foreach ($name in $wantedHosts) { Get-HostAnswers $name })
if ($listed) {
    try { Read-VmmView }
    catch { $vmm.failure = Get-Failure $_ }
}
$collected = New-Object psobject -Property @{
    format = @@FORMAT@@
    schema = @@SCHEMA@@
    suite_version = @@SUITE_VERSION@@
    collected = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    collected_on = $self
    redacted = $@@REDACTED@@
    port = $Port
    vmm = $vmm
    hosts = $hosts
}
@@HIDING@@$path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutFile)
$json = ConvertTo-Json -InputObject $collected -Depth 10
[IO.File]::WriteAllText($path, $json, (New-Object Text.UTF8Encoding $false))
"Wrote $path. Read it before you send it to anyone."
