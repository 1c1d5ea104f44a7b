BeforeAll {
    $script:Module = (Resolve-Path (Join-Path $PSScriptRoot '../../artifacts/ProdOps')).Path
    $script:Pwsh = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName
    $script:ProdOps = $env:PRODOPS_HOST
    $env:PRODOPS_MODULE = $Module
}

Describe 'Exit codes' {
    BeforeAll { $script:Script = Join-Path $TestDrive 'case.ps1' }

    It 'of pwsh -File are 0 after an error unless the script stops at errors' {
        Set-Content $Script "Import-Module '$Module'; Get-Item /no/such/file"
        & $Pwsh -NoProfile -NonInteractive -File $Script *> $null
        $LASTEXITCODE | Should -Be 0
        Set-Content $Script "`$ErrorActionPreference = 'Stop'; Import-Module '$Module'; Get-Item /no/such/file"
        & $Pwsh -NoProfile -NonInteractive -File $Script *> $null
        $LASTEXITCODE | Should -Be 1
    }

    It 'of prodops -File are <Code> for: <Text>' -ForEach @(
        @{ Text = '1'; Code = 0 }, @{ Text = 'exit 5'; Code = 5 }, @{ Text = 'throw 1'; Code = 1 }, @{ Text = "[int]'x'; 2"; Code = 1 }
    ) {
        if (-not $ProdOps) { Set-ItResult -Skipped -Because 'PRODOPS_HOST names no prodops'; return }
        Set-Content $Script $Text
        & $ProdOps -File $Script *> $null
        $LASTEXITCODE | Should -Be $Code
    }
}
