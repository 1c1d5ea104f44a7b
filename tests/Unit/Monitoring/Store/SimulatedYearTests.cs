using ProdOps.Monitoring.Store;
using ProdOps.Servers.Inventory;

namespace ProdOps.Monitoring.Tests.Store;

/// <summary>A year of a few hours a day, with late samples, gaps and retention, held against lists that are computed the plain way.</summary>
public sealed class SimulatedYearTests : IDisposable
{
    private static readonly (string Server, string Metric, string? Instance)[] Series = [("db1", "disk.used", "/"), ("db1", "disk.used", "/var"), ("web1", "cpu.busy", null), ("web2", "load.1", null)];

    private static readonly RetentionSpans Spans = new() { Raw = TimeSpan.FromDays(14), FiveMinutes = TimeSpan.FromDays(60), Hours = TimeSpan.FromDays(200) };

    private readonly StoreCase _case = new();
    private readonly SortedDictionary<(long Time, int Series), double> _all = [];
    private readonly Random _random = new(2026);
    private readonly HashSet<long> _hours = [];
    private long _rawFrom, _fineFrom, _hourFrom;

    // So few that hours are sealed in parts as well.
    public SimulatedYearTests() => _case.Store.MostHot = 40;

    [Fact]
    public void A_year_of_samples_answers_every_question_as_plain_lists_do()
    {
        for (int day = 0; day < 365; day++)
        {
            foreach (int hour in Enumerable.Range(0, 2).Select(_ => _random.Next(24)).Distinct().Order()) Record(StoreCase.Start.AddDays(day).AddHours(hour));
            if (day % 30 == 29) Ask(10);
            _case.SetTime(StoreCase.Start.AddDays(day + 1).AddMinutes(_random.Next(120)));
            if (day % 3 != 0) _case.Store.Seal(default);
            if (day % 9 == 8) Retain();
        }

        Ask(120);
        var facts = _case.Store.Facts();
        Assert.Equal(_all.Count(entry => entry.Key.Time >= _rawFrom), facts.Samples);
        Assert.Empty(_case.Errors);
    }

    public void Dispose() => _case.Dispose();

    private void Record(DateTimeOffset hour)
    {
        _case.SetTime(hour.AddMinutes(59));
        var samples = new List<MetricSample>();
        for (int i = 0; i < 12; i++)
        {
            for (int series = 0; series < Series.Length; series++)
            {
                if (_random.Next(20) == 0) continue;
                var time = hour.AddSeconds(i * 300 + _random.Next(2));
                // A server that was away sends what it has kept.
                if (_random.Next(100) == 0) time = time.AddMinutes(-_random.Next(3000));
                double value = Math.Round(_random.NextDouble() * 100, _random.Next(4));
                samples.Add(StoreCase.Sample(time, value, Series[series].Server, Series[series].Metric, Series[series].Instance));
                long moment = time.ToUnixTimeMilliseconds();
                if (moment < _rawFrom) continue;
                _all[(moment, series)] = value;
                _hours.Add(moment / ChunkTable.Hour);
            }
        }

        _case.Store.Append(samples);
    }

    private void Retain()
    {
        _case.Store.Retain(Spans, default);
        long now = _case.Time.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds() / ChunkTable.Hour;
        // The clock is believed up to twelve recorded hours.
        long believed = _hours.Where(hour => hour < now).OrderDescending().Take(12).Min() + 12;
        long limit = Math.Min(believed * ChunkTable.Hour, _case.Time.GetUtcNow().ToUnixTimeMilliseconds());
        _rawFrom = Math.Max(_rawFrom, Floor(limit - (long)Spans.Raw.TotalMilliseconds, ChunkTable.Raw.Span));
        _fineFrom = Math.Max(_fineFrom, Floor(limit - (long)Spans.FiveMinutes.TotalMilliseconds, ChunkTable.FiveMinutes.Span));
        _hourFrom = Math.Max(_hourFrom, Floor(limit - (long)Spans.Hours.TotalMilliseconds, ChunkTable.Hours.Span));
        _hours.RemoveWhere(hour => hour * ChunkTable.Hour < _rawFrom);
    }

    private void Ask(int questions)
    {
        string[] servers = ["*", "*", "db1", "web?", "nobody"], metrics = ["*", "disk.*", "cpu.busy"];
        string?[] instances = [null, null, "/*", "/var"];
        for (int i = 0; i < questions; i++)
        {
            double length = Math.Pow(10, _random.NextDouble() * 4);
            var from = _case.Time.GetUtcNow().AddHours(-_random.NextDouble() * (_random.Next(3) == 0 ? 9000 : 500));
            var query = new MetricQuery
            {
                Server = servers[_random.Next(servers.Length)], Metric = metrics[_random.Next(metrics.Length)], Instance = instances[_random.Next(instances.Length)],
                From = from, To = from.AddMinutes(length), Resolution = (MetricResolution)_random.Next(1, 4), Function = (MetricFunction)_random.Next(6),
            };
            var actual = _case.Store.Query(query, default).Select(static sample => (sample.Time.ToUnixTimeMilliseconds(), sample.Server, sample.Name, sample.Instance, sample.Value)).ToList();
            Assert.Equal(Expected(query), actual);
        }
    }

    private List<(long, string, string, string?, double)> Expected(MetricQuery query)
    {
        long width = query.Resolution switch { MetricResolution.Raw => 1, MetricResolution.FiveMinutes => 300_000, _ => 3_600_000 };
        long kept = query.Resolution switch { MetricResolution.Raw => _rawFrom, MetricResolution.FiveMinutes => _fineFrom, _ => _hourFrom };
        long from = query.From.ToUnixTimeMilliseconds(), to = query.To.ToUnixTimeMilliseconds();
        return
        [
            .. _all.Where(entry => entry.Key.Time >= kept && Fits(query, Series[entry.Key.Series]))
                .GroupBy(entry => (Time: Floor(entry.Key.Time, width), entry.Key.Series))
                .Where(group => group.Key.Time + width > from && group.Key.Time < to)
                .OrderBy(static group => group.Key)
                .Select(group => (group.Key.Time, Series[group.Key.Series].Server, Series[group.Key.Series].Metric, Series[group.Key.Series].Instance, Value([.. group.Select(static entry => entry.Value)], width == 1 ? MetricFunction.Last : query.Function))),
        ];
    }

    private static bool Fits(MetricQuery query, (string Server, string Metric, string? Instance) series) =>
        NamePattern.IsMatch(query.Server, series.Server) && NamePattern.IsMatch(query.Metric, series.Metric) && (query.Instance is null || NamePattern.IsMatch(query.Instance, series.Instance ?? ""));

    private static double Value(double[] values, MetricFunction function) => function switch
    {
        MetricFunction.Minimum => values.Min(),
        MetricFunction.Maximum => values.Max(),
        MetricFunction.Last => values[^1],
        MetricFunction.Count => values.Length,
        MetricFunction.Sum => (double)values.Sum(static value => (decimal)value),
        _ => (double)values.Sum(static value => (decimal)value) / values.Length,
    };

    private static long Floor(long time, long width) => time - time % width;
}
