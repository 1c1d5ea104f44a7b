using ProdOps.Monitoring.Status;
using ProdOps.Servers.Evidence;
using ProdOps.Servers.Schedules;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Gathers the facts, all parts side by side. Without asking servers or repositories it takes what was noted on this machine.</summary>
internal sealed class ReadinessGatherer(ReadinessSources sources)
{
    private static readonly TimeSpan AnchorTimeout = TimeSpan.FromSeconds(3);

    /// <summary>All facts; what cannot be gathered says why.</summary>
    public async Task<ReadinessFacts> GatherAsync(CancellationToken cancellationToken)
    {
        // What takes longest begins first.
        var monitor = sources.Monitoring is { } monitoring ? Guard.TryAsync(() => Task.Run(() => new MonitorReader(sources.Environment, sources.Time).ReadAsync(monitoring, cancellationToken), cancellationToken), cancellationToken) : Task.FromResult(Fact<MonitorFacts>.Unknown(sources.Missing));
        var measured = Task.Run(() => TopologyGatherer.MeasureAsync(sources.Environment, sources.Monitoring, sources.Time, cancellationToken), cancellationToken);
        var runs = Read(static folder => folder.BackupRuns, cancellationToken);
        var tests = Read(static folder => folder.BackupTests, cancellationToken);
        var restores = Read(static folder => folder.Restores, cancellationToken);
        var loads = Read(static folder => folder.LoadTests, cancellationToken);
        var balancers = Read(static folder => folder.LoadBalancers, cancellationToken);
        var failovers = Read(static folder => folder.Failovers, cancellationToken);
        var publications = Read(static folder => folder.Publications, cancellationToken);
        var sent = Read(static folder => folder.Notifications, cancellationToken);
        var rolling = Guard.Try(() => RollingUpdateReader.Read(sources.RollingUpdates), cancellationToken);
        var plans = Guard.Try(() => PlanGatherer.Read(sources.Environment, sources.RecoveryRuns, PlanChecks(), sources.Time), cancellationToken);
        var schedules = Guard.Try(LocalSchedules.Find, cancellationToken);
        var logs = sources.Logs is { } open ? Guard.Try(() => LogReader.Read(open, cancellationToken), cancellationToken) : Task.FromResult(Fact<LogFacts>.Unknown(sources.Missing));
        var file = Guard.TryAsync(() => FileKeeping.LookAsync(sources.Environment.Path, cancellationToken), cancellationToken);
        var backups = sources.Backups is { } ask ? Guard.TryAsync(() => ask(cancellationToken), cancellationToken) : null;
        var clocks = sources.Clocks is { } measure ? Guard.TryAsync(() => measure(cancellationToken), cancellationToken) : null;
        var anchors = sources.AskAnchors ? Guard.TryAsync(() => AskAnchorsAsync(cancellationToken), cancellationToken) : null;
        var facts = new ReadinessFacts
        {
            Environment = sources.Environment,
            Zone = sources.Time.LocalTimeZone,
            BackupRuns = await runs.ConfigureAwait(false),
            BackupTests = await tests.ConfigureAwait(false),
            Restores = await restores.ConfigureAwait(false),
            LoadTests = await loads.ConfigureAwait(false),
            LoadBalancers = await balancers.ConfigureAwait(false),
            Failovers = await failovers.ConfigureAwait(false),
            Publications = await publications.ConfigureAwait(false),
            Notifications = await sent.ConfigureAwait(false),
            RollingUpdates = await rolling.ConfigureAwait(false),
            Plans = await plans.ConfigureAwait(false),
            Schedules = await schedules.ConfigureAwait(false),
            Monitor = await monitor.ConfigureAwait(false),
            Logs = await logs.ConfigureAwait(false),
            EnvironmentFile = await file.ConfigureAwait(false),
            Backups = backups is null ? null : await backups.ConfigureAwait(false),
            Clocks = clocks is null ? null : await clocks.ConfigureAwait(false),
            Anchors = anchors is null ? null : await anchors.ConfigureAwait(false),
        };
        return facts with { SinglePoints = await Guard.TryAsync(async () => TopologyGatherer.Find(facts, await measured.ConfigureAwait(false)), cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>What was noted of this environment. What was proved where none was known counts for each: a repository that was named by its place.</summary>
    private Task<Fact<IReadOnlyList<T>>> Read<T>(Func<EvidenceFolder, EvidenceLog<T>> log, CancellationToken cancellationToken)
        where T : class => sources.Evidence is not { } folder ? Task.FromResult(Fact<IReadOnlyList<T>>.Unknown(sources.Missing))
        : Guard.Try<IReadOnlyList<T>>(() => [.. log(folder).Read().Where(proof => proof.Environment.Length == 0 || proof.Environment.Equals(sources.Environment.Name, StringComparison.OrdinalIgnoreCase)).Select(static proof => proof.What)], cancellationToken);

    /// <summary>Evidence that cannot be read proves nothing; the plans are there all the same.</summary>
    private IReadOnlyList<RecoveryPlanEvidence> PlanChecks()
    {
        try
        {
            return sources.Evidence is { } folder ? [.. folder.RecoveryPlans.Read().Where(proof => proof.Environment.Equals(sources.Environment.Name, StringComparison.OrdinalIgnoreCase)).Select(static proof => proof.What)] : [];
        }
        catch (ProdOpsException)
        {
            return [];
        }
    }

    private async Task<IReadOnlyList<AnchorFact>> AskAnchorsAsync(CancellationToken cancellationToken) => await Task.WhenAll(sources.Environment.Monitoring.Anchors.Select(async address =>
    {
        var results = await TargetLook.CheckOf(address, AnchorTimeout, sources.Time).Check.RunAsync(cancellationToken).ConfigureAwait(false);
        return new AnchorFact(address, results.Count > 0 && results.All(static result => result.State is HealthState.OK or HealthState.Warning));
    })).ConfigureAwait(false);
}
