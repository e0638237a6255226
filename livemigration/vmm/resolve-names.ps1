# Resolves names on this machine, all at once, under one deadline. Changes nothing.
# Request:  {"names": [text], "milliseconds": number}
# Reply:    {"names": [{"name", "addresses": [text], "code": number or null, "text"}]}
# code is the Winsock error: 11001 no such host, 10060 no answer before the deadline. text: why the
# name could not be tried at all; empty where it was.
param([string]$Document)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$request = ConvertFrom-Json -InputObject $Document
$clock = [Diagnostics.Stopwatch]::StartNew()
# A name without an answer holds its thread, and the pool begins with as many as there are cores.
[void][Threading.ThreadPool]::SetMinThreads(512, 512)

function Get-InnerCause {
    param($Failure)
    $cause = $Failure
    while ($null -ne $cause.InnerException) { $cause = $cause.InnerException }
    return $cause
}

$pending = @(
    foreach ($name in @($request.names)) {
        $call = $null
        $cause = $null
        try { $call = [Net.Dns]::BeginGetHostAddresses([string]$name, $null, $null) }
        catch { $cause = Get-InnerCause $_.Exception }
        New-Object psobject -Property @{ name = [string]$name; call = $call; cause = $cause }
    }
)
# To begin may take 1.5 s of its own; the deadline counts from there.
$begun = [Math]::Min(1500, $clock.ElapsedMilliseconds)

$names = @(
    foreach ($each in $pending) {
        $left = [Math]::Max(0, $begun + $request.milliseconds - $clock.ElapsedMilliseconds)
        $addresses = @()
        $code = $null
        $text = ''
        $cause = $each.cause
        if ($null -ne $each.call) {
            try {
                if ($each.call.AsyncWaitHandle.WaitOne([int]$left)) {
                    $found = [Net.Dns]::EndGetHostAddresses($each.call)
                    $addresses = @($found | ForEach-Object { "$_" })
                }
                else { $code = 10060 }
            }
            catch { $cause = Get-InnerCause $_.Exception }
        }
        if ($cause -is [Net.Sockets.SocketException]) { $code = [int]$cause.SocketErrorCode }
        elseif ($null -ne $cause) { $text = "$($cause.GetType().Name): $($cause.Message)" }
        New-Object psobject -Property @{
            name = $each.name
            addresses = $addresses
            code = $code
            text = $text
        }
    }
)

$reply = New-Object psobject -Property @{ names = $names }
ConvertTo-Json -InputObject $reply -Depth 4 -Compress
