using ProdOps.Monitoring.Incidents;

namespace ProdOps.Monitoring.States;

/// <summary>
/// The heart of monitoring: rounds of readings in, events out. It decides, and every decision is an event that is applied at once; what it
/// returns is to be kept before anything is done about it. It never looks at a clock, a file or a network.
/// </summary>
internal sealed partial class HealthMonitor
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly MonitorPlan _plan;
    private readonly Causes _causes;
    private readonly IncidentIndex _index;
    private readonly IncidentKeeper _incidents;
    private readonly Notifier _notifier;
    private readonly ActionChooser _actions;
    private readonly List<CheckKey> _changed = [];
    private List<MonitorEvent> _events = [];
    private DateTimeOffset _now;
    private DateTimeOffset? _last;

    public HealthMonitor(MonitorPlan plan, MonitorState state)
    {
        (_plan, State) = (plan, state);
        _causes = new Causes(plan, state) { LastHeard = server => _seen.GetValueOrDefault(CheckKey.ReachabilityOf(server))?.Last };
        _index = new IncidentIndex(plan, state);
        _incidents = new IncidentKeeper(plan, state, _causes, _index, Emit);
        _notifier = new Notifier(plan, state, _causes, _index, Emit);
        _actions = new ActionChooser(plan, state, _causes, Emit);
    }

    public MonitorState State { get; }

    /// <summary>Steady time now: what everything that must last or be waited for is measured in.</summary>
    private DateTimeOffset Steady => State.Steady(_now);

    /// <summary>
    /// Begins, or goes on where another left off. For how long nobody looked is said by the event that comes of it; nothing is decided from that time.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="lastAlive">When the one before was last known to be alive, if anybody wrote that down.</param>
    public IReadOnlyList<MonitorEvent> Start(DateTimeOffset now, DateTimeOffset? lastAlive = null)
    {
        Begin(now);
        TellBlind(lastAlive, TimeSpan.Zero);
        _last = now;
        Remember();
        EndWhatWasUnderWay();
        DropWhatIsGone();
        MakeGood();
        return End();
    }

    /// <summary>
    /// Is to come before what somebody writes while no monitor runs: that nobody looked until then would else not be known any more. Of moments between two such nothing is said.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="lastAlive">When a monitor was last known to be alive, if anybody wrote that down.</param>
    public IReadOnlyList<MonitorEvent> Visit(DateTimeOffset now, DateTimeOffset? lastAlive)
    {
        Begin(now);
        TellBlind(lastAlive, Moment);
        return End();
    }

    /// <summary>Takes in what was found out.</summary>
    public IReadOnlyList<MonitorEvent> Observe(Round round)
    {
        Begin(round.Time);
        KeepTime();
        if (!KeepApart(round))
        {
            foreach (var key in round.Seen) See(key);
            // Whether a server is there comes first: it decides what the rest means.
            foreach (var reading in round.Readings) if (reading.Key.IsReachability) Take(reading);
            foreach (var reading in round.Readings) if (!reading.Key.IsReachability) Take(reading);
            Settle();
        }

        return End();
    }

    /// <summary>Lets time go by: what went missing, what was waited for. To be called as often as rounds are, whether or not one came.</summary>
    public IReadOnlyList<MonitorEvent> Advance(DateTimeOffset now)
    {
        Begin(now);
        KeepTime();
        if (State.Isolated is null) Settle();
        return End();
    }

    /// <summary>Somebody works on an incident: nobody is reminded, and nobody else called.</summary>
    /// <exception cref="ProdOpsException">There is no such open incident.</exception>
    public IReadOnlyList<MonitorEvent> Acknowledge(DateTimeOffset now, long incident, string by, string comment = "", DateTimeOffset? until = null, bool sticky = false)
    {
        if (!State.Incidents.TryGetValue(incident, out var open) || open.Resolved is not null) throw MonitoringErrors.IncidentNotFound(incident);
        Begin(now);
        Emit(new IncidentAcknowledged(incident, new Acknowledgement(by, comment, until, sticky, open.Severity)));
        return End();
    }

    /// <summary>Announces work.</summary>
    /// <exception cref="ProdOpsException">It makes no sense: it ends before it begins, or its recurrence is not cron's.</exception>
    public IReadOnlyList<MonitorEvent> SetDowntime(DateTimeOffset now, Downtime downtime)
    {
        if (downtime.Until <= downtime.From) throw MonitoringErrors.DowntimeInvalid("it ends before it begins", "Give it a later end, or a duration.");
        if (downtime.Length <= TimeSpan.Zero) throw MonitoringErrors.DowntimeInvalid("it lasts no time at all", "Give it a duration such as '30m'.");
        if (downtime is { Recurrence: not null, Length: null }) throw MonitoringErrors.DowntimeInvalid("nobody knows how long each time lasts", "Give it a duration such as '30m'.");
        if (downtime.Recurrence is { } recurrence) _ = Servers.Schedules.CronExpression.Parse(recurrence);
        Begin(now);
        Emit(new DowntimeSet(downtime));
        return End();
    }

    /// <summary>Ends announced work before its time.</summary>
    /// <exception cref="ProdOpsException">There is no such downtime.</exception>
    public IReadOnlyList<MonitorEvent> RemoveDowntime(DateTimeOffset now, long downtime, string? by = null)
    {
        if (!State.Downtimes.TryGetValue(downtime, out var known)) throw MonitoringErrors.DowntimeNotFound(downtime);
        if (known.Source is { } source) throw MonitoringErrors.DowntimeElsewhere(downtime, source, known.Silence ?? "");
        Begin(now);
        Emit(new DowntimeEnded(downtime, by));
        return End();
    }

    private void TellBlind(DateTimeOffset? lastAlive, TimeSpan least)
    {
        if (State.LastNumber == 0 || State.Isolated is not null) return;
        var from = lastAlive > State.LastTime ? lastAlive.Value : State.LastTime;
        if ((_now - from).Duration() > least) Emit(new MonitorBlind(from, _now < from ? BlindReason.ClockSetBack : BlindReason.Stopped));
    }

    private void Begin(DateTimeOffset now)
    {
        (_now, _events) = (now, []);
        _changed.Clear();
    }

    private List<MonitorEvent> End() => _events;

    private void Emit(MonitorEvent happened)
    {
        happened = happened with { Number = State.LastNumber + 1, Time = _now };
        _index.Foresee(happened);
        State.Apply(happened);
        _events.Add(happened);
    }

    /// <summary>
    /// A clock that was set and a machine that slept prove nothing about the servers: that time is taken out of steady time, in which everything waits.
    /// </summary>
    private void KeepTime()
    {
        if (_last is { } last && State.Isolated is null)
        {
            if (_now < last) Emit(new MonitorBlind(last, BlindReason.ClockSetBack));
            else if (_now - last > 2.5 * _plan.Settings.Interval) Emit(new MonitorBlind(last, BlindReason.Gap));
        }

        _last = _now;
    }

    private void Settle()
    {
        MissWhatIsStale();
        foreach (var key in _changed) if (key.IsReachability) { JudgeServers(); break; }
        EndDowntimes();
        _incidents.Settle(_changed, _now);
        if (_changed.Count > 0) _actions.Decide([.. _events.OfType<CheckChanged>()], _now);
        _notifier.Decide(_now);
    }

    private void EndDowntimes()
    {
        foreach (var downtime in State.Downtimes.Values.ToList())
        {
            if (downtime is { IsFlexible: true, Began: null } && _now >= downtime.From && _now < downtime.Until
                && _changed.Exists(key => downtime.Covers(key) && State.Checks.TryGetValue(key, out var check) && check.Shown != HealthState.OK))
                Emit(new DowntimeBegan(downtime.Id));
            else if (downtime.IsOver(_now)) Emit(new DowntimeEnded(downtime.Id));
        }
    }
}
