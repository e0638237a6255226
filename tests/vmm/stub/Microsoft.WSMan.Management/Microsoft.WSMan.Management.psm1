# Stands in for the module of Test-WSMan, which PowerShell has on Windows only.
# The file that LIVEMIGRATION_VMM_STUB names says who does not answer:
#   {"wsman": {"silent": [name], "refusing": [name], "mute": [name]}}; everyone else does.
# mute: WSMan itself failed, of which the real cmdlet writes neither an answer nor an error.
Set-StrictMode -Version 2

function Test-WSMan {
    [CmdletBinding()]
    param([string]$ComputerName, [int]$Port, [switch]$UseSSL)
    $stub = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($env:LIVEMIGRATION_VMM_STUB))
    if (@($stub.wsman.silent) -contains $ComputerName) { [Threading.Thread]::Sleep(3600000) }
    if (@($stub.wsman.refusing) -contains $ComputerName) {
        # The real cmdlet's error is the fault's XML as the text of this exception.
        $text = '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" ' +
            'Code="2150858770" Machine="vmm01.contoso.com"><f:Message>The client cannot connect ' +
            'to the destination specified in the request.</f:Message></f:WSManFault>'
        $cause = New-Object InvalidOperationException $text
        $said = @($cause, 'WsManError', 'InvalidOperation', $ComputerName)
        $record = New-Object Management.Automation.ErrorRecord -ArgumentList $said
        $PSCmdlet.ThrowTerminatingError($record)
    }
    if (@($stub.wsman.mute) -contains $ComputerName) { return }
    New-Object psobject -Property @{ ProductVendor = 'Stub'; ProductVersion = 'Stub' }
}

Export-ModuleMember -Function @('Test-WSMan')
