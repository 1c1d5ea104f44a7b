BeforeAll {
    $script:Module = Join-Path $PSScriptRoot '../../artifacts/ProdOps'
    $script:Manifest = Test-ModuleManifest (Join-Path $Module 'ProdOps.psd1')
    Import-Module $Module -Force
}

Describe 'The manifest' {
    It 'is valid and asks for PowerShell 7.6 Core' {
        $Manifest.PowerShellVersion | Should -BeGreaterOrEqual ([version]'7.6')
        $Manifest.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'exports every cmdlet of the assembly, by name' {
        $exported = (Get-Module ProdOps).ExportedCmdlets.Keys | Sort-Object
        $assembly = (Get-Module ProdOps).NestedModules + (Get-Module ProdOps) | ForEach-Object { $_.ImplementingAssembly } | Where-Object { $_ } | Select-Object -First 1
        $declared = $assembly.GetExportedTypes() | ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" } | Sort-Object
        $exported | Should -Be $declared
        Get-Content (Join-Path $Module 'ProdOps.psd1') -Raw | Should -Not -Match "ToExport\s*=\s*'\*'"
    }

    It 'has what the Gallery shows' {
        $data = $Manifest.PrivateData.PSData
        $data.Tags | Should -Contain 'PSEdition_Core'
        $data.Tags | Should -Contain 'Linux'
        $data.LicenseUri | Should -Not -BeNullOrEmpty
        $data.ProjectUri | Should -Not -BeNullOrEmpty
        $data.ReleaseNotes | Should -Not -BeNullOrEmpty
        $Manifest.Description.Length | Should -BeGreaterThan 50
    }

    It 'names files that exist' {
        foreach ($file in @($Manifest.RootModule) + $Manifest.RequiredAssemblies + $Manifest.ExportedFormatFiles + $Manifest.ExportedTypeFiles) {
            if (-not [IO.Path]::IsPathRooted($file)) { $file = Join-Path $Module $file }
            $file | Should -Exist
        }
    }
}
