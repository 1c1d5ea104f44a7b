#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests and packs ProdOps: a thin layer over dotnet.
.EXAMPLE
    ./build.ps1 Build -Configuration Debug
.EXAMPLE
    ./build.ps1 Test, Pack
#>
#Requires -Version 7.4
[CmdletBinding()]
param(
    # What to do, in this order.
    [Parameter(Position = 0)]
    [ValidateSet('Clean', 'Build', 'Test', 'Pack', 'Install', 'Bench')]
    [string[]] $Task = 'Build',

    # Release compiles ahead of time for this machine; Debug builds faster.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release',

    # What Bench runs: a folder of bench/.
    [string] $Benchmark = 'backup'
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

$artifacts = Join-Path $PSScriptRoot 'artifacts'
$module = Join-Path $artifacts 'ProdOps'
$solution = Join-Path $PSScriptRoot 'ProdOps.sln'

# The systems PowerShell 7.6 runs on; native libraries for others are not shipped.
$runtimes = 'win-x64', 'win-arm64', 'linux-x64', 'linux-arm64', 'linux-musl-x64', 'linux-musl-arm64', 'osx-x64', 'osx-arm64'

# Those for which the tool carries the engine compiled ahead of time; on the others it compiles as it runs.
$enginePlatforms = 'linux-x64', 'linux-arm64', 'win-x64', 'osx-arm64'

function Invoke-Clean {
    dotnet clean $solution -c $Configuration --nologo -v quiet
    if (Test-Path $artifacts) { Remove-Item $artifacts -Recurse -Force }
}

function Invoke-Build {
    dotnet build $solution -c $Configuration --nologo
}

function Invoke-Test {
    $env:CONFIGURATION = $Configuration
    $env:PRODOPS_PWSH = (Get-Process -Id $PID).Path
    bash (Join-Path $PSScriptRoot 'tests/run.sh')
}

# What is shipped, in CycloneDX's format: packages with their versions, hashes and licences. Its own time stamp makes it differ from run to run.
function New-BillOfMaterials([string] $Project, [string] $Name, [string] $Version, [string] $Folder) {
    Push-Location $PSScriptRoot
    try {
        dotnet tool run dotnet-CycloneDX $Project -o $Folder -F Json -fn sbom.cdx.json -sn $Name -sv $Version --exclude-dev -dpr | Out-Null
    }
    finally { Pop-Location }
}

function Invoke-Pack {
    # A package runs on every system: it holds the plain assemblies, not those compiled for this one.
    if (Test-Path $module) { Remove-Item $module -Recurse -Force }
    dotnet build $solution -c Release --nologo -v quiet -p:Precompile=false
    $manifest = Import-PowerShellDataFile (Join-Path $module 'ProdOps.psd1')
    $version = $manifest.ModuleVersion
    $folder = Join-Path $artifacts "package/ProdOps/$version"
    if (Test-Path $folder) { Remove-Item $folder -Recurse -Force }
    $null = New-Item $folder -ItemType Directory
    Copy-Item (Join-Path $module '*') $folder -Recurse -Exclude '*.pdb'
    Get-ChildItem $folder -Recurse -Filter '*.pdb' | Remove-Item
    Get-ChildItem (Join-Path $folder 'lib/runtimes') -Directory -ErrorAction Ignore | Where-Object Name -NotIn $runtimes | Remove-Item -Recurse -Force
    Copy-Item (Join-Path $PSScriptRoot 'LICENSE'), (Join-Path $PSScriptRoot 'CHANGELOG.md') $folder
    $bill = Join-Path $artifacts 'sbom'
    dotnet tool restore --tool-manifest (Join-Path $PSScriptRoot '.config/dotnet-tools.json') | Out-Null
    New-BillOfMaterials 'module/lib/ProdOps.Lib.csproj' ProdOps $version $folder
    New-BillOfMaterials 'src/ProdOps.Host/ProdOps.Host.csproj' ProdOps.Tool $version $bill
    $null = Test-ModuleManifest (Join-Path $folder 'ProdOps.psd1')
    dotnet pack (Join-Path $PSScriptRoot 'build/gallery') --nologo -v quiet -o (Join-Path $artifacts 'package') "-p:ModuleFolder=$folder" "-p:Version=$version" "-p:ModuleTags=$($manifest.PrivateData.PSData.Tags -join ' ')"
    $engines = Join-Path $artifacts 'engines'
    foreach ($platform in $enginePlatforms) {
        dotnet publish (Join-Path $PSScriptRoot 'build/engine') -r $platform --nologo -v quiet -o (Join-Path $engines $platform)
    }
    dotnet pack (Join-Path $PSScriptRoot 'src/ProdOps.Host') -c Release --nologo -v quiet -p:Precompile=false -o (Join-Path $artifacts 'package') "-p:BillOfMaterials=$bill/sbom.cdx.json" "-p:Engines=$engines"
    Get-ChildItem (Join-Path $artifacts 'package') -Filter '*.nupkg'
}

function Invoke-Install {
    if (-not (Test-Path $module)) { Invoke-Build }
    $version = (Import-PowerShellDataFile (Join-Path $module 'ProdOps.psd1')).ModuleVersion
    $modules = if ($IsWindows) { Join-Path ([Environment]::GetFolderPath('MyDocuments')) 'PowerShell/Modules' } else { Join-Path $HOME '.local/share/powershell/Modules' }
    $target = Join-Path $modules "ProdOps/$version"
    if (Test-Path $target) { Remove-Item $target -Recurse -Force }
    $null = New-Item $target -ItemType Directory -Force
    Copy-Item (Join-Path $module '*') $target -Recurse
    "ProdOps $version is in $target. Start a new session and run: Import-Module ProdOps"
}

function Invoke-Bench {
    bash (Join-Path $PSScriptRoot "bench/$Benchmark/run.sh")
}

foreach ($name in $Task) { & "Invoke-$name" }
