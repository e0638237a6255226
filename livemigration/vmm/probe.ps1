# Opens TCP connections and runs Test-WSMan from this machine, under one deadline.
# Sends no data over the connections, closes each at once, and changes nothing.
# Request:  {"connections": [{"address", "port"}], "listeners": [{"name", "port", "ssl"}],
#            "milliseconds": number}
# Reply:    {"connections": [{"address", "port", "code", "milliseconds"}],
#            "listeners": [{"name", "port", "answered", "code", "text"}]}
# code of a connection: 0 open, else the Winsock error. code of a listener: the HRESULT or null.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$request = ConvertFrom-Json -InputObject $Document
$clock = [Diagnostics.Stopwatch]::StartNew()

function Get-Cause {
    param($Failure)
    $cause = $Failure
    while ($null -ne $cause.InnerException) { $cause = $cause.InnerException }
    return $cause
}

function Get-Left {
    return [int][Math]::Max(0, $request.milliseconds - $clock.ElapsedMilliseconds)
}

$test = {
    param([string]$Name, [int]$Port, [bool]$Ssl)
    $ErrorActionPreference = 'Stop'
    if ($Ssl) {
        Test-WSMan -ComputerName $Name -Port $Port -UseSSL | Out-Null
    }
    else {
        Test-WSMan -ComputerName $Name -Port $Port | Out-Null
    }
}

$pool = [runspacefactory]::CreateRunspacePool(1, 32)
$pool.Open()
$tests = @(
    foreach ($each in @($request.listeners)) {
        $shell = [powershell]::Create()
        $shell.RunspacePool = $pool
        [void]$shell.AddScript($test.ToString())
        [void]$shell.AddArgument([string]$each.name)
        [void]$shell.AddArgument([int]$each.port)
        [void]$shell.AddArgument([bool]$each.ssl)
        New-Object psobject -Property @{ target = $each; shell = $shell; call = $shell.BeginInvoke() }
    }
)

$pending = @(
    foreach ($each in @($request.connections)) {
        $address = [Net.IPAddress]::Parse([string]$each.address)
        $kind = [Net.Sockets.SocketType]::Stream
        $protocol = [Net.Sockets.ProtocolType]::Tcp
        $socket = New-Object Net.Sockets.Socket $address.AddressFamily, $kind, $protocol
        $started = $clock.ElapsedMilliseconds
        $call = $null
        $code = $null
        try {
            $call = $socket.BeginConnect($address, [int]$each.port, $null, $null)
        }
        catch {
            $code = 10051
            $cause = Get-Cause $_.Exception
            if ($cause -is [Net.Sockets.SocketException]) { $code = [int]$cause.SocketErrorCode }
        }
        New-Object psobject -Property @{
            target = $each
            socket = $socket
            call = $call
            code = $code
            started = $started
        }
    }
)

$connections = @(
    foreach ($each in $pending) {
        $code = $each.code
        if ($null -ne $each.call) {
            $code = 10060
            if ($each.call.AsyncWaitHandle.WaitOne((Get-Left))) {
                try {
                    $each.socket.EndConnect($each.call)
                    $code = 0
                }
                catch {
                    $code = 10061
                    $cause = Get-Cause $_.Exception
                    if ($cause -is [Net.Sockets.SocketException]) {
                        $code = [int]$cause.SocketErrorCode
                    }
                }
            }
        }
        $each.socket.Close()
        New-Object psobject -Property @{
            address = [string]$each.target.address
            port = [int]$each.target.port
            code = $code
            milliseconds = [int]($clock.ElapsedMilliseconds - $each.started)
        }
    }
)

$listeners = @(
    foreach ($each in $tests) {
        $answered = $false
        $code = $null
        $text = 'No answer before the deadline.'
        if ($each.call.AsyncWaitHandle.WaitOne((Get-Left))) {
            try {
                [void]$each.shell.EndInvoke($each.call)
                $answered = $true
                $text = ''
            }
            catch {
                $cause = Get-Cause $_.Exception
                $text = [string]$cause.Message
                $record = $cause.PSObject.Properties['ErrorRecord']
                if ($null -ne $record) { $text = [string]$record.Value.Exception.Message }
                if ($cause.PSObject.Properties['ErrorCode']) { $code = [long]$cause.ErrorCode }
            }
        }
        New-Object psobject -Property @{
            name = [string]$each.target.name
            port = [int]$each.target.port
            answered = $answered
            code = $code
            text = $text
        }
    }
)

$reply = New-Object psobject -Property @{ connections = $connections; listeners = $listeners }
ConvertTo-Json -InputObject $reply -Depth 4 -Compress
