using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>What a step of the monitor led to.</summary>
/// <param name="Events">What happened.</param>
/// <param name="Kept">Whether all of it is on disk. What must not be done twice is only done then.</param>
internal readonly record struct Committed(IReadOnlyList<MonitorEvent> Events, bool Kept);

/// <summary>
/// From what was found out to what happened, kept: rules, state machine, store. For one thread at a time. A store that cannot be written to does not stop
/// it: events wait in memory, and people are told all the same.
/// </summary>
internal sealed class MonitorCore
{
    // Weeks that a baseline is taught by.
    private static readonly TimeSpan Taught = TimeSpan.FromDays(8 * 7);

    private readonly MonitorPlan _plan;
    private readonly MetricStore _store;
    private readonly TimeProvider _time;
    private readonly IActivity _activity;
    private readonly Dictionary<string, ServerRules> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<CheckKey>> _keys = new(StringComparer.Ordinal);
    private readonly List<MonitorEvent> _unkept = [];
    private readonly List<RequestAnswered> _answers = [];
    private HealthMonitor? _monitor;
    private long _savedNumber;

    public MonitorCore(MonitorPlan plan, RuleSet rules, MetricStore store, TimeProvider time, IActivity activity)
    {
        (_plan, _store, _time, _activity) = (plan, store, time, activity);
        foreach (var server in plan.Servers) _rules[server.Name] = new ServerRules(server.Name, rules.For(server.Name, server.Roles));
    }

    public HealthMonitor Monitor => _monitor ?? throw new InvalidOperationException("The monitor has not begun.");

    public MonitorState State => Monitor.State;

    /// <summary>Is told of what was measured.</summary>
    public Action<IReadOnlyList<MetricSample>> Measured { get; init; } = static _ => { };

    /// <summary>Why nothing can be written, while that is so.</summary>
    public ProdOpsException? StoreFailure { get; private set; }

    /// <summary>What to say of servers that are not looked at in time, while there are more of them than a few whose answers take long.</summary>
    public string? Lateness => Monitor.Lateness() is var (late, all) && late >= 3 && late * 10 > all ? $"{late} of {all} servers were not asked for so long that nothing is known of them." : null;

    /// <summary>Goes on where the last monitor left off.</summary>
    /// <exception cref="ProdOpsException">What it left cannot be read.</exception>
    public Committed Start(CancellationToken cancellationToken)
    {
        var state = _store.Monitor.Load(cancellationToken);
        _savedNumber = state.LastNumber;
        _monitor = new HealthMonitor(_plan, state);
        var now = _time.GetUtcNow();
        foreach (var rules in _rules.Values) Recall(rules, now, cancellationToken);
        Teach(now - Taught, now, cancellationToken);
        return Keep(_monitor.Start(now, _store.Monitor.LastAlive));
    }

    /// <summary>The round that observations make.</summary>
    public Round MakeRound(IReadOnlyList<Observation> observations)
    {
        var readings = new List<Reading>();
        var seen = new List<CheckKey>();
        Func<CheckKey, HealthState> levelOf = State.LevelOf;
        foreach (var observation in observations)
        {
            if (!_rules.TryGetValue(observation.Server, out var rules)) continue;
            int before = readings.Count;
            if (observation.Reachability is { } reach)
                rules.Take(new HealthCheckResult { Check = CheckKey.Reachability, State = reach, Message = observation.Message ?? "" }, levelOf, readings);
            foreach (var measurement in observation.Measurements) rules.Evaluate(measurement, observation.Time, levelOf, readings, seen);
            foreach (var result in observation.Results)
            {
                rules.Take(result, levelOf, readings);
                foreach (var sample in result.Metrics) rules.Evaluate(new Measurement(sample.Name, sample.Instance, sample.Value), observation.Time, levelOf, readings, seen);
            }

            if (rules.Combines) Combine(rules, readings, before);
        }

        return new Round(_time.GetUtcNow(), readings) { Seen = seen };
    }

    /// <summary>Takes in a round.</summary>
    public Committed Observe(Round round) => Keep(Monitor.Observe(round));

    /// <summary>Keeps what was measured.</summary>
    public void Record(IReadOnlyList<Observation> observations)
    {
        var samples = new List<MetricSample>();
        foreach (var observation in observations)
        {
            foreach (var value in observation.Measurements)
                samples.Add(new MetricSample { Server = observation.Server, Name = value.Metric, Instance = value.Instance, Value = value.Value, Unit = MetricCatalog.UnitOf(value.Metric), Time = observation.Time });
            foreach (var result in observation.Results) samples.AddRange(result.Metrics.Select(sample => sample with { Server = observation.Server, Time = observation.Time }));
        }

        if (samples.Count == 0) return;
        Measured(samples);
        Write(() => _store.Append(samples));
    }

    /// <summary>Lets time go by.</summary>
    public Committed Advance() => Keep(Monitor.Advance(_time.GetUtcNow()));

    /// <summary>Takes in what somebody wants, or what became of something.</summary>
    /// <exception cref="ProdOpsException">It cannot be.</exception>
    public Committed Do(Func<HealthMonitor, DateTimeOffset, IReadOnlyList<MonitorEvent>> what) => Keep(what(Monitor, _time.GetUtcNow()));

    /// <summary>Carries out what other processes ask for. What cannot be kept holds until the monitor ends, is told so, and is not carried out again.</summary>
    /// <param name="follow">Is told what came of each.</param>
    public void AnswerRequests(Action<Committed> follow) => Write(() => RequestDesk.Answer(_store, id => _answers.Exists(owed => owed.Id == id), (id, request) =>
    {
        var events = request.CarryOut(Monitor, _time.GetUtcNow());
        _answers.Add(RequestAnswer.To(id, events));
        var committed = Keep(events);
        follow(committed);
        return committed.Kept;
    }));

    /// <summary>Writes down that the monitor is alive.</summary>
    public void Beat() => Write(() => _store.Monitor.Beat(_time.GetUtcNow()));

    /// <summary>Keeps what all events add up to, so that the next start need not read them.</summary>
    public void Save(long leastEvents)
    {
        if (State.LastNumber - _savedNumber < leastEvents || _unkept.Count > 0) return;
        if (Write(() => _store.Monitor.Save(State))) _savedNumber = State.LastNumber;
    }

    /// <summary>Teaches the rules that compare with what is usual by what was measured between.</summary>
    public void Teach(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        foreach (var rules in _rules.Values)
        {
            foreach (string metric in rules.BaselineMetrics)
            {
                var query = new MetricQuery { Server = rules.Server, Metric = metric, From = from, To = to, Resolution = MetricResolution.Hour };
                foreach (var hour in _store.Query(query, cancellationToken))
                {
                    foreach (var baseline in rules.BaselinesOf(new Measurement(hour.Name, hour.Instance, hour.Value))) baseline.Learn(hour.Time, hour.Value);
                }
            }
        }
    }

    private Committed Keep(IReadOnlyList<MonitorEvent> events)
    {
        if (events.OfType<MonitorBlind>().Any())
        {
            // Before the gap nothing was seen that goes on behind it.
            foreach (var rules in _rules.Values) rules.Forget();
        }

        foreach (var happened in events) if (happened is CheckDropped dropped && _keys.TryGetValue(dropped.Key.Server, out var keys)) keys.Remove(dropped.Key);
        _unkept.AddRange(events);
        if (_unkept.Count > 0 && Write(() => _store.Monitor.Append(_unkept, _answers)))
        {
            _unkept.Clear();
            _answers.Clear();
            StoreFailure = null;
        }

        return new Committed(events, _unkept.Count == 0);
    }

    /// <summary>Writes; a failure is told when it begins.</summary>
    /// <exception cref="ProdOpsException">Another monitor writes to the store.</exception>
    private bool Write(Action write)
    {
        try
        {
            write();
            // What may be small enough to be written says nothing about what waits.
            if (_unkept.Count == 0) StoreFailure = null;
            return true;
        }
        catch (ProdOpsException failure) when (failure.ErrorId != MonitoringErrors.TwoMonitorsId)
        {
            if (StoreFailure is null) _activity.Error(failure);
            StoreFailure = failure;
            return false;
        }
    }

    private void Recall(ServerRules rules, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (metric, window) in rules.Windows)
        {
            var query = new MetricQuery { Server = rules.Server, Metric = metric, From = now - window, To = now, Resolution = MetricResolution.Raw };
            foreach (var sample in _store.Query(query, cancellationToken)) rules.Recall(new Measurement(sample.Name, sample.Instance, sample.Value), sample.Time);
        }
    }

    /// <summary>Rules about rules: what this round says goes before what was known.</summary>
    private void Combine(ServerRules rules, List<Reading> readings, int from)
    {
        if (!_keys.TryGetValue(rules.Server, out var keys)) _keys[rules.Server] = keys = [];
        var latest = new Dictionary<CheckKey, HealthState>();
        for (int i = from; i < readings.Count; i++)
        {
            keys.Add(readings[i].Key);
            latest[readings[i].Key] = readings[i].State;
        }

        rules.Combine(rule => StateOf(rule), readings);

        HealthState? StateOf(string rule)
        {
            HealthState? worst = null;
            foreach (var key in keys)
            {
                if (key.Rule != rule) continue;
                var state = latest.TryGetValue(key, out var said) ? said : State.Checks.TryGetValue(key, out var check) ? check.Missing ? HealthState.Unknown : check.Last : HealthState.Unknown;
                if (worst is null || state > worst) worst = state;
            }

            return worst;
        }
    }
}
