using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Logging;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing.Publishing;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Watching;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Timelines;
using ProdOps.Recovery.Topology;
using ProdOps.Servers.Clocks;
using ProdOps.Servers.Evidence;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Tells what happened everywhere, in the order of time, and what of it may be the cause.</summary>
[Cmdlet(VerbsCommon.Get, "Timeline", DefaultParameterSetName = LastSet)]
[OutputType(typeof(TimelineEvent))]
public sealed class GetTimeline : ServerCmdlet
{
    private const string AroundSet = "Around", RangeSet = "Range", LastSet = "Last";

    // What a cause is chosen from: beyond that the earliest are forgotten.
    private const int MostCandidates = 20_000;

    private const int MostNames = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private MetricStore? _metrics;

    /// <summary>Around this moment.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = AroundSet, HelpMessage = "Around this moment; a time alone is of today.")]
    public DateTimeOffset Around { get; set; }

    /// <summary>How far around.</summary>
    [Parameter(ParameterSetName = AroundSet, HelpMessage = "How far -Around reaches, before and after. Default: 5 minutes.")]
    [Duration]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>From this moment on.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RangeSet, HelpMessage = "From this moment on; a time alone is of today.")]
    [Alias("From", "Start")]
    public DateTimeOffset After { get; set; }

    /// <summary>Before this moment.</summary>
    [Parameter(ParameterSetName = RangeSet, HelpMessage = "Before this moment. Default: now.")]
    [Alias("To", "End")]
    public DateTimeOffset? Before { get; set; }

    /// <summary>So long a time until now.</summary>
    [Parameter(ParameterSetName = LastSet, HelpMessage = "So long a time until now: 15m, 6h. Default: 1h.")]
    [Duration]
    public TimeSpan Last { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What happened.</summary>
    [Parameter(HelpMessage = "Only of these kinds. Default: all.")]
    public TimelineKind[] Kind { get; set; } = [];

    /// <summary>Rank causes.</summary>
    [Parameter(HelpMessage = "Emits what may have caused the first symptom instead, the likeliest first, with a score and what it is made of.")]
    public SwitchParameter Cause { get; set; }

    /// <summary>When it began.</summary>
    [Parameter(HelpMessage = "When it went wrong, where nothing says so by itself; with -Cause.")]
    public DateTimeOffset? Symptom { get; set; }

    /// <summary>Ask no server.</summary>
    [Parameter(HelpMessage = "Asks no server: only what monitoring, logs and commands have kept here.")]
    public SwitchParameter Offline { get; set; }

    /// <summary>Ask as root.</summary>
    [Parameter(HelpMessage = "Asks servers as root by sudo: their journals and logs are closed to most users.")]
    public SwitchParameter AsRoot { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var window = WindowOf();
        var environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).TryLoad();
        bool isChosen = MyInvocation.BoundParameters.ContainsKey(nameof(Server)) || MyInvocation.ExpectingInput;
        var servers = isChosen ? await GetServersAsync(cancellationToken) : environment?.Servers ?? [ServerResolver.Local];
        if (isChosen && servers.Count == 0) return;
        string[] names = isChosen ? [.. servers.Select(server => server.Name)] : [];
        var streams = await StreamsAsync(window, environment, servers, names, cancellationToken);
        var wanted = TimelineMerge.MergeAsync(streams, cancellationToken).Where(told => names.Length == 0 || told.Server.Length == 0 || names.Contains(told.Server, StringComparer.OrdinalIgnoreCase));
        if (Cause)
        {
            await WriteCausesAsync(wanted, window, environment, cancellationToken);
            return;
        }

        await foreach (var some in wanted.Where(told => Kind.Length == 0 || Kind.Contains(told.Kind)).Chunk(PipelineBatch).WithCancellation(cancellationToken)) await WriteAllAsync(some);
    }

    private TimelineWindow WindowOf()
    {
        var now = TimeProvider.System.GetUtcNow();
        return ParameterSetName switch
        {
            AroundSet => TimelineWindow.Of(Moments.Subtract(Around, Window), Moments.Add(Around, Window)),
            RangeSet => TimelineWindow.Of(After, Before ?? now.AddMilliseconds(1)),
            _ => TimelineWindow.Of(Moments.Subtract(now, Last), now.AddMilliseconds(1)),
        };
    }

    private async Task WriteCausesAsync(IAsyncEnumerable<TimelineEvent> events, TimelineWindow window, ProdOpsEnvironment? environment, CancellationToken cancellationToken)
    {
        var kept = new Queue<TimelineEvent>();
        await foreach (var told in events.WithCancellation(cancellationToken))
        {
            kept.Enqueue(told);
            if (kept.Count > MostCandidates) kept.Dequeue();
        }

        var symptom = Symptom is { } named ? new TimelineEvent { Time = named, Text = "what was named by -Symptom" } : CauseRanking.Symptom(kept) ?? throw RecoveryErrors.NoSymptom(window.From, window.To);
        Activity.Verbose($"The first symptom: {symptom.Time:yyyy-MM-dd HH:mm:ss zzz} {symptom.Server} {symptom.Text}");
        var ranked = new CauseRanking(environment is null ? null : TopologyBuilder.Build(environment)).Rank([.. kept], symptom);
        await WriteAllAsync([.. ranked.Where(told => Kind.Length == 0 || Kind.Contains(told.Kind))]);
    }

    private async Task<IReadOnlyList<IAsyncEnumerable<TimelineEvent>>> StreamsAsync(TimelineWindow window, ProdOpsEnvironment? environment, IReadOnlyList<Server> servers, string[] names, CancellationToken cancellationToken)
    {
        var streams = new List<IAsyncEnumerable<TimelineEvent>>();
        await TryAsync("monitoring", async () =>
        {
            _metrics = (await InvokeAsync(() => HealthStoreAccess.FolderOf(SessionState, null, environment))).Open(TimeProvider.System, Activity, readOnly: true);
            // Whoever names a server wants it to be asked.
            if (!Offline && names.Length == 0) servers = WithoutGone(_metrics, servers, environment, cancellationToken);
        });
        var asked = Offline ? [] : await AskAsync(window, servers, cancellationToken);
        var kept = new KeptTimeline(window, environment?.Name);
        streams.Add(Sorted(RollingJournal.DefaultFolder is { } journals ? kept.Updates(journals) : []));
        var known = KnownRevisions.OfUser?.Read() ?? [];
        streams.Add(Sorted(kept.Publications(known)));
        streams.Add(Sorted(RunJournal.DefaultFolder is { } runs ? kept.Recoveries(RunHistory.Read(runs, TimeProvider.System, error => Activity.Verbose(error.Message))) : []));
        await TryAsync("evidence", () =>
        {
            if (EvidenceFolder.OfUser(TimeProvider.System) is { } folder) streams.Add(Sorted(kept.Evidence(folder, known)));
            return Task.CompletedTask;
        });
        await TryAsync("monitoring", async () =>
        {
            if (_metrics is not { } metrics) return;
            var health = new HealthTimeline(window);
            streams.Add(Sorted(await health.ChangesAsync(new StoreSource(metrics), names, () => health.Troubled(metrics.Events, Activity, cancellationToken), cancellationToken)));
            streams.Add(health.Events(new EventHistory(metrics.Events, new EventText(RuleUnits.Of(environment)), Activity), names, cancellationToken).ToAsyncEnumerable());
        });
        await TryAsync("logs", async () =>
        {
            string folder = await InvokeAsync(() => StoreAccess.FolderOf(SessionState, null, environment));
            if (!Directory.Exists(folder)) return;
            using var store = StoreAccess.Open(folder, environment, Activity);
            streams.Add(Sorted(await new LogTimeline(window, Activity).EventsAsync(store, names, cancellationToken)));
        });
        streams.AddRange(asked);
        return streams;
    }

    /// <summary>Those of which a monitor that is at work does not say that they cannot be reached: that they cannot would have to be waited for.</summary>
    private IReadOnlyList<Server> WithoutGone(MetricStore metrics, IReadOnlyList<Server> servers, ProdOpsEnvironment? environment, CancellationToken cancellationToken)
    {
        var gone = new StoreWatch(metrics, environment, RuleUnits.Of(environment), TimeProvider.System, Activity).OutOfReach(cancellationToken);
        string[] left = [.. servers.Where(server => gone.Contains(server.Name)).Select(static server => server.Name)];
        if (left.Length == 0) return servers;
        string names = left.Length > MostNames ? $"{string.Join(", ", left.Take(MostNames))} and {left.Length - MostNames} more" : string.Join(", ", left);
        Activity.Warning($"{names} {(left.Length == 1 ? "was" : "were")} not asked: monitoring finds that {(left.Length == 1 ? "it" : "they")} cannot be reached. -Server asks all the same.");
        return [.. servers.Where(server => !gone.Contains(server.Name))];
    }

    /// <summary>What is missing leaves a gap and no error: on the worst day not everything is there.</summary>
    private async Task TryAsync(string what, Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (ProdOpsException error)
        {
            Activity.Verbose($"Without {what}: {error.Message}");
        }
    }

    private async Task<IReadOnlyList<IAsyncEnumerable<TimelineEvent>>> AskAsync(TimelineWindow window, IReadOnlyList<Server> servers, CancellationToken cancellationToken)
    {
        var found = new System.Collections.Concurrent.ConcurrentBag<IAsyncEnumerable<TimelineEvent>>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(servers, options, async (server, token) =>
        {
            try
            {
                found.Add(Sorted(await new ServerTimeline(window, TimeProvider.System).EventsAsync(await OpenAsync(Impatient(server), token), AsRoot, token)));
            }
            catch (ProdOpsException error)
            {
                // The one that is gone is often the one it is about.
                Activity.Warning($"{server.Name} could not be asked: {error.Message}");
            }
        });
        return [.. found];
    }

    /// <summary>Where nothing says how long connecting may take, a server that does not answer is not waited for as long as usual: it is about those that do.</summary>
    private static Server Impatient(Server server) => server with { Ssh = server.Ssh with { ConnectTimeout = server.Ssh.ConnectTimeout ?? Patience } };

    private static IAsyncEnumerable<TimelineEvent> Sorted(IEnumerable<TimelineEvent> events) => events.OrderBy(told => told.Time).ToAsyncEnumerable();

    /// <inheritdoc/>
    protected override ValueTask ReleaseAsync()
    {
        _metrics?.Dispose();
        return base.ReleaseAsync();
    }
}
