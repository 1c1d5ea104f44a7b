BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    . (Join-Path $PSScriptRoot 'SampleObject.ps1')
    $types = @(Get-ViewedType | ForEach-Object { @{ Name = $_ } })
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    . (Join-Path $PSScriptRoot 'SampleObject.ps1')
    $script:Rendering = $PSStyle.OutputRendering
}

AfterAll { $PSStyle.OutputRendering = $Rendering }

Describe 'The views of <Name>' -ForEach $types {
    BeforeAll {
        $script:Plain = New-SampleObject ($Name -as [type])
        $script:Hostile = New-SampleObject ($Name -as [type]) $HostileText
        $controls = (Get-FormatData $Name).FormatViewDefinition.Control | ForEach-Object { $_.GetType().Name }
        $controls | Should -Contain 'ListControl'
        $script:Views = @({ $args[0] | Format-List })
        # What is told in a list alone is read one by one.
        if ($controls -contains 'TableControl') { $script:Views += { $args[0] | Format-Table } }
    }

    It 'fit into <_> columns' -ForEach 80, 100, 160 {
        $PSStyle.OutputRendering = 'PlainText'
        $width = $_
        foreach ($view in $Views) {
            (& $view $Plain | Out-String -Width $width) -split "`r?`n" | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
        }
    }

    It 'let nothing through that a terminal obeys' {
        $PSStyle.OutputRendering = 'Ansi'
        foreach ($view in $Views) {
            # Colours are the views' own.
            $rest = (& $view $Hostile | Out-String -Width 100) -replace "$([char] 27)\[[0-9;]*m"
            $rest | Should -Not -Match '[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]'
            $rest | Should -Not -Match "[`u{202A}-`u{202E}`u{2066}-`u{2069}]"
        }
    }

    It 'show one object on one line of a table' {
        if ($Views.Count -eq 1) { Set-ItResult -Skipped -Because 'it is told in a list alone'; return }
        $PSStyle.OutputRendering = 'PlainText'
        $lines = @(($Hostile | Format-Table | Out-String -Width 100).Trim() -split "`r?`n")
        $lines.Count | Should -BeLessOrEqual 5
    }
}
