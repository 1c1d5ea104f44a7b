using ProdOps.Servers.Inventory;

namespace ProdOps.Servers.Tests.Inventory;

public sealed class ServiceSectionTests
{
    private const string Around = """
        Defaults = @{ Site = 'fra'; Groups = @{ b = @{ Rack = 'r2' } } }
        Servers = @( @{ Name = 'lb1'; Site = 'ber'; Hypervisor = 'hv1'; Network = 'dmz' }, @{ Name = 'web1'; Role = 'App'; Group = 'b' }, @{ Name = 'web2'; Role = 'App' }, @{ Name = 'db1'; Role = 'Database' }, @{ Name = 'db2'; Role = 'Database' } )
        LoadBalancers = @{ web = @{ Servers = 'lb1'; Pool = 'role:App' } }
        """;

    [Fact]
    public void Places_services_and_redundancy_are_read_with_all_that_they_say()
    {
        var environment = Read("""
            Services = @{ shop = @{ DependsOn = 'WEB', 'role:Database', 'mail'; Objectives = @{ RecoveryTime = '5m' } }; mail = @{ DependsOn = 'web2' } }
            Redundancy = @{ db = @{ Servers = 'db2', 'DB1'; Need = 1; Mode = 'activepassive'; FailoverTime = '30s' }; app = @{ Servers = 'role:App' } }
            Repositories = @{ off = @{ Path = '/mnt/x'; Server = 'DB2'; Site = 'ber' } }
            """).Require();
        Assert.Equal([("ber", null, "hv1", "dmz"), ("fra", "r2", null, null), ("fra", null, null, null)], environment.Servers.Take(3).Select(server => (server.Site, server.Rack, server.Hypervisor, server.Network)));
        Assert.Equal([("shop", "web,db1,db2,mail"), ("mail", "web2")], environment.Services.Select(service => (service.Name, string.Join(',', service.DependsOn))));
        Assert.Equal(TimeSpan.FromMinutes(5), environment.Services[0].Objectives.RecoveryTime);
        var db = environment.Redundancy[0];
        Assert.Equal(("db", 1, RedundancyMode.ActivePassive, FailoverMode.Manual, TimeSpan.FromSeconds(30)), (db.Name, db.Need, db.Mode, db.Failover, db.FailoverTime!.Value));
        Assert.Equal(["db2", "db1"], db.Servers);
        Assert.Equal((RedundancyMode.ActiveActive, FailoverMode.Automatic, 1), (environment.Redundancy[1].Mode, environment.Redundancy[1].Failover, environment.Redundancy[1].Need));
        Assert.Equal(("db2", "ber"), (environment.Repositories[0].Server, environment.Repositories[0].Site));
    }

    [Theory]
    [InlineData("Services = @{ shop = @{ DependsOn = 'wep' } }", "ServiceNeedUnknown Services.shop.DependsOn", "'web'")]
    [InlineData("Services = @{ shop = @{ DependsOn = 'role:Nobody' } }", "ServiceNeedUnknown Services.shop.DependsOn", "role:NAME")]
    [InlineData("Services = @{ shop = @{ DependsOn = 'shop' } }", "ServiceNeedUnknown Services.shop.DependsOn", "")]
    [InlineData("Services = @{ a = @{ DependsOn = 'b' }; b = @{ DependsOn = 'a' } }", "ServiceCycle Services.a.DependsOn", "Remove")]
    [InlineData("Services = @{ shop = @{ } }", "MissingKey Services.shop.DependsOn", "")]
    [InlineData("Redundancy = @{ db = @{ Servers = 'db1', 'db2', 'db9' } }", "RedundancyServerUnknown Redundancy.db.Servers", "db1")]
    [InlineData("Redundancy = @{ db = @{ Servers = 'db1', 'db2' }; x = @{ Servers = 'db2', 'web1' } }", "RedundancyServerTwice Redundancy.x.Servers", "")]
    [InlineData("Redundancy = @{ db = @{ Servers = 'db1', 'db2'; Need = 2 } }", "RedundancyNone Redundancy.db.Need", "lower Need")]
    [InlineData("Redundancy = @{ db = @{ Servers = 'db1', 'db2'; Need = 0 } }", "InvalidValue Redundancy.db.Need", "")]
    [InlineData("Redundancy = @{ db = @{ Servers = 'db1', 'db2'; Failover = 'Sometimes' } }", "InvalidValue Redundancy.db.Failover", "Automatic")]
    [InlineData("Repositories = @{ off = @{ Path = '/mnt/x'; Server = 'db3' } }", "RepositoryServerUnknown Repositories.off.Server", "db1")]
    public void What_they_name_must_be_there(string text, string problem, string recommendation)
    {
        var found = Read(text).Problems.First();
        Assert.Equal(problem, $"{found.Id} {found.Key}");
        Assert.Contains(recommendation, found.Recommendation);
        Assert.InRange(found.Position.Line, 4, 5);
    }

    private static EnvironmentReading Read(string text) => EnvironmentFiles.ReadText($"@{{\n{Around}\n{text}\n}}");
}
