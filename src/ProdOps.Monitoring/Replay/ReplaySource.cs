using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Replay;

/// <summary>The history that a replay reads: the samples of some metrics of some servers, in the order of time.</summary>
/// <param name="store">The store.</param>
/// <param name="request">What is replayed.</param>
/// <param name="rules">The rules that take part.</param>
internal sealed class ReplaySource(MetricStore store, ReplayRequest request, IReadOnlyList<HealthRule> rules)
{
    // So many samples tell how often a metric was measured.
    private const int Looked = 20_000;

    private readonly string[] _metrics = [.. rules.Select(rule => rule.Metric).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>How fine the history is: the samples themselves as far as they are kept.</summary>
    public MetricResolution Resolution { get; } = Choose(store.Facts(), request);

    /// <summary>The servers that have such a metric, also if they are gone by now.</summary>
    public IReadOnlyList<string> Servers() =>
        [.. request.Servers.SelectMany(server => _metrics.SelectMany(metric => store.Latest(server, metric, null))).Select(sample => sample.Server).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>How often each metric was measured, mostly; nothing for one that was not.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Paces(CancellationToken cancellationToken)
    {
        var paces = new Dictionary<string, TimeSpan>(StringComparer.OrdinalIgnoreCase);
        foreach (string metric in _metrics)
        {
            var last = new Dictionary<(string Server, string? Instance), DateTimeOffset>();
            var gaps = new List<TimeSpan>();
            foreach (var sample in request.Servers.SelectMany(server => store.Query(Query(server, metric, request.From), cancellationToken).Take(Looked)))
            {
                if (last.TryGetValue((sample.Server, sample.Instance), out var before) && sample.Time > before) gaps.Add(sample.Time - before);
                last[(sample.Server, sample.Instance)] = sample.Time;
            }

            if (gaps.Count == 0) continue;
            gaps.Sort();
            paces[metric] = gaps[gaps.Count / 2];
        }

        return paces;
    }

    /// <summary>The samples from a moment on, which may be before what is replayed, to fill windows.</summary>
    public IEnumerable<MetricSample> Samples(DateTimeOffset from, CancellationToken cancellationToken) =>
        Merge([.. request.Servers.SelectMany(server => _metrics.Select(metric => store.Query(Query(server, metric, from), cancellationToken)))]);

    /// <summary>The means of hours, for what is usual at each hour of the week.</summary>
    public IEnumerable<MetricSample> Hours(DateTimeOffset from, CancellationToken cancellationToken)
    {
        string[] metrics = [.. rules.Where(rule => rule.Function == HealthFunction.Baseline).Select(rule => rule.Metric!).Distinct(StringComparer.OrdinalIgnoreCase)];
        return Merge([.. request.Servers.SelectMany(server => metrics.Select(metric => store.Query(new MetricQuery { Server = server, Metric = metric, From = from, To = request.To, Resolution = MetricResolution.Hour }, cancellationToken)))]);
    }

    private MetricQuery Query(string server, string metric, DateTimeOffset from) =>
        new() { Server = server, Metric = metric, From = from, To = request.To, Resolution = Resolution, Function = FunctionOf(rules.First(rule => metric.Equals(rule.Metric, StringComparison.OrdinalIgnoreCase))) };

    /// <summary>What stands for the samples of a while: the worst of them where each is looked at by itself.</summary>
    private static MetricFunction FunctionOf(HealthRule rule) => rule.Function switch
    {
        HealthFunction.Last => (rule.Warning ?? rule.Critical)?.Comparison is HealthComparison.Below or HealthComparison.AtMost ? MetricFunction.Minimum : MetricFunction.Maximum,
        HealthFunction.Minimum => MetricFunction.Minimum,
        HealthFunction.Maximum or HealthFunction.Count => MetricFunction.Maximum,
        HealthFunction.Delta or HealthFunction.Increase or HealthFunction.Rate => MetricFunction.Last,
        _ => MetricFunction.Average,
    };

    private static MetricResolution Choose(StoreFacts facts, ReplayRequest request)
    {
        // A store that is younger than what is asked for has all its samples.
        if (facts.OldestSample is not { } oldest || request.From >= oldest || facts.Oldest >= oldest) return MetricResolution.Raw;
        var kept = request.Environment?.Monitoring.Retention ?? new MetricRetentionOptions();
        return facts.Newest - request.From <= kept.FiveMinutes ? MetricResolution.FiveMinutes : MetricResolution.Hour;
    }

    private static IEnumerable<MetricSample> Merge(IReadOnlyList<IEnumerable<MetricSample>> all)
    {
        if (all.Count == 1) return all[0];
        return MergeMany(all);
    }

    private static IEnumerable<MetricSample> MergeMany(IReadOnlyList<IEnumerable<MetricSample>> all)
    {
        var readers = all.Select(samples => samples.GetEnumerator()).ToList();
        try
        {
            var next = new PriorityQueue<int, (DateTimeOffset Time, int Index)>();
            for (int i = 0; i < readers.Count; i++) if (readers[i].MoveNext()) next.Enqueue(i, (readers[i].Current.Time, i));
            while (next.TryDequeue(out int index, out _))
            {
                yield return readers[index].Current;
                if (readers[index].MoveNext()) next.Enqueue(index, (readers[index].Current.Time, index));
            }
        }
        finally
        {
            foreach (var reader in readers) reader.Dispose();
        }
    }
}
