BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../artifacts/ProdOps') -Force
    $commands = @((Get-Module ProdOps).ExportedCmdlets.Keys | ForEach-Object { @{ Name = $_ } })
}

Describe 'Help of <Name>' -ForEach $commands {
    BeforeAll { $script:Help = Get-Help $Name -Full }

    It 'has a synopsis and a description' {
        $Help.Synopsis | Should -Not -Match "^\s*$Name\s"
        ($Help.description | Out-String).Trim() | Should -Not -BeNullOrEmpty
    }

    It 'has three examples or more' { @($Help.examples.example).Count | Should -BeGreaterOrEqual 3 }

    It 'describes every parameter' {
        $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
        foreach ($parameter in (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin $common }) {
            $text = ($Help.parameters.parameter | Where-Object name -EQ $parameter).description | Out-String
            $text.Trim() | Should -Not -BeNullOrEmpty -Because "-$parameter"
        }
    }

    It 'says what comes out' { ($Help.returnValues | Out-String).Trim() | Should -Not -BeNullOrEmpty }
}
