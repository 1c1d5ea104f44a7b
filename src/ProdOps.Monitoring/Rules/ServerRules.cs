using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Rules;

/// <summary>The rules of one server at work: measurements and results of checks in, readings out.</summary>
internal sealed class ServerRules(string server, IReadOnlyList<(HealthRule Rule, Grading? Grading)> rules)
{
    private readonly Dictionary<(string Metric, string? Instance), Watched[]> _watches = [];

    public string Server => server;

    /// <summary>
    /// What a measurement means by each rule that looks at it. Where there are too few samples yet, the check is seen and nothing more.
    /// Allocates nothing but for a series that is seen for the first time.
    /// </summary>
    public void Evaluate(in Measurement measurement, DateTimeOffset time, Func<CheckKey, HealthState> levelOf, List<Reading> readings, List<CheckKey> seen)
    {
        foreach (var (watch, key) in WatchesOf(measurement))
        {
            var evaluation = watch.Evaluate(time, measurement.Value, levelOf(key));
            if (evaluation.Known) readings.Add(new Reading(key, evaluation.State, evaluation.Value));
            else seen.Add(key);
        }
    }

    /// <summary>The reading of a check that judges by itself, such as a plugin. A rule with wildcards is for checks that no other rule is for.</summary>
    public void Take(HealthCheckResult result, Func<CheckKey, HealthState> levelOf, List<Reading> readings)
    {
        int before = readings.Count;
        foreach (var (rule, grading) in rules)
        {
            if (string.Equals(rule.Check, result.Check, StringComparison.OrdinalIgnoreCase) && RuleSet.Covers(rule, result.Instance)) Add(rule, grading, result.Instance);
        }

        if (readings.Count > before || RuleSet.IsNamed(rules, result)) return;
        foreach (var (rule, grading) in rules)
        {
            // The check's name tells the instances of such a rule apart.
            if (rule.Check is { } pattern && NamePattern.IsMatch(pattern, result.Check) && RuleSet.Covers(rule, result.Instance)) Add(rule, grading, result.ToString());
        }

        void Add(HealthRule rule, Grading? grading, string? instance)
        {
            var key = new CheckKey(server, rule.Name, instance);
            var state = StateOf(result);
            if (grading is not null && result.Value is { } value && state != HealthState.Unknown && CheckGrading.IsAbout(rule, result)) state = Worse(state, grading.Grade(value, levelOf(key)));
            readings.Add(new Reading(key, state, result.Value, result.Message));
        }
    }

    /// <summary>The readings of rules about other rules, once the others' are there.</summary>
    public void Combine(Func<string, HealthState?> stateOf, List<Reading> readings)
    {
        foreach (var (rule, _) in rules)
        {
            if (rule.All.Count + rule.Any.Count > 0) readings.Add(new Reading(new CheckKey(server, rule.Name), RuleSet.Combine(rule, stateOf)));
        }
    }

    /// <summary>
    /// Fills the windows with what was measured before, as far back as <see cref="Windows"/>: a monitor that begins again would else take an
    /// empty window for peace.
    /// </summary>
    public void Recall(in Measurement measurement, DateTimeOffset time)
    {
        foreach (var (watch, _) in WatchesOf(measurement)) watch.Evaluate(time, measurement.Value, HealthState.OK);
    }

    /// <summary>The metrics that rules look back at, and how far.</summary>
    public IEnumerable<(string Metric, TimeSpan Window)> Windows => from entry in rules
                                                                    where entry.Rule is { Metric: not null } && entry.Rule.Window > TimeSpan.Zero
                                                                    group entry.Rule.Window by entry.Rule.Metric into metric
                                                                    select (metric.Key, metric.Max());

    /// <summary>The metrics that rules compare with what is usual.</summary>
    public IEnumerable<string> BaselineMetrics => rules.Where(static entry => entry.Rule is { Metric: not null, Function: HealthFunction.Baseline }).Select(static entry => entry.Rule.Metric!).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether there are rules about rules.</summary>
    public bool Combines { get; } = rules.Any(static entry => entry.Rule.All.Count + entry.Rule.Any.Count > 0);

    /// <summary>What is usual at each hour of the week for a series, where a rule compares with that: to be taught from the store's roll-ups.</summary>
    public IEnumerable<WeekBaseline> BaselinesOf(in Measurement measurement) => WatchesOf(measurement).Select(static watched => watched.Watch.Baseline).OfType<WeekBaseline>();

    /// <summary>Forgets what was sampled, e.g. since the clock was set.</summary>
    public void Forget()
    {
        foreach (var watched in _watches.Values.SelectMany(watches => watches)) watched.Watch.Forget();
    }

    private Watched[] WatchesOf(in Measurement measurement) =>
        _watches.TryGetValue((measurement.Metric, measurement.Instance), out var known) ? known : Watch(measurement.Metric, measurement.Instance);

    private Watched[] Watch(string metric, string? instance) => _watches[(metric, instance)] =
    [
        .. from entry in rules
           where entry.Grading is not null && metric.Equals(entry.Rule.Metric, StringComparison.OrdinalIgnoreCase) && RuleSet.Covers(entry.Rule, instance)
           select new Watched(new RuleWatch(entry.Rule, entry.Grading!, entry.Rule.Function == HealthFunction.Baseline ? new WeekBaseline() : null), new CheckKey(server, entry.Rule.Name, instance)),
    ];

    private static HealthState Worse(HealthState one, HealthState other) => one > other ? one : other;

    private static HealthState StateOf(HealthCheckResult result) => result.State is HealthState.OK or HealthState.Warning or HealthState.Critical ? result.State : HealthState.Unknown;

    private readonly record struct Watched(RuleWatch Watch, CheckKey Key);
}
