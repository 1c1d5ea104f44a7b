using ProdOps.Recovery.Execution;

namespace ProdOps.Recovery.Topology;

/// <summary>Which recovery plan is for a failure, and how long it took when it was carried out.</summary>
/// <param name="plans">The environment's plans.</param>
/// <param name="runs">What was carried out of them.</param>
internal sealed class PlanCover(IReadOnlyList<RecoveryPlan> plans, IReadOnlyList<RecoveryRun> runs)
{
    private const int Latest = 5;

    private readonly Dictionary<string, (RecoveryPlan Plan, TimeSpan? Took)> _found =
        plans.Where(plan => plan.Scenario is RecoveryScenario.ServerLost or RecoveryScenario.DiskLost or RecoveryScenario.BalancerLost)
            .Select(plan => (Plan: plan, Took: Took(plan, runs)))
            .GroupBy(plan => plan.Plan.Server, StringComparer.OrdinalIgnoreCase)
            // Of several the one that was tried.
            .ToDictionary(group => group.Key, group => group.OrderByDescending(plan => plan.Took is not null).ThenBy(plan => plan.Plan.Scenario).First(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The finding with the plan of what fails, where a server's end is what it is about and there is one. What is known of its duration otherwise stays.</summary>
    public SinglePointOfFailure Name(SinglePointOfFailure point)
    {
        if (point.ComponentKind != SinglePointComponent.Server || point.Kind is not (SinglePointKind.Service or SinglePointKind.Data or SinglePointKind.Failover or SinglePointKind.Watch) || !_found.TryGetValue(point.Component, out var cover)) return point;
        var named = point with { Plan = cover.Plan.Name, Evidence = [.. point.Evidence, cover.Plan] };
        if (named.Estimate is not null || cover.Took is not { } took) return named;
        return named with { Estimate = took, EstimateBasis = EstimateBasis.Measured };
    }

    /// <summary>The median of what it took lately.</summary>
    private static TimeSpan? Took(RecoveryPlan plan, IReadOnlyList<RecoveryRun> runs)
    {
        TimeSpan[] times = [.. runs.Where(run => run.Plan.Equals(plan.Name, StringComparison.OrdinalIgnoreCase) && run.Server.Equals(plan.Server, StringComparison.OrdinalIgnoreCase) && run.Status == RecoveryRunStatus.Succeeded && RunHistory.IsWhole(run))
            .OrderByDescending(run => run.Started).Take(Latest).Select(run => run.Duration).Order()];
        return times.Length == 0 ? null : times[times.Length / 2];
    }
}
