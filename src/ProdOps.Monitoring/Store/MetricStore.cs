using System.Runtime.InteropServices;
using ProdOps.Monitoring.Store.Chunks;
using ProdOps.Servers.Inventory;
using SQLitePCL;

namespace ProdOps.Monitoring.Store;

/// <summary>
/// The history of all metrics, in one file: samples of the last while as rows, older ones in chunks of an hour, and what they come to in 5 minutes and in an hour.
/// May be used from several threads; reads and writes do not wait for each other.
/// </summary>
internal sealed class MetricStore : IDisposable
{
    /// <summary>How far ahead of this machine's clock a sample may be.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>How long after its end an hour is sealed: what comes later is taken in as well, and costs more.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private const string RawFrom = "SELECT value FROM setting WHERE name = 'raw_from'";
    private const string LatestHot = "SELECT time, series, value FROM sample WHERE time <= $1 ORDER BY time DESC";
    private const string LastHours = "SELECT id, last_hour FROM series WHERE last_hour IS NOT NULL";

    private readonly StoreFile _file;
    private readonly TimeProvider _time;
    private readonly SeriesTable _series = new();
    private readonly Sealer _sealer;
    private readonly MetricReader _reader;

    private MetricStore(StoreFile file, TimeProvider time, IActivity activity)
    {
        _file = file;
        _time = time;
        _sealer = new Sealer(file.Path, activity);
        _reader = new MetricReader(file, activity);
        Events = new EventStore(file);
        Monitor = new MonitorRecord(file, Events);
        Requests = new RequestTable(file);
        Unsent = new UnsentTable(file);
        Checkpoints = new CheckpointTable(file);
    }

    public string Path => _file.Path;

    /// <summary>With more samples than this outside of chunks, an hour is sealed in parts: this bounds memory and how long the file is held.</summary>
    public long MostHot { get; set; } = 1_000_000;

    /// <summary>What happened, in the same file.</summary>
    public EventStore Events { get; }

    /// <summary>What the monitor keeps of itself, in the same file.</summary>
    public MonitorRecord Monitor { get; }

    /// <summary>What the monitor is asked, in the same file.</summary>
    public RequestTable Requests { get; }

    /// <summary>What an engine elsewhere is still to be sent, in the same file.</summary>
    public UnsentTable Unsent { get; }

    /// <summary>What events up to some moments add up to, in the same file.</summary>
    public CheckpointTable Checkpoints { get; }

    /// <summary>The first moment that anything is kept of, in five minutes or finer; <see langword="null"/> if there is nothing.</summary>
    public DateTimeOffset? Begin => _file.Read(static connection => ResolutionChoice.Start(connection, ChunkTable.FiveMinutes)) is { } first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : null;

    /// <summary>Opens a store, and makes it if it is not there; with <paramref name="readOnly"/> it must be there.</summary>
    /// <exception cref="ProdOpsException">It cannot be opened, is damaged or of a later version.</exception>
    public static MetricStore Open(string path, TimeProvider time, IActivity activity, bool readOnly = false) => new(StoreFile.Open(path, readOnly), time, activity);

    /// <summary>Keeps a round of samples: all of it when this returns, or nothing if it throws.</summary>
    /// <exception cref="ProdOpsException">It could not be written.</exception>
    public AppendResult Append(IReadOnlyCollection<MetricSample> round)
    {
        long latest = (_time.GetUtcNow() + Ahead).ToUnixTimeMilliseconds();
        return _file.Write(connection =>
        {
            _series.Refresh(connection);
            // A clock that was ahead for long may have moved the limit into the future.
            long earliest = Math.Min((connection.Number(RawFrom) ?? 0) * ChunkTable.Hour, Math.Max(0, latest - 2 * ChunkTable.Hour));
            var rows = new List<HotRow>(round.Count);
            int old = 0, ahead = 0, odd = 0;
            foreach (var sample in round)
            {
                long moment = sample.Time.ToUnixTimeMilliseconds();
                if (moment < earliest) old++;
                else if (moment > latest) ahead++;
                else if (!double.IsFinite(sample.Value)) odd++;
                else rows.Add(new HotRow(moment, _series.IdOf(connection, sample), MetricPrecision.Round(sample.Value, sample.Unit)));
            }

            connection.Insert(CollectionsMarshal.AsSpan(rows));
            if (Unsent.IsKept) Unsent.Add(connection, rows);
            return new AppendResult(rows.Count, old, ahead, odd);
        }, takenBack: () =>
        {
            _series.Forget();
            Unsent.Forget();
        });
    }

    /// <summary>Puts the hours that are over into chunks and rolls them up. Call it every minute or so; mostly there is nothing to do.</summary>
    public SealResult Seal(CancellationToken cancellationToken)
    {
        long until = (_time.GetUtcNow() - Grace).ToUnixTimeMilliseconds();
        until -= until % ChunkTable.Hour;
        var sealedHours = SealUntil(until, cancellationToken);
        if (_file.Read(static connection => connection.Number(HotSamples.Count)) <= MostHot) return sealedHours;
        until = (_time.GetUtcNow() - Grace).ToUnixTimeMilliseconds();
        var part = SealUntil(until - until % ChunkTable.FiveMinutes.Width, cancellationToken);
        return new SealResult(sealedHours.Hours + part.Hours, sealedHours.Samples + part.Samples);
    }

    /// <summary>Samples or roll-ups in the order of time. A damaged chunk is told to the activity, and left out.</summary>
    public IEnumerable<MetricSample> Query(MetricQuery query, CancellationToken cancellationToken) =>
        Query(_file.Read(connection => SeriesTable.Match(connection, query.Server, query.Metric, query.Instance)), query, cancellationToken);

    /// <summary>The same of some series; what the query says of servers, metrics and instances does not count.</summary>
    public IEnumerable<MetricSample> Query(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) =>
        _reader.Read(series, query, TableOf(query), cancellationToken);

    /// <summary>Roll-ups of some series with all that they hold, of each in the order of time; samples are roll-ups of one.</summary>
    public IEnumerable<(int Series, Rollup Rollup)> Rollups(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) =>
        _reader.ReadRollups(series, query, TableOf(query), cancellationToken);

    /// <summary>Samples, or what the query's function makes of roll-ups, of each of some series in pieces that follow each other.</summary>
    public IEnumerable<(int Series, List<Point> Points)> Points(IReadOnlyList<SeriesRow> series, MetricQuery query, CancellationToken cancellationToken) =>
        _reader.ReadPoints(series, query, TableOf(query), cancellationToken);

    /// <summary>The series of which any pattern fits each of the three, by server, metric and instance; no patterns fit everything.</summary>
    public List<SeriesRow> Series(IReadOnlyList<string> servers, IReadOnlyList<string> metrics, IReadOnlyList<string> instances) =>
        _file.Read(connection => SeriesTable.Match(connection, new NamePatterns(servers), new NamePatterns(metrics), new NamePatterns(instances)));

    /// <summary>The newest sample of each series that fits, by server, metric and instance. Where samples are not kept any more it is what the newest roll-up knows.</summary>
    public List<MetricSample> Latest(string server, string metric, string? instance) => Latest(_file.Read(connection => SeriesTable.Match(connection, server, metric, instance)));

    /// <summary>The newest sample of each of some series, in their order.</summary>
    public List<MetricSample> Latest(IReadOnlyList<SeriesRow> series)
    {
        long until = (_time.GetUtcNow() + Ahead).ToUnixTimeMilliseconds();
        return _file.Read(connection =>
        {
            var missing = series.ToDictionary(static row => row.Id);
            var found = new Dictionary<long, MetricSample>();
            using (var reader = connection.Query(LatestHot, until))
            {
                var values = reader.Handle;
                while (missing.Count > 0 && reader.Read())
                {
                    if (missing.Remove(raw.sqlite3_column_int64(values, 1), out var row)) found.Add(row.Id, MetricReader.Sample(row, raw.sqlite3_column_int64(values, 0), raw.sqlite3_column_double(values, 2)));
                }
            }

            if (missing.Count > 0) AddSealed(connection, missing, found);
            return series.Where(row => found.ContainsKey(row.Id)).Select(row => found[row.Id]).ToList();
        });
    }

    /// <summary>Deletes what is older than it is kept, first sealing what is over.</summary>
    public RetentionResult Retain(RetentionSpans spans, CancellationToken cancellationToken)
    {
        Seal(cancellationToken);
        return new MetricRetention(_file, _series, _time).Apply(spans, cancellationToken);
    }

    public StoreFacts Facts() => StoreSurvey.Of(_file);

    public void Dispose() => _file.Dispose();

    private ChunkTable TableOf(MetricQuery query) => _file.Read(connection => ResolutionChoice.Of(connection, query));

    private SealResult SealUntil(long until, CancellationToken cancellationToken)
    {
        int hours = 0;
        long samples = 0;
        for (long from = 0; _file.Read(connection => HotSamples.FirstFrom(connection, from)) is { } first && first < until;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long hour = first / ChunkTable.Hour;
            // What comes while this is done is not in the runs, and is left for the next time.
            var parts = _file.Read(connection => HotSamples.Runs(connection, first, Math.Min((hour + 1) * ChunkTable.Hour, until)));
            for (int i = 0; i < parts.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (runs, isLast) = (parts[i], i == parts.Count - 1);
                samples += _file.Write(connection =>
                {
                    long count = _sealer.Seal(connection, hour, runs);
                    if (isLast) Sealer.Sum(connection, hour);
                    return count;
                });
            }

            hours++;
            from = (hour + 1) * ChunkTable.Hour;
        }

        return new SealResult(hours, samples);
    }

    private void AddSealed(StoreConnection connection, Dictionary<long, SeriesRow> missing, Dictionary<long, MetricSample> found)
    {
        var hours = new List<(long Series, long Hour)>();
        using (var reader = connection.Query(LastHours))
        {
            while (reader.Read())
            {
                if (missing.ContainsKey(reader.GetInt64(0))) hours.Add((reader.GetInt64(0), reader.GetInt64(1)));
            }
        }

        foreach (var (id, hour) in hours)
        {
            if (_reader.LastOf(connection, missing[id], hour) is { } sample) found.Add(id, sample);
        }
    }
}
