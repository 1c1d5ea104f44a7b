namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>Remove-HealthCheck through the built module, where no monitor runs.</summary>
public sealed class RemoveHealthCheckTests(RemoveHealthCheckTests.Checks checks) : IClassFixture<RemoveHealthCheckTests.Checks>
{
    private readonly HistoryFixture _history = checks.History;

    [Fact]
    public void What_is_gone_is_forgotten_and_who_said_so_stands_among_the_events_and_in_the_timeline()
    {
        long incident = checks.Miss("web1", "disk.used", "/mnt");
        Assert.Equal([$"{incident}"], Open());
        Assert.Empty(_history.Texts("Remove-HealthCheck web1 disk.used -WhatIf"));
        dynamic told = Assert.Single(_history.Engine.Run("Remove-HealthCheck web1 disk.used -By ann -Reason 'it was taken out'"));
        Assert.Equal(("Check", incident, "web1", "disk.used", "/mnt", "ann", "ann forgot web1 disk.used /mnt: it was taken out"),
            ($"{told.Kind}", (long)told.Incident, (string)told.Server, (string)told.Check, (string)told.Instance, (string)told.By, (string)told.Message));
        Assert.Empty(Open());
        Assert.Equal(["Check", "Incident", "Check", "Resolved"], _history.Texts($"(Get-HealthEvent -Incident {incident}).Kind"));
        Assert.Contains("ann forgot web1 disk.used /mnt: it was taken out", _history.Texts("(Get-Timeline -Last 1h -Offline -Kind Health).Text"));
        // The one beside it is measured.
        Assert.Equal("HealthCheckMeasured,ProdOps.Cmdlets.Monitoring.RemoveHealthCheck", _history.ErrorOf("Remove-HealthCheck web1 disk.used"));

        string[] Open() => _history.Texts("Get-HealthEvent -Open -Server web1 -Check disk.used | ForEach-Object { $_.Incident }");
    }

    [Fact]
    public void What_comes_by_the_pipeline_is_taken_by_its_name_also_where_that_is_a_pattern()
    {
        checks.Miss("pipe1", "service", "worker@[1]");
        checks.Miss("pipe1", "disk.used", "/mnt");
        checks.Miss("pipe1", "http", null);
        checks.Measure("pipe1", "cpu[0]", null);
        Assert.Equal(["worker@[1]"], _history.Texts("(Get-HealthEvent -Open -Server pipe1 | Where-Object Check -eq service | Remove-HealthCheck).Instance"));
        Assert.Equal(["/mnt"], _history.Texts("([ProdOps.HealthCheckResult]@{ Server = 'pipe1'; Check = 'disk.used'; Instance = '/mnt' } | Remove-HealthCheck).Instance"));
        Assert.Equal(["http"], _history.Texts("([ProdOps.HealthCheck]@{ Server = 'pipe1'; Check = 'http' } | Remove-HealthCheck).Check"));
        Assert.StartsWith("HealthCheckMeasured,", _history.ErrorOf("[ProdOps.HealthCheckResult]@{ Server = 'pipe1'; Check = 'cpu[0]' } | Remove-HealthCheck"), StringComparison.Ordinal);
        Assert.Empty(_history.Texts("Get-HealthEvent -Open -Server pipe1"));
    }

    [Fact]
    public void A_pattern_takes_what_is_gone_and_leaves_what_is_measured_unless_that_is_forced()
    {
        checks.Miss("many1", "disk.used", "/mnt");
        checks.Miss("many1", "http", null);
        checks.Measure("many1", "disk.used", "/");
        Assert.Equal(["many1 disk.used", "many1 http"], _history.Texts("Remove-HealthCheck many* * | ForEach-Object { \"$($_.Server) $($_.Check)\" }"));
        Assert.Empty(_history.Texts("Remove-HealthCheck many1 memory.*; Remove-HealthCheck none* disk.used; Remove-HealthCheck many1 *"));
        Assert.Equal(["/"], _history.Texts("(Remove-HealthCheck many1 disk.* -Force).Instance"));
    }

    [Theory]
    [InlineData("Remove-HealthCheck web1 memory.available", "HealthCheckNotMonitored")]
    [InlineData("Remove-HealthCheck web1 disk.used /none", "HealthCheckNotMonitored")]
    [InlineData("Remove-HealthCheck role:App reachability", "HealthCheckMeasured")]
    [InlineData("Remove-HealthCheck web1 reachability, disk.used /", "HealthCheckMeasured")]
    [InlineData("Remove-HealthCheck group:none *", "HealthServerNotFound")]
    [InlineData("Remove-HealthCheck web1 disk.used -Store ./none", "MetricStoreNotFound")]
    public void What_cannot_be_forgotten_is_an_error(string script, string error) => Assert.Equal($"{error},ProdOps.Cmdlets.Monitoring.RemoveHealthCheck", _history.ErrorOf(script));

    [Fact]
    public void What_can_be_forgotten_is_proposed()
    {
        checks.Miss("old1", "disk.used", "/mnt");
        checks.Miss("old1", "service", "shop");
        checks.Measure("old1", "disk.used", "/");
        Assert.Contains("old1", _history.Proposals("Remove-HealthCheck "));
        Assert.Equal(["disk.used", "service"], _history.Proposals("Remove-HealthCheck old1 "));
        Assert.Equal(["/mnt"], _history.Proposals("Remove-HealthCheck old1 disk.* "));
        Assert.Equal(["/", "/mnt"], _history.Proposals("Remove-HealthCheck old1 disk.used -Force -Instance "));
        Assert.Empty(_history.Proposals("Remove-HealthCheck -Store ./none -Server old"));
    }

    /// <summary>A store in which each test has a server of its own.</summary>
    public sealed class Checks : IDisposable
    {
        private static readonly DateTimeOffset Before = TimeProvider.System.GetUtcNow().AddMinutes(-5);

        public Checks()
        {
            Measure("web1", "reachability", null);
            Measure("web1", "disk.used", "/");
        }

        public HistoryFixture History { get; } = new(static _ => { });

        /// <summary>A check that is measured.</summary>
        public void Measure(string server, string rule, string? instance) => Add(store => store.AddEvent(Before, $"\"type\":\"result\",\"key\":{Key(server, rule, instance)},\"state\":\"OK\",\"value\":40"));

        /// <summary>A check of which nothing is heard any more.</summary>
        /// <returns>Its incident.</returns>
        public long Miss(string server, string rule, string? instance) => Add(store =>
        {
            string key = Key(server, rule, instance);
            store.AddEvent(Before, $"\"type\":\"check\",\"key\":{key},\"from\":\"OK\",\"to\":\"Unknown\",\"level\":\"OK\",\"missing\":true,\"message\":\"Nothing was heard of it for 2 min.\"");
            long incident = store.AddEvent(Before, $"\"type\":\"opened\",\"root\":{key}");
            store.AddEvent(Before, $"\"type\":\"member\",\"incident\":{incident},\"key\":{key},\"state\":\"Unknown\"");
            return incident;
        });

        public void Dispose() => History.Dispose();

        private long Add(Func<MonitoringFixture, long> add)
        {
            using var store = new MonitoringFixture(Path.Combine(History.Folder, "store"));
            return add(store);
        }

        private static string Key(string server, string rule, string? instance) => $"{{\"server\":\"{server}\",\"rule\":\"{rule}\"{(instance is null ? "" : $",\"instance\":\"{instance}\"")}}}";
    }
}
