BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    $PSStyle.OutputRendering = 'PlainText'

    function Format-ForTest([object[]] $InputObject, [int] $Width = 100) {
        ($InputObject | Out-String -Width $Width).Trim() -split "`r?`n"
    }

    $script:Snapshot = [ProdOps.BackupSnapshot]@{
        Id = 'abcdef01' * 8; Time = '2026-11-23T18:05:33Z'; Server = 'web1'; Paths = [string[]]('/etc', '/srv/www'); Status = 'Complete'
        Summary = [ProdOps.BackupSummary]@{ TotalFilesProcessed = 12013; TotalBytesProcessed = 1.15GB; DataAddedPacked = 333444 }
    }
}

Describe 'The views' {
    It 'show a snapshot on one line of at most 100 columns' {
        $lines = Format-ForTest $Snapshot
        $lines.Count | Should -Be 3
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 100 }
        $lines[0] | Should -Match '^Id\s+Time\s+Server\s+Files\s+Size\s+Stored\s+Paths$'
        $lines[2] | Should -Match '^abcdef01 .* web1\s+12,013\s+1\.15 GiB\s+326 KiB /etc, /srv/www$'
    }

    It 'show everything of a snapshot in a list' {
        $text = ($Snapshot | Format-List | Out-String)
        foreach ($label in 'Id', 'Status', 'Paths', 'Stored', 'Repository') { $text | Should -Match "(?m)^$label\s+:" }
    }

    It 'exist as table and as list for every object that cmdlets emit: <_>' -ForEach @(
        'BackupSnapshot', 'BackupItem', 'BackupDifference', 'BackupRepository', 'BackupKey', 'BackupLock', 'BackupTestResult', 'BackupProblem', 'RestorePlan', 'RestoreStep', 'BackupSet', 'BackupSetResult', 'BackupState',
        'LogImport', 'LogMeasure', 'LogPattern',
        'ServerHealth', 'HealthCheckResult', 'HealthCheck', 'HealthRuleFiring', 'HealthDowntime', 'HealthEvent', 'HealthAvailability',
        'MetricSeries', 'MetricForecast', 'MetricExport', 'NotificationDelivery', 'SentNotification'
    ) {
        $controls = (Get-FormatData "ProdOps.$_").FormatViewDefinition.Control | ForEach-Object { $_.GetType().Name }
        $controls | Should -Contain 'TableControl'
        $controls | Should -Contain 'ListControl'
        $empty = New-Object "ProdOps.$_"
        { $empty | Out-String -Width 100 -ErrorAction Stop } | Should -Not -Throw
        { $empty | Format-List | Out-String -ErrorAction Stop } | Should -Not -Throw
    }

    It 'show the health of a server on one line of at most 100 columns, with the worst problem' {
        $esc = [char] 27
        $problem = [ProdOps.HealthCheckResult]@{ Server = 'db1'; Check = 'disk.used'; Instance = '/var'; State = 'Critical'; Message = "96.2 % used$esc[2J" }
        $cpu = [ProdOps.MetricSample]@{ Server = 'db1'; Name = 'cpu.busy'; Value = 12.4; Unit = '%' }
        $health = [ProdOps.ServerHealth]@{ Server = 'db1'; State = 'Critical'; Problems = [ProdOps.HealthCheckResult[]]@($problem, $problem); Metrics = [ProdOps.MetricSample[]]@($cpu) }
        $lines = Format-ForTest $health
        $lines.Count | Should -Be 3
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 100 }
        $lines[0] | Should -Match '^State\s+Server\s+CPU\s+Memory\s+Disk\s+Problem$'
        $lines[2] | Should -Match '^x Critical\s+db1\s+12 %\s+disk\.used /var: 96\.2 % used.\[2J \(\+1\)$'
        $lines[2] | Should -Not -Match ([regex]::Escape($esc))
    }

    It 'show availability on one line, with what is left of the error budget' {
        $availability = [ProdOps.HealthAvailability]@{ Server = 'web1'; Available = [timespan]::FromSeconds(86390); Down = [timespan]::FromSeconds(10); Outages = 1; LongestOutage = [timespan]::FromSeconds(10); Objective = 0.999 }
        $lines = Format-ForTest $availability
        $lines.Count | Should -Be 3
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 100 }
        $lines[2] | Should -Match '^web1\s+99\.988 %\s+10\.0 s\s+1\s+10\.0 s\s+10\.0 s .*88 %  1m 16s$'
        ($availability | Format-List | Out-String) | Should -Match '(?m)^MeanTimeToRepair\s+: 10\.0 s'
    }

    It 'say in words what they say in colours' {
        $result = [ProdOps.BackupTestResult]@{ Problems = [ProdOps.BackupProblem[]]@([ProdOps.BackupProblem]@{ ErrorId = 'PackDamaged' }) }
        ($result | Format-Table | Out-String -Width 120) | Should -Match 'FAILED'
        $PSStyle.OutputRendering = 'Ansi'
        try { ($result | Format-Table | Out-String -Width 120) | Should -Match ([regex]::Escape($PSStyle.Foreground.Red) + 'FAILED') }
        finally { $PSStyle.OutputRendering = 'PlainText' }
    }

    It 'round sizes and durations as people read them: <Value> is <Text>' -ForEach @(
        @{ Value = 0; Text = '0 B' }, @{ Value = 999; Text = '999 B' }, @{ Value = 1000; Text = '0.98 KiB' }, @{ Value = 1024; Text = '1.00 KiB' }
        @{ Value = 1048575; Text = '1.00 MiB' }, @{ Value = [long]::MaxValue; Text = '8.00 EiB' }
        @{ Value = [timespan]::FromSeconds(0.42); Text = '0.42 s' }, @{ Value = [timespan]::FromSeconds(65); Text = '1m 05s' }
        @{ Value = [timespan]::FromHours(28); Text = '1d 04h' }
    ) {
        if ($Value -is [timespan]) { [ProdOps.Cmdlets.FormatHelper]::Duration($Value) | Should -Be $Text }
        else { [ProdOps.Cmdlets.FormatHelper]::Size($Value) | Should -Be $Text }
    }
}
