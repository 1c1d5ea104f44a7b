using ProdOps.Backup.Sets;

namespace ProdOps.Recovery.Readiness.Items;

/// <summary>Whether it is known what to do when something is lost, and how long it takes.</summary>
internal sealed class RecoveryItems(ReadinessFacts facts, DateTimeOffset now)
{
    public IEnumerable<(string Item, Func<Verdict?> Judge)> All =>
    [
        ("recovery-plans", Plans), ("recovery-scenarios", Scenarios), ("recovery-drill", Drill), ("recovery-time", RecoveryTime), ("recovery-unchanged", Unchanged),
        ("recovery-true", True), ("recovery-single-points", SinglePoints), ("recovery-secrets", Secrets), ("recovery-environment-file", EnvironmentFile),
    ];

    private const string AdminMachineLost = nameof(RecoveryScenario.AdminMachineLost);

    // Each is looked up once or more for each server.
    private readonly ILookup<string, RecoveryPlanFact> _plansOfServers = (facts.Plans.Value ?? []).Where(static plan => plan.Scenario is "ServerLost" or "BalancerLost").ToLookup(static plan => plan.Server, StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<BackupSet, HashSet<string>> _serversOfSets = new(ReferenceEqualityComparer.Instance);
    private ILookup<string, BackupRunEvidence>? _runs;

    private ProdOpsEnvironment Environment => facts.Environment;

    private Verdict? Plans() => WithPlans(plans => Verdict.Of([.. Environment.Servers.Select(server =>
    {
        var plan = PlanOf(server.Name);
        return (plan is null ? Verdict.Missing("has no plan", Write(server.Name)) : Known(plan)) with { Subject = server.Name };
    })], "every server has a plan that was tried or checked"));

    private Verdict? Scenarios() => WithPlans(plans =>
    {
        var wanted = new List<(string Scenario, string What, IReadOnlyList<string>? Of)> { (AdminMachineLost, "the loss of this machine", null) };
        if (Environment.Backups.Count > 0) wanted.AddRange([("DataLost", "data that was deleted", Names(Environment.Backups.SelectMany(set => SetSelection.Servers(Environment, set)).Select(static server => server.Name))), ("RepositoryLost", "the loss of the backups' place", null)]);
        if (Environment.LoadBalancers.Count > 0)
            wanted.AddRange([("BalancerLost", "the loss of a load balancer", Names(Environment.LoadBalancers.SelectMany(static entry => entry.Servers))), ("BadDeployment", "a deployment that went wrong", Names(Environment.LoadBalancers.SelectMany(static entry => entry.Pool)))]);
        if (Environment.LoadBalancers.Any(static entry => entry.Certificate is not null)) wanted.Add(("CertificateExpired", "a certificate that has ended", Names(Environment.LoadBalancers.Where(static entry => entry.Certificate is not null).SelectMany(static entry => entry.Servers))));
        return Verdict.Of([.. wanted.Select(one =>
        {
            // A plan of a server that the scenario cannot hit helps nobody in it.
            var all = plans.Where(plan => plan.Scenario == one.Scenario).ToList();
            var plan = all.Where(plan => one.Of?.Contains(plan.Server, StringComparer.OrdinalIgnoreCase) != false).OrderByDescending(plan => Known(plan).Score).FirstOrDefault();
            var verdict = plan is not null ? Known(plan) : all.Count == 0 ? Verdict.Missing("has no plan", WriteFor(one.Scenario, one.Of))
                : Verdict.Missing($"has the plan {all[0].Name} of {all[0].Server}, which it cannot hit", WriteFor(one.Scenario, one.Of));
            return verdict with { Subject = one.What };
        })], "each has a plan that was tried or checked");

        static IReadOnlyList<string> Names(IEnumerable<string> names) => [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    });

    private Verdict? Drill() => EachPlan(plan =>
    {
        string advice = DrillNow(plan);
        if (plan.Runs.MaxBy(static run => run.Time) is not { } last) return Verdict.Missing("was never drilled", advice);
        return Verdict.Proved(last.Succeeded ? 1 : 0, last.Succeeded ? $"was carried out in {Words.Of(last.Duration)}" : "failed when it was last carried out", last.Evidence ?? last, last.Time, now, advice);
    }, "all were drilled");

    private Verdict? RecoveryTime()
    {
        const string Promise = "In environment.psd1: Objectives = @{ RecoveryTime = '15m' }";
        if (Environment.Objectives.RecoveryTime is null && facts.Plans.Value?.Any(static plan => plan.RecoveryTime is not null) != true)
            return Verdict.Missing("there is no RecoveryTime: nobody has said how long recovery may take", Promise);
        return Verdict.Of([.. Environment.Servers.Select(server => TimeOf(server) with { Subject = server.Name })], "recovery takes no longer than was promised");
    }

    private Verdict TimeOf(Server server)
    {
        var plan = PlanOf(server.Name);
        if ((plan?.RecoveryTime ?? Environment.Objectives.RecoveryTime) is not { } promised) return Verdict.Missing("has no RecoveryTime", "In environment.psd1: Objectives = @{ RecoveryTime = '15m' }");
        string objective = Words.Of(promised), advice = plan is null ? Write(server.Name) : DrillNow(plan);
        if (plan?.Runs.Where(static run => run.Succeeded).MaxBy(static run => run.Time) is { } run)
        {
            return Verdict.Proved(run.Duration <= promised ? 1 : 0, $"was brought back in {Words.Of(run.Duration)}, {objective} were promised", run.Evidence ?? run, run.Time, now, advice)
                with { Objective = objective, Measured = Words.Of(run.Duration), Basis = ReadinessBasis.Measured };
        }

        if (Scaled(server) is var (time, evidence, proved))
        {
            return Verdict.Proved(time <= promised ? 0.5 : 0, $"has data that is restored in about {Words.Of(time)} by a test (scaled; no drill has measured the rest), {objective} were promised", evidence, proved, now, advice)
                with { Objective = objective, Measured = Words.Of(time), Basis = ReadinessBasis.Scaled };
        }

        return Verdict.Missing($"was never brought back in a drill: nobody knows whether that takes {objective}", advice) with { Objective = objective };
    }

    /// <summary>How long restoring the data of a server takes, by what tests restored of it and how much there is now.</summary>
    private (TimeSpan Time, object Evidence, DateTimeOffset Proved)? Scaled(Server server)
    {
        var total = TimeSpan.Zero;
        (object Evidence, DateTimeOffset Proved)? weakest = null;
        foreach (var set in Environment.Backups.Where(set => ServersOf(set).Contains(server.Name)))
        {
            var test = (facts.BackupTests.Value ?? []).Where(one => one is { Kind: BackupTestKind.Restore, Passed: true, BytesRead: > 0 } && one.Time <= now + Decay.Skew && one.Sets.Contains(set.Name, StringComparer.OrdinalIgnoreCase)).MaxBy(static one => one.Time);
            if (test is null) return null;
            var run = Runs[BackupItems.KeyOf(set.Name, server.Name)].MaxBy(static one => one.Time);
            double growth = run is null ? 1 : Math.Clamp((double)run.BytesProcessed / test.BytesRead, 0.01, 10_000);
            total += TimeSpan.FromSeconds(Math.Min(Math.Abs(test.Duration.TotalSeconds), 1e8) * growth);
            if (weakest is null || test.Time < weakest.Value.Proved) weakest = (test, test.Time);
        }

        return weakest is { } found ? (total, found.Evidence, found.Proved) : null;
    }

    private Verdict? Unchanged() => EachPlan(plan =>
    {
        if (plan.Runs.Where(static run => run.Succeeded).MaxBy(static run => run.Time) is not { } run) return Verdict.Missing("was never drilled as it is", DrillNow(plan));
        return run.Revision == plan.Revision ? Verdict.Proved(1, "is as it was drilled", run.Evidence ?? run, run.Time, now, DrillNow(plan))
            : Verdict.Seen(0, $"was changed since it was drilled {Words.Of(now > run.Time ? now - run.Time : TimeSpan.Zero)} ago", run.Evidence ?? run, run.Time, DrillNow(plan));
    }, "all are as they were drilled");

    private Verdict? True() => EachPlan(plan =>
    {
        string advice = $"Test-RecoveryPlan {Words.Argument(plan.Name)}";
        // What brought the server back was true then.
        var run = plan.Runs.Where(run => run.Succeeded && run.Revision == plan.Revision).MaxBy(static run => run.Time);
        if (run is not null && !(plan.LastCheck?.Time > run.Time)) return Verdict.Proved(1, "was carried out as it is", run.Evidence ?? run, run.Time, now, advice);
        if (plan.LastCheck is not { } check) return Verdict.Missing("was neither carried out as it is nor checked", advice);
        return Verdict.Proved(check.Problems.Count == 0 ? 1 : 0, check.Problems.Count == 0 ? "was true" : $"is not true any more: {check.Problems[0]}", check.Evidence ?? check, check.Time, now, advice);
    }, "all are true");

    /// <summary>What the file says of who stands in for whom is shown by a failover of each.</summary>
    private Verdict? SinglePoints()
    {
        var tests = Environment.LoadBalancers.SelectMany(entry => new[] { true, false }.Select(ofBalancer => (facts.Failovers.Value ?? [])
            .Where(test => test.LoadBalancer.Equals(entry.Name, StringComparison.OrdinalIgnoreCase) && test.Stopped != FailoverTarget.BackendServer == ofBalancer).MaxBy(static test => test.Time))).ToList();
        var oldest = tests.Count == 0 || tests.Exists(static test => test is not { Recovered: true }) ? null : tests.MinBy(static test => test!.Time);
        return OfPoints(facts.SinglePoints.Value?.Where(static point => !point.IsSecret).ToList(), "nothing takes the application down alone", oldest is null ? null : (oldest, oldest.Time),
            Environment.LoadBalancers.FirstOrDefault() is { } first ? $"Test-LoadBalancer {Words.Argument(first.Name)} -Failover -Stop BackendServer" : "Get-SinglePointOfFailure");
    }

    /// <summary>Whoever brought things back without this machine had the secrets from elsewhere.</summary>
    private Verdict? Secrets()
    {
        if (Environment.Repositories.Count == 0) return null;
        var run = (facts.Plans.Value ?? []).Where(static plan => plan.Scenario == AdminMachineLost).SelectMany(static plan => plan.Runs).Where(static run => run.Succeeded).MaxBy(static run => run.Time);
        return OfPoints(facts.SinglePoints.Value?.Where(static point => point.IsSecret).ToList(), "no secret is in one place alone", run is null ? null : (run.Evidence ?? run, run.Time),
            WriteFor(AdminMachineLost));
    }

    private Verdict OfPoints(List<SinglePointFact>? points, string good, (object, DateTimeOffset)? proof, string prove)
    {
        if (points is null) return Verdict.Unknown(facts.SinglePoints.Problem, "Get-SinglePointOfFailure");
        if (points.MaxBy(static point => point.Severity) is not { } worst) return Verdict.Declared(good, proof, Environment, now, prove);
        return Verdict.Seen(0.5 / (1 + points.Sum(static point => Math.Max(0.1, point.Severity))), $"{(points.Count > 1 ? $"{points.Count}, the worst: " : "")}{worst.Message}{(worst.Advice.Length > 0 ? $" ({worst.Advice})" : "")}", worst.Evidence ?? worst, now, $"Get-SinglePointOfFailure {Words.Argument(worst.Component)}");
    }

    private Verdict? EnvironmentFile()
    {
        var backed = Environment.Backups.Where(set => set.Path.Any(path => IsBelow(Environment.Path, path)) && SetSelection.Servers(Environment, set).Any(static server => server.IsLocal))
            .SelectMany(set => (facts.BackupRuns.Value ?? []).Where(run => run.SnapshotId is not null && run.Set.Equals(set.Name, StringComparison.OrdinalIgnoreCase))).MaxBy(static run => run.Time);
        var proved = backed is null ? null : Verdict.Proved(1, $"it is in the backup set {backed.Set}, made", backed, backed.Time, now, $"Invoke-Backup -Name {Words.Argument(backed.Set)}");
        string folder = Words.Argument(System.IO.Path.GetDirectoryName(Environment.Path) ?? ".");
        if (facts.EnvironmentFile.Value is not { } keeping) return proved ?? Verdict.Unknown(facts.EnvironmentFile.Problem, $"git -C {folder} init");
        var kept = keeping.Problem.Length > 0
            ? Verdict.Missing($"{keeping.Problem}, and no backup of this machine has it", keeping.Revision.Length > 0 ? $"git -C {folder} commit -am 'Environment'" : $"git -C {folder} init; git -C {folder} add {Words.Argument(System.IO.Path.GetFileName(Environment.Path))}; git -C {folder} commit -m Environment") with { Evidence = keeping }
            : Verdict.Seen(keeping.HasRemote ? 1 : 0.5, keeping.HasRemote ? $"it is in revision {keeping.Revision}, in a repository that is pushed elsewhere" : $"it is in revision {keeping.Revision}, in a repository on this machine alone", keeping, keeping.RevisionTime, $"git -C {folder} remote add origin 'git@host:environment.git'");
        return proved is not null && proved.Score > kept.Score ? proved : kept;
    }

    private static bool IsBelow(string path, string folder) => path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal) || path == folder;

    /// <summary>A plan that nobody tried or checked is a declaration.</summary>
    private Verdict Known(RecoveryPlanFact plan)
    {
        var run = plan.Runs.Where(static run => run.Succeeded).MaxBy(static run => run.Time);
        var check = plan.LastCheck is { Problems.Count: 0 } passed ? passed : null;
        var (time, evidence) = run is not null && !(check?.Time > run.Time) ? (run.Time, run.Evidence ?? run) : check is not null ? (check.Time, check.Evidence ?? check) : ((DateTimeOffset?)null, plan.Evidence);
        double share = time is { } moment ? Decay.Share(moment, now) : 0;
        return new Verdict
        {
            Score = 0.5 + share / 2,
            Message = time is { } tried ? $"has the plan {plan.Name}, {(check is not null && tried == check.Time ? "checked" : "carried out")} {Words.Age(tried, now)}" : $"has the plan {plan.Name}, which was neither carried out nor checked",
            Evidence = evidence, Time = time, Decays = time is not null, Advice = DrillNow(plan),
        };
    }

    private Verdict? EachPlan(Func<RecoveryPlanFact, Verdict> judge, string good) => WithPlans(plans => plans.Count == 0
        ? Verdict.Missing("there is no plan", Write(Environment.Servers.FirstOrDefault()?.Name ?? "localhost"))
        : Verdict.Of([.. plans.Select(plan => judge(plan) with { Subject = plan.Name })], good));

    private Verdict? WithPlans(Func<IReadOnlyList<RecoveryPlanFact>, Verdict?> judge) => facts.Plans.Value is { } plans ? judge(plans) : Verdict.Unknown(facts.Plans.Problem);

    private RecoveryPlanFact? PlanOf(string server) => _plansOfServers[server].MaxBy(static plan => plan.Runs.Count);

    private HashSet<string> ServersOf(BackupSet set)
    {
        if (!_serversOfSets.TryGetValue(set, out var servers)) _serversOfSets[set] = servers = SetSelection.Servers(Environment, set).Select(static server => server.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return servers;
    }

    private ILookup<string, BackupRunEvidence> Runs => _runs ??= (facts.BackupRuns.Value ?? []).Where(static run => run.BytesProcessed > 0).ToLookup(static run => BackupItems.KeyOf(run.Set, run.Server), StringComparer.OrdinalIgnoreCase);

    private static string DrillNow(RecoveryPlanFact plan) => $"Test-RecoveryPlan {Words.Argument(plan.Name)} -Drill -Target SPARE-HOST";

    private static string Write(string server) => $"New-RecoveryPlan {Words.Argument(server)}";

    // Nothing is left to look at where this machine is gone: what its plan says is known to people alone.
    private static string WriteFor(string scenario, IReadOnlyList<string>? servers = null) => scenario == AdminMachineLost
        ? $"In environment.psd1's folder, a file plans/{scenario}.recovery.psd1 with the steps that bring it back (Get-Help Get-RecoveryPlan)"
        : $"New-RecoveryPlan {(servers is [var first, ..] ? Words.Argument(first) : "SERVER")} -Scenario {scenario}";
}
