#Requires -Version 7.6
<#
.SYNOPSIS
    Brings a release of the application onto the servers, one after the other, while the others serve; or takes the last one back.
.DESCRIPTION
    Runs on ops. The file becomes app/shop.py, which recovery plans take too; the one before it is kept in app/former. A server that is not well after its update, or fails
    requests that it did not fail before, is taken out again and stops the rest: -Back puts the former release on all that had got the new one, and them into service.
.PARAMETER Release
    The file of the new release.
.PARAMETER Back
    Takes the last release back where it was made.
.EXAMPLE
    prodops -File deploy.ps1 /root/shop.py
.EXAMPLE
    prodops -File deploy.ps1 -Back
#>
[CmdletBinding(DefaultParameterSetName = 'Release')]
param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Release')] [string] $Release,
    [Parameter(Mandatory, ParameterSetName = 'Back')] [switch] $Back
)

$ErrorActionPreference = 'Stop'
Import-Module ProdOps
$env:PRODOPS_ENVIRONMENT = [IO.Path]::Combine($PSScriptRoot, 'environment.psd1')
$application = [IO.Path]::Combine($PSScriptRoot, 'app', 'shop.py')
$former = [IO.Path]::Combine($PSScriptRoot, 'app', 'former', 'shop.py')
$name = [IO.Path]::Combine($PSScriptRoot, 'app', 'former', 'update')
$update = {
    $null = Copy-ServerItem $application -Destination /opt/shop/shop.py -Server $_ -AsRoot
    Invoke-ServerCommand 'systemctl restart shop' -Server $_ -AsRoot
}

if ($Back) {
    [IO.File]::Copy($former, $application, $true)
    Invoke-RollingUpdate -Undo ([IO.File]::ReadAllText($name)) -ScriptBlock $update
} else {
    $text = [IO.File]::ReadAllText([IO.Path]::GetFullPath($Release, $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.Path))
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($former))
    [IO.File]::Copy($application, $former, $true)
    [IO.File]::WriteAllText($application, $text)
    # The update's name is what takes it back.
    Invoke-RollingUpdate web -HealthCheck /health -SettleTime 2s -ScriptBlock $update | ForEach-Object { [IO.File]::WriteAllText($name, $_.Update); $_ }
}

# A server that is built anew gets what was deployed last, also when ops is lost.
$null = Invoke-Backup -Name ops
