@{
    Server   = 'web1'
    Purpose  = 'Makes a blank Debian host the application server web1, with what users have uploaded.'
    Requires = @{ System = 'debian' }
    Steps    = @(
        @{ Name = 'host name'; Command = 'hostname web1; echo web1 >/etc/hostname'; Unless = '[ "$(cat /etc/hostname; uname -n)" = "$(printf "web1\nweb1")" ]' }
        @{ Name = 'hosts'; Purpose = 'Servers know each other by name.'; File = @{ Path = '/etc/hosts'; Source = 'files/hosts' } }
        @{ Name = 'packages'; Package = 'python3', 'python3-psycopg2', 'rsync' }
        @{ Name = 'user'; User = @{ Name = 'shop'; System = $true } }
        @{ Name = 'folders'; Directory = @{ Path = '/srv/uploads'; Owner = 'shop'; Group = 'shop' } }
        @{ Name = 'uploads'; Restore = 'uploads'; Paths = '/srv/uploads' }
        @{
            Name    = 'application'
            Purpose = 'As it was deployed last: the rolling update of story.ps1 copies the same file.'
            File    = @(
                @{ Path = '/opt/shop/shop.py'; Source = '../app/shop.py' }
                @{ Path = '/etc/shop/database.key'; Secret = @{ File = '../secrets/database.key' }; Owner = 'shop'; Mode = '0400' }
                @{ Path = '/etc/systemd/system/shop.service'; Source = 'files/shop.service' }
            )
        }
        @{
            Name         = 'shop'
            Service      = 'shop'
            Enabled      = $true
            RestartAfter = '/opt/shop', '/etc/shop', '/etc/systemd/system/shop.service'
            Verify       = @{ Http = 'http://{server}:8080/health'; Expect = 'ok' }
        }
        @{ Name = 'logs to ops'; Package = 'rsyslog' }
        @{ Name = 'rsyslog.conf'; File = @{ Path = '/etc/rsyslog.d/10-ops.conf'; Source = 'files/rsyslog.conf' } }
        @{ Name = 'rsyslog'; Service = 'rsyslog'; Enabled = $true; RestartAfter = '/etc/rsyslog.d' }
    )
}
