using static System.FormattableString;

namespace ProdOps.Recovery.Topology;

/// <summary>Pools that go on without one of their servers, and cannot carry what was measured.</summary>
/// <param name="model">The environment's graph.</param>
/// <param name="measured">What was measured.</param>
internal sealed class CapacityRules(TopologyModel model, TopologyMeasurements measured)
{
    // Above it answers wait longer and longer for a CPU: with 85 % busy some seven times as long as they take.
    private const double Limit = 0.85;

    public IEnumerable<SinglePointOfFailure> Find() => model.Environment.LoadBalancers.Where(balancer => balancer.Pool.Count > 1).Select(Judge).OfType<SinglePointOfFailure>();

    /// <summary>A load test with no more servers than would remain says it best; else what CPUs did at their busiest; else what the admin has written.</summary>
    private SinglePointOfFailure? Judge(LoadBalancerDefinition balancer)
    {
        int left = balancer.Pool.Count - 1;
        string remain = left == 1 ? "one" : Invariant($"{left}");
        if (FromTest(balancer, left) is { } test)
        {
            return Bad(test) is { } why ? Point(balancer, Invariant($"{remain} of its {balancer.Pool.Count} servers cannot carry {test.Rate:0} requests/s: a load test with {test.Servers.Count} {(test.Servers.Count == 1 ? "server" : "servers")} had {why}"), [balancer, test]) : null;
        }

        if (measured.Peaks.TryGetValue(balancer.Name, out var peak))
        {
            return peak.Servers > left * Limit ? Point(balancer, Invariant($"{remain} of its {balancer.Pool.Count} servers cannot carry its peak: on {peak.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC their CPUs did {peak.Servers * 100:0} % of one server together, {peak.Servers / left * 100:0} % of what remains"), [balancer, .. peak.Samples]) : null;
        }

        return balancer.MinimumHealthy > left ? Point(balancer, Invariant($"{remain} of its {balancer.Pool.Count} servers is less than its MinimumHealthy of {balancer.MinimumHealthy}"), [balancer]) : null;
    }

    private LoadTestResult? FromTest(LoadBalancerDefinition balancer, int left)
    {
        var tests = measured.LoadTests.Where(test => balancer.Name.Equals(test.LoadBalancer, StringComparison.OrdinalIgnoreCase) && test.Servers.Count > 0 && test.Requests > 0).ToList();
        // What so many carried, more carry; what so many could not, fewer cannot.
        return tests.Where(test => Bad(test) is null ? test.Servers.Count <= left : test.Servers.Count >= left).MaxBy(test => (Bad(test) is not null, test.Rate));
    }

    private string? Bad(LoadTestResult test)
    {
        if (test.Failed > 0) return Invariant($"{test.Failed} of {test.Requests} requests fail");
        return model.Environment.Objectives.ResponseTime is { } promised && test.Percentile95 > promised
            ? Invariant($"answers that took {test.Percentile95.TotalMilliseconds:0} ms (95 %), where {promised.TotalMilliseconds:0} ms were promised") : null;
    }

    private static SinglePointOfFailure Point(LoadBalancerDefinition balancer, string message, IReadOnlyList<object> evidence) => new()
    {
        Component = balancer.Name,
        ComponentKind = SinglePointComponent.LoadBalancer,
        Kind = SinglePointKind.Capacity,
        Affected = [balancer.Name],
        Message = message,
        Evidence = evidence,
        Advice = $"Add a server to the pool, Pool in LoadBalancers.{balancer.Name}, then: {FailureAdvice.Publish(balancer)}",
    };
}
