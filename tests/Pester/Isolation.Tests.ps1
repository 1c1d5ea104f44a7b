BeforeAll {
    $script:Module = (Resolve-Path (Join-Path $PSScriptRoot '../../artifacts/ProdOps')).Path
    $script:Pwsh = [System.Diagnostics.Process]::GetCurrentProcess().MainModule.FileName

    # Every case is a session of its own: what one loads another must not see.
    function Invoke-Fresh([string] $Script) {
        $output = & $Pwsh -NoProfile -NonInteractive -Command $Script 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $output
        $output.Trim()
    }
}

Describe 'Loading in a fresh session' {
    It 'brings only the cmdlets and the model into the default context' {
        $names = Invoke-Fresh "Import-Module '$Module'; [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | ForEach-Object { `$_.GetName().Name } | Where-Object { `$_ -like 'ProdOps*' } | Sort-Object"
        $names -split "`r?`n" | Should -Be 'ProdOps.Cmdlets', 'ProdOps.Model'
    }

    It 'survives -Force, removal and a second import' {
        Invoke-Fresh "Import-Module '$Module'; Import-Module '$Module' -Force; Remove-Module ProdOps; Import-Module '$Module'; [System.Reflection.Assembly]::Load('ProdOps.Backup').GetName().Name" |
            Should -Be 'ProdOps.Backup'
    }

    It 'works in eight parallel runspaces' {
        $answer = Invoke-Fresh "(1..8 | ForEach-Object -Parallel { Import-Module '$Module'; [System.Reflection.Assembly]::Load('ProdOps.Backup').GetName().Name } -ThrottleLimit 8 | Group-Object).Count"
        $answer | Should -Be '8'
    }

    It 'works beside another module that has brought an SSH.NET of its own' {
        $library = Join-Path $TestDrive 'Renci.SshNet.dll'
        $command = @"
            `$name = [System.Reflection.AssemblyName]::new('Renci.SshNet, Version=2016.0.0.0')
            `$assembly = [System.Reflection.Emit.PersistedAssemblyBuilder]::new(`$name, [object].Assembly)
            `$null = `$assembly.DefineDynamicModule('Renci.SshNet').DefineType('Renci.SshNet.SshClient', 'Public, Class').CreateType()
            `$assembly.Save('$library')
            Import-Module '$library'
            Import-Module '$Module'
            [System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { `$_.GetName().Name -eq 'Renci.SshNet' } | ForEach-Object { `$_.GetName().Version.Major }
            try { Invoke-ServerCommand 'true' -Server 'nobody@127.0.0.1:1' -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId -replace ',.*' }
"@
        (Invoke-Fresh $command) -split "`r?`n" | Should -Be '2016', 'ConnectionRefused'
    }

    It 'adds less than 100 ms to the import of an empty module' {
        $empty = Join-Path $TestDrive 'Empty.psd1'
        New-ModuleManifest $empty
        # The least of several sessions each: the machine may be busy.
        $measure = { param($path) (1..5 | ForEach-Object { [double](Invoke-Fresh "(Measure-Command { Import-Module '$path' }).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)") } | Measure-Object -Minimum).Minimum }
        $extra = (& $measure $Module) - (& $measure $empty)
        $extra | Should -BeLessThan 100
    }
}
