using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Replay;

/// <summary>
/// Replays history through a rule: the monitor itself, at the time of the samples. What was not measured counts for nothing: neither good nor bad, and nobody is told that it is missing.
/// </summary>
/// <param name="store">The history.</param>
/// <param name="request">What is replayed.</param>
/// <param name="activity">Takes what there is to tell.</param>
internal sealed class RuleReplay(MetricStore store, ReplayRequest request, IActivity activity)
{
    // What was measured within it was one look at a server.
    private static readonly TimeSpan OneLook = TimeSpan.FromSeconds(1);

    // So many samples until it is said how far the replay is.
    private const int Reported = 50_000;

    // Weeks that a baseline is taught by.
    private static readonly TimeSpan Taught = TimeSpan.FromDays(8 * 7);

    private readonly Dictionary<string, ServerRules> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<CheckKey, HealthState> _latest = [];
    private readonly List<Reading> _readings = [];
    private readonly List<CheckKey> _seen = [];
    private DateTimeOffset _swept;
    private TimeSpan _window;
    private bool _combines;

    /// <summary>When the rule would have fired, in the order of time.</summary>
    /// <exception cref="ProdOpsException">There is no such rule, it cannot be replayed, or there is no history of what it looks at.</exception>
    public IReadOnlyList<HealthRuleFiring> Run(CancellationToken cancellationToken)
    {
        var rules = Involved();
        var source = new ReplaySource(store, request, rules);
        string[] metrics = [.. rules.Select(rule => rule.Metric).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
        var servers = source.Servers();
        if (servers.Count == 0) throw MonitoringErrors.ReplayNothing(request.Rule, metrics, store.Path);
        var paces = source.Paces(cancellationToken);
        if (paces.Count == 0) throw MonitoringErrors.ReplayNothing(request.Rule, metrics, store.Path);
        var slowest = paces.Values.Max();
        rules = [.. rules.Select(rule => Paced(rule, paces, slowest))];
        (_window, _combines) = (rules.Max(rule => rule.Window), rules.Any(rule => rule.All.Count + rule.Any.Count > 0));
        var plan = MakePlan(servers, new RuleSet(rules), slowest);
        if (_rules.Count == 0) return [];
        activity.Verbose($"Replaying {string.Join(", ", metrics)} of {_rules.Count} servers, {(source.Resolution == MetricResolution.Raw ? "measured" : "rolled up")} every {HealthThreshold.Format(paces.Values.Min().TotalSeconds, "s")}.");
        var tested = rules.Last(rule => rule.Name == request.Rule);
        var threshold = tested.Warning ?? tested.Critical;
        var log = new FiringLog(request.Rule, threshold?.Comparison is not (HealthComparison.Below or HealthComparison.AtMost), threshold?.Unit ?? "");
        var end = Replay(plan, source, log, cancellationToken);
        activity.Verbose($"{log.Messages} messages in all.");
        return [.. log.Firings(end)];
    }

    /// <summary>The rule that is tested and those that it is made of.</summary>
    private HealthRule[] Involved()
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { request.Rule };
        for (int before = 0; before < names.Count;)
        {
            before = names.Count;
            foreach (var rule in request.Rules.Where(rule => names.Contains(rule.Name)).ToList()) names.UnionWith(rule.All.Concat(rule.Any));
        }

        // What a problem comes from is not asked: it may be of another metric, or of none.
        HealthRule[] involved = [.. request.Rules.Where(rule => names.Contains(rule.Name)).Select(rule => rule with { DependsOn = [] })];
        if (!involved.Any(rule => rule.Name == request.Rule)) throw MonitoringErrors.RuleNotFound(request.Rule, Servers.Inventory.Nearest.Find(request.Rule, request.Rules.Select(rule => rule.Name)));
        if (involved.FirstOrDefault(rule => rule.Check is not null) is { } check) throw MonitoringErrors.ReplayOfChecks(check.Name);
        return involved;
    }

    /// <summary>A rule at the pace at which history was measured: what comes more seldom than a rule expects would always be missing.</summary>
    private static HealthRule Paced(HealthRule rule, IReadOnlyDictionary<string, TimeSpan> paces, TimeSpan slowest)
    {
        var pace = rule.Metric is null ? slowest : paces.GetValueOrDefault(rule.Metric);
        if (pace == TimeSpan.Zero) return rule;
        return rule with { Interval = pace, Window = rule.Window > TimeSpan.Zero && rule.Window < 5 * pace ? 5 * pace : rule.Window };
    }

    private MonitorPlan MakePlan(IReadOnlyList<string> names, RuleSet rules, TimeSpan pace)
    {
        var known = (request.Environment?.Servers ?? []).ToDictionary(server => server.Name, StringComparer.OrdinalIgnoreCase);
        var servers = names.Select(name => new MonitoredServer(name) { Roles = known.GetValueOrDefault(name)?.Roles ?? [] }).ToList();
        foreach (var server in servers)
        {
            var holding = rules.For(server.Name, server.Roles);
            if (holding.Any(entry => entry.Rule.Name == request.Rule)) _rules[server.Name] = new ServerRules(server.Name, holding);
        }

        IReadOnlyList<NotificationRoute> routes = request.Environment is { Monitoring.Notify.Count: > 0 } environment ? environment.Monitoring.Notify : [new NotificationRoute { Name = "all" }];
        return new MonitorPlan(servers, rules, routes, new MonitorSettings { Interval = pace < TimeSpan.FromSeconds(30) ? TimeSpan.FromSeconds(30) : pace });
    }

    private DateTimeOffset Replay(MonitorPlan plan, ReplaySource source, FiringLog log, CancellationToken cancellationToken)
    {
        var monitor = new HealthMonitor(plan, new MonitorState());
        monitor.Start(request.From);
        var recalled = request.From - _window;
        using var hours = source.Hours(request.From - Taught, cancellationToken).GetEnumerator();
        bool more = hours.MoveNext();
        DateTimeOffset? look = null, last = null;
        long count = 0;
        foreach (var sample in source.Samples(recalled, cancellationToken))
        {
            if (++count % Reported == 0)
                activity.Progress(new ActivityProgress($"Replaying {request.Rule}", $"{count:N0} samples", Math.Clamp((sample.Time - request.From) / (request.To - request.From), 0, 1)));
            if (!_rules.TryGetValue(sample.Server, out var rules)) continue;
            var measurement = new Measurement(sample.Name, sample.Instance, sample.Value);
            // An hour is taught when it is over.
            for (; more && hours.Current.Time + TimeSpan.FromHours(1) <= sample.Time; more = hours.MoveNext())
            {
                if (!_rules.TryGetValue(hours.Current.Server, out var taught)) continue;
                foreach (var baseline in taught.BaselinesOf(new Measurement(hours.Current.Name, hours.Current.Instance, hours.Current.Value))) baseline.Learn(hours.Current.Time, hours.Current.Value);
            }

            if (sample.Time < request.From)
            {
                rules.Recall(measurement, sample.Time);
                continue;
            }

            if (look is { } begun && sample.Time - begun >= OneLook)
            {
                Observe(plan, monitor, log, last!.Value);
                look = null;
            }

            look ??= sample.Time;
            last = sample.Time;
            rules.Evaluate(measurement, sample.Time, monitor.State.LevelOf, _readings, _seen);
        }

        if (count >= Reported) activity.Progress(new ActivityProgress($"Replaying {request.Rule}", $"{count:N0} samples", 1, Completed: true));
        if (last is not { } end) return request.From;
        Observe(plan, monitor, log, end);
        // Who waits a moment to see what belongs together tells it then.
        log.Take(monitor.Advance(end + plan.Settings.GroupWait));
        log.Close();
        return end;
    }

    private void Observe(MonitorPlan plan, HealthMonitor monitor, FiringLog log, DateTimeOffset time)
    {
        if (_combines)
        {
            foreach (var reading in _readings) _latest[reading.Key] = reading.State;
            foreach (string server in _readings.Select(reading => reading.Key.Server).Distinct().ToList())
                _rules[server].Combine(rule => WorstOf(server, rule), _readings);
        }

        // What is not measured any more is not missing: that is another rule's business.
        if (time - _swept >= plan.Settings.Interval || time < _swept)
        {
            _swept = time;
            _seen.AddRange(monitor.State.Checks.Keys);
        }

        log.Take(time, _readings);
        var events = monitor.Observe(new Round(time, _readings) { Seen = _seen });
        if (events.OfType<MonitorBlind>().Any()) foreach (var rules in _rules.Values) rules.Forget();
        log.Take(events);
        _readings.Clear();
        _seen.Clear();
    }

    private HealthState? WorstOf(string server, string rule)
    {
        HealthState? worst = null;
        foreach (var (key, state) in _latest) if (key.Server == server && key.Rule == rule && (worst is null || state > worst)) worst = state;
        return worst;
    }
}
