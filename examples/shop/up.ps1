#Requires -Version 7.6
<#
.SYNOPSIS
    Builds the shop from blank Debian hosts, or what of it is lost.
.DESCRIPTION
    Makes the secrets that are not there yet, brings ProdOps, its .NET and this folder to ops, carries out the recovery plans (servers that do not wait for each
    other side by side; those of balancers publish what environment.psd1 says of them), and waits until the shop answers at its address. What is as it must be is left: running it again changes nothing.
    Runs through prodops and through pwsh, on any machine that reaches the hosts over SSH as root with the key in secrets/id_ed25519.
.PARAMETER Plan
    What is built: a server, or 'shop' for all.
.PARAMETER New
    There are no backups yet: nothing is restored, and monitor, log receiver and schedules wait for story.ps1, or start.ps1 on ops.
.PARAMETER AcceptNewHostKey
    Takes the keys of hosts that secrets/known_hosts does not have. A blank host in the place of a lost one has another key: remove the old line first.
.EXAMPLE
    prodops -File up.ps1 -New
    The first time.
.EXAMPLE
    prodops -File up.ps1 web1
    web1 is lost, and a blank host has its address.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)] [string] $Plan = 'shop',
    [switch] $New,
    [switch] $AcceptNewHostKey
)

$ErrorActionPreference = 'Stop'
Import-Module ProdOps
$started = [DateTime]::UtcNow
$env:PRODOPS_ENVIRONMENT = [IO.Path]::Combine($PSScriptRoot, 'environment.psd1')
$secrets = [IO.Path]::Combine($PSScriptRoot, 'secrets')
$ssh = @{ AcceptNewHostKey = $AcceptNewHostKey }
$here = [Environment]::MachineName -eq 'ops'

# 1. Secrets of 256 random bits, in files that only their owner can read. Keep a copy of the folder where it does not burn with ops.
$key = [IO.Path]::Combine($secrets, 'id_ed25519')
if (-not [IO.File]::Exists($key)) { throw "Put the private key that opens the hosts to $key, readable for you alone." }
foreach ($name in 'repository.key', 'offsite.key', 'database.key') {
    $file = [IO.Path]::Combine($secrets, $name)
    if ([IO.File]::Exists($file)) { continue }
    if (-not $New) { throw "There is no $file. A new one would open nothing that there is: bring back the folder, or say -New for a shop that has no backups yet." }
    $stream = [IO.FileStream]::new($file, [IO.FileStreamOptions]@{ Mode = 'CreateNew'; Access = 'Write'; UnixCreateMode = 'UserRead, UserWrite' })
    $stream.Write([Text.Encoding]::ASCII.GetBytes([Convert]::ToHexString([Security.Cryptography.RandomNumberGenerator]::GetBytes(32))))
    $stream.Dispose()
}
if (-not [IO.File]::Exists("$key.pub")) { [IO.File]::WriteAllText("$key.pub", "$(ssh-keygen -y -f $key)`n") }

# 2. ops gets what everything after this is done with. Everywhere else nothing is installed for ProdOps.
if (-not $here -and $Plan -in 'shop', 'ops') {
    $command = Get-Command prodops -CommandType Application -ErrorAction Ignore
    $program = if ([Environment]::ProcessPath -like '*prodops*') { [Environment]::ProcessPath } elseif ($command) { @($command)[0].Source } else { [IO.Path]::Combine($PSScriptRoot, '../../src/ProdOps.Host/bin/Release/net10.0/prodops') }
    $program = [IO.Path]::GetFullPath($program)
    if (-not [IO.File]::Exists($program)) { throw "There is no $program`: build it with 'dotnet build -c Release ProdOps.sln', or have prodops in the PATH." }
    # The .NET that runs prodops here: a PowerShell has one of its own inside.
    $own = [IO.Path]::GetFullPath([IO.Path]::Combine([Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory(), '../../..'))
    $dotnet = @($own, $env:DOTNET_ROOT, '/usr/share/dotnet', '/usr/lib/dotnet').Where({ $_ -and [IO.Directory]::Exists([IO.Path]::Combine($_, 'host/fxr')) })[0]
    $runtime = @([IO.Directory]::GetDirectories([IO.Path]::Combine($dotnet, 'shared/Microsoft.NETCore.App'), '10.*'))[-1]
    $copies = @{
        '/opt/prodops'         = [IO.Path]::GetDirectoryName($program)
        '/opt/prodops/ProdOps' = (Get-Module ProdOps).ModuleBase
        '/usr/share/dotnet/host' = [IO.Path]::Combine($dotnet, 'host')
        "/usr/share/dotnet/shared/Microsoft.NETCore.App/$([IO.Path]::GetFileName($runtime))" = $runtime
    }
    foreach ($copy in $copies.GetEnumerator()) { $null = Copy-ServerItem $copy.Value -Destination $copy.Key -Server ops -AsRoot @ssh }
}
if (-not $here) {
    if ($Plan -in 'shop', 'ops') { $null = Copy-ServerItem $PSScriptRoot -Destination /etc/prodops -Server ops -AsRoot @ssh }
    # ops has its own copy of the folder by now. It asks hosts by their keys, which may have changed.
    else { $null = Copy-ServerItem ([IO.Path]::Combine($secrets, 'known_hosts')) -Destination /etc/prodops/secrets/known_hosts -Server ops -AsRoot -ErrorAction Continue @ssh }
    'ops has what it needs after {0:0} s.' -f ([DateTime]::UtcNow - $started).TotalSeconds
}

# 3. Each server by its plan.
Restore-Server $Plan -FirstInstallation:$New -ThrottleLimit 8 -Confirm:$false @ssh -ErrorAction Continue | ForEach-Object {
    $done = $_
    '{0,4:0} s  {1,-9} {2} {3}' -f ([DateTime]::UtcNow - $started).TotalSeconds, $done.State, $done.Step, $done.Message
    if ($done.State -in 'Failed', 'Blocked') { $failed = $true }
}
if ($failed) { throw "Something failed: mend it, and run this again, or 'Restore-Server -Resume'." }

# 4. It is built when it answers.
$address = (Get-ProdOpsEnvironment).LoadBalancers.Where({ $_.Name -eq 'web' }).VirtualAddress
$client = [Net.Http.HttpClient]::new()
$client.Timeout = [TimeSpan]::FromSeconds(2)
$answer = ''
while ($answer -notlike '*orders*') {
    if (([DateTime]::UtcNow - $started).TotalMinutes -gt 5) { throw "The shop does not answer at http://$address/orders: $answer" }
    try { $answer = $client.GetStringAsync("http://$address/orders").GetAwaiter().GetResult().Trim() } catch { $answer = "$_"; [Threading.Thread]::Sleep(200) }
}
'http://{0}/ answers after {1:0} s: {2}' -f $address, ([DateTime]::UtcNow - $started).TotalSeconds, $answer
