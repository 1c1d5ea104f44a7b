BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    . (Join-Path $PSScriptRoot 'SampleObject.ps1')
    $types = @(Get-ViewedType | ForEach-Object { @{ Name = $_ } })
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    . (Join-Path $PSScriptRoot 'SampleObject.ps1')
    $script:Module = (Resolve-Path (Join-Path $PSScriptRoot '../../artifacts/ProdOps')).Path

    # What comes back from a job or a remote session: properties without methods, and another type name.
    function ConvertTo-Deserialized {
        param([Parameter(ValueFromPipeline)] $InputObject)
        process { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($InputObject, 3)) }
    }

    $script:Folder = (New-Item -ItemType Directory (Join-Path $TestDrive 'pipelines')).FullName
    $script:Password = Join-Path $Folder 'password'
    Set-Content $Password 'correct horse battery staple' -NoNewline
    $null = New-Item -ItemType Directory (Join-Path $Folder 'data')
    1..3 | ForEach-Object { Set-Content (Join-Path $Folder "data/file$_.txt") ('x' * $_ * 1000) }
    $script:Repository = @{ Repository = Join-Path $Folder 'repository'; PasswordFile = $Password }
    $null = Initialize-BackupRepository @Repository
    $script:Backup = Invoke-Backup (Join-Path $Folder 'data') @Repository
}

Describe 'Objects of the type <Name>' -ForEach $types {
    BeforeAll { $script:Sample = New-SampleObject ($Name -as [type]) }

    It 'become CSV and JSON' {
        $csv = @($Sample | ConvertTo-Csv)
        $csv.Count | Should -BeGreaterOrEqual 2
        $json = $Sample | ConvertTo-Json -Depth 8 -WarningAction Stop -ErrorAction Stop | ConvertFrom-Json
        foreach ($property in $Sample.PSObject.Properties | Where-Object { $_.Value -is [string] }) { $json.($property.Name) | Should -Be $property.Value }
    }

    It 'survive a remote session' {
        $copy = $Sample | ConvertTo-Deserialized
        $copy.PSTypeNames[0] | Should -Be "Deserialized.$Name"
        foreach ($property in $Sample.PSObject.Properties | Where-Object { $_.Value -is [string] -or $_.Value -is [timespan] -or $_.Value -is [long] }) { $copy.($property.Name) | Should -Be $property.Value }
        { $copy | Out-String -Width 100 -ErrorAction Stop } | Should -Not -Throw
    }
}

Describe 'The shell''s own commands' {
    BeforeAll { $script:Items = Get-BackupItem latest -Recurse @Repository | Where-Object Type -EQ File }

    It 'group, sort and select by properties' {
        ($Items | Group-Object Type -NoElement).Count | Should -Be 3
        ($Items | Sort-Object Size -Descending | Select-Object -First 1).Name | Should -Be 'file3.txt'
        ($Items | Measure-Object Size -Sum).Sum | Should -BeGreaterThan 6000
        ($Items | Select-Object -ExpandProperty Name) | Should -Be 'file1.txt', 'file2.txt', 'file3.txt'
    }

    It 'write tables that a spreadsheet reads, with numbers as numbers' {
        $file = Join-Path $Folder 'items.csv'
        $Items | Select-Object Name, Size | Export-Csv $file
        [long](Import-Csv $file)[2].Size | Should -BeGreaterThan 3000
    }

    It 'end a command that has more to tell' {
        (Get-BackupItem latest -Recurse @Repository | Select-Object -First 1).Count | Should -Be 1
        (Get-BackupItem latest -Recurse @Repository | Select-Object -First 1 -Wait).Count | Should -Be 1
    }

    It 'run cmdlets side by side' {
        $counts = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:Module
            $repository = $using:Repository
            @(Get-BackupItem latest -Recurse @repository | Where-Object Type -EQ File).Count
        }
        $counts | Should -Be 3, 3, 3, 3
    }

    It 'run cmdlets in jobs of threads' {
        if (-not (Get-Command Start-ThreadJob -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no Start-ThreadJob'; return }
        $job = Start-ThreadJob { Import-Module $using:Module; $repository = $using:Repository; Get-Backup @repository }
        ($job | Receive-Job -Wait -AutoRemoveJob).Id | Should -Be $Backup.Id
    }

    It 'run cmdlets in jobs of processes, whose objects go on in the pipeline' {
        if (-not (Get-Command Start-Job -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no Start-Job'; return }
        $job = Start-Job { Import-Module $using:Module; $repository = $using:Repository; Get-Backup @repository }
        $found = $job | Receive-Job -Wait -AutoRemoveJob
        $found.PSTypeNames | Should -Contain 'Deserialized.ProdOps.BackupSnapshot'
        @($found | Get-BackupItem -Recurse -PasswordFile $Password | Where-Object Type -EQ File).Count | Should -Be 3
    }
}

Describe 'What came back from elsewhere' {
    It 'names a backup to restore' {
        Get-Backup @Repository | ConvertTo-Deserialized | Restore-Backup -Destination (Join-Path $Folder 'restored') -PasswordFile $Password -Confirm:$false
        (Get-ChildItem (Join-Path $Folder 'restored') -Recurse -File).Count | Should -Be 3
    }

    It 'names a backup to test, to copy and to remove' {
        (Get-Backup @Repository | ConvertTo-Deserialized | Test-Backup -PasswordFile $Password).Problems | Should -BeNullOrEmpty
        { Get-Backup @Repository | ConvertTo-Deserialized | Remove-Backup -PasswordFile $Password -WhatIf -ErrorAction Stop } | Should -Not -Throw
    }

    It 'names a server' {
        (Get-Server localhost | ConvertTo-Deserialized | Invoke-ServerCommand 'echo here').StandardOutput | Should -Be 'here'
        (Get-HealthStatus | ConvertTo-Deserialized | Get-ServerClock).Server | Should -Be 'localhost'
    }
}

Describe 'A pipeline that wants no more' {
    It 'ends a recovery, which lets go of its server' -Skip:$IsWindows {
        $place = (New-Item -ItemType Directory (Join-Path $Folder 'shop/plans')).Parent.FullName
        Set-Content (Join-Path $place 'environment.psd1') "@{ Name = 'shop'; Servers = @{ Name = 'web1'; Local = `$true } }"
        $steps = 'a', 'b', 'c' | ForEach-Object { "@{ Name = '$_'; AsRoot = `$false; Directory = @{ Path = '$place/$_' } }" }
        Set-Content (Join-Path $place 'plans/web1.recovery.psd1') "@{ Server = 'web1'; Steps = @( $($steps -join '; ') ) }"
        $before = $env:XDG_DATA_HOME, $env:PRODOPS_STATE
        $env:XDG_DATA_HOME, $env:PRODOPS_STATE = (Join-Path $place 'data'), (Join-Path $place 'state')
        try {
            (Restore-Server web1 -Environment $place -Confirm:$false | Select-Object -First 1).Step | Should -Be 'a'
            Join-Path $place 'state/recovery/lock' | Should -Not -Exist
            @(Restore-Server web1 -Environment $place -Confirm:$false -ErrorAction Stop).State | Should -Be 'AlreadyOk', 'Succeeded', 'Succeeded'
        } finally { $env:XDG_DATA_HOME, $env:PRODOPS_STATE = $before }
    }
}

Describe 'A transcript' {
    It 'has what was shown, and no password' {
        $script = Join-Path $Folder 'session.ps1'
        $transcript = Join-Path $Folder 'transcript.txt'
        Set-Content $script @"
Import-Module '$Module'
Start-Transcript '$transcript' | Out-Null
Get-Backup -Repository '$($Repository.Repository)' -PasswordFile '$Password' -Verbose
Get-Backup -Repository '$($Repository.Repository)' -PasswordFile '$Folder/no-such-file'
Stop-Transcript | Out-Null
"@
        & ([System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName) -NoProfile -NonInteractive -File $script *> $null
        $text = Get-Content $transcript -Raw
        $text | Should -Match $Backup.ShortId
        $text | Should -Match 'no-such-file'
        $text | Should -Not -Match 'correct horse'
    }
}
