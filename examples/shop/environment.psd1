# The last picture of the tutorial as an environment: two balancers with one address, two application servers, a database, and a server for backups, monitoring
# and logs, with copies of the backups in another place. up.ps1 builds it from blank Debian hosts, story.ps1 shows what it does. docs/environment.md describes every key.
#
# Yours: the addresses here and in plans/files/hosts, plans/files/pg_hba.conf and plans/files/rsyslog.conf, and in secrets the key that opens the hosts. up.ps1 makes the other secrets.
@{
    Name          = 'shop'
    Objectives    = @{ Availability = '99.9%'; RecoveryPoint = '1h'; RecoveryTime = '15m'; ResponseTime = '500ms' }
    Ssh           = @{ User = 'root'; IdentityFile = 'secrets/id_ed25519'; KnownHosts = 'secrets/known_hosts'; ConfigFile = 'none' }

    Defaults      = @{
        Site  = 'main'
        Roles = @{
            LoadBalancer = @{ Services = 'haproxy', 'keepalived'; DependsOn = 'role:App' }
            App          = @{ Services = 'shop'; DependsOn = 'db1' }
            Database     = @{ Services = 'postgresql@15-main' }
        }
    }

    Servers       = @(
        @{ Name = 'lb1'; Address = '10.77.0.11'; Role = 'LoadBalancer'; Rack = 'a' }
        @{ Name = 'lb2'; Address = '10.77.0.12'; Role = 'LoadBalancer'; Rack = 'b' }
        @{ Name = 'web1'; Address = '10.77.0.13'; Role = 'App'; Rack = 'a' }
        @{ Name = 'web2'; Address = '10.77.0.14'; Role = 'App'; Rack = 'b' }
        @{ Name = 'db1'; Address = '10.77.0.15'; Role = 'Database'; Rack = 'a' }
        @{ Name = 'ops'; Address = '10.77.0.16'; Role = 'Backup', 'Monitor', 'Log'; Rack = 'b' }
        @{ Name = 'offsite'; Address = '10.77.0.17'; Role = 'Other'; Site = 'elsewhere' }
    )

    LoadBalancers = @{
        web = @{
            Servers        = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Port = 80
            Pool           = 'role:App'; PoolPort = 8080; Check = '/health'; MaxConnections = 4000
            ConnectTimeout = '200ms'
            SharedData     = @{ Path = '/srv/uploads'; From = 'web1' }
        }
    }
    Services      = @{ shop = @{ DependsOn = 'web' } }

    Repositories  = @{
        local   = @{ Path = '/srv/backup'; Server = 'ops'; Password = @{ File = 'secrets/repository.key' } }
        offsite = @{ Url = 'sftp:offsite@offsite:backup'; Server = 'offsite'; Password = @{ File = 'secrets/offsite.key' } }
    }
    Backups       = @{
        db      = @{ Server = 'db1'; PostgreSql = 'shop'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '0,30 * * * *'; Keep = @{ Hourly = 48; Daily = 14; Monthly = 12 } }
        uploads = @{ Server = 'role:App'; Path = '/srv/uploads'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '10,40 * * * *'; Keep = @{ Hourly = 48; Daily = 14 } }
        # Not the monitor's store: a database that is written to must not be copied file by file. With sqlite3 on ops, a set with Sqlite has it as well.
        ops     = @{ Server = 'ops'; Path = '/etc/prodops', '/root/.local/share/prodops'; Exclude = '/root/.local/share/prodops/monitoring'; Repository = 'local'; CopyTo = 'offsite'; Schedule = '20,50 * * * *'; Keep = @{ Hourly = 24; Daily = 14 } }
    }

    Monitoring    = @{
        Interval = '5s'
        Rules    = @(
            @{ Name = 'reachability'; For = '5s'; Attempts = 2 }
            @{ Name = 'service'; For = '5s'; Attempts = 2 }
            # What checks ask for fails with the service that gives it.
            @{ Name = 'check'; DependsOn = 'service' }
        )
        Checks   = @(
            @{ Name = 'front door'; Http = 'http://10.77.0.100/health'; Server = 'role:LoadBalancer'; Expect = 'ok'; Interval = '5s'; For = '10s' }
            @{ Name = 'shop'; Http = 'http://{server}:8080/orders'; Server = 'role:App'; Expect = 'orders'; Interval = '5s'; For = '10s' }
            @{ Name = 'orders'; Server = 'db1'; PostgreSql = 'shop'; Send = 'select count(*) from orders'; Interval = '10s'; For = '10s' }
            @{ Name = 'backup of db'; Backup = 'db'; MaxAge = '1h' }
            @{ Name = 'restore of db'; RestoreTest = 'db' }
        )
        # A file, so that the story needs no mail server. Yours is Mail, or a Webhook: docs/environment.md has one of each sort.
        Channels = @{ file = @{ Script = 'mkdir -p /var/log/prodops; { cat; echo; } >>/var/log/prodops/messages' } }
        Notify   = @( @{ Name = 'admins'; Channel = 'file' } )
    }

    Logging       = @{
        Store     = '/srv/logs'
        Retention = '90d'
        Sources   = @(
            @{ Name = 'shop'; Server = 'role:App'; Journal = 'shop' }
            @{ Name = 'postgresql'; Server = 'db1'; Path = '/var/log/postgresql/*.log' }
        )
    }
}
