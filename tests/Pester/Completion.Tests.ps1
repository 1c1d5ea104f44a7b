BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    $commands = @((Get-Module ProdOps).ExportedCmdlets.Keys | ForEach-Object { @{ Name = $_ } })
}

Describe 'Completion of <Name>' -ForEach $commands {
    It 'offers every parameter with its help message' {
        $line = "$Name -"
        $offered = (TabExpansion2 $line $line.Length).CompletionMatches
        foreach ($parameter in (Get-Command $Name).Parameters.Values | Where-Object { $_.Attributes.HelpMessage }) {
            $match = $offered | Where-Object ListItemText -EQ $parameter.Name
            $match | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name)"
        }
    }

    It 'never throws, wherever the cursor is' {
        foreach ($parameter in (Get-Command $Name).Parameters.Keys) {
            $line = "$Name -$parameter "
            { TabExpansion2 $line $line.Length } | Should -Not -Throw
        }
    }
}

Describe 'Completion of types' {
    It 'knows the objects' {
        $line = '[ProdOps.BackupSn'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'ProdOps.BackupSnapshot'
    }
}
