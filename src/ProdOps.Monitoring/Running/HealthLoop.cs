using System.Threading.Channels;
using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Running.Outlets;
using ProdOps.Monitoring.Silences;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>What the loop needs from outside.</summary>
internal sealed record LoopServices
{
    /// <summary>Asks a server by the probe.</summary>
    public required Func<Server, ProbeRequest, CancellationToken, Task<ProbeAnswer>> Ask { get; init; }

    /// <summary>Brings messages to people, by the names of channels.</summary>
    public IReadOnlyDictionary<string, INotificationSender> Senders { get; init; } = new Dictionary<string, INotificationSender>();

    /// <summary>Does what is to be done.</summary>
    public required ActionRunner Actions { get; init; }

    /// <summary>The ways by which what is measured gets to others.</summary>
    public OutletOptions Outlets { get; init; } = new();

    /// <summary>The Alertmanagers whose silences hold. They are the loop's to end.</summary>
    public IReadOnlyList<SilenceWatch> Silences { get; init; } = [];

    /// <summary>Is told of all that happens, in order; called by one thread at a time, and should not wait.</summary>
    public Action<IReadOnlyList<MonitorEvent>, MonitorState> Happened { get; init; } = static (_, _) => { };

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public IActivity Activity { get; init; } = SilentActivity.Instance;
}

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

    /// <summary>Has done what was decided.</summary>
    private void Follow(Committed committed, bool enqueue = true)
    {
        if (committed.Events.Count == 0) return;
        foreach (var happened in committed.Events)
        {
            if (happened is NotificationDecided decided && enqueue) _outbox.Enqueue(MessageWriter.Write(decided, _core.State, _plan, _setup.Environment));
            else if (happened is ActionBegun begun && _plan.Actions.FirstOrDefault(action => action.Name == begun.Action) is { } action) Act(action, begun, committed.Kept);
        }

        _services.Happened(committed.Events, _core.State);
    }

    private void Act(HealthAction action, ActionBegun begun, bool kept)
    {
        _acting.RemoveAll(static task => task.IsCompleted);
        // What might be done twice because nobody could write down that it was is not done at all.
        if (!kept && !action.IsDiagnosis) Post(() => Follow(_core.Do((monitor, now) => monitor.EndAction(now, begun.Number, null, "It was not done, since nothing can be written down."))));
        else _acting.Add(ActAsync(action, begun, _core.State.Checks.GetValueOrDefault(begun.Key)?.Value));
    }

    private async Task ActAsync(HealthAction action, ActionBegun begun, double? value)
    {
        var outcome = await _services.Actions.RunAsync(action, begun, value, _stop).ConfigureAwait(false);
        Post(() => Follow(_core.Do((monitor, now) => monitor.EndAction(now, begun.Number, outcome.ExitCode, outcome.Output))));
    }

    /// <summary>What became of a message or a channel.</summary>
    private ValueTask ReportAsync(OutboxReport report)
    {
        // Also while the monitor ends: what arrived is written down then, and not sent again.
        var work = (Action)(() => TakeIn(report));
        return _work.Writer.TryWrite(work) ? ValueTask.CompletedTask : _work.Writer.WriteAsync(work, _stop);
    }

    private void TakeIn(OutboxReport report)
    {
        switch (report)
        {
            case OutboxReport.Delivered done:
                Follow(_core.Do((monitor, now) => monitor.Delivered(now, done.Id, done.Channel)));
                // It may have been dead when the monitor before this one ended.
                Follow(_core.Do((monitor, now) => monitor.ChangeChannel(now, done.Channel, null)));
                break;
            case OutboxReport.GivenUp done: Follow(_core.Do((monitor, now) => monitor.GiveUp(now, done.Id, done.Reason))); break;
            // That is known from the beginning, and is over with the next monitor that finds it corrected.
            case OutboxReport.ChannelFailed failed when _services.Senders.GetValueOrDefault(failed.Channel) is InvalidChannel: break;
            case OutboxReport.ChannelFailed failed: Follow(_core.Do((monitor, now) => monitor.ChangeChannel(now, failed.Channel, failed.Error))); break;
            case OutboxReport.ChannelWorks works: Follow(_core.Do((monitor, now) => monitor.ChangeChannel(now, works.Channel, null))); break;
        }
    }

    private void Post(Action work)
    {
        // The queue is full only for moments, and nobody who reports waits for it.
        if (!_work.Writer.TryWrite(work)) _ = _work.Writer.WriteAsync(work, _stop).AsTask();
    }

    private async Task TickAsync()
    {
        // What waits, e.g. for others of the same cause, is looked at each time: whoever looks every second wants to know within the next.
        var tick = _setup.Pace.Interval / 4;
        using var timer = new PeriodicTimer(tick < ShortestTick ? ShortestTick : tick > LongestTick ? LongestTick : tick, _services.Time);
        long told = 0;
        do
        {
            await _work.Writer.WriteAsync((Action)OnTick, _stop).ConfigureAwait(false);
            if (_anchors.IsDue) await _anchors.AskAsync(_stop).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(_stop).ConfigureAwait(false));

        void OnTick()
        {
            _outlets.Decided();
            Record();
            Follow(_core.Advance());
            _core.AnswerRequests(committed => Follow(committed));
            if (told == 0 || _services.Time.GetElapsedTime(told) >= _setup.Pace.Interval / 2)
            {
                told = _services.Time.GetTimestamp();
                _core.Beat();
                Follow(_core.Observe(_core.MakeRound([AboutItself()])));
            }

            _watches.Hurry(_core.Monitor.UrgentServers());
        }
    }

    private Observation AboutItself()
    {
        var now = _services.Time.GetUtcNow();
        var results = new List<HealthCheckResult> { Result(MonitorSetup.StoreRule, null, _core.StoreFailure?.Message) };
        foreach (var (outlet, trouble) in _outlets.States) results.Add(Result(MonitorSetup.MetricsRule, outlet, trouble));
        foreach (var (channel, sender) in _services.Senders) results.Add(Result(MonitorSetup.ChannelRule, channel, (sender as InvalidChannel)?.Error.Message ?? _core.State.DeadChannels.GetValueOrDefault(channel)));
        return new Observation(MonitorSetup.Itself, now) { Results = results };

        HealthCheckResult Result(string check, string? instance, string? error) =>
            new() { Server = MonitorSetup.Itself, Check = check, Instance = instance, State = error is null ? HealthState.OK : HealthState.Critical, Message = error ?? "", Time = now };
    }

    /// <summary>Seals, deletes, and writes snapshots, beside the work.</summary>
    private async Task KeepUpAsync()
    {
        using var timer = new PeriodicTimer(Upkeep, _services.Time);
        long retained = _services.Time.GetTimestamp();
        var taught = _services.Time.GetUtcNow();
        while (await timer.WaitForNextTickAsync(_stop).ConfigureAwait(false))
        {
            try
            {
                var done = _store.Seal(_stop);
                if (done.Hours > 0 && _services.Time.GetUtcNow() is var now && now - taught >= TimeSpan.FromHours(1))
                {
                    var from = taught;
                    taught = now;
                    Post(() => _core.Teach(from, now, _stop));
                }

                if (_services.Time.GetElapsedTime(retained) >= Retention)
                {
                    retained = _services.Time.GetTimestamp();
                    _store.Retain(_setup.Retention, _stop);
                }
            }
            catch (ProdOpsException error)
            {
                _services.Activity.Warning(error.Message);
            }

            Post(() => _core.Save(SnapshotEvents));
        }
    }
}
