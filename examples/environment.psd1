# A production environment with no single point of failure: two load balancers, two application servers, two databases, and
# a server each for backups, logs and monitoring. docs/environment.md describes every key; Test-ProdOpsEnvironment checks it.
@{
    Name       = 'shop'
    Objectives = @{ Availability = '99.9%'; RecoveryPoint = '1h'; RecoveryTime = '15m'; ResponseTime = '300ms' }
    Ssh        = @{ User = 'admin'; IdentityFile = '~/.ssh/id_ed25519'; KnownHosts = '~/.ssh/known_hosts' }

    # What holds for many servers stands here once.
    Defaults   = @{
        Site  = 'main'
        Roles = @{
            LoadBalancer = @{ Services = 'haproxy', 'keepalived'; DependsOn = 'role:App' }
            App          = @{ Services = 'shop'; DependsOn = 'role:Database' }
            Database     = @{ Services = 'postgresql' }
        }
    }

    Servers    = @(
        @{ Name = 'lb1'; Address = '10.77.0.11'; Role = 'LoadBalancer'; Rack = 'a' }
        @{ Name = 'lb2'; Address = '10.77.0.12'; Role = 'LoadBalancer'; Rack = 'b' }
        @{ Name = 'web1'; Address = '10.77.0.13'; Role = 'App'; Rack = 'a' }
        @{ Name = 'web2'; Address = '10.77.0.14'; Role = 'App'; Rack = 'b' }
        @{ Name = 'db1'; Address = '10.77.0.15'; Role = 'Database'; Rack = 'a' }
        @{ Name = 'db2'; Address = '10.77.0.16'; Role = 'Database'; Rack = 'b'; DependsOn = 'db1' }
        @{ Name = 'log1'; Address = '10.77.0.17'; Role = 'Log'; Rack = 'a' }
        @{ Name = 'backup1'; Address = '10.77.0.18'; Role = 'Backup'; Site = 'offsite' }
        @{ Name = 'mon1'; Address = '10.77.0.19'; Role = 'Monitor'; Rack = 'b' }
    )

    # Where backups are kept. A password is never written here: only where it is.
    Repositories = @{
        local   = @{ Path = '/srv/backup'; Password = @{ File = '/etc/prodops/repository.key' } }
        offsite = @{ Url = 'sftp:backup@10.77.0.18:/srv/backup'; Password = @{ Variable = 'PRODOPS_OFFSITE_PASSWORD' } }
    }

    Backups       = @{
        db  = @{ Server = 'db1'; PostgreSql = 'shop'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '15 * * * *'; Keep = @{ Hourly = 24; Daily = 14; Monthly = 12 } }
        www = @{ Server = 'role:App'; Path = '/srv/www'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '0 2 * * *'; Keep = @{ Daily = 14; Monthly = 12 } }
    }
    LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Port = 80; Pool = 'web1', 'web2'; PoolPort = 8080; Check = '/health' } }

    # What stands in for what, and what users need: Get-SinglePointOfFailure tells what takes it down alone.
    Services      = @{ shop = @{ DependsOn = 'web' } }
    Redundancy    = @{ database = @{ Servers = 'db1', 'db2'; Mode = 'ActivePassive'; Failover = 'Automatic'; FailoverTime = '30s' } }

    # The default rules need no line here: Get-HealthRule shows them. A rule of the same name changes one.
    Monitoring    = @{
        Interval = '10s'
        Anchors  = 'ping://10.77.0.1'
        Rules    = @( @{ Name = 'disk.used'; Warning = '> 75%'; Critical = '> 90%'; Role = 'Database' } )
        Checks   = @(
            @{ Name = 'shop'; Http = 'http://10.77.0.100/health'; Expect = 'ok'; Warning = '> 300ms'; For = '1m'; Server = 'role:LoadBalancer' }
            @{ Name = 'shop direct'; Http = 'http://{server}:8080/health'; Server = 'role:App' }
            @{ Name = 'database port'; Tcp = 5432; Server = 'role:Database' }
            @{ Name = 'backup of db'; Backup = 'db'; MaxAge = '2h' }
        )
        Channels = @{
            ops  = @{ Mail = 'smtp.example.org:587'; From = 'prodops@example.org'; To = 'ops@example.org'; User = 'prodops'; Password = @{ File = '/etc/prodops/smtp.key' } }
            chat = @{ Webhook = @{ File = '/etc/prodops/chat.url' }; Template = 'Slack' }
        }
        Notify   = @(
            @{ Name = 'ops'; Channel = 'chat', 'ops'; Quiet = '22:00-06:00'; DigestAt = '08:00'; TimeZone = 'Europe/Berlin' }
            @{ Name = 'on call'; Channel = 'ops'; Severity = 'Critical'; After = '15m' }
        )
        Actions  = @( @{ Name = 'restart shop'; Rule = 'service'; Instance = 'shop'; Role = 'App'; Command = 'systemctl restart shop'; AsRoot = $true } )
    }

    Logging       = @{ Store = '/srv/logs'; Retention = '90d' }
}
