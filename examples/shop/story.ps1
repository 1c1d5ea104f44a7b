#Requires -Version 7.6
<#
.SYNOPSIS
    The story of the shop: balancers, backups that are proved, monitor, logs, an update while clients ask, and how ready all of it is.
.DESCRIPTION
    Runs on ops, after up.ps1, through prodops or through pwsh; it needs only the engine's own commands. Each part is a command or two to give by hand as well.
    Clients ask all the time while the update goes on; the script fails if one of their requests does.
.PARAMETER Part
    Which parts of the story, of Balancers, Backups, Watch, Update, Failures and Report. Default: all, in this order.
.PARAMETER Rate
    How many requests a second the clients send during the update.
.PARAMETER Report
    Where the report goes at the end.
.EXAMPLE
    prodops -File /etc/prodops/story.ps1
#>
[CmdletBinding()]
param(
    [string[]] $Part = ('Balancers', 'Backups', 'Watch', 'Update', 'Failures', 'Report'),
    [int] $Rate = 50,
    [string] $Report = '/root/shop.html'
)

$ErrorActionPreference = 'Stop'
# -File hands on a list as one text.
$Part = $Part -split ','
Import-Module ProdOps
$env:PRODOPS_ENVIRONMENT = [IO.Path]::Combine($PSScriptRoot, 'environment.psd1')
# Out-Host shows each result in a view of its own; one stream of different objects would fall back to lists.

if ('Balancers' -in $Part) {
    'The balancers: what environment.psd1 says of them is published. A configuration that serves already is left'
    Publish-LoadBalancer web -Confirm:$false | Out-Host
    Get-LoadBalancer web | Out-Host
    Get-BackendServer web* | Out-Host
}

if ('Backups' -in $Part) {
    'Backups: of the database, of what users uploaded, of ops itself; each is copied to the other place'
    Invoke-Backup -Name * | Out-Host
    Copy-Backup -Repository local -To offsite | Out-Host
    Get-Backup -Latest | Out-Host
    'Proof: every byte of both repositories is read, and what the newest backups hold is restored, compared and timed; the database is loaded on db1, beside the one in use'
    foreach ($repository in 'local', 'offsite') { Test-Backup -Repository $repository -ReadData | Out-Host }
    Test-Backup -Restore -Repository local -Tag set:db -ToServer db1 | Out-Host
    foreach ($set in 'uploads', 'ops') { Test-Backup -Restore -Repository local -Tag "set:$set" | Out-Host }
}

if ('Watch' -in $Part) {
    'Monitor, log receiver, collection and schedules run from now on'
    # Where the schedule collects already, a source may be in its hands at this moment.
    Sync-Log -ErrorAction Continue | Out-Host
    & ([IO.Path]::Combine($PSScriptRoot, 'start.ps1')) | Out-Host
    Test-Notification | Out-Host
    Get-HealthStatus | Out-Host
}

if ('Update' -in $Part) {
    'A new release while clients ask: each server is taken out, updated, asked whether it is well, and put back'
    $text = [IO.File]::ReadAllText([IO.Path]::Combine($PSScriptRoot, 'app', 'shop.py'))
    $old = [int][regex]::Match($text, 'VERSION = "(\d+)"').Groups[1].Value
    $release = [IO.Path]::GetTempFileName()
    [IO.File]::WriteAllText($release, $text.Replace("VERSION = `"$old`"", "VERSION = `"$($old + 1)`""))
    $load = Test-LoadBalancer web -Path /orders -Rate $Rate -ScriptBlock { & ([IO.Path]::Combine($PSScriptRoot, 'deploy.ps1')) $release | Out-Host }
    [IO.File]::Delete($release)
    $load | Out-Host
    if ($load.Failed -gt 0) { throw "$($load.Failed) of $($load.Requests) requests failed during the update." }
}

if ('Failures' -in $Part) {
    'Failures on purpose, and what clients notice: the balancer that has the address stops, then an application server'
    Test-LoadBalancer web -Failover -Stop Balancer -Confirm:$false | Out-Host
    Test-LoadBalancer web -Failover -Stop BackendServer -On web2 -Service shop -Confirm:$false | Out-Host
}

if ('Report' -in $Part) {
    'Whether servers can take the place of each other and plans are still true, what takes the shop down alone, how ready it is, and all of it as one page'
    Test-LoadBalancer web -Readiness | Out-Host
    Test-RecoveryPlan | Where-Object Status -ne Passed | Out-Host
    Get-SinglePointOfFailure | Out-Host
    Get-ProductionReadiness -Summary | Out-Host
    "The report: $((Export-ProdOpsReport $Report -Force).FullName)"
}
