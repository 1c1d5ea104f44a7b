BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    $PSStyle.OutputRendering = 'PlainText'
    $script:Folder = Join-Path ([IO.Path]::GetTempPath()) "prodops-logs-$([guid]::NewGuid())"
    $null = New-Item -ItemType Directory $Folder
    1..20 | ForEach-Object { "192.0.2.$($_ % 3) - - [20/Nov/2026:10:00:{0:00} +0000] `"GET /orders/$_ HTTP/1.1`" $($_ % 5 ? 200 : 502) 10 `"-`" `"curl/8.5.0`"" -f $_ } | Set-Content (Join-Path $Folder 'access.log')
    $script:Store = Join-Path $Folder 'store'
    $null = Get-ChildItem $Folder -File | Import-Log -Server web1 -Store $Store
}

AfterAll { Remove-Item $Folder -Recurse }

Describe 'Log entries in a whole PowerShell' {
    It 'come from files that the pipeline names' {
        Get-ChildItem $Folder -Filter *.log | Search-Log -Count | Should -Be 20
    }

    It 'have one line of at most 100 columns each' {
        $lines = (Search-Log -Store $Store -Newest 3 | Out-String -Width 100).Trim() -split "`r?`n"
        $lines.Count | Should -Be 5
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 100 }
        $lines[0] | Should -Match '^Time\s+Level\s+Server\s+Source\s+Message$'
        (Search-Log -Store $Store -First 1 | Format-List | Out-String) | Should -Match '(?m)Status = 200'
    }

    It 'are grouped, sorted, selected and exported by their fields' {
        $groups = Search-Log -Store $Store | Group-Object Status -NoElement | Sort-Object Count
        $groups.Name | Should -Be '502', '200'
        (Search-Log -Store $Store | Select-Object -First 1).Path | Should -Be '/orders/1'
        (Search-Log -Store $Store -First 1 | ConvertTo-Json -Depth 3 | ConvertFrom-Json).Fields.Status | Should -Be 200
        Search-Log -Store $Store -Newest 1 | Export-Csv (Join-Path $Folder "out.csv")
        (Import-Csv (Join-Path $Folder 'out.csv')).Status | Should -Be '502'
    }

    It 'are drawn as bars, with columns for intervals and for what was measured' {
        (Measure-Log -Store $Store -By Status | Out-String -Width 100) | Should -Match "200\s+16 $([char]0x2588)+"
        (Measure-Log -Store $Store -Interval 1h -Property Bytes | Out-String -Width 100) | Should -Match 'Time\s+Name\s+Count\s+Average\s+P95\s+Share'
        (Get-LogPattern -Store $Store | Out-String -Width 100) | Should -Match 'GET /orders/<\*>'
    }
}
