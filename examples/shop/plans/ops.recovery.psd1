@{
    Server   = 'ops'
    Purpose  = 'Makes a blank Debian host the server for backups, monitoring and logs. up.ps1 brings ProdOps and this folder there before.'
    Requires = @{ System = 'debian' }
    Steps    = @(
        @{ Name = 'host name'; Command = 'hostname ops; echo ops >/etc/hostname'; Unless = '[ "$(cat /etc/hostname; uname -n)" = "$(printf "ops\nops")" ]' }
        @{ Name = 'hosts'; Purpose = 'Servers know each other by name.'; File = @{ Path = '/etc/hosts'; Source = 'files/hosts' } }
        @{ Name = 'folders'; Directory = @( @{ Path = '/srv/backup'; Mode = '0700' }, @{ Path = '/srv/logs'; Mode = '0700' }, @{ Path = '/root/.local/share/prodops'; Mode = '0700' } ) }
        @{ Name = 'prodops'; File = @{ Path = '/usr/local/bin/prodops'; Link = '/opt/prodops/prodops' }; Verify = 'prodops -Command 1' }
        @{
            Name       = 'offsite repository'
            Purpose    = 'What is there stays.'
            Command    = 'cd /etc/prodops && prodops -Command ''$ErrorActionPreference = "Stop"; try { $null = Get-BackupRepository offsite } catch { Initialize-BackupRepository offsite }'''
            Idempotent = $true
        }
        @{
            Name    = 'local repository'
            Purpose = 'With all that was copied to the other place.'
            Command = 'cd /etc/prodops && prodops -Command ''$ErrorActionPreference = "Stop"; Initialize-BackupRepository local -CopyChunkerParametersFrom offsite; Copy-Backup -Repository offsite -To local'''
            Unless  = 'test -e /srv/backup/config'
        }
        @{ Name = 'history'; Purpose = 'Evidence and runs as they were, and the application as it was deployed last.'; Restore = 'ops'; Paths = '/root/.local/share/prodops', '/etc/prodops/app' }
        @{
            Name       = 'services'
            Purpose    = 'Monitor, log receiver, collection and backups. In a shop that has no backups yet they wait for story.ps1, or for who runs start.ps1.'
            Command    = 'prodops -File /etc/prodops/start.ps1'
            OnlyIf     = 'ls /srv/backup/snapshots/* >/dev/null 2>&1'
            Idempotent = $true
        }
    )
}
