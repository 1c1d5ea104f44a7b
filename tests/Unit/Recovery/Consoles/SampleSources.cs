using System.Runtime.CompilerServices;
using System.Text;
using ProdOps.Logging;
using ProdOps.Logging.Conditions;
using ProdOps.Logging.Searching;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Store;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Recovery.Consoles;
using ProdOps.Recovery.Tests.Reports;

namespace ProdOps.Recovery.Tests.Consoles;

/// <summary>What a console shows in tests: the report of the tests, lines and values that are made up.</summary>
internal static class SampleSources
{
    public static ConsoleSources Of(string name = "web1") => new()
    {
        Report = _ => Task.FromResult(SampleReport.Of(name)),
        Interval = TimeSpan.FromHours(1),
        Time = TimeProvider.System,
        Logs = _ => Task.FromResult(new OpenSearch(new Lines { Name = name }, new Nothing())),
        Condition = static text => text == "bad" ? throw LoggingErrors.WhereRefused(text, 1, 1, "it is bad <b>") : new Comparison("Status", LogOperator.Equal, 500L, false),
        Metrics = () => Task.FromResult(new OpenMetrics(new Values(name), new Nothing())),
        ServerNames = () => Task.FromResult<IReadOnlyList<string>>([name, "web2"]),
        ServersOf = static names => Task.FromResult(names),
    };

    internal sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }

    /// <summary>Lines without end, one a second back from now, unless only some are wanted.</summary>
    internal sealed class Lines : ILogSearch
    {
        public string Name { get; init; } = "web1";

        public LogQuery? Asked { get; private set; }

        /// <summary>Whether it goes on until nobody wants more.</summary>
        public bool IsEndless { get; init; }

        public TaskCompletionSource Ended { get; } = new();

        public async IAsyncEnumerable<IReadOnlyList<LogEntry>> SearchAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Asked = query;
            try
            {
                for (int i = 0; IsEndless || i < 3; i++)
                {
                    await Task.Yield();
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return [new LogEntry(Encoding.UTF8.GetBytes(Name), new Reader($"line {i} of {Name}")) { Time = query.After!.Value.AddSeconds(i), Server = Name, Source = Name }];
                }
            }
            finally
            {
                // Whether it is told that the browser has gone, or cannot write to it any more.
                Ended.TrySetResult();
            }
        }

        public Task<long> CountAsync(LogQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<LogMeasure>> MeasureAsync(LogQuery query, MeasureOptions options, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<LogMeasure>>(
            [.. Enumerable.Range(0, 3).Select(i => new LogMeasure { Time = query.After!.Value + (i * options.Interval!.Value * 10), Count = 700, Group = new Dictionary<string, object?> { ["Level"] = LogLevel.Error } })]);

        public IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(LogQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        private sealed class Reader(string message) : ILogLineReader
        {
            public LogLineContent Read(LogEntry entry) => new(LogLevel.Error, message, new Dictionary<string, object>());
        }
    }

    /// <summary>A value each hundredth of the time that is asked for, with a gap and a peak in it.</summary>
    internal sealed class Values(string name) : IMetricSource
    {
        public Task<IReadOnlyList<SeriesRow>> SeriesAsync(IReadOnlyList<string> servers, IReadOnlyList<string> metrics, IReadOnlyList<string> instances, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
        {
            SeriesRow[] all = [new(1, name, "cpu.busy", null, "%"), new(2, name, "disk.used", name, "%"), new(3, name, "net.received", "eth0", "B/s")];
            return Task.FromResult<IReadOnlyList<SeriesRow>>([.. all.Where(one => metrics.Count == 0 || metrics.Contains(one.Metric) || metrics.Contains("*"))]);
        }

        public async IAsyncEnumerable<(int Series, Rollup Rollup)> RollupsAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            for (int i = 0; i < 100; i++)
                if (i is < 40 or > 50) yield return (0, new Rollup((query.From + ((query.To - query.From) * i / 100)).ToUnixTimeMilliseconds(), 2, i, i == 77 ? 99 : i + 1, (2 * i) + 1, i));
        }

        public IAsyncEnumerable<MetricSample> QueryAsync(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<MetricSample>> LatestAsync(IReadOnlyList<SeriesRow> series, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ProdOpsException NotFound(string what, DateTimeOffset from, DateTimeOffset to) => throw new NotSupportedException();
    }
}
