#Requires -Version 7.6
<#
.SYNOPSIS
    The first hour with ProdOps: back up, prove it, look inside, restore; bring logs in, search and count them.
.DESCRIPTION
    Makes a backup repository in a folder of its own, backs up /etc and this clone, changes something, backs up
    again, reads every stored byte back, restores the backup to a scratch folder and compares it, runs a command on a server
    (this machine), brings this machine's logs into a store, searches and counts them, and says how to read all of it without ProdOps. Nothing outside the folder is written. Needs only the engine's own commands, so it runs through
    `prodops -File` as well as in PowerShell.
.PARAMETER Folder
    Where everything is kept. It must not exist yet, or be one that this script made.
.EXAMPLE
    prodops -File examples/first-hour.ps1
.EXAMPLE
    pwsh -File examples/first-hour.ps1 -Folder /var/tmp/first-hour
#>
[CmdletBinding()]
param(
    [string] $Folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), 'prodops-first-hour')
)

$ErrorActionPreference = 'Stop'
Import-Module ProdOps
# Out-Host shows each result in a view of its own; one stream of different objects would fall back to lists.

$marker = [IO.Path]::Combine($Folder, '.made-by-first-hour')
if ([IO.Directory]::Exists($Folder)) {
    if (-not [IO.File]::Exists($marker)) { throw "'$Folder' exists and was not made by this script: name another with -Folder." }
    [IO.Directory]::Delete($Folder, $true)
}
$null = [IO.Directory]::CreateDirectory($Folder)
[IO.File]::WriteAllText($marker, '')

$repository = [IO.Path]::Combine($Folder, 'repository')
$passwordFile = [IO.Path]::Combine($Folder, 'password')
$work = [IO.Path]::Combine($Folder, 'work')
$clone = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..'))

# A password of 256 random bits in a file that only its owner can read. Without it nobody can read the backups: keep a copy elsewhere.
$options = [IO.FileStreamOptions]@{ Mode = 'CreateNew'; Access = 'Write'; UnixCreateMode = 'UserRead, UserWrite' }
$stream = [IO.FileStream]::new($passwordFile, $options)
$bytes = [Text.Encoding]::ASCII.GetBytes([Convert]::ToHexString([Security.Cryptography.RandomNumberGenerator]::GetBytes(32)))
$stream.Write($bytes, 0, $bytes.Length)
$stream.Dispose()
$open = @{ Repository = $repository; PasswordFile = $passwordFile }

"1. A repository in $repository"
Initialize-BackupRepository @open | Out-Host

"2. The first backup: /etc and $clone"
$null = [IO.Directory]::CreateDirectory($work)
[IO.File]::WriteAllText([IO.Path]::Combine($work, 'orders.csv'), "id,total`n1,42.00`n")
$paths = '/etc', $clone, $work
# A file that this user may not read is an error record of its own; the rest is backed up.
$first = Invoke-Backup -Path $paths @open -ErrorAction SilentlyContinue -ErrorVariable unread
$first | Out-Host
if ($unread.Count -gt 0) { "   $($unread.Count) items could not be read by this user; run as root to have them too." }

'3. Something changes, and the second backup stores only that'
[IO.File]::AppendAllText([IO.Path]::Combine($work, 'orders.csv'), "2,17.50`n")
[IO.File]::WriteAllText([IO.Path]::Combine($work, 'notes.txt'), "closed the month`n")
$second = Invoke-Backup -Path $paths @open -ErrorAction SilentlyContinue
$second | Out-Host
"   $($second.Summary.FilesUnmodified) files were taken over unread, $($second.Summary.DataAddedPacked) bytes were stored."

'4. What changed between the two'
Compare-Backup -Reference $first.Id -Difference $second.Id @open | Out-Host

'5. Proof: every stored byte is read, decrypted and hashed'
$test = Test-Backup @open -ReadData
$test | Out-Host
if (-not $test.Success) { throw 'The repository is damaged.' }

'6. Proof: the backup is restored to a scratch folder and compared, and the time it took is the measured recovery time'
$drill = Test-Backup $second.Id @open -Restore
$drill | Out-Host
if (-not $drill.Success) { throw 'The restore differs from the backup.' }

'7. The worst day: orders.csv is gone, one command brings it back'
[IO.File]::Delete([IO.Path]::Combine($work, 'orders.csv'))
Restore-Backup latest @open -Path $work -InPlace -Confirm:$false | Out-Host
[IO.File]::ReadAllText([IO.Path]::Combine($work, 'orders.csv'))

'8. Servers: a command on all of them at once. This machine is one of them, reached without SSH'
Invoke-ServerCommand 'uname -srm; uptime' -Server localhost | Out-Host
Get-ServerClock -Server localhost | Out-Host
Get-HealthStatus localhost | Out-Host
# A monitor looks again and again, and keeps what it finds; a few seconds of it here. It emits what changes: on a machine that is well, nothing.
Start-HealthMonitor localhost -For 4s -Interval 1s -Store ([IO.Path]::Combine($Folder, 'monitoring')) -Silent | Out-Host

'9. Logs: those of this machine go into a store of ordinary zstd files; their formats are found by content'
$logs = [IO.Path]::Combine($Folder, 'logs')
$store = [IO.Path]::Combine($Folder, 'log-store')
$null = [IO.Directory]::CreateDirectory($logs)
# A bare machine has hardly any logs: this one has always something in it.
$now = [DateTimeOffset]::UtcNow
$lines = foreach ($i in 1..200) {
    $status = if ($i % 25 -eq 0) { 502 } else { 200 }
    $time = $now.AddSeconds($i - 200).ToString('dd/MMM/yyyy:HH:mm:ss +0000', [cultureinfo]::InvariantCulture)
    '192.0.2.{0} - - [{1}] "GET /orders/{2} HTTP/1.1" {3} {4} "-" "curl/8.5.0"' -f ($i % 7), $time, $i, $status, ($i * 10)
}
[IO.File]::WriteAllLines([IO.Path]::Combine($logs, 'shop-access.log'), [string[]]$lines)
# A log that this user may not read is an error record of its own; the rest is brought in.
$sources = @($logs) + @('/var/log').Where({ [IO.Directory]::Exists($_) })
Import-Log $sources -Store $store -ErrorAction SilentlyContinue -ErrorVariable unread | Out-Host
if ($unread.Count -gt 0) { "   $($unread.Count) files could not be read by this user; run as root to have them too." }

'10. Search: by fields, carried out where the lines are; count over time; and what kinds of line there are'
Search-Log -Store $store -Where { $_.Status -ge 500 -and $_.Path -like '/orders/*' } -Newest 3 -Context 1 | Out-Host
Measure-Log -Store $store -By Source -Top 8 | Out-Host
Get-LogPattern -Store $store -Top 5 | Out-Host
$found = Search-Log ' 502 ' -Path $logs -Count
"   Without a store, in the file itself: $found lines with 502."

@"
11. All of this can be read without ProdOps. With restic from your distribution:
   restic -r $repository --password-file $passwordFile snapshots
   restic -r $repository --password-file $passwordFile check --read-data
   restic -r $repository --password-file $passwordFile restore latest --target /tmp/restored
   and the logs with zstd:
   zstdcat $store/*/shop-access/*.log.zst | grep ' 502 '
"@
