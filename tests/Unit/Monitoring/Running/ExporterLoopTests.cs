using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Status;
using ProdOps.Monitoring.Tests.Probing;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Tests.Running;

/// <summary>Servers that are asked by their node_exporter, from one end to the other; nobody logs in.</summary>
public sealed class ExporterLoopTests
{
    [NodeExporterFact]
    public async Task A_look_at_a_server_has_rates_at_once_and_what_is_not_told_is_not_known()
    {
        using var exporter = await NodeExporter.StartAsync();
        var health = await Look(exporter.Server);
        Assert.Equal(HealthState.OK, health.Checks.Single(check => check.Check == "reachability").State);
        foreach (string metric in (string[])["cpu.busy", "memory.available", "load.1", "uptime", "process.forks", "clock.offset"]) Assert.Contains(health.Metrics, sample => sample.Name == metric);
        Assert.InRange(health.CpuBusy!.Value, 0, 100);
        Assert.True(health.Uptime > TimeSpan.Zero);
        Assert.NotNull(health.System);
        Assert.Equal((HealthState.Unknown, "the server does not tell"), health.Checks.Where(check => check.Check == "service").Select(check => (check.State, check.Message)).Single());
        // A second is too short to say how long tasks wait, and nobody has said whether updates do.
        Assert.DoesNotContain(health.Metrics, sample => sample.Name.StartsWith("pressure.", StringComparison.Ordinal) || sample.Name.StartsWith("updates.", StringComparison.Ordinal));
        Assert.Equal(health.Metrics.Count, health.Metrics.DistinctBy(sample => (sample.Name, sample.Instance)).Count());
    }

    [NodeExporterFact]
    public async Task Of_a_server_whose_exporter_is_gone_nothing_is_known_and_the_reason_is_told()
    {
        var exporter = await NodeExporter.StartAsync();
        exporter.Dispose();
        var health = await Look(exporter.Server);
        Assert.Equal((HealthState.Unknown, "reachability"), (health.State, Assert.Single(health.Checks).Check));
        Assert.Contains($"nothing listens on port {exporter.Port}", health.Checks[0].Message, StringComparison.Ordinal);
        health = await Look(exporter.Server with { NodeExporter = new NodeExporterOptions { Url = "nowhere" } });
        Assert.Contains("is no address of the node_exporter of 'web1'", Assert.Single(health.Checks).Message, StringComparison.Ordinal);
    }

    [NodeExporterFact]
    public async Task A_monitor_tells_of_an_exporter_that_goes_and_comes_and_keeps_what_it_told()
    {
        int answers = 0;
        var exporter = await NodeExporter.StartAsync();
        try
        {
            var server = exporter.Server with { Services = [] };
            await using var probes = new ServerProbes((_, _) => Task.FromException<IServerShell>(new InvalidOperationException("Nobody logs in.")), null, TimeProvider.System);
            await using var loop = new LoopCase(LoopCase.Default with { Servers = [server], Pace = new MonitorPace(TimeSpan.FromMilliseconds(300)) }) 
            {
                Ask = async (asked, request, token) =>
                {
                    var answer = await probes.AskAsync(asked, request, token);
                    Interlocked.Increment(ref answers);
                    return answer;
                },
            };
            loop.Start();
            await loop.NextAsync<CheckResult>(result => result.Key == CheckKey.ReachabilityOf("web1") && result.State == HealthState.OK);
            exporter.Dispose();
            var message = await ReachabilityAsync(loop, NotificationKind.Problem);
            var item = message.Incidents.Single(IsReachability);
            Assert.Equal((HealthState.Unknown, "Unknown: web1 does not tell how it is"), (item.Severity, item.Title));
            Assert.Contains($"nothing listens on port {exporter.Port}", item.Checks[0].Message, StringComparison.Ordinal);
            exporter = await NodeExporter.StartAgainAsync(exporter.Port);
            await ReachabilityAsync(loop, NotificationKind.Recovery);
            // Rates need two answers, and what was measured is kept once a second.
            int before = Volatile.Read(ref answers);
            for (int i = 0; i < 3_000 && Volatile.Read(ref answers) < before + 4; i++) await Task.Delay(20);
            await loop.StopAsync();
            using var store = loop.Folder.Open(TimeProvider.System, SilentActivity.Instance, readOnly: true);
            var now = TimeProvider.System.GetUtcNow();
            var names = (await new StoreSource(store).SeriesAsync([], [], [], now.AddHours(-1), now.AddMinutes(1), default)).Select(series => series.Metric).ToHashSet(StringComparer.Ordinal);
            foreach (string metric in (string[])["cpu.busy", "memory.available", "load.1"]) Assert.Contains(metric, names);
        }
        finally
        {
            exporter.Dispose();
        }
    }

    private static Task<ServerHealth> Look(Server server) => new ServerLook(new RuleSet(DefaultRules.All), TimeProvider.System).LookAsync(server, null, TimeSpan.FromSeconds(60), CancellationToken.None);

    /// <summary>The next message about whether it can be reached; the machine may have other problems.</summary>
    private static async Task<NotificationMessage> ReachabilityAsync(LoopCase loop, NotificationKind kind)
    {
        while (true)
            if (await loop.NextMessageAsync() is var message && message.Kind == kind && message.Incidents.Any(IsReachability)) return message;
    }

    private static bool IsReachability(NotificationItem item) => item.Check == CheckKey.Reachability;
}
