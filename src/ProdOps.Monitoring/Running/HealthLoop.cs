using System.Threading.Channels;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>
/// The monitor at work: servers and checks are looked at side by side, each at its own pace; what they find is taken in by one thread, which decides, keeps what was decided,
/// and only then has it done.
/// </summary>
internal sealed partial class HealthLoop : IDisposable
{
    // What is measured faster than it is taken in waits where it is measured, and is asked for more seldom: some kilobytes each, of a thousand servers they would come to more than all that is known of them.
    private const int MostWaiting = 1_024, MostAtOnce = 512, SnapshotEvents = 1_000;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(100), LongestTick = TimeSpan.FromSeconds(1), Upkeep = TimeSpan.FromMinutes(1), Retention = TimeSpan.FromHours(1);

    private readonly Channel<object> _work = Channel.CreateBounded<object>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly List<Task> _acting = [];
    private readonly List<Observation> _unrecorded = [];
    private readonly MonitorSetup _setup;
    private readonly LoopServices _services;
    private readonly MonitorPlan _plan;
    private readonly MetricStore _store;
    private readonly IDisposable _alone;
    private readonly MonitorCore _core;
    private readonly Anchors _anchors;
    private readonly Outbox _outbox;
    private readonly WatchSet _watches;
    private readonly MonitorOutlets _outlets;
    private CancellationToken _stop;

    /// <summary>Takes the store for itself.</summary>
    /// <exception cref="ProdOpsException">Another monitor has it, it cannot be opened, or a rule cannot be used.</exception>
    public HealthLoop(MonitorSetup setup, MonitoringFolder folder, LoopServices services)
    {
        (_setup, _services) = (setup, services);
        var rules = setup.MakeRules();
        _plan = setup.MakePlan(rules);
        _alone = folder.TryLock() ?? throw MonitoringErrors.MonitorRuns(folder.Path);
        try
        {
            _store = folder.Open(services.Time, services.Activity);
        }
        catch
        {
            _alone.Dispose();
            throw;
        }

        try
        {
            _outlets = new MonitorOutlets(services.Outlets, _store, setup.Pace.Interval, services.Time, services.Activity);
        }
        catch
        {
            _store.Dispose();
            _alone.Dispose();
            throw;
        }

        _core = new MonitorCore(_plan, rules, _store, services.Time, services.Activity) { Measured = _outlets.Take };
        _anchors = new Anchors(setup.Anchors, services.Time);
        // The whole answer of a server is nothing that is decided by.
        _watches = new WatchSet(setup, services, (observation, token) => _work.Writer.WriteAsync(observation with { Report = null }, token));
        _outbox = new Outbox(services.Senders, setup.Routes.ToDictionary(static route => route.Name, static route => route.Channels, StringComparer.Ordinal), ReportAsync, services.Time);
    }

    /// <summary>Monitors until it is called off.</summary>
    /// <exception cref="ProdOpsException">What the last monitor left cannot be read, or another one has begun to write to the store.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stop = stop.Token;
        var started = _core.Start(_stop);
        foreach (var waiting in _core.State.Outbox.Values) _outbox.Enqueue(MessageWriter.Write(waiting, _core.State, _plan, _setup.Environment));
        Follow(started, enqueue: false);
        Follow(_core.Do((monitor, now) => monitor.KeepSilencesOf(now, [.. _services.Silences.Select(static watch => watch.Source)])));
        var silent = await Task.WhenAll(_services.Silences.Select(ReadFirstAsync)).ConfigureAwait(false);
        for (int i = 0; i < silent.Length; i++) if (silent[i] is { } silences) Take(_services.Silences[i].Source, silences);
        List<Task> tasks =
        [
            DecideAsync(), TickAsync(), KeepUpAsync(), _outbox.RunAsync(_stop), .. _watches.Start(_stop), .. _outlets.Start(_stop),
            .. _services.Silences.Select(watch => watch.RunAsync((source, taken) => Post(() => Take(source, taken)), _stop)),
        ];
        try
        {
            // What fails ends the monitor, and that ends all.
            await (await Task.WhenAny(tasks).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([.. tasks, .. _acting]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_work.Reader.TryRead(out object? left)) (left as Action)?.Invoke();
            Record();
            _core.Save(leastEvents: 1);
            _core.Beat();
        }
    }

    public void Dispose()
    {
        _outlets.Dispose();
        foreach (var watch in _services.Silences) watch.Dispose();
        _store.Dispose();
        _alone.Dispose();
        _watches.Dispose();
    }

    /// <summary>The one thread that decides.</summary>
    private async Task DecideAsync()
    {
        var observations = new List<Observation>();
        var others = new List<Action>();
        while (await _work.Reader.WaitToReadAsync(_stop).ConfigureAwait(false))
        {
            for (int count = 0; count < MostAtOnce && _work.Reader.TryRead(out object? work); count++)
            {
                if (work is Observation observation) observations.Add(observation);
                else others.Add((Action)work);
            }

            if (observations.Count > 0) await TakeAsync(observations).ConfigureAwait(false);
            foreach (var other in others) other();
            observations.Clear();
            others.Clear();
        }
    }

    private async Task TakeAsync(List<Observation> observations)
    {
        var round = _core.MakeRound(observations);
        if (_core.Monitor.WantsAnchors(round)) round = round with { AnchorsAnswer = await _anchors.AskAsync(_stop).ConfigureAwait(false) };
        Follow(_core.Observe(round));
        _unrecorded.AddRange(observations);
        if (_unrecorded.Count >= MostAtOnce) Record();
    }

    /// <summary>Keeps what was measured since the last tick: a transaction costs as much as many samples do, and nothing is decided by what the store holds of the last second.</summary>
    private void Record()
    {
        _core.Record(_unrecorded);
        _unrecorded.Clear();
    }
}
