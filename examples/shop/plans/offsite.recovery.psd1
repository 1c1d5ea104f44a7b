@{
    Server   = 'offsite'
    Purpose  = 'Makes a blank Debian host the place of the copies, which are made anew from the backups on ops.'
    Requires = @{ System = 'debian' }
    Steps    = @(
        @{ Name = 'host name'; Command = 'hostname offsite; echo offsite >/etc/hostname'; Unless = '[ "$(cat /etc/hostname; uname -n)" = "$(printf "offsite\noffsite")" ]' }
        @{ Name = 'hosts'; Purpose = 'Servers know each other by name.'; File = @{ Path = '/etc/hosts'; Source = 'files/hosts' } }
        @{ Name = 'user'; User = @{ Name = 'offsite'; Home = '/srv/offsite'; Shell = '/bin/sh' } }
        @{
            Name      = 'folders'
            Directory = @(
                @{ Path = '/srv/offsite/backup'; Owner = 'offsite'; Group = 'offsite'; Mode = '0700' }
                @{ Path = '/srv/offsite/.ssh'; Owner = 'offsite'; Group = 'offsite'; Mode = '0700' }
            )
        }
        @{
            Name = 'who may'
            File = @(
                @{ Path = '/srv/offsite/.ssh/authorized_keys'; Source = '../secrets/id_ed25519.pub'; Owner = 'offsite'; Mode = '0600' }
                @{ Path = '/etc/ssh/sshd_config.d/offsite.conf'; Source = 'files/sshd.conf' }
            )
        }
        @{ Name = 'sshd'; Service = 'ssh'; RestartAfter = '/etc/ssh/sshd_config.d' }
        @{
            Name    = 'copies'
            Purpose = 'Where ops has backups, they are copied here again.'
            On      = 'ops'
            Command = 'cd /etc/prodops && prodops -Command ''$ErrorActionPreference = "Stop"; Initialize-BackupRepository offsite -CopyChunkerParametersFrom local; Copy-Backup -Repository local -To offsite'''
            OnlyIf  = 'test -e /srv/backup/config && cd /etc/prodops && ! prodops -Command ''$null = Get-BackupRepository offsite'' 2>/dev/null'
            Drill   = 'Skip'
        }
    )
}
