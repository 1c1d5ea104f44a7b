@{
    RootModule           = 'ProdOps.Cmdlets.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f0e0d5e-3b8c-4c0e-9d3a-5a3c0a6c1d27'
    Author               = 'ProdOps maintainers'
    CompanyName          = 'ProdOps'
    Copyright            = '(c) ProdOps maintainers. MIT licence.'
    Description          = 'Takes a web application to production over plain SSH: encrypted incremental backups in the open restic format, tested restores, and what a production environment needs around them.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')

    # Named here so that [ProdOps.BackupSnapshot] resolves in scripts before a cmdlet has run. The engine in lib/ is never named.
    RequiredAssemblies   = @('ProdOps.Model.dll')
    FormatsToProcess     = @('ProdOps.Format.ps1xml')
    TypesToProcess       = @('ProdOps.Types.ps1xml')

    CmdletsToExport      = @(
        'Add-BackendServer'
        'Add-BackupKey'
        'Compare-Backup'
        'Compare-ServerItem'
        'Confirm-HealthEvent'
        'Copy-Backup'
        'Copy-ServerItem'
        'Disable-BackendServer'
        'Enable-BackendServer'
        'Export-HealthRule'
        'Export-Log'
        'Export-Metric'
        'Find-BackupItem'
        'Get-BackendServer'
        'Get-Backup'
        'Get-BackupItem'
        'Get-BackupKey'
        'Get-BackupRepository'
        'Get-HealthCheck'
        'Get-HealthDowntime'
        'Get-HealthEvent'
        'Get-HealthRule'
        'Get-HealthStatus'
        'Get-LoadBalancer'
        'Get-LogPattern'
        'Get-LogSource'
        'Get-LogStore'
        'Get-Metric'
        'Get-MetricForecast'
        'Get-Notification'
        'Get-ProdOpsEnvironment'
        'Get-ProdOpsSchedule'
        'Get-Server'
        'Get-ServerClock'
        'Import-Log'
        'Initialize-BackupRepository'
        'Invoke-Backup'
        'Invoke-ServerCommand'
        'Measure-HealthStatus'
        'Measure-Log'
        'New-ProdOpsEnvironment'
        'Optimize-BackupRepository'
        'Protect-Log'
        'Register-ProdOpsSchedule'
        'Remove-BackendServer'
        'Remove-Backup'
        'Remove-BackupKey'
        'Remove-Log'
        'Repair-Backup'
        'Repair-LogStore'
        'Restore-Backup'
        'Restore-BackupDatabase'
        'Resume-HealthCheck'
        'Search-Log'
        'Send-Notification'
        'Set-BackendServer'
        'Start-HealthMonitor'
        'Start-LogReceiver'
        'Suspend-HealthCheck'
        'Sync-Log'
        'Test-Backup'
        'Test-HealthCheck'
        'Test-HealthRule'
        'Test-LoadBalancer'
        'Test-LogFilter'
        'Test-Notification'
        'Test-ProdOpsEnvironment'
        'Unlock-BackupRepository'
        'Unprotect-Log'
        'Unregister-ProdOpsSchedule'
        'Watch-HealthStatus'
        'Watch-Log'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()

    PrivateData          = @{
        PSData = @{
            Tags         = @('PSEdition_Core', 'Windows', 'Linux', 'MacOS', 'Backup', 'Restore', 'Restic', 'SSH', 'Operations', 'SRE', 'DisasterRecovery')
            LicenseUri   = 'https://opensource.org/license/mit'
            ProjectUri   = 'https://github.com/prodops/prodops'
            ReleaseNotes = 'See CHANGELOG.md.'
        }
    }
}
