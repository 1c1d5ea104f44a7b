namespace ProdOps.Lab.Tests.Recovery;

/// <summary>
/// A shop whose servers can be thrown away: a database, an application behind nginx, and a pair of balancers. Hosts install from a package source of the fleet, on the second balancer, which is never lost.
/// </summary>
internal sealed class LostShop(LabHost database, LabHost web, LabHost balancer, LabHost second, LabHost spare)
{
    private const string DatabaseSetup = """
        systemctl enable -q --now postgresql
        echo "listen_addresses = '*'" >/etc/postgresql/15/main/conf.d/shop.conf; chown postgres: /etc/postgresql/15/main/conf.d/shop.conf
        echo 'host shop shopuser 10.0.0.0/8 password' >>/etc/postgresql/15/main/pg_hba.conf
        runuser -u postgres -- psql -q <<'END'
        create role shopuser login password 'battery-staple';
        create database shop owner shopuser;
        \c shop
        create table orders as select generate_series(1, 500) as id;
        alter table orders owner to shopuser;
        END
        systemctl restart postgresql
        useradd -m -s /bin/bash -u 1234 shop
        mkdir -p /srv/shop /etc/shop; echo hello >/srv/shop/index.html; chown -R shop:shop /srv/shop; echo 'db_password=correct-horse' >/etc/shop/secret.conf; chmod 600 /etc/shop/secret.conf
        touch -d '2026-01-01 00:00:00Z' /etc/shop/secret.conf   # in archives restic rounds to seconds
        printf '#!/bin/sh\nexec sleep 1d\n' >/usr/local/bin/shop; chmod 755 /usr/local/bin/shop
        printf '[Unit]\nDescription=The shop\n[Service]\nUser=shop\nExecStart=/usr/local/bin/shop\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/shop.service
        systemctl enable -q --now shop; systemctl mask -q haproxy
        echo '# ours' >>/etc/logrotate.conf; echo '*/5 * * * * shop true' >/etc/cron.d/shop; ln -s /srv/shop /etc/shop/root
        """;

    /// <summary>How many orders the database has, which it asks for in PostgreSQL's own protocol (version 3.0).</summary>
    private const string Application = """
        use strict; use IO::Socket::INET;
        $SIG{PIPE} = 'IGNORE';
        my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 8000, Listen => 64, ReuseAddr => 1) or die "listen: $!";
        while (my $client = $server->accept) {
            while (defined(my $line = <$client>)) { last if $line =~ /^\r?$/ }
            # A host whose plug is pulled in mid-answer hangs up on nobody.
            my $orders = eval { local $SIG{ALRM} = sub { die "database: no answer\n" }; alarm 5; orders() };
            alarm 0;
            my ($status, $body) = defined $orders ? ('200 OK', "$orders orders\n") : ('503 Service Unavailable', "$@");
            print $client "HTTP/1.0 $status\r\nContent-Type: text/plain\r\nContent-Length: " . length($body) . "\r\n\r\n$body"; close $client;
        }
        sub orders {
            my $link = IO::Socket::INET->new(PeerAddr => $ENV{DB_HOST}, PeerPort => 5432, Timeout => 3) or die "database: $!\n";
            my $put = sub { print $link $_[0] . pack('N', 4 + length $_[1]) . $_[1]; $link->flush };
            $put->('', pack('N', 196608) . "user\0shopuser\0database\0shop\0\0");
            my $answer;
            while (1) {
                (read($link, my $head, 5) // 0) == 5 or die "database: it has hung up\n";
                my ($type, $length) = unpack('aN', $head); my $text = '';
                read($link, $text, $length - 4) if $length > 4;
                if ($type eq 'R') { $put->('p', "$ENV{DB_PASSWORD}\0") if unpack('N', $text) == 3 }
                elsif ($type eq 'E') { die "database: $text\n" }
                elsif ($type eq 'D') { $answer = substr($text, 6) }
                elsif ($type eq 'Z') { return $answer if defined $answer; $put->('Q', "select count(*) from orders\0") }
            }
        }
        """;

    private const string WebSetup = """
        useradd -m -s /bin/bash -u 1500 shop; useradd -m -u 1501 -s /bin/sh -c 'Who deploys' -G shop deploy
        install -d -m 700 -o deploy -g deploy /home/deploy/.ssh; install -m 600 -o deploy -g deploy /root/.ssh/authorized_keys /home/deploy/.ssh/authorized_keys
        mkdir -p /opt/shop /etc/shop/tls
        cat >/opt/shop/app.pl
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=shop -keyout /etc/shop/tls/shop.key -out /etc/shop/tls/shop.pem 2>/dev/null
        printf 'DB_HOST=%s\nDB_PASSWORD=battery-staple\n' "$DATABASE" >/etc/shop/app.env; chgrp shop /etc/shop/app.env; chmod 640 /etc/shop/app.env
        cat >/etc/systemd/system/shop.service <<'END'
        [Unit]
        Description=The shop
        [Service]
        User=shop
        EnvironmentFile=/etc/shop/app.env
        ExecStart=/usr/bin/perl /opt/shop/app.pl
        [Install]
        WantedBy=multi-user.target
        END
        mkdir -p /etc/systemd/system/nginx.service.d; printf '[Service]\nLimitNOFILE=4096\n' >/etc/systemd/system/nginx.service.d/limits.conf
        rm -f /etc/nginx/sites-enabled/default
        cat >/etc/nginx/conf.d/shop.conf <<'END'
        server {
            listen 8080;
            listen 8443 ssl;
            ssl_certificate /etc/shop/tls/shop.pem;
            ssl_certificate_key /etc/shop/tls/shop.key;
            access_log off;
            location / { proxy_pass http://127.0.0.1:8000; }
        }
        END
        echo '*/5 * * * * deploy true' >/etc/cron.d/deploy; echo '0 3 * * * true' | crontab -u shop -
        echo 'net.core.somaxconn = 2048' >/etc/sysctl.d/60-shop.conf; sysctl -q -p /etc/sysctl.d/60-shop.conf
        ln -sf /usr/share/zoneinfo/Etc/GMT-2 /etc/localtime
        apt-get -qq update; apt-get -qq -y install shop-tools >/dev/null; echo 'verbose = yes' >>/etc/shop-tools.conf
        systemctl daemon-reload; systemctl enable -q --now shop nginx
        """;

    /// <summary>What was installed with the image, and a package that no blank host has.</summary>
    private const string PackageSource = """
        mkdir -p /srv/apt /tmp/shop-tools/DEBIAN /tmp/shop-tools/usr/share/shop-tools /tmp/shop-tools/etc; cd /tmp
        printf 'Package: shop-tools\nVersion: 1.2\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: tools of the shop\n' >shop-tools/DEBIAN/control
        echo /etc/shop-tools.conf >shop-tools/DEBIAN/conffiles; echo '# the defaults' >shop-tools/etc/shop-tools.conf; echo tool >shop-tools/usr/share/shop-tools/tool
        dpkg-deb -Zgzip --root-owner-group -b shop-tools /srv/apt/shop-tools.deb >/dev/null
        mkdir -p slow/DEBIAN; printf 'Package: shop-slow\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: takes its time\n' >slow/DEBIAN/control
        printf '#!/bin/sh\nsleep 1\n' >slow/DEBIAN/postinst; chmod 755 slow/DEBIAN/postinst; dpkg-deb -Zgzip --root-owner-group -b slow /srv/apt/slow.deb >/dev/null
        {
            awk '/^(Status|Conffiles):/ { skip = /^Conffiles/; next } /^ / && skip { next } { skip = 0 } /^Version:/ { print "Filename: ./none.deb\nSize: 1\nMD5sum: 00000000000000000000000000000000" } { print }'
            for name in shop-tools slow; do
                cat $name/DEBIAN/control; printf 'Filename: ./%s.deb\nSize: %s\nSHA256: %s\n\n' $name "$(stat -c %s /srv/apt/$name.deb)" "$(sha256sum </srv/apt/$name.deb | cut -d ' ' -f 1)"
            done
        } >/srv/apt/Packages
        rm -f /etc/nginx/sites-enabled/default
        printf 'server { listen 8099; root /srv/apt; access_log off; }\n' >/etc/nginx/conf.d/apt.conf; systemctl restart nginx
        """;

    private const string Certificate = """
        mkdir -p /etc/haproxy/certs; cat >/etc/haproxy/certs/shop.pem; chmod 600 /etc/haproxy/certs/shop.pem
        """;

    /// <summary>The hosts that are lost.</summary>
    public static string[] Names { get; } = ["dbnew1", "webnew1", "lbnew1"];

    public LabHost Balancer => balancer;

    /// <summary>The balancer that is never lost.</summary>
    public LabHost Second => second;

    /// <summary>A blank host, and nobody's.</summary>
    public LabHost Spare => spare;

    public LabHost Database => database;

    public LabHost Web => web;

    public string Address { get; } = balancer.Address[..(balancer.Address.LastIndexOf('.') + 1)] + "220";

    public static async Task<LostShop> StartAsync(Fleet fleet)
    {
        var hosts = await fleet.UpAsync([.. Names, "lbnew2", "dbspare1"]);
        var shop = new LostShop(hosts[0], hosts[1], hosts[2], hosts[3], hosts[4]);
        await shop.SetUpAsync();
        return shop;
    }

    /// <summary>An admin whose environment knows it, the backups' repository and the checks.</summary>
    public async Task<Admin> AdminAsync()
    {
        var admin = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; ConnectTimeout = '10s'", $$"""
            @{ Name = 'dbnew1'; Address = '{{database.Address}}'; Role = 'Database'; Services = 'postgresql' }
                    @{ Name = 'webnew1'; Address = '{{web.Address}}'; Role = 'App'; Services = 'shop', 'nginx'; DependsOn = 'dbnew1' }
                    @{ Name = 'lbnew1'; Address = '{{balancer.Address}}'; Role = 'LoadBalancer' }
                    @{ Name = 'lbnew2'; Address = '{{second.Address}}'; Role = 'LoadBalancer' }
                    @{ Name = 'dbspare1'; Address = '{{spare.Address}}'; Role = 'Other' }
            """);
        admin.WriteSecret("key", "the password");
        await File.WriteAllTextAsync(admin.EnvironmentFile, (await File.ReadAllTextAsync(admin.EnvironmentFile)).TrimEnd().TrimEnd('}') + $$"""
                Repositories = @{ local = @{ Path = 'local'; Password = @{ File = 'key' } } }
                Backups = @{
                    dbfiles = @{ Server = 'dbnew1'; Path = '/srv/shop', '/etc/shop', '/home', '/usr/local/bin'; Repository = 'local' }
                    dumps = @{ Server = 'dbnew1'; PostgreSql = 'shop'; Repository = 'local' }
                    webfiles = @{ Server = 'webnew1'; Path = '/etc/shop', '/opt/shop', '/home'; Repository = 'local' }
                    lbfiles = @{ Server = 'lbnew1'; Path = '/etc/haproxy/certs'; Repository = 'local' }
                }
                LoadBalancers = @{ shop = @{
                    Servers = 'lbnew1', 'lbnew2'; Pool = 'webnew1'; PoolPort = 8080; Check = '/health'; MaxConnections = 1000
                    VirtualAddress = '{{Address}}'; VirtualRouter = 220; Certificate = '/etc/haproxy/certs/shop.pem'; TlsPort = 443
                } }
                Monitoring = @{ Checks = @(
                    @{ Name = 'orders'; Server = 'dbnew1'; PostgreSql = 'shop'; Send = 'select count(*) from orders'; Expect = '500' }
                    @{ Name = 'shop'; Server = 'webnew1'; Http = 'http://{server}:8080/'; Expect = '500 orders' }
                ) }
            }
            """);
        return admin;
    }

    /// <summary>What a client sees at the front door.</summary>
    public async Task<string> AskAsync()
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync($"https://{Address}/");
            return (answer.IsSuccessStatusCode ? "" : $"{(int)answer.StatusCode} ") + (await answer.Content.ReadAsStringAsync()).Trim();
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return error.Message;
        }
    }

    private async Task SetUpAsync()
    {
        await second.RunAsync(PackageSource, await database.RunAsync("cat /var/lib/dpkg/status") + "\n\n");
        string source = second.Address;
        await Task.WhenAll(new[] { database, web, balancer }.Select(host => host.RunAsync($"""
            echo 'deb [trusted=yes] http://{source}:8099/ ./' >/etc/apt/sources.list; rm -f /etc/apt/sources.list.d/*
            echo 'Acquire::http::Proxy::{source} "DIRECT";' >/etc/apt/apt.conf.d/95shop
            """)));
        string certificate = await second.RunAsync("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=shop -keyout /tmp/k -out /tmp/c 2>/dev/null; cat /tmp/c /tmp/k; rm /tmp/c /tmp/k");
        await Task.WhenAll(database.RunAsync(DatabaseSetup), balancer.RunAsync(Certificate, certificate), second.RunAsync(Certificate, certificate));
        await web.RunAsync($"DATABASE={database.Address}\n{WebSetup}", Application);
    }
}
