using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class EnvironmentReaderTests : IDisposable
{
    private readonly EnvironmentFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Everything_in_a_file_becomes_an_object()
    {
        var shop = _files.Read("""
            @{
                Name       = 'shop'
                Objectives = @{ Availability = '99.9%'; RecoveryPoint = '1h'; RecoveryTime = '15m'; ResponseTime = '300ms' }
                Ssh        = @{ User = 'admin'; IdentityFile = '~/.ssh/id_ed25519', 'keys/shop'; KnownHosts = 'none'; ConnectTimeout = '5s'; SudoPassword = @{ Secret = 'sudo' } }
                Servers    = @(
                    @{ Name = 'lb1';  Address = '10.77.0.11'; Role = 'LoadBalancer' }
                    @{ Name = 'web1'; Address = 'web1.example'; Role = 'App', 'Cache'; Group = 'eu'; DependsOn = 'db1'; Services = 'shop'; Ssh = @{ Port = 2222 } }
                    @{ Name = 'db1';  Role = 'Database'; Services = 'postgresql', 'pgbouncer' }
                    @{ Name = 'here'; Local = $true }
                )
                Repositories  = @{ local = @{ Path = 'backup'; Password = @{ File = 'repo.key' } }
                                   offsite = @{ Url = 'sftp://backup@10.77.0.18/srv/backup'; Password = @{ Command = 'pass show x' } } }
                Backups       = @{ db = @{ Server = 'db1'; PostgreSql = 'shop'; Repository = 'local'; Schedule = '15 * * * *'; Keep = @{ Hourly = 24 } } }
                LoadBalancers = @{ web = @{ Servers = 'lb1'; Port = 80; Pool = 'role:App' } }
                Monitoring    = @{ Interval = '10s'; Channels = @{ ops = @{ Mail = 'smtp.example'; From = 'a@example'; To = 'x@example'; User = 'a'; Password = @{ Variable = 'MAIL' } } } }
                Logging       = @{ Store = '/srv/logs'; Retention = '90d' }
            }
            """);
        Assert.Empty(shop.Problems);
        var environment = shop.Require();
        Assert.Equal("shop", environment.Name);
        Assert.Equal((0.999, TimeSpan.FromHours(1), TimeSpan.FromMinutes(15), TimeSpan.FromMilliseconds(300)),
            (environment.Objectives.Availability!.Value, environment.Objectives.RecoveryPoint!.Value, environment.Objectives.RecoveryTime!.Value, environment.Objectives.ResponseTime!.Value));
        Assert.Equal(["lb1", "web1", "db1", "here"], environment.Servers.Select(server => server.Name));
        var web = environment.Servers[1];
        Assert.Equal(("web1.example", "shop", "admin", 2222), (web.Address, web.Environment, web.Ssh.User, web.Ssh.Port));
        Assert.Equal(["App", "Cache"], web.Roles);
        Assert.Equal(["db1"], web.DependsOn);
        Assert.Equal(["~/.ssh/id_ed25519", Path.Join(_files.Folder, "keys/shop")], web.Ssh.IdentityFile);
        Assert.Equal(["none"], web.Ssh.KnownHosts);
        Assert.Equal(new SecretReference(SecretKind.Secret, "sudo"), web.Ssh.SudoPassword);
        Assert.Equal(TimeSpan.FromSeconds(5), web.Ssh.ConnectTimeout);
        Assert.Null(environment.Servers[2].Address);
        Assert.True(environment.Servers[3].IsLocal);
        Assert.Equal(Path.Join(_files.Folder, "backup"), environment.Repositories[0].Path);
        Assert.Equal(new SecretReference(SecretKind.File, Path.Join(_files.Folder, "repo.key")), environment.Repositories[0].Password);
        Assert.Equal("sftp://backup@10.77.0.18/srv/backup", environment.Repositories[1].Url);
        Assert.Equal(("db", 24), (environment.Backups.Single().Name, environment.Backups.Single().Keep!["hourly"]));
        Assert.Equal(("web", "web1"), (environment.LoadBalancers.Single().Name, environment.LoadBalancers.Single().Pool.Single()));
        Assert.Equal((TimeSpan.FromSeconds(10), new SecretReference(SecretKind.Variable, "MAIL")), (environment.Monitoring.Interval, environment.Monitoring.Channels.Single().Password));
    }

    [Fact]
    public void What_a_server_does_not_say_comes_from_its_groups_its_roles_and_the_defaults_in_this_order()
    {
        var servers = _files.Read("""
            @{
                Ssh = @{ User = 'top'; Port = 1; ProxyJump = 'bastion' }
                Defaults = @{
                    Ssh = @{ User = 'all' }; Services = 'node_exporter'; Group = 'fleet'
                    Roles = @{ App = @{ Services = 'shop'; DependsOn = 'role:Database'; Ssh = @{ User = 'role'; Port = 2 } }; Cache = @{ Services = 'redis' } }
                    Groups = @{ eu = @{ Ssh = @{ Port = 3 } } }
                }
                Servers = @(
                    @{ Name = 'a'; Role = 'App', 'Cache'; Group = 'eu' }
                    @{ Name = 'b'; Role = 'App'; Services = 'own'; Ssh = @{ User = 'own'; ProxyJump = 'none' } }
                    @{ Name = 'c'; Role = 'Database' }
                    @{ Name = 'd'; Role = 'Database' }
                )
            }
            """).Require().Servers;
        Assert.Equal(["role/3/bastion", "own/2/none", "all/1/bastion", "all/1/bastion"], servers.Select(server => $"{server.Ssh.User}/{server.Ssh.Port}/{server.Ssh.ProxyJump}"));
        Assert.Equal(["shop", "own", "node_exporter", "node_exporter"], servers.Select(server => string.Join(',', server.Services)));
        Assert.Equal(["eu", "fleet", "fleet", "fleet"], servers.Select(server => string.Join(',', server.Groups)));
        Assert.Equal(["c", "d"], servers[0].DependsOn);
        Assert.Empty(servers[2].DependsOn);
    }

    [Fact]
    public void Included_files_add_servers_and_named_tables()
    {
        _files.Write("servers/a/web.psd1", "@{ Servers = @(@{ Name = 'web1' }, @{ Name = 'web2' }) }");
        _files.Write("servers/b/db.psd1", "@{ Servers = @{ Name = 'db1' }; Repositories = @{ two = @{ Path = 'x' } }; Backups = @{ db = @{ Path = '/etc'; Repository = 'one' } } }");
        _files.Write("servers/b/notes.txt", "not this");
        string secrets = _files.Write("ssh.psd1", "@{ Ssh = @{ User = 'admin' } }");
        var environment = _files.Read("@{ Name = 'shop'; Include = 'servers/*/*.psd1', 'ssh.psd1', './ssh.psd1'; Servers = @{ Name = 'lb1' }; Repositories = @{ one = @{ Path = 'y' } } }").Require();
        Assert.Equal(["lb1", "web1", "web2", "db1"], environment.Servers.Select(server => server.Name));
        Assert.Equal(["one", "two"], environment.Repositories.Select(repository => repository.Name));
        Assert.Equal(Path.Join(_files.Folder, "servers/b/x"), environment.Repositories[1].Path);
        Assert.All(environment.Servers, server => Assert.Equal("admin", server.Ssh.User));
        Assert.Equal(4, environment.Files.Count);
        Assert.Equal(secrets, environment.Files[3]);
    }

    [Fact]
    public void A_name_that_is_left_out_is_the_folders()
    {
        string path = _files.Write("shop/environment.psd1", "@{}");
        Assert.Equal("shop", EnvironmentReader.Read(path).Require().Name);
    }

    [Fact]
    public void A_reading_knows_when_its_files_have_changed()
    {
        string part = _files.Write("servers/a.psd1", "@{ Servers = @{ Name = 'a' } }");
        var reading = _files.Read("@{ Include = 'servers/*.psd1' }");
        Assert.True(reading.IsCurrent);
        File.SetLastWriteTimeUtc(part, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.False(reading.IsCurrent);
        reading = EnvironmentReader.Read(Path.Join(_files.Folder, "environment.psd1"));
        Assert.True(reading.IsCurrent);
        _files.Write("servers/b.psd1", "@{ Servers = @{ Name = 'b' } }");
        Assert.False(reading.IsCurrent);
    }
}
