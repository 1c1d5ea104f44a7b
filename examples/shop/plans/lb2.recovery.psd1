@{
    Server   = 'lb2'
    Purpose  = 'Makes a blank Debian host the balancer lb2.'
    Requires = @{ System = 'debian' }
    Steps    = @(
        @{ Name = 'host name'; Command = 'hostname lb2; echo lb2 >/etc/hostname'; Unless = '[ "$(cat /etc/hostname; uname -n)" = "$(printf "lb2\nlb2")" ]' }
        @{ Name = 'hosts'; Purpose = 'Servers know each other by name.'; File = @{ Path = '/etc/hosts'; Source = 'files/hosts' } }
        @{ Name = 'packages'; Package = 'haproxy', 'keepalived' }
        @{ Name = 'logs to ops'; Package = 'rsyslog' }
        @{ Name = 'rsyslog.conf'; File = @{ Path = '/etc/rsyslog.d/10-ops.conf'; Source = 'files/rsyslog.conf' } }
        @{ Name = 'rsyslog'; Service = 'rsyslog'; Enabled = $true; RestartAfter = '/etc/rsyslog.d' }
        @{ Name = 'configuration'; Purpose = 'What it balances is in environment.psd1.'; Publish = 'web' }
    )
}
