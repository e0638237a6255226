# Runs one of the suite's scripts by hand, in any PowerShell from 3.0 on, without Python:
#   pwsh -NoProfile -File tests/vmm/run-script.ps1 read-vmm docs/scripts/read-vmm.request.json
# and so read-disks, resolve-names, probe and rate-host. The modules of VMM and of Test-WSMan are the stubs beside
# this file. Compare the output with docs/scripts/*.reply.json. It ends its own process, which threads
# that wait for dead machines would keep alive: do not start it inside a PowerShell that you need.
param(
    [Parameter(Mandatory = $true)][string]$Name,
    [Parameter(Mandatory = $true)][string]$RequestFile
)
$ErrorActionPreference = 'Stop'
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$separator = [IO.Path]::PathSeparator
$env:PSModulePath = [string]::Join($separator, @((Join-Path $here 'stub'), $env:PSModulePath))
if (-not $env:LIVEMIGRATION_VMM_STUB) {
    $env:LIVEMIGRATION_VMM_STUB = Join-Path (Join-Path $here 'stub') 'vmm.json'
}
$scripts = [IO.Path]::Combine($here, '..', '..', 'livemigration', 'vmm')
$text = [IO.File]::ReadAllText([IO.Path]::Combine($scripts, "$Name.ps1"))
$request = [IO.File]::ReadAllText((Resolve-Path -LiteralPath $RequestFile).Path)
$code = 0
try {
    $printed = & ([scriptblock]::Create($text)) $request
    [Console]::Out.WriteLine([string]::Join("`n", @($printed)))
}
catch {
    [Console]::Error.WriteLine([string]$_.Exception.Message)
    $code = 1
}
[Console]::Out.Flush()
[Environment]::Exit($code)
