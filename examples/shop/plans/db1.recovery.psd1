@{
    Server   = 'db1'
    Purpose  = 'Makes a blank Debian host the database server, with the orders of the newest backup.'
    Requires = @{ System = 'debian 12' }
    Steps    = @(
        @{ Name = 'host name'; Command = 'hostname db1; echo db1 >/etc/hostname'; Unless = '[ "$(cat /etc/hostname; uname -n)" = "$(printf "db1\ndb1")" ]' }
        @{ Name = 'hosts'; Purpose = 'Servers know each other by name.'; File = @{ Path = '/etc/hosts'; Source = 'files/hosts' } }
        @{ Name = 'packages'; Package = 'postgresql-15' }
        @{
            Name = 'configuration'
            File = @(
                @{ Path = '/etc/postgresql/15/main/conf.d/shop.conf'; Source = 'files/postgresql.conf'; Owner = 'postgres' }
                @{ Path = '/etc/postgresql/15/main/pg_hba.conf'; Source = 'files/pg_hba.conf'; Owner = 'postgres'; Mode = '0640' }
            )
        }
        @{ Name = 'enabled'; Service = 'postgresql'; Enabled = $true }
        @{ Name = 'server'; Service = 'postgresql@15-main'; RestartAfter = '/etc/postgresql' }
        @{ Name = 'database'; Database = 'shop'; Set = 'db' }
        @{
            Name    = 'role'
            Purpose = 'A backup has it; a shop that begins has not.'
            Command = 'printf "create role shop login password ''%s''\n" "$PASSWORD" | runuser -u postgres -- psql -q -v ON_ERROR_STOP=1'
            Secrets = @{ PASSWORD = @{ File = '../secrets/database.key' } }
            Unless  = 'runuser -u postgres -- psql -A -t -c "select 1 from pg_roles where rolname = ''shop''" | grep -q 1'
        }
        @{
            Name    = 'new database'
            Purpose = 'Likewise.'
            Command = 'runuser -u postgres -- createdb -O shop shop'
            Unless  = 'runuser -u postgres -- psql -A -t -c "select 1 from pg_database where datname = ''shop''" | grep -q 1'
        }
        @{
            Name   = 'table'
            In     = 'shop'
            Sql    = 'set role shop; create table orders (id bigint generated always as identity primary key, request text not null, item text not null, server text not null, placed timestamptz not null default now())'
            Unless = 'select 1 from pg_tables where tablename = ''orders'''
            Verify = @{ PostgreSql = 'shop'; Send = 'select count(*) from orders' }
        }
        @{ Name = 'logs to ops'; Package = 'rsyslog' }
        @{ Name = 'rsyslog.conf'; File = @{ Path = '/etc/rsyslog.d/10-ops.conf'; Source = 'files/rsyslog.conf' } }
        @{ Name = 'rsyslog'; Service = 'rsyslog'; Enabled = $true; RestartAfter = '/etc/rsyslog.d' }
    )
}
