using ProdOps.Recovery.Topology;
using static ProdOps.Recovery.Tests.Topology.EnvironmentText;

namespace ProdOps.Recovery.Tests.Topology;

public sealed class SinglePointRuleTests
{
    private const string Backups = """
        Servers = @( @{ Name = 'db1'; Address = '10.77.0.15'; Role = 'Database'; Site = 'fra' }, @{ Name = 'nas'; Address = '10.77.0.16'; Site = 'fra' }, @{ Name = 'far'; Address = '10.77.9.1'; Site = 'ber' } )
        Repositories = @{ local = @{ Url = 'sftp:backup@10.77.0.15:/srv/backup' }; near = @{ Url = 'rest:https://10.77.0.16:8000/' }; off = @{ Url = 'sftp:backup@far:/srv/backup' }; box = @{ Path = '/srv/backup'; Server = 'nas' } }
        """;

    private static readonly DateTimeOffset Now = Nothing.Now;

    [Theory]
    [InlineData("Repository = 'local'", "db1: db of db1", "only")]
    [InlineData("Repository = 'near'", "fra: db of db1", "only, off site")]
    [InlineData("Repository = 'near'; CopyTo = 'box'", "fra: db of db1", "off site")]
    [InlineData("Repository = 'local'; CopyTo = 'off'", "", "")]
    public void Copies_in_one_place_are_lost_with_it(string set, string lost, string weak)
    {
        var points = Find(Backups + $"\nBackups = @{{ db = @{{ Server = 'db1'; PostgreSql = 'shop'; {set} }} }}");
        // With the server alone is lost what the site loses as well.
        Assert.Equal(lost, string.Join('|', points.Of(SinglePointKind.Data)));
        string[] messages = [.. points.Where(point => point.Kind == SinglePointKind.Backup).Select(point => point.Message)];
        Assert.Equal(weak, string.Join(", ", new[] { "only", "off site" }.Where(word => messages.Any(message => message.Contains(word, StringComparison.Ordinal)))));
        if (lost.Length > 0) Assert.Contains("CopyTo = '", points.First(point => point.Kind == SinglePointKind.Data).Advice);
    }

    [Theory]
    [InlineData(null, true, "ever tested")]
    [InlineData(10, true, null)]
    [InlineData(10, false, "failed")]
    [InlineData(100, true, "90 days")]
    public void A_backup_of_which_no_restore_was_tested_lately_is_told(int? daysAgo, bool success, string? says)
    {
        BackupTestEvidence[] tests = daysAgo is { } days ? [new BackupTestEvidence { Kind = BackupTestKind.Restore, Repository = "off", Sets = ["DB"], Time = Now.AddDays(-days), Passed = success }] : [];
        var found = Find(Backups + "\nBackups = @{ db = @{ Server = 'db1'; PostgreSql = 'shop'; Repository = 'near'; CopyTo = 'off' } }", Nothing with { BackupTests = tests }).Where(point => point.Advice.StartsWith("Test-Backup", StringComparison.Ordinal)).ToList();
        if (says is null) Assert.Empty(found);
        else Assert.Contains(says, Assert.Single(found).Message);
    }

    [Fact]
    public void A_password_that_one_file_knows_is_told_unless_another_safe_holds_it()
    {
        const string Two = "Repositories = @{ a = @{ Path = '/srv/a'; Password = @{ File = '/etc/prodops/a.key' } }; b = @{ Url = 'sftp:x@y:/b'; Password = @{ Secret = 'b' } } }\n";
        var alone = Find(Two).Single(point => point.Kind == SinglePointKind.Secret);
        Assert.Equal(("/etc/prodops/a.key", "Add-BackupKey"), (alone.Component, alone.Advice[alone.Advice.IndexOf("Add-BackupKey", StringComparison.Ordinal)..].Split(' ')[0]));
        Assert.Empty(Find(Two + "Backups = @{ etc = @{ Path = '/etc'; Repository = 'b' } }").Of(SinglePointKind.Secret));
        Assert.Contains("in its own safe", Find(Two + "Backups = @{ etc = @{ Path = '/etc'; Repository = 'a' } }").Single(point => point.Kind == SinglePointKind.Secret).Message);
    }

    [Fact]
    public void One_key_to_all_servers_is_told_and_two_are_not()
    {
        const string Servers = "Servers = @( @{ Name = 'a' }, @{ Name = 'b' } )\n";
        Assert.Equal(["/k/one: a, b"], Find(Servers + "Ssh = @{ IdentityFile = '/k/one' }").Of(SinglePointKind.Secret));
        Assert.Empty(Find(Servers + "Ssh = @{ IdentityFile = '/k/one', '/k/two' }").Of(SinglePointKind.Secret));
        Assert.Empty(Find(Servers).Of(SinglePointKind.Secret));
    }

    [Fact]
    public void What_remains_of_a_pool_is_held_against_what_was_measured()
    {
        const string Pool = "Servers = @( @{ Name = 'lb1' }, @{ Name = 'lb2' }, @{ Name = 'w1' }, @{ Name = 'w2' }, @{ Name = 'w3' } )\nLoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.7.7.7'; Pool = 'w1', 'w2', 'w3' } }\nObjectives = @{ ResponseTime = '300ms' }";
        Assert.Empty(Find(Pool).Of(SinglePointKind.Capacity));
        Assert.Equal(["web: web"], Find(Pool, Peak(1.8)).Of(SinglePointKind.Capacity));
        Assert.Empty(Find(Pool, Peak(1.6)).Of(SinglePointKind.Capacity));
        // Two servers did it under load: what their CPUs did at some peak does not count then.
        Assert.Empty(Find(Pool, Peak(1.8) with { LoadTests = [Test(2, 0, 100)] }).Of(SinglePointKind.Capacity));
        Assert.Equal(["web: web"], Find(Pool, Nothing with { LoadTests = [Test(3, 12, 100)] }).Of(SinglePointKind.Capacity));
        Assert.Equal(["web: web"], Find(Pool, Nothing with { LoadTests = [Test(2, 0, 400)] }).Of(SinglePointKind.Capacity));
        // That all three can do it says nothing of two.
        Assert.Empty(Find(Pool, Nothing with { LoadTests = [Test(3, 0, 100)] }).Of(SinglePointKind.Capacity));
        Assert.Equal(["web: web"], Find(Pool.Replace("Pool =", "MinimumHealthy = 3; Pool =", StringComparison.Ordinal)).Of(SinglePointKind.Capacity));

        static TopologyMeasurements Peak(double servers) => Nothing with { Peaks = new Dictionary<string, PoolPeak> { ["web"] = new(servers, Now, []) } };
        static LoadTestResult Test(int servers, long failed, int milliseconds) => new()
        {
            Target = "x", LoadBalancer = "web", Requests = 1000, Failed = failed, Rate = 100, Percentile95 = TimeSpan.FromMilliseconds(milliseconds),
            Servers = [.. Enumerable.Range(1, servers).Select(i => new LoadTestShare($"w{i}", 100, 0))],
        };
    }

    [Fact]
    public void A_replica_that_lacks_more_than_may_be_lost_is_told()
    {
        var lag = new MetricSample { Server = "db2", Name = "postgresql.replication.lag", Value = 7200, Time = Now };
        var points = Find("Objectives = @{ RecoveryPoint = '1h' }\nServers = @( @{ Name = 'db2' } )", Nothing with { Lags = [lag] });
        Assert.Equal(lag, Assert.Single(points.Single(point => point.Kind == SinglePointKind.Lag).Evidence));
        Assert.Empty(Find("Objectives = @{ RecoveryPoint = '3h' }\nServers = @( @{ Name = 'db2' } )", Nothing with { Lags = [lag] }).Of(SinglePointKind.Lag));
    }

    [Fact]
    public void A_failover_that_did_not_happen_counts_for_more_than_one_that_is_configured()
    {
        const string Pair = "Servers = @( @{ Name = 'lb1' }, @{ Name = 'lb2' }, @{ Name = 'w1' }, @{ Name = 'w2' } )\nLoadBalancers = @{ web = @{ Servers = 'lb1', 'lb2'; VirtualAddress = '10.7.7.7'; Pool = 'w1', 'w2' } }";
        var failed = new FailoverTestResult { LoadBalancer = "web", Server = "lb1", Service = "keepalived", Stopped = FailoverTarget.Keepalived, Recovered = false, Time = Now };
        Assert.Equal(["lb1: web"], Find(Pair, Nothing with { FailoverTests = [failed] }).Of(SinglePointKind.Failover));
        Assert.Empty(Find(Pair, Nothing with { FailoverTests = [failed, failed with { Recovered = true, Time = Now.AddMinutes(1) }] }).Of(SinglePointKind.Failover));
    }

    [Fact]
    public void A_monitor_that_falls_with_what_it_watches_is_told()
    {
        Assert.Equal(["all: all"], Find("Servers = @( @{ Name = 'all'; Role = 'App', 'Monitor' } )").Of(SinglePointKind.Watch));
        Assert.Empty(Find("Servers = @( @{ Name = 'web'; Role = 'App' }, @{ Name = 'mon'; Role = 'Monitor' } )").Of(SinglePointKind.Watch));
        Assert.Equal(["h1: web"], Find("Servers = @( @{ Name = 'web'; Role = 'App'; Hypervisor = 'h1' }, @{ Name = 'mon'; Role = 'Monitor', 'Log'; Hypervisor = 'h1' } )").Of(SinglePointKind.Watch));
        Assert.Empty(Find("Servers = @( @{ Name = 'web'; Role = 'App'; Hypervisor = 'h1' }, @{ Name = 'mon'; Role = 'Monitor'; Hypervisor = 'h1' }, @{ Name = 'mon2'; Role = 'Monitor'; Hypervisor = 'h2' } )").Of(SinglePointKind.Watch));
    }

    [Fact]
    public void A_server_s_plan_is_named_with_what_it_took_when_all_of_it_was_carried_out()
    {
        var point = Find("Servers = @( @{ Name = 'web'; Role = 'App' } )").First(one => one.Kind == SinglePointKind.Service);
        var plan = new RecoveryPlan { Name = "web", Server = "web" };
        Assert.Equal(("", null), Named([], []));
        Assert.Equal(("", null), Named([plan with { Scenario = RecoveryScenario.DataLost }], []));
        Assert.Equal(("web", null), Named([plan], []));
        Assert.Equal(("web", null), Named([plan], [Run(5) with { Status = RecoveryRunStatus.Failed }, Run(6) with { Steps = [new RecoveryRunStep { Step = "a", State = RecoveryStepState.Skipped }] }]));
        Assert.Equal(("web", TimeSpan.FromMinutes(7)), Named([plan], [Run(9), Run(7), Run(3)]));

        (string, TimeSpan?) Named(IReadOnlyList<RecoveryPlan> plans, IReadOnlyList<RecoveryRun> runs) => new PlanCover(plans, runs).Name(point) is var named ? (named.Plan, named.Estimate) : default;
        static RecoveryRun Run(int minutes) => new() { Run = "r", Plan = "web", Server = "web", Status = RecoveryRunStatus.Succeeded, Duration = TimeSpan.FromMinutes(minutes) };
    }
}
