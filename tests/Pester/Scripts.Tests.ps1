# Scripts that are shipped or that show how: they are the style that others copy.
BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    $root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
    $scripts = @(Get-ChildItem (Join-Path $root 'build.ps1'), (Join-Path $root 'examples'), (Join-Path $root 'module'), (Join-Path $root 'tests/Pester') -Recurse -Include *.ps1, *.psm1, *.psd1 |
        ForEach-Object { @{ Name = $_.FullName.Substring($root.Length + 1); Path = $_.FullName } })
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    $script:Names = (Get-Module ProdOps).ExportedCmdlets.Keys
}

Describe 'The script <Name>' -ForEach $scripts {
    BeforeAll {
        $script:Problems = $null
        $script:Tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $Problems)
    }

    It 'is PowerShell without an error' { $Problems | Should -BeNullOrEmpty }

    It 'is text that every editor and git leave as it is' {
        $bytes = [IO.File]::ReadAllBytes($Path)
        $bytes | Should -Not -Contain 13
        $bytes[0] | Should -Not -Be 0xEF
        [Text.UTF8Encoding]::new($false, $true).GetString($bytes) | Should -Not -Match "(?m)[ \t]+$|\t"
    }

    It 'names commands in full' {
        $names = $Tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) | ForEach-Object { $_.GetCommandName() } | Where-Object { $_ } | Sort-Object -Unique
        $aliases = @($names | Where-Object { (Get-Alias $_ -ErrorAction Ignore) -and -not (Get-Command $_ -CommandType Function, Application -ErrorAction Ignore) })
        $aliases -join ', ' | Should -BeNullOrEmpty
    }

    It 'calls cmdlets of this module with parameters that they have' {
        $calls = $Tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) | Where-Object { $_.GetCommandName() -in $Names }
        foreach ($call in $calls) {
            $known = (Get-Command $call.GetCommandName()).Parameters.Keys
            $wrong = $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } | Where-Object { $_.ParameterName -notin $known } | ForEach-Object { $_.Extent.Text }
            $wrong -join ', ' | Should -BeNullOrEmpty -Because $call.Extent.Text
        }
    }

    It 'passes PSScriptAnalyzer' {
        if (-not (Get-Command Invoke-ScriptAnalyzer -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no PSScriptAnalyzer'; return }
        # Pester's blocks set variables for each other, which the rule about unused ones does not see.
        $found = Invoke-ScriptAnalyzer $Path -Severity Error, Warning -ExcludeRule PSUseDeclaredVarsMoreThanAssignments, PSUseShouldProcessForStateChangingFunctions, PSReviewUnusedParameter
        ($found | ForEach-Object { "$($_.Line): $($_.RuleName)" }) -join "`n" | Should -BeNullOrEmpty
    }
}
