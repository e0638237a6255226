# Runs one of the suite's scripts by hand, in any PowerShell from 3.0 on, without Python:
#   pwsh -NoProfile -File tests/vmm/run-script.ps1 read-vmm docs/scripts/read-vmm.request.json
# The VMM module is the stub beside this file. Compare the output with docs/scripts/*.reply.json.
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
& ([scriptblock]::Create($text)) $request
