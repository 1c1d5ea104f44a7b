namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Test-HealthRule through the built module, on a store of its own.</summary>
public sealed class TestHealthRuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prodops-replay-").FullName;
    private readonly Engine _engine = new();

    public TestHealthRuleTests()
    {
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{_folder}'); $null = Get-HealthRule");
        File.WriteAllText(Path.Combine(_folder, "environment.psd1"), """
            @{
                Servers = @( @{ Name = 'web1'; Role = 'App' }, @{ Name = 'db1'; Role = 'Database' } )
                Monitoring = @{ Store = 'kept'; Rules = @( @{ Name = 'disk.used'; Warning = '> 60%'; Role = 'Database' } ) }
            }
            """);
        string store = Path.Combine(_folder, "kept");
        Directory.CreateDirectory(store);
        using var fixture = new MonitoringFixture(store);
        // Two days, a sample a minute: from 300 minutes ago on the disk is fuller for an hour.
        foreach (string server in new[] { "web1", "db1" }) fixture.AddSamples(server, "disk.used", "/", "%", 2880, 1, i => i is >= 2580 and < 2640 ? 70 : 40);
    }

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_rule_of_the_environment_fires_where_it_holds()
    {
        dynamic firing = Assert.Single(_engine.Run("Test-HealthRule disk.used")).BaseObject;
        Assert.Equal(("disk.used", "db1", "/", "Warning", 70.0, "%", 2), ((string)firing.Rule, (string)firing.Server, (string)firing.Instance, (string)firing.State.ToString(), (double)firing.Peak, (string)firing.Unit, (int)firing.Messages));
        Assert.Equal(TimeSpan.FromMinutes(60), (TimeSpan)firing.Duration);
        Assert.Single(_engine.Run("Get-HealthRule disk.used -Server db1 | Test-HealthRule -Last 2d"));
        Assert.Empty(_engine.Run("Test-HealthRule disk.used -Last 2h"));
        Assert.Empty(_engine.Run("Test-HealthRule disk.used -Server role:App"));
    }

    [Fact]
    public void What_is_given_is_tried_in_the_place_of_what_the_rule_says_and_a_metric_makes_a_new_rule()
    {
        Assert.Equal(["db1", "web1"], Servers("Test-HealthRule DISK.used -Warning '> 65%'"));
        Assert.Empty(_engine.Run("Test-HealthRule disk.used -Warning '> 65%' -For 2h"));
        Assert.Equal(["web1"], Servers("Test-HealthRule -Metric disk.used -Function Maximum -Window 10m -Critical '>= 70%' -For 0s -Server web1"));
        Assert.Equal("(test)", _engine.Run("Test-HealthRule -Metric disk.used -Warning '> 65%' -Instance / -Attempts 1")[0].Properties["Rule"].Value);
        Assert.Empty(_engine.Run("Test-HealthRule -Metric disk.used -Warning '> 65%' -Instance /var"));
    }

    [Theory]
    [InlineData("disk.usd", "HealthRuleNotFound")]
    [InlineData("service", "HealthRuleNotReplayable")]
    [InlineData("cpu.busy", "HealthHistoryMissing")]
    [InlineData("disk.used -Warning 80%", "ThresholdInvalid")]
    [InlineData("disk.used -Warning '> 99%'", "HealthRuleInvalid")]
    [InlineData("-Metric disk.used", "HealthRuleInvalid")]
    [InlineData("disk.used -Store nowhere", "MetricStoreNotFound")]
    public void What_cannot_be_tested_is_an_error(string arguments, string error)
    {
        using var shell = _engine.Shell($"Test-HealthRule {arguments}");
        Assert.Empty(shell.Invoke());
        Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.TestHealthRule", Assert.Single(shell.Streams.Error).FullyQualifiedErrorId);
    }

    private List<string> Servers(string script) => [.. _engine.Run(script).Select(firing => (string)firing.Properties["Server"].Value).Order(StringComparer.Ordinal)];
}
