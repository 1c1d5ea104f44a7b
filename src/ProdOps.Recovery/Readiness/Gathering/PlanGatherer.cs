using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Reads the environment's recovery plans, and how often each was carried out.</summary>
internal static class PlanGatherer
{
    /// <param name="environment">The environment.</param>
    /// <param name="runs">The folder of the runs' journals; <see langword="null"/> for a user without a home.</param>
    /// <param name="checks">What Test-RecoveryPlan has found.</param>
    /// <param name="time">The clock.</param>
    public static IReadOnlyList<RecoveryPlanFact> Read(ProdOpsEnvironment environment, string? runs, IReadOnlyList<RecoveryPlanEvidence> checks, TimeProvider time)
    {
        // A journal that is damaged proves nothing.
        IEnumerable<RecoveryRun> all = runs is null ? [] : RunHistory.Read(runs, time, static _ => { }).Where(static run => run.Status is RecoveryRunStatus.Succeeded or RecoveryRunStatus.Failed);
        var (runsOf, checksOf) = (all.ToLookup(static run => run.Plan, StringComparer.OrdinalIgnoreCase), checks.ToLookup(static check => check.Plan, StringComparer.OrdinalIgnoreCase));
        return [.. PlanFiles.Names(environment).Select(name => Of(name, environment, runsOf, checksOf, time.GetUtcNow()))];
    }

    private static RecoveryPlanFact Of(string name, ProdOpsEnvironment environment, ILookup<string, RecoveryRun> runs, ILookup<string, RecoveryPlanEvidence> checks, DateTimeOffset now)
    {
        PlanReading reading;
        try
        {
            reading = PlanReader.Read(PlanFiles.PathOf(environment, name), environment);
        }
        catch (ProdOpsException error)
        {
            return new RecoveryPlanFact { Name = name, Server = "", LastCheck = new RecoveryCheckFact(now, [error.Message], null) };
        }

        var plan = reading.Plan;
        string[] errors = [.. reading.Errors.Select(static problem => problem.Message)];
        return new RecoveryPlanFact
        {
            Name = plan.Name,
            Server = plan.Server,
            Scenario = plan.Scenario.ToString(),
            Revision = plan.Revision,
            RecoveryTime = plan.Objectives.RecoveryTime ?? environment.Objectives.RecoveryTime,
            Runs = [.. runs[plan.Name].Where(run => Is(run.Server, plan.Server) && RunHistory.IsWhole(run))
                .Select(static run => new RecoveryRunFact(run.Started, run.Duration, run.Revision, run.Status == RecoveryRunStatus.Succeeded, run.IsDrill, run))],
            // A file that cannot be carried out is not true, whatever was found before.
            LastCheck = errors.Length > 0 ? new RecoveryCheckFact(now, errors, plan) : LastOf(plan, checks),
            Evidence = plan,
        };
    }

    /// <summary>The last look at the plan as it is.</summary>
    private static RecoveryCheckFact? LastOf(RecoveryPlan plan, ILookup<string, RecoveryPlanEvidence> checks) =>
        checks[plan.Name].Where(check => check.Revision == plan.Revision).MaxBy(static check => check.Time) is { } last ? new RecoveryCheckFact(last.Time, last.Problems, last) : null;

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
