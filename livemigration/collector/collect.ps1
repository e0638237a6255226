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
# The file names your machines. The form that livemigration collector --redact writes replaces names,
# addresses and SIDs instead; read what it wrote before you send it to anyone.
#
# In order: what the suite declares, the scripts that VMM is asked with, the redaction in the form
# that has it, the collecting.
param(
    [Parameter(Mandatory = $true)][string]$OutFile,
    [string[]]$ComputerName = @(),
    [string]$VMMServer = '',
    [int]$Port = 5985,
    [Management.Automation.PSCredential]$Credential
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# What the suite declares, as livemigration collector writes it: its version, what each host is asked
# (only the listed properties are kept), and the rules of the redaction.
$declared = ConvertFrom-Json -InputObject @'
{}
'@
if ($null -eq $declared.PSObject.Properties['questions']) {
    throw 'This file declares nothing yet. Write a whole one with: livemigration collector'
}

# What the VMM server is asked with: the suite's own scripts, unchanged.
# Each gets one JSON document and prints one.
$readVmm = {
    throw 'Here stands read-vmm.ps1.'
}

$readDisks = {
    throw 'Here stands read-disks.ps1.'
}

$resolveNames = {
    throw 'Here stands resolve-names.ps1.'
}

$probe = {
    throw 'Here stands probe.ps1.'
}

# Here stands redact.ps1.

# Collecting.
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
    if ($null -eq $said) { throw 'Test-WSMan gave neither an answer nor an error.' }
    return New-Object psobject -Property @{
        vendor = [string]$said.ProductVendor
        version = [string]$said.ProductVersion
    }
}

# PowerShell's JSON has dates in a form of its own.
function Get-Row {
    param($Instance, [string[]]$Properties, $Members)
    $row = @{}
    foreach ($name in $Properties) {
        $property = $Instance.CimInstanceProperties[$name]
        if ($null -eq $property) { continue }
        $value = $property.Value
        if ($value -is [DateTime]) {
            $value = $value.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ')
        }
        elseif ($value -is [TimeSpan]) { $value = [Xml.XmlConvert]::ToString($value) }
        elseif ($value -is [ciminstance]) { $value = Get-Part $value $Members.$name }
        $row[$name] = $value
    }
    return New-Object psobject -Property $row
}

# Of an object in a property, or of what a reference is to, the texts that are read.
function Get-Part {
    param($Instance, [string[]]$Names)
    $part = @{}
    foreach ($name in $Names) {
        $property = $Instance.CimInstanceProperties[$name]
        if ($null -eq $property -or $null -eq $property.Value) { continue }
        $part[$name] = [string]$property.Value
    }
    return New-Object psobject -Property $part
}

# What a host leaves out of all rows, it may say of one; of other machines' rows none is asked for.
function Test-Lacks {
    param($Session, $Singly, $Instance)
    $given = $Instance.CimInstanceProperties
    if ($null -ne $given[$Singly.missing].Value) { return $false }
    if ($given[$Singly.of_kind[0]].Value -ne $Singly.of_kind[1]) { return $false }
    $own = $Session.ComputerName.Split('.')[0]
    if ($own -eq 'localhost') { $own = $env:COMPUTERNAME }
    $owner = [string]$given[$Singly.owner].Value
    return $owner -eq '' -or $own.StartsWith($owner, [StringComparison]::OrdinalIgnoreCase)
}

function Get-Whole {
    param($Session, $Instance)
    try { return Get-CimInstance -CimSession $Session -InputObject $Instance }
    catch { return $Instance }
}

function Get-Rows {
    param($Session, $Question, [string[]]$Without)
    $names = @($Question.properties | Where-Object { $Without -notcontains $_ })
    $tail = $Question.query.Substring($Question.query.IndexOf(' FROM '))
    $query = "SELECT $([string]::Join(', ', $names))$tail"
    $asked = @{ CimSession = $Session; Namespace = $Question.namespace; Query = $query }
    $left = 0
    if ($null -ne $Question.singly) { $left = $Question.singly.most }
    foreach ($instance in @(Get-CimInstance @asked)) {
        $whole = $instance
        if ($left -gt 0 -and (Test-Lacks $Session $Question.singly $instance)) {
            $left--
            $whole = Get-Whole $Session $instance
        }
        Get-Row $whole $names $Question.members
    }
}

# WMI refuses a query that names a property which the class lacks, and does not say which one.
function Test-InvalidQuery {
    param($Record)
    return @($declared.invalid_query) -contains (Get-Failure $Record).code
}

# What is found out of one host holds for all of its build, but for what a patch brings.
$absent = @{}

function Get-Present {
    param($Session, $Question, [string]$Key)
    $without = @()
    if ($absent.ContainsKey($Key)) { $without = @($absent[$Key]) }
    $rows = @()
    $refused = $null
    try { $rows = @(Get-Rows $Session $Question $without) }
    catch { $refused = $_ }
    if ($null -ne $refused) {
        $asked = [string]::Join(' ', $without)
        $without = @($Question.optional)
        if ($without.Length -eq 0 -or -not (Test-InvalidQuery $refused)) { throw $refused }
        $answered = $false
        foreach ($name in $Question.optional) {
            $fewer = @($without | Where-Object { $_ -ne $name })
            if ([string]::Join(' ', $fewer) -eq $asked) { continue }
            try {
                $rows = @(Get-Rows $Session $Question $fewer)
                $without = $fewer
                $answered = $true
            }
            catch {
                if (-not (Test-InvalidQuery $_)) { throw }
            }
        }
        try {
            if (-not $answered) { $rows = @(Get-Rows $Session $Question $without) }
        }
        catch {
            if (Test-InvalidQuery $_) { throw $refused }
            throw
        }
    }
    if (-not $absent.ContainsKey($Key)) { $absent[$Key] = $without }
    return $rows
}

function Get-Answer {
    param($Session, $Question, [string]$About)
    $rows = $null
    $failure = $null
    $asked = [DateTime]::UtcNow
    try {
        $rows = @(Get-Present $Session $Question "$About $($Question.group)")
    }
    catch {
        $rows = $null
        $failure = Get-Failure $_
    }
    return New-Object psobject -Property @{
        group = $Question.group
        rows = $rows
        failure = $failure
        asked = $asked.ToString('o')
        answered = [DateTime]::UtcNow.ToString('o')
    }
}

function Get-Answers {
    param([string]$Name, $Session)
    $build = ''
    foreach ($question in $declared.questions) {
        $about = $Name
        if ($build -ne '' -and -not $question.by_patch) { $about = $build }
        $answer = Get-Answer $Session $question $about
        if ($question.group -eq $declared.system -and $null -ne $answer.rows) {
            foreach ($row in $answer.rows) { $build = [string]$row.BuildNumber }
        }
        $answer
    }
}

# Read-only methods: the migration service is asked what it supports, the registry for some values,
# a node of a cluster whether its quorum would be lost without it, and the client of the Host Guardian
# Service for its configuration.
function Get-Call {
    param([string]$Method, [string]$About, [scriptblock]$Call)
    $returned = $null
    $output = @{}
    $failure = $null
    try {
        $said = & $Call
        $returned = [int64]$said.ReturnValue
        foreach ($name in 'sValue', 'uValue') {
            $found = $said.PSObject.Properties[$name]
            if ($null -ne $found -and $null -ne $found.Value) {
                $output[$name] = [string]::Join(' ', @($found.Value))
            }
        }
        $names = $said.PSObject.Properties['sNames']
        if ($null -ne $names) { $output['sNames'] = [string]::Join(';', @($names.Value)) }
        $within = $said.PSObject.Properties['cmdletOutput']
        foreach ($path in $declared.guardian_values) {
            if ($null -eq $within -or $null -eq $within.Value) { break }
            $value = $within.Value.PSObject.Properties[$path.Split('.')[1]]
            if ($null -eq $value -or $null -eq $value.Value) { continue }
            $output[$path] = [string]::Join(';', @($value.Value))
        }
    }
    catch {
        $failure = Get-Failure $_
    }
    return New-Object psobject -Property @{
        method = $Method
        about = $About
        return_value = $returned
        output = New-Object psobject -Property $output
        failure = $failure
    }
}

function Get-Calls {
    param($Session)
    Get-Call $declared.compatibility '' {
        $in = @{ CimSession = $Session; Namespace = 'root/virtualization/v2' }
        # Whole instances: the method is called on the one and is given the other.
        $service = Get-CimInstance @in -Query 'SELECT * FROM Msvm_VirtualSystemMigrationService'
        $own = "SELECT * FROM Msvm_ComputerSystem WHERE Name = '$($service.SystemName)'"
        $about = @{ ComputerSystem = [ciminstance](Get-CimInstance @in -Query $own) }
        $asked = @{ CimSession = $Session; InputObject = $service; Arguments = $about }
        Invoke-CimMethod @asked -MethodName 'GetSystemCompatibilityInfo'
    }
    foreach ($wanted in $declared.registry_values) {
        Get-Call "StdRegProv.$($wanted.method)" $wanted.value {
            $about = @{
                hDefKey = [uint32]2147483650
                sSubKeyName = $wanted.key
            }
            if ($wanted.value -ne '') { $about['sValueName'] = $wanted.value }
            $asked = @{ CimSession = $Session; Namespace = 'root/default'; Arguments = $about }
            Invoke-CimMethod @asked -ClassName 'StdRegProv' -MethodName $wanted.method
        }
    }
    Get-Call $declared.guardian '' {
        $asked = @{ CimSession = $Session; Namespace = 'root/Microsoft/Windows/Hgs' }
        Invoke-CimMethod @asked -ClassName 'MSFT_HgsClientConfiguration' -MethodName 'Get'
    }
    Get-Call $declared.quorum '' {
        $in = @{ CimSession = $Session; Namespace = 'root/MSCluster' }
        $named = 'SELECT Name FROM Win32_ComputerSystem'
        $name = (Get-CimInstance -CimSession $Session -Query $named).Name
        $node = Get-CimInstance @in -Query "SELECT Name FROM MSCluster_Node WHERE Name = '$name'"
        $asked = @{ CimSession = $Session; InputObject = $node }
        Invoke-CimMethod @asked -MethodName 'WillOfflineLoseQuorum'
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
            $answers = @(Get-Answers $Name $session)
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

# VMM manages perimeter hosts, and those of a domain that its own does not trust, over SSL. 0: it does
# not manage this one so.
function Get-SslPort {
    param([string]$Name)
    foreach ($record in @($vmm.records.hosts)) {
        if (@($record.fqdn, $record.name) -notcontains $Name) { continue }
        $stated = $record.state.PSObject.Properties
        $apart = $stated['NonTrustedDomainHost']
        if ($record.perimeter -or ($null -ne $apart -and $apart.Value)) {
            $number = $stated['SslTcpPort']
            if ($null -ne $number -and $number.Value -gt 0) { return [int]$number.Value }
            return 5986
        }
    }
    return 0
}

function Get-ControlPort {
    param([string]$Name)
    $ssl = Get-SslPort $Name
    if ($ssl -gt 0) { return $ssl }
    return $Port
}

# One without an answer holds a thread: at most so many are tried at once.
function Get-Slice {
    param([object[]]$Items, [int]$Start, [int]$Most)
    for ($place = $Start; $place -lt $Items.Length -and $place -lt $Start + $Most; $place++) {
        $Items[$place]
    }
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

function Get-Resolved {
    $names = @(Get-NamesForVmm)
    for ($start = 0; $start -lt $names.Length; $start += 200) {
        $batch = @(Get-Slice $names $start 200)
        $said = Invoke-OnVmm $resolveNames @{ names = $batch; milliseconds = 4000 }
        foreach ($each in $said.names) { $each }
    }
}

function Get-Connected {
    $wanted = @(Get-Connections)
    for ($start = 0; $start -lt $wanted.Length; $start += 1000) {
        $batch = @(Get-Slice $wanted $start 1000)
        $asked = @{ connections = $batch; listeners = @(); milliseconds = 4000 }
        $said = Invoke-OnVmm $probe $asked
        foreach ($each in $said.connections) { $each }
    }
}

# A listener whose port did not open is not tried: it could only hold a thread.
function Get-Listeners {
    param([object[]]$Connected)
    $codes = @{}
    foreach ($each in $Connected) { $codes["$($each.address) $($each.port)"] = $each.code }
    foreach ($resolved in $vmm.resolution.names) {
        $number = Get-ControlPort $resolved.name
        $met = @(foreach ($address in $resolved.addresses) { $codes["$address $number"] })
        $shut = $met.Length -gt 0 -and $met -notcontains 0 -and $met -notcontains $null
        if (-not $shut) {
            $ssl = (Get-SslPort $resolved.name) -gt 0
            @{ name = $resolved.name; port = $number; ssl = $ssl }
        }
    }
}

function Get-Listened {
    param([object[]]$Connected)
    $wanted = @(Get-Listeners $Connected)
    for ($start = 0; $start -lt $wanted.Length; $start += 200) {
        $batch = @(Get-Slice $wanted $start 200)
        $asked = @{ connections = @(); listeners = $batch; milliseconds = 4000 }
        $said = Invoke-OnVmm $probe $asked
        foreach ($each in $said.listeners) { $each }
    }
}

# VMM's names of the hosts whose machines have files in their drives.
function Get-NamesOfDisks {
    $first = @{}
    foreach ($each in $hosts) {
        foreach ($answer in $each.answers) {
            if ($answer.group -ne 'virtual-disks' -or $null -eq $answer.rows) { continue }
            if (@($answer.rows).Length -gt 0) { $first[$each.name.Split('.')[0]] = $true }
        }
    }
    $names = @{}
    foreach ($record in @($vmm.records.hosts)) {
        $name = $record.fqdn
        if (-not $name) { $name = $record.name }
        if ($name -and $first.ContainsKey($name.Split('.')[0])) { $names[$name] = $true }
    }
    return @($names.Keys | Sort-Object)
}

# What VMM has on record of a machine is perhaps fetched for each: few hosts at a time.
function Get-DiskRecords {
    $names = @(Get-NamesOfDisks)
    for ($start = 0; $start -lt $names.Length; $start += 25) {
        $batch = @(Get-Slice $names $start 25)
        $asked = @{ server = $vmm.name; hosts = $batch; milliseconds = $diskMilliseconds }
        $said = Invoke-OnVmm $readDisks $asked
        if ($null -eq $said.hosts) { throw [string]$said.error }
        foreach ($each in $said.hosts) { $each }
    }
}

function Read-VmmView {
    $resolved = @(Get-Resolved)
    $vmm.resolution = New-Object psobject -Property @{ names = $resolved }
    $connections = @(Get-Connected)
    $listeners = @(Get-Listened $connections)
    $vmm.probes = New-Object psobject -Property @{
        connections = $connections
        listeners = $listeners
    }
    $records = @(Get-DiskRecords)
    $vmm.disks = New-Object psobject -Property @{ hosts = $records; error = $null }
}

if (Test-Path -LiteralPath $OutFile) { throw "$OutFile is there already: name a new file." }
$network = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()
$diskMilliseconds = 100000
$self = "$($network.HostName).$($network.DomainName)".TrimEnd('.')
$vmm = New-Object psobject -Property @{
    name = $VMMServer
    asked = ($VMMServer -ne '')
    identity = $null
    failure = $null
    records = $null
    resolution = $null
    probes = $null
    disks = $null
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
    format = $declared.format
    schema = $declared.schema
    suite_version = $declared.suite_version
    collected = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    collected_on = $self
    redacted = $declared.redacted
    port = $Port
    vmm = $vmm
    hosts = $hosts
}
if ($declared.redacted) { $collected = Hide-Collected $collected }
$path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutFile)
$json = ConvertTo-Json -InputObject $collected -Depth 10
[IO.File]::WriteAllText($path, $json, (New-Object Text.UTF8Encoding $false))
"Wrote $path. Read it before you send it to anyone."
