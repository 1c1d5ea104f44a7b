using ProdOps.Monitoring.Metrics;
using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.Running;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Status;

namespace ProdOps.Monitoring.Watching;

/// <summary>
/// What was last found out about one server: each round tells a part of it. A round says what rules say of this moment, as a single look does; nothing is waited for.
/// </summary>
/// <param name="server">The server, or the host that is checked in the place of one.</param>
/// <param name="rules">The rules that apply to it.</param>
internal sealed class LiveServer(Server server, IReadOnlyList<(HealthRule Rule, Grading? Grading)> rules)
{
    private readonly Dictionary<(string Metric, string? Instance), Measured> _measured = [];
    private readonly Dictionary<string, Observation> _checks = new(StringComparer.Ordinal);
    private readonly TrendRing _trend = new();
    private Observation? _probe;
    private WatchedHealth? _looked;
    private IReadOnlyList<HealthCheckResult> _services = [], _missing = [];

    /// <summary>Takes in what was found out.</summary>
    public void Take(Observation observation)
    {
        _looked = null;
        if (observation.Check is { } check)
        {
            _checks[check] = observation with { Results = [.. observation.Results.Select(result => CheckGrading.Judge(result, rules))] };
            return;
        }

        bool isFirst = _probe?.Report is null;
        _probe = observation;
        if (observation.Report is { } report)
        {
            Measure(observation, report);
            if (observation.Parts.HasFlag(ProbeParts.Services)) _services = observation.Results;
            // Rates need two answers.
            _missing = isFirst ? [] : [.. new InstantJudge(server.Name, rules, report, observation.Time).Missing([.. _measured.Values.Select(static one => one.Value)])];
        }
        else
        {
            // What it was like before it fell silent says nothing about now.
            _measured.Clear();
            (_services, _missing) = ([], []);
        }

        _trend.Add(ValueOf("cpu.busy"), 100 - ValueOf("memory.available"), _measured.Values.Where(static one => one.Value.Metric == "disk.used").Max(static one => (double?)one.Value.Value));
    }

    /// <summary>How it is; without a time: nothing is known yet.</summary>
    public WatchedHealth Look() => _looked ??= Make();

    private WatchedHealth Make()
    {
        var observed = _checks.Values.Concat(_probe is null ? [] : [_probe]).ToList();
        var health = new ServerHealth { Server = server.Name, Roles = server.Roles };
        if (observed.Count == 0) return new WatchedHealth(health, HealthTrend.None);
        List<HealthCheckResult> checks = [.. _measured.Values.SelectMany(static one => one.Results), .. _services, .. _missing, .. _checks.Values.SelectMany(static one => one.Results)];
        if (_probe is { } probe)
        {
            string message = probe.Report is null ? probe.Message ?? "" : $"answered in {HealthThreshold.Format(probe.Duration.TotalSeconds, "s")}";
            checks.Add(new HealthCheckResult { Server = server.Name, Check = CheckKey.Reachability, State = probe.Reachability ?? HealthState.Unknown, Message = message, Time = probe.Time, Duration = probe.Duration });
        }

        // As old as the oldest that is asked for each round.
        var time = _probe?.Time ?? observed.Max(static one => one.Time);
        return new WatchedHealth(ServerLook.WithChecks(health, checks) with
        {
            Time = time,
            Duration = _probe?.Duration ?? TimeSpan.Zero,
            Metrics = [.. _measured.Values.Select(one => one.Sample(server.Name)), .. _checks.Values.SelectMany(static one => one.Results).SelectMany(static result => result.Metrics)],
            System = _probe?.Report?.System.Name ?? _probe?.Report?.System.Kernel,
            Uptime = _probe?.Report?.Uptime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        }, _trend.Trend);
    }

    private void Measure(Observation observation, ProbeReport report)
    {
        var judge = new InstantJudge(server.Name, rules, report, observation.Time);
        var fresh = new HashSet<(string Metric, string? Instance)>();
        foreach (var measurement in observation.Measurements)
        {
            var key = (measurement.Metric, measurement.Instance);
            fresh.Add(key);
            // Where it came with less, it belongs to that.
            var parts = _measured.TryGetValue(key, out var known) ? known.Parts & observation.Parts : observation.Parts;
            _measured[key] = new Measured(measurement, parts, observation.Time, [.. judge.Judge(measurement)]);
        }

        // What was asked for and did not come is there no more, such as a file system that was unmounted.
        foreach (var key in _measured.Where(one => !fresh.Contains(one.Key) && (one.Value.Parts & ~observation.Parts) == 0).Select(static one => one.Key).ToList()) _measured.Remove(key);
    }

    private double? ValueOf(string metric) => _measured.TryGetValue((metric, null), out var found) ? found.Value.Value : null;

    private sealed record Measured(Measurement Value, ProbeParts Parts, DateTimeOffset Time, IReadOnlyList<HealthCheckResult> Results)
    {
        public MetricSample Sample(string server) => new() { Server = server, Name = Value.Metric, Instance = Value.Instance, Value = Value.Value, Unit = MetricCatalog.UnitOf(Value.Metric), Time = Time };
    }
}
