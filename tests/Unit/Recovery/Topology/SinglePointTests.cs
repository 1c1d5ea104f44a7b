using ProdOps.Recovery.Topology;
using static ProdOps.Recovery.Tests.Topology.EnvironmentText;

namespace ProdOps.Recovery.Tests.Topology;

public sealed class SinglePointTests
{
    private const string Pair = """
        Servers = @(
            @{ Name = 'lb1'; Role = 'LoadBalancer'; DependsOn = 'role:App' }
            @{ Name = 'lb2'; Role = 'LoadBalancer'; DependsOn = 'role:App' }
            @{ Name = 'web1'; Role = 'App'; DependsOn = 'db1' }
            @{ Name = 'web2'; Role = 'App'; DependsOn = 'db1' }
            @{ Name = 'db1'; Role = 'Database'; Services = 'postgresql' }
        )
        LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Pool = 'role:App' } }
        """;

    [Fact]
    public void Servers_that_stand_in_for_each_other_are_no_single_points_and_the_database_is()
    {
        var points = Find(Pair);
        Assert.Equal(["db1: web"], points.Of(SinglePointKind.Service));
        var point = points[0];
        Assert.Equal((SinglePointComponent.Server, false), (point.ComponentKind, point.IsAssumed));
        Assert.Equal("db1", point.Path[^1]);
        Assert.Equal("web", point.Path[0]);
        Assert.Contains("Redundancy = @{ Database = @{ Servers = 'db1', 'NEW'; Mode = 'ActivePassive' } }", point.Advice);
        Assert.Contains(point.Evidence, evidence => evidence is Server { Name: "db1" });
        Assert.Empty(points.Of(SinglePointKind.Failover));
    }

    [Fact]
    public void Its_only_copy_is_lost_with_the_database()
    {
        Assert.Equal(["db1: data of db1"], Find(Pair).Of(SinglePointKind.Data));
        Assert.Contains("PostgreSql = '*'", Find(Pair).Single(point => point.Kind == SinglePointKind.Data).Advice);
    }

    [Theory]
    [InlineData("Failover = 'Automatic'", "", "")]
    [InlineData("Failover = 'Manual'; FailoverTime = '5m'", "", "db1: web")]
    [InlineData("Need = 2", "db1: web|db2: web", "")]
    public void A_redundancy_holds_as_far_as_somebody_switches(string says, string down, string waiting)
    {
        var points = Find($$"""
            Servers = @( @{ Name = 'lb1' }, @{ Name = 'lb2' }, @{ Name = 'web1'; DependsOn = 'db1' }, @{ Name = 'web2'; DependsOn = 'role:Database' }, @{ Name = 'db1'; Role = 'Database' }, @{ Name = 'db2'; Role = 'Database'; DependsOn = 'db1' } )
            LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Pool = 'web1', 'web2' } }
            Redundancy = @{ db = @{ Servers = 'role:Database'; {{says}} } }
            """);
        Assert.Equal(down, string.Join('|', points.Of(SinglePointKind.Service)));
        Assert.Equal(waiting, string.Join('|', points.Of(SinglePointKind.Failover)));
        Assert.Empty(points.Of(SinglePointKind.Data));
        Assert.Contains("db1: data of db1", points.Of(SinglePointKind.Backup));
        if (waiting.Length > 0)
        {
            var point = points.Single(one => one.Kind == SinglePointKind.Failover);
            Assert.Equal((TimeSpan.FromMinutes(5), EstimateBasis.Declared), (point.Estimate, point.EstimateBasis));
        }
    }

    [Fact]
    public void Balancers_without_an_address_that_moves_are_each_needed()
    {
        string text = Pair.Replace("VirtualAddress = '10.77.0.100'; ", "", StringComparison.Ordinal);
        Assert.Equal(["db1: web", "lb1: web", "lb2: web"], Find(text).Of(SinglePointKind.Service));
        Assert.Contains("VirtualAddress = 'ADDRESS'", Find(text).Single(point => point.Component == "lb1").Advice);
    }

    [Fact]
    public void An_address_of_a_cloud_is_moved_by_somebody()
    {
        string text = Pair.Replace("VirtualAddress = '10.77.0.100'", "FloatingAddress = @{ Address = '203.0.113.9'; Token = @{ Variable = 'DO' }; Machines = @{ lb1 = '1'; lb2 = '2' } }", StringComparison.Ordinal);
        Assert.Equal(["lb1: web"], Find(text).Of(SinglePointKind.Failover));
        Assert.Contains("Switch-LoadBalancer web", Find(text).Single(point => point.Kind == SinglePointKind.Failover).Advice);
    }

    [Fact]
    public void A_pair_on_one_hypervisor_falls_with_it_and_moving_one_is_enough()
    {
        var points = Find("""
            Servers = @(
                @{ Name = 'lb1'; Hypervisor = 'hv1'; Rack = 'a'; Site = 'fra' }, @{ Name = 'lb2'; Hypervisor = 'hv1'; Rack = 'a'; Site = 'fra' }
                @{ Name = 'web1'; Hypervisor = 'hv1'; Rack = 'a'; Site = 'fra' }, @{ Name = 'web2'; Hypervisor = 'hv2'; Rack = 'b'; Site = 'fra' }
            )
            LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Pool = 'web1', 'web2' } }
            """);
        Assert.Equal(["hv1 in fra: web", "a in fra: web", "fra: web"], points.Of(SinglePointKind.Service));
        Assert.Equal(SinglePointComponent.Hypervisor, points[0].ComponentKind);
        Assert.Contains("Move lb1 to another hypervisor", points[0].Advice);
        Assert.Contains("no single server is enough", points.Single(point => point.Component == "fra").Advice);
    }

    [Fact]
    public void A_file_without_dependencies_is_judged_by_roles_and_says_so()
    {
        var points = Find("Servers = @( @{ Name = 'web1'; Role = 'App' }, @{ Name = 'db1'; Role = 'Database' }, @{ Name = 'mon1'; Role = 'Monitor' } )");
        Assert.Equal(["db1: web1", "web1: web1"], points.Of(SinglePointKind.Service));
        Assert.True(points.Single(point => point is { Component: "db1", Kind: SinglePointKind.Service }).IsAssumed);
        Assert.False(points.Single(point => point is { Component: "web1", Kind: SinglePointKind.Service }).IsAssumed);
        Assert.Equal(["x: x"], Find("Servers = @( @{ Name = 'x' } )").Of(SinglePointKind.Service));
        Assert.Empty(Find("Servers = @()"));
    }

    [Fact]
    public void Services_say_what_they_need_and_may_need_each_other()
    {
        var points = Find(Pair + "\nServices = @{ shop = @{ DependsOn = 'web', 'mail' }; mail = @{ DependsOn = 'db1' } }");
        Assert.Equal(["db1: shop, mail"], points.Of(SinglePointKind.Service));
    }

    [Fact]
    public void Two_that_stand_in_for_each_other_are_found_as_a_pair_and_their_racks_are_not_told_again()
    {
        var model = TopologyBuilder.Build(Read("""
            Servers = @( @{ Name = 'lb1'; Rack = 'a' }, @{ Name = 'lb2'; Rack = 'b' }, @{ Name = 'web1'; Rack = 'a' }, @{ Name = 'web2'; Rack = 'b' }, @{ Name = 'web3'; Rack = 'b' } )
            LoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.77.0.100'; Pool = 'web1', 'web2', 'web3' } }
            """));
        Assert.Equal(["lb1 + lb2", "web1 + b"], new SinglePoints(model, Nothing).FindPairs(CancellationToken.None).Select(point => point.Component));
    }

    [Fact]
    public void Of_too_many_things_no_pairs_are_tried()
    {
        var environment = new ProdOpsEnvironment { Name = "x", Path = "/x", Servers = [.. Enumerable.Range(0, 301).Select(i => new Server { Name = $"s{i}", Roles = ["App"] })] };
        var error = Assert.Throws<ProdOpsException>(() => new SinglePoints(TopologyBuilder.Build(environment), Nothing).FindPairs(CancellationToken.None));
        Assert.Equal("TopologyTooLargeForPairs", error.ErrorId);
    }

    [Fact]
    public void An_export_that_all_servers_mount_is_a_single_point()
    {
        var points = Find(Pair.Replace("Pool = 'role:App'", "Pool = 'role:App'; SharedData = @{ Path = '/srv/up'; Method = 'Nfs' }", StringComparison.Ordinal));
        var point = points.Single(one => one.ComponentKind == SinglePointComponent.Storage);
        Assert.Equal("export of /srv/up", point.Component);
        Assert.Contains("Rsync", point.Advice);
    }
}
