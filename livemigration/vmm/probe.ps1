# Opens TCP connections and runs Test-WSMan from this machine, under one deadline.
# Sends no data over the connections, closes each at once, and changes nothing.
# Request:  {"connections": [{"address", "port"}], "listeners": [{"name", "port", "ssl"}],
#            "milliseconds": number}
# Reply:    {"connections": [{"address", "port", "code", "milliseconds", "text"}],
#            "listeners": [{"name", "port", "tried", "answered", "code", "text"}]}
# code of a connection: 0 open, else the Winsock error; null where it could not be tried, and text
# says why. code of a listener: the HRESULT or null. tried: false where the host was not asked, and
# where what came back is PowerShell's own error, or nothing: no answer of the network or the host.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$request = ConvertFrom-Json -InputObject $Document
$clock = [Diagnostics.Stopwatch]::StartNew()
[void][Threading.ThreadPool]::SetMinThreads(512, 512)

function Get-Cause {
    param($Failure)
    $cause = $Failure
    while ($null -ne $cause.InnerException) { $cause = $cause.InnerException }
    $record = $cause.PSObject.Properties['ErrorRecord']
    if ($null -eq $record -or $null -eq $record.Value) { return $cause }
    $cause = $record.Value.Exception
    while ($null -ne $cause.InnerException) { $cause = $cause.InnerException }
    return $cause
}

function Get-SocketCode {
    param($Cause)
    if ($Cause -is [Net.Sockets.SocketException]) { return [int]$Cause.SocketErrorCode }
    return $null
}

# Test-WSMan's error is the fault's XML as the text of an exception without a code of its own.
function Get-FaultCode {
    param($Cause)
    $text = [string]$Cause.Message
    if ($text -match 'Code="([0-9]{1,10})"') { return [long]$Matches[1] }
    if ($text -match '\b0x([0-9A-Fa-f]{8})\b') { return [Convert]::ToInt64($Matches[1], 16) }
    $property = $Cause.PSObject.Properties['ErrorCode']
    if ($null -eq $property -or $null -eq $property.Value) { return $null }
    # .NET has an HRESULT as a signed number; everybody else writes it as one of 32 bits.
    $number = [long]$property.Value
    if ($number -lt 0) { $number += 4294967296 }
    return $number
}

# To begin may take 1.5 s of its own; the deadline counts from there.
function Get-Left {
    return [int][Math]::Max(0, $begun + $request.milliseconds - $clock.ElapsedMilliseconds)
}

# Where WSMan itself fails, Test-WSMan ends without an error: only what it writes is an answer.
$test = {
    param($Started, [int]$Number, [string]$Name, [int]$Port, [bool]$Ssl)
    $ErrorActionPreference = 'Stop'
    $Started[$Number] = 'asked'
    if ($Ssl) {
        $said = Test-WSMan -ComputerName $Name -Port $Port -UseSSL
    }
    else {
        $said = Test-WSMan -ComputerName $Name -Port $Port
    }
    if ($null -ne $said) { $Started[$Number] = 'answered' }
}

# Each runspace begins with the module: to load it on first use is a race between them. A listener
# that does not answer holds its runspace, so there is one for each of them, within bounds.
$started = [hashtable]::Synchronized(@{})
$wanted = @($request.listeners)
$widest = 256
$pool = $null
$unfit = ''
if ($wanted.Length -gt 0) {
    try {
        # A machine without the module says so once, and its connections are tried all the same.
        Import-Module -Name Microsoft.WSMan.Management
        $state = [initialsessionstate]::CreateDefault()
        [void]$state.ImportPSModule([string[]]@('Microsoft.WSMan.Management'))
        $width = [Math]::Min($widest, $wanted.Length)
        $pool = [runspacefactory]::CreateRunspacePool(1, $width, $state, $Host)
        $pool.Open()
    }
    catch {
        $pool = $null
        $unfit = [string](Get-Cause $_.Exception).Message
    }
}
$tests = @(
    for ($number = 0; $number -lt $wanted.Length; $number++) {
        $each = $wanted[$number]
        $shell = $null
        $call = $null
        $text = $unfit
        if ($null -ne $pool) {
            try {
                $shell = [powershell]::Create()
                $shell.RunspacePool = $pool
                [void]$shell.AddScript($test.ToString())
                [void]$shell.AddArgument($started)
                [void]$shell.AddArgument($number)
                [void]$shell.AddArgument([string]$each.name)
                [void]$shell.AddArgument([int]$each.port)
                [void]$shell.AddArgument([bool]$each.ssl)
                $call = $shell.BeginInvoke()
            }
            catch {
                $text = [string](Get-Cause $_.Exception).Message
            }
        }
        New-Object psobject -Property @{
            target = $each
            number = $number
            shell = $shell
            call = $call
            text = $text
        }
    }
)

$pending = @(
    foreach ($each in @($request.connections)) {
        $socket = $null
        $call = $null
        $code = $null
        $text = ''
        $from = $clock.ElapsedMilliseconds
        try {
            $address = [Net.IPAddress]::Parse([string]$each.address)
            $kind = [Net.Sockets.SocketType]::Stream
            $protocol = [Net.Sockets.ProtocolType]::Tcp
            $socket = New-Object Net.Sockets.Socket $address.AddressFamily, $kind, $protocol
            $call = $socket.BeginConnect($address, [int]$each.port, $null, $null)
        }
        catch {
            $cause = Get-Cause $_.Exception
            $code = Get-SocketCode $cause
            $text = [string]$cause.Message
        }
        New-Object psobject -Property @{
            target = $each
            socket = $socket
            call = $call
            code = $code
            text = $text
            from = $from
        }
    }
)
$begun = [Math]::Min(1500, $clock.ElapsedMilliseconds)

$connections = @(
    foreach ($each in $pending) {
        $code = $each.code
        $text = $each.text
        if ($null -ne $each.call) {
            try {
                $code = 10060
                if ($each.call.AsyncWaitHandle.WaitOne((Get-Left))) {
                    $code = $null
                    $each.socket.EndConnect($each.call)
                    $code = 0
                }
            }
            catch {
                $cause = Get-Cause $_.Exception
                $code = Get-SocketCode $cause
                $text = [string]$cause.Message
            }
        }
        if ($null -ne $code) { $text = '' }
        if ($null -ne $each.socket) { $each.socket.Close() }
        New-Object psobject -Property @{
            address = [string]$each.target.address
            port = $each.target.port
            code = $code
            milliseconds = [int]($clock.ElapsedMilliseconds - $each.from)
            text = $text
        }
    }
)

$listeners = @(
    foreach ($each in $tests) {
        $answered = $false
        $tried = $true
        $code = $null
        $text = $each.text
        try {
            if ($null -eq $each.call) { $tried = $false }
            elseif ($each.call.AsyncWaitHandle.WaitOne((Get-Left))) {
                [void]$each.shell.EndInvoke($each.call)
                $answered = $started[$each.number] -eq 'answered'
                $tried = $answered
                if (-not $answered) { $text = 'Test-WSMan gave neither an answer nor an error.' }
            }
            elseif ($started.ContainsKey($each.number)) {
                $text = 'No answer before the deadline.'
            }
            else {
                $tried = $false
                $text = 'The deadline passed before it was asked.'
            }
        }
        catch {
            $cause = Get-Cause $_.Exception
            $code = Get-FaultCode $cause
            $tried = $null -ne $code
            $text = [string]$cause.Message
        }
        New-Object psobject -Property @{
            name = [string]$each.target.name
            port = $each.target.port
            tried = $tried
            answered = $answered
            code = $code
            text = $text
        }
    }
)

$reply = New-Object psobject -Property @{ connections = $connections; listeners = $listeners }
$json = ConvertTo-Json -InputObject $reply -Depth 4 -Compress
# In a process that goes on, hundreds of runspaces would stay. Nothing waits for those still busy.
if ($null -ne $pool) {
    try { [void]$pool.BeginClose($null, $null) }
    catch { [void]$_ }
}
$json
