BeforeDiscovery { $script:NoRestic = -not (Get-Command restic -ErrorAction Ignore) }

Describe 'The drive' -Skip:$NoRestic {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
        $PSStyle.OutputRendering = 'PlainText'
        $script:Repository = Join-Path $TestDrive 'repository'
        $script:Password = Join-Path $TestDrive 'password'
        $script:Source = Join-Path $TestDrive 'source'
        $null = New-Item (Join-Path $Source 'a b') -ItemType Directory
        Set-Content (Join-Path $Source 'lines') 'one', 'two', 'three'
        Set-Content -LiteralPath (Join-Path $Source '[id].tsx') 'x' -NoNewline
        Set-Content $Password 'correct horse'
        restic -q --no-cache -r $Repository -p $Password init
        restic -q --no-cache -r $Repository -p $Password backup --host web1 --time '2026-11-20 01:00:00' $Source
        Add-Content (Join-Path $Source 'lines') 'four'
        restic -q --no-cache -r $Repository -p $Password backup --host web1 --time '2026-11-21 01:00:00' $Source
        $null = New-PSDrive B Backup $Repository -PasswordFile $Password -Scope Global
        $script:Latest = "B:/web1/latest$Source"
    }

    AfterAll {
        Set-Location $PSScriptRoot
        Remove-PSDrive B -ErrorAction Ignore
    }

    It 'lists servers, backups and files' {
        (Get-ChildItem B:/).Name | Should -Be 'web1'
        (Get-ChildItem B:/web1).PSChildName | Should -Be '2026-11-20_01-00-00', '2026-11-21_01-00-00', 'latest'
        (Get-ChildItem $Latest).Name | Should -Be '[id].tsx', 'a b', 'lines'
        (Get-ChildItem "$Latest/l*").Name | Should -Be 'lines'
        (Get-ChildItem $Latest -Recurse).Count | Should -Be 3
        (Get-ChildItem B:/web1 -Recurse -Depth 0).Count | Should -Be 3
    }

    It 'can be walked through' {
        Push-Location "B:/web1/2026-11-20_01-00-00$Source"
        try {
            Get-Content lines | Should -Be 'one', 'two', 'three'
            Set-Location 'a b'
            Set-Location ..
            Test-Path lines | Should -BeTrue
            Test-Path ../nothing | Should -BeFalse
        }
        finally { Pop-Location }
    }

    It 'reads files by lines, as a text, as bytes, and by names that look like wildcards' {
        Get-Content "$Latest/lines" | Should -Be 'one', 'two', 'three', 'four'
        Get-Content "$Latest/lines" -TotalCount 2 | Should -Be 'one', 'two'
        Get-Content "$Latest/lines" -Raw | Should -Be "one`ntwo`nthree`nfour`n"
        (Get-Content "$Latest/lines" -AsByteStream -Raw).Count | Should -Be 19
        Get-Content -LiteralPath "$Latest/[id].tsx" | Should -Be 'x'
    }

    It 'gives a path that works without the drive' {
        $path = (Get-Item "$Latest/lines").PSPath
        Get-Content -LiteralPath $path -TotalCount 1 | Should -Be 'one'
    }

    It 'completes servers, backups and files' {
        function Complete($Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText }
        Complete 'Get-ChildItem B:/w' | Should -Be 'B:/web1'
        Complete 'Get-ChildItem B:/web1/l' | Should -Be 'B:/web1/latest'
        Complete "Get-Content $Latest/li" | Should -Be "$Latest/lines"
    }

    It 'cannot be written to, and Copy-Item says that it cannot either' {
        { Set-Content "$Latest/lines" 'x' -ErrorAction Stop } | Should -Throw -ErrorId 'BackupsAreReadOnly,*'
        { Remove-Item "$Latest/lines" -ErrorAction Stop } | Should -Throw
        { Copy-Item "$Latest/lines" $TestDrive -ErrorAction Stop } | Should -Throw
    }

    It 'restores what is piped from it, without the password again' {
        $target = Join-Path $TestDrive 'target'
        $plan = Get-ChildItem "$Latest/l*" | Restore-Backup -Destination $target -Confirm:$false
        $plan.Errors | Should -Be 0
        Get-Content "$target$Source/lines" | Should -Be 'one', 'two', 'three', 'four'
    }

    It 'shows names in 100 columns' {
        $lines = (Get-ChildItem $Latest | Out-String -Width 100).Trim() -split "`r?`n"
        $lines[0] | Should -Match '^Mode\s+Owner\s+Size\s+Modified\s+Name$'
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 100 }
        (Get-ChildItem B:/web1 | Out-String -Width 100) | Should -Match '(?m)^2026-11-21_01-00-00 '
        (Get-ChildItem B:/ | Out-String -Width 100) | Should -Match '(?m)^web1\s+2 '
    }

    It 'is not made with a wrong password' {
        $wrong = Join-Path $TestDrive 'wrong'
        Set-Content $wrong 'x'
        New-PSDrive Wrong Backup $Repository -PasswordFile $wrong -ErrorVariable failure -ErrorAction SilentlyContinue
        "$($failure.FullyQualifiedErrorId)" | Should -BeLike '*WrongPassword*'
        Get-PSDrive Wrong -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'is there by default for the repository that the environment names' {
        $saved = $env:RESTIC_REPOSITORY, $env:RESTIC_PASSWORD_FILE
        try {
            $env:RESTIC_REPOSITORY = ''
            { Get-ChildItem Backup:/ -ErrorAction Stop } | Should -Throw -ErrorId 'RepositoryNotNamed,*'
            $env:RESTIC_REPOSITORY, $env:RESTIC_PASSWORD_FILE = $Repository, $Password
            (Get-ChildItem Backup:/).Name | Should -Be 'web1'
        }
        finally { $env:RESTIC_REPOSITORY, $env:RESTIC_PASSWORD_FILE = $saved }
    }
}
