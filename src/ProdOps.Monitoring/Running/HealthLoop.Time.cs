using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Notifications;

namespace ProdOps.Monitoring.Running;

/// <content>What is done as time goes by.</content>
internal sealed partial class HealthLoop
{
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
        var results = new List<HealthCheckResult> { Result(MonitorSetup.StoreRule, null, _core.StoreFailure?.Message), Result(MonitorSetup.PaceRule, null, _core.Lateness) };
        foreach (var (outlet, trouble) in _outlets.States) results.Add(Result(MonitorSetup.MetricsRule, outlet, trouble));
        foreach (var (channel, sender) in _services.Senders) results.Add(Result(MonitorSetup.ChannelRule, channel, (sender as InvalidChannel)?.Error.Message ?? _core.State.DeadChannels.GetValueOrDefault(channel)));
        return new Observation(MonitorSetup.Itself, now) { Results = results };

        HealthCheckResult Result(string check, string? instance, string? error) =>
            new() { Server = MonitorSetup.Itself, Check = check, Instance = instance, State = error is null ? HealthState.OK : HealthState.Critical, Message = error ?? "", Time = now };
    }

    /// <summary>Seals, deletes, adds up and writes snapshots, beside the work.</summary>
    private async Task KeepUpAsync()
    {
        // Where years are to be added up, nobody waits for that.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var timer = new PeriodicTimer(Upkeep, _services.Time);
        long retained = _services.Time.GetTimestamp();
        var taught = _services.Time.GetUtcNow();
        AddUp();
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
                    AddUp();
                }
            }
            catch (ProdOpsException error)
            {
                _services.Activity.Warning(error.Message);
            }

            Post(() => _core.Save(SnapshotEvents));
        }

        void AddUp()
        {
            try
            {
                new OutageCheckpoints(_store, _services.Time).KeepUp(_stop);
            }
            catch (ProdOpsException error)
            {
                _services.Activity.Warning(error.Message);
            }
        }
    }
}
