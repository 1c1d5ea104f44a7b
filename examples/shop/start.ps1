#Requires -Version 7.6
<#
.SYNOPSIS
    Starts on ops what runs always: the monitor, the log receiver, the collection of logs, and the backups by their schedules.
.DESCRIPTION
    Runs on ops. What is registered already stays as it is.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
Import-Module ProdOps
$environment = $env:PRODOPS_ENVIRONMENT = [IO.Path]::Combine($PSScriptRoot, 'environment.psd1')
Register-ProdOpsSchedule -LogReceiver @{ Tcp = 514; Store = '/srv/logs'; Environment = $environment }
Register-ProdOpsSchedule -HealthMonitor @{ Environment = $environment }
# That a server cannot be reached, the monitor tells.
Register-ProdOpsSchedule logs -Every 1m -Command "Sync-Log -Environment '$environment' -IgnoreUnreachable"
Register-ProdOpsSchedule -Backup *
