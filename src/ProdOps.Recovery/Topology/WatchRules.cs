using static System.FormattableString;

namespace ProdOps.Recovery.Topology;

/// <summary>Stand-ins that would not stand in, and watchers that go down with what they watch.</summary>
/// <param name="model">The environment's graph.</param>
/// <param name="measured">What was measured.</param>
internal sealed class WatchRules(TopologyModel model, TopologyMeasurements measured)
{
    private static readonly string[] Watchers = ["Monitor", "Log"];

    public IEnumerable<SinglePointOfFailure> Find() => [.. Failovers(), .. Lags(), .. Watching()];

    /// <summary>What was tried counts for more than what is configured.</summary>
    private IEnumerable<SinglePointOfFailure> Failovers()
    {
        foreach (var balancer in model.Environment.LoadBalancers.Where(balancer => balancer.Servers.Count > 1))
        {
            var last = measured.FailoverTests.Where(test => test.Stopped != FailoverTarget.BackendServer && balancer.Name.Equals(test.LoadBalancer, StringComparison.OrdinalIgnoreCase)).MaxBy(test => test.Time);
            if (last is null or { Recovered: true }) continue;
            yield return new SinglePointOfFailure
            {
                Component = last.Server,
                ComponentKind = SinglePointComponent.Server,
                Kind = SinglePointKind.Failover,
                Affected = [balancer.Name],
                Message = Invariant($"nothing took over when {last.Service} on {last.Server} was stopped by the last test, on {last.Time.UtcDateTime:yyyy-MM-dd}"),
                Evidence = [last, balancer],
                Advice = $"See whether keepalived runs on {SinglePoints.Few(balancer.Servers)} and hears the other one, and test again: Test-LoadBalancer {balancer.Name} -Failover",
            };
        }
    }

    private IEnumerable<SinglePointOfFailure> Lags()
    {
        foreach (var lag in measured.Lags)
        {
            var promised = model.Environment.Objectives.RecoveryPoint;
            if (promised is null || lag.Value <= promised.Value.TotalSeconds) continue;
            var seconds = TimeSpan.FromSeconds(Math.Min(lag.Value, 1e9));
            yield return new SinglePointOfFailure
            {
                Component = lag.Server,
                ComponentKind = SinglePointComponent.Server,
                Kind = SinglePointKind.Lag,
                Affected = [.. model.Environment.Redundancy.Where(group => group.Servers.Contains(lag.Server, StringComparer.OrdinalIgnoreCase)).Select(group => group.Name)],
                Message = Invariant($"{lag.Server} was {seconds:d\\.hh\\:mm\\:ss} behind its primary on {lag.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC, and {promised.Value:d\\.hh\\:mm\\:ss} may be lost"),
                Evidence = [lag],
                Estimate = seconds,
                EstimateBasis = EstimateBasis.Measured,
                Advice = $"See when it falls behind: Get-Metric {lag.Name} -Server {lag.Server} -Last 7d",
            };
        }
    }

    /// <summary>A monitor or log store on a server that the application needs is gone at the moment when it is needed.</summary>
    private IEnumerable<SinglePointOfFailure> Watching()
    {
        var finder = new FailureFinder(model.Graph, model.Services);
        var needed = finder.Alone().Where(failure => failure.Nodes[0].Kind == TopologyNodeKind.Server).Select(failure => failure.Nodes[0].Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var server in model.Environment.Servers.Where(server => needed.Contains(server.Name) && server.Roles.Any(role => Watchers.Contains(role, StringComparer.OrdinalIgnoreCase))))
        {
            string what = string.Join(" and ", server.Roles.Where(role => Watchers.Contains(role, StringComparer.OrdinalIgnoreCase)).Select(role => role.Equals("Log", StringComparison.OrdinalIgnoreCase) ? "the logs" : "the monitor"));
            yield return new SinglePointOfFailure
            {
                Component = server.Name,
                ComponentKind = SinglePointComponent.Server,
                Kind = SinglePointKind.Watch,
                Affected = [.. model.Services.Select(service => service.Name)],
                Message = $"{what} of the environment {(what.Contains(" and ", StringComparison.Ordinal) || what == "the logs" ? "are" : "is")} on {server.Name}, which takes the application down: when it fails nobody is told why",
                Evidence = [server],
                Advice = $"Let another server do it: Role in the table of '{server.Name}' in Servers, and Start-HealthMonitor or Start-LogReceiver there.",
            };
        }
    }
}
