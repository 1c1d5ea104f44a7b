using static System.FormattableString;

namespace ProdOps.Recovery.Topology;

/// <summary>Stand-ins that would not stand in, and watchers that go down with what they watch.</summary>
/// <param name="model">The environment's graph.</param>
/// <param name="measured">What was measured.</param>
internal sealed class WatchRules(TopologyModel model, TopologyMeasurements measured)
{
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

    /// <summary>A monitor or log store that goes down together with the application, with its server or with what both stand on, is gone at the moment when it is needed.</summary>
    private IEnumerable<SinglePointOfFailure> Watching()
    {
        var watchers = TopologyModel.Watchers.Select(watcher => model.Graph.Find(watcher.Kind, watcher.Role)).OfType<TopologyNode>().ToList();
        if (watchers.Count == 0) yield break;
        var finder = new FailureFinder(model.Graph, []);
        var told = new HashSet<int>();
        foreach (var node in NeededBy(watchers).Where(node => node.CanFail && node.Kind != TopologyNodeKind.Unit).OrderBy(node => node.IsCommonCause).ThenBy(node => node.Id))
        {
            var down = finder.DownWith([node]).Select(id => model.Graph[id]).ToHashSet();
            var gone = watchers.Where(down.Contains).ToList();
            var services = model.Services.Where(down.Contains).ToList();
            // What one of its servers does alone is no finding of a rack.
            if (gone.Count == 0 || services.Count == 0 || (node.IsCommonCause && finder.Members(node).Any(told.Contains))) continue;
            told.Add(node.Id);
            string what = string.Join(" and ", gone.Select(watcher => watcher.Kind == TopologyNodeKind.Monitor ? "the monitor" : "the logs"));
            yield return new SinglePointOfFailure
            {
                Component = node.Name,
                ComponentKind = SinglePoints.KindOf(node),
                Kind = SinglePointKind.Watch,
                Affected = [.. services.Select(service => service.Name)],
                Message = $"{what} of the environment {(what == "the monitor" ? "is" : "are")} on {node.Name}, which takes the application down: when it fails nobody is told why",
                Evidence = node.Source is { } source ? [source] : [],
                Advice = node.IsCommonCause ? $"Move the server of {what} off {node.Name}: {node.Kind} in its table in Servers."
                    : $"Let another server do it: Role in the table of '{node.Name}' in Servers, and Start-HealthMonitor or Start-LogReceiver there.",
            };
        }
    }

    /// <summary>All that these stand on.</summary>
    private IEnumerable<TopologyNode> NeededBy(IEnumerable<TopologyNode> nodes)
    {
        var seen = new HashSet<int>();
        var left = new Stack<int>(nodes.Select(node => node.Id));
        while (left.TryPop(out int next))
        {
            if (!seen.Add(next)) continue;
            yield return model.Graph[next];
            foreach (int member in model.Graph[next].Needs.SelectMany(need => need.Members)) left.Push(member);
        }
    }
}
