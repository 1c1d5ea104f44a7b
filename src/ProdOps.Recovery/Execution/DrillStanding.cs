namespace ProdOps.Recovery.Execution;

/// <summary>Whether a plan was rehearsed lately, as it is, and fast enough. A real recovery proves as much as a drill.</summary>
/// <param name="State">How it stands: a drill that is due is a warning, one that is long due, was too slow or has failed is critical.</param>
/// <param name="Age">How long ago all of it was carried out last and came to its end; <see langword="null"/> if it never did.</param>
/// <param name="Message">The same in words.</param>
internal sealed record DrillStanding(HealthState State, TimeSpan? Age, string Message)
{
    /// <summary>What is older proves little: servers change.</summary>
    public static readonly TimeSpan UsualAge = TimeSpan.FromDays(90);

    /// <summary>Judges a plan by its runs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="runs">Runs of any plans.</param>
    /// <param name="recoveryTime">How long it may take; <see langword="null"/> where nobody has said.</param>
    /// <param name="maxAge">How old the last may be.</param>
    /// <param name="now">The present.</param>
    public static DrillStanding Of(RecoveryPlan plan, IEnumerable<RecoveryRun> runs, TimeSpan? recoveryTime, TimeSpan maxAge, DateTimeOffset now)
    {
        RecoveryRun[] own = [.. runs.Where(run => run.Plan.Equals(plan.Name, StringComparison.OrdinalIgnoreCase) && run.Server.Equals(plan.Server, StringComparison.OrdinalIgnoreCase) && run.Status != RecoveryRunStatus.Running && RunHistory.IsWhole(run))];
        var last = own.Where(run => run.Status == RecoveryRunStatus.Succeeded).MaxBy(run => run.Started);
        TimeSpan? age = last is null ? null : now > last.Started ? now - last.Started : TimeSpan.Zero;
        if (own.MaxBy(run => run.Started) is { Status: not RecoveryRunStatus.Succeeded } latest)
            return new DrillStanding(HealthState.Critical, age, $"{(latest.IsDrill ? "the drill" : "the run")} of {latest.Started.UtcDateTime:yyyy-MM-dd} {(latest.Status == RecoveryRunStatus.Failed ? "failed" : "was cut off")}");
        if (last is null) return new DrillStanding(HealthState.Warning, null, "was never drilled from this machine");
        string message = $"was {(last.IsDrill ? "drilled" : "carried out")} {Days(age!.Value)} ago in {Runbooks.Runbook.Lasting(last.Duration)}";
        if (recoveryTime is { } most && last.Duration > most) return new DrillStanding(HealthState.Critical, age, $"{message}, and may take {Runbooks.Runbook.Lasting(most)}");
        if (age.Value.Ticks / 2 > maxAge.Ticks) return new DrillStanding(HealthState.Critical, age, $"{message}: a drill is long due");
        if (age > maxAge) return new DrillStanding(HealthState.Warning, age, $"{message}: a drill is due");
        return last.Revision != plan.Revision ? new DrillStanding(HealthState.Warning, age, $"{message}, and has changed since") : new DrillStanding(HealthState.OK, age, message);
    }

    private static string Days(TimeSpan age) => age.TotalDays < 2 ? Runbooks.Runbook.Lasting(age) : FormattableString.Invariant($"{age.TotalDays:0} days");
}
