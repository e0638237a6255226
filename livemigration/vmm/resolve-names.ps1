# Resolves names on this machine, all at once, under one deadline. Changes nothing.
# Request:  {"names": [text], "milliseconds": number}
# Reply:    {"names": [{"name", "addresses": [text], "code": number or null}]}
# code is the Winsock error: 11001 no such host, 10060 no answer before the deadline.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$request = ConvertFrom-Json -InputObject $Document
$clock = [Diagnostics.Stopwatch]::StartNew()

$pending = @(
    foreach ($name in @($request.names)) {
        New-Object psobject -Property @{
            name = [string]$name
            call = [Net.Dns]::BeginGetHostAddresses([string]$name, $null, $null)
        }
    }
)

$names = @(
    foreach ($each in $pending) {
        $left = [int][Math]::Max(0, $request.milliseconds - $clock.ElapsedMilliseconds)
        $addresses = @()
        $code = 10060
        if ($each.call.AsyncWaitHandle.WaitOne($left)) {
            try {
                $addresses = @([Net.Dns]::EndGetHostAddresses($each.call) | ForEach-Object { "$_" })
                $code = $null
            }
            catch {
                $cause = $_.Exception
                while ($null -ne $cause.InnerException) { $cause = $cause.InnerException }
                $code = 11001
                if ($cause -is [Net.Sockets.SocketException]) { $code = [int]$cause.SocketErrorCode }
            }
        }
        New-Object psobject -Property @{ name = $each.name; addresses = $addresses; code = $code }
    }
)

$reply = New-Object psobject -Property @{ names = $names }
ConvertTo-Json -InputObject $reply -Depth 4 -Compress
