using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines.Loki;

/// <summary>Searches Loki with LogQL.</summary>
internal sealed class LokiSearch : EngineSearch
{
    // Of what is looked at once more here some may be no hit.
    private const int Reserve = 100;

    private readonly LokiApi _api;
    private readonly LokiPages _pages;
    private readonly EngineHttp _http;

    public LokiSearch(EngineHttp http, EngineOptions options, IActivity activity)
        : base(options, activity)
    {
        _http = http;
        _api = new LokiApi(http, activity);
        _pages = new LokiPages(_api, options.Time);
    }

    public override async Task<long> CountAsync(LogQuery query, CancellationToken cancellationToken) =>
        (await MeasureAsync(query, new MeasureOptions(), cancellationToken).ConfigureAwait(false)).Sum(static measure => measure.Count);

    public override async Task<IReadOnlyList<LogMeasure>> MeasureAsync(LogQuery query, MeasureOptions measure, CancellationToken cancellationToken)
    {
        Check(query);
        var loki = LokiQuery.Of(query);
        var labels = loki.Labels;
        if (LokiCounts.NeedsOurs(measure)) labels = labels.Unless(LokiLabels.Foreign);
        var table = new MeasureTable(measure);
        if (loki.AreLinesExact && labels.Certain != LokiFilter.Nothing && LokiCounts.CanCount(measure))
        {
            try
            {
                string certain = loki.With(labels.Certain);
                var counts = new LokiCounts(_api, _pages, measure, table, (start, end) =>
                    MeasureHereAsync(certain, query with { After = new DateTimeOffset(start, TimeSpan.Zero), Before = new DateTimeOffset(end, TimeSpan.Zero) }, table, cancellationToken));
                await counts.AddAsync(certain, loki.Streams, query, cancellationToken).ConfigureAwait(false);
                if (!labels.IsExact) await MeasureHereAsync(loki.With(labels.Doubtful), query, table, cancellationToken).ConfigureAwait(false);
                return table.ToMeasures();
            }
            catch (EngineRefusalException error) when (LokiApi.HasTooManyGroups(error))
            {
                Activity.Verbose($"{_http.Location} counts no so many groups: they are counted here.");
                table = new MeasureTable(measure);
            }
        }

        await MeasureHereAsync(loki.With(labels.Possible), query, table, cancellationToken).ConfigureAwait(false);
        return table.ToMeasures();
    }

    public override IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(LogQuery query, CancellationToken cancellationToken)
    {
        Check(query);
        return new LokiWatch(_api, _http, query, Options, Activity).WatchAsync(cancellationToken);
    }

    protected override IAsyncEnumerable<IReadOnlyList<EngineLine>> ReadAsync(LogQuery query, bool backwards, CancellationToken cancellationToken)
    {
        var loki = LokiQuery.Of(query);
        int limit = loki.IsExact && (query.First ?? query.Newest) is { } few ? Math.Min(few, int.MaxValue - Reserve) + Reserve : int.MaxValue;
        return _pages.ReadAsync(loki.With(loki.Labels.Possible), loki.Streams, query.After?.UtcTicks, query.Before?.UtcTicks, limit, backwards, cancellationToken);
    }

    protected override async Task<IReadOnlyList<EngineLine>> ReadNearAsync(EngineLine line, int count, bool backwards, CancellationToken cancellationToken)
    {
        string stream = LokiQuery.Of(line.Stream);
        var near = new List<EngineLine>();
        int left = count;
        var pages = backwards
            ? _pages.ReadAsync(stream, stream, null, line.Ticks + 1, count + Reserve, backwards: true, cancellationToken)
            : _pages.ReadAsync(stream, stream, line.Ticks, null, count + Reserve, backwards: false, cancellationToken);
        await foreach (var lines in pages.ConfigureAwait(false))
        {
            near.AddRange(lines);
            left -= lines.Count(other => backwards ? EngineLine.Compare(other, line) < 0 : EngineLine.Compare(other, line) > 0);
            if (left <= 0) break;
        }

        return near;
    }

    private async Task MeasureHereAsync(string text, LogQuery query, MeasureTable table, CancellationToken cancellationToken)
    {
        var maker = new EntryMaker(query, new LineTest(query), Options.Formats);
        var pages = _pages.ReadAsync(text, LokiQuery.Of(query).Streams, query.After?.UtcTicks, query.Before?.UtcTicks, int.MaxValue, backwards: false, cancellationToken);
        await foreach (var lines in pages.ConfigureAwait(false))
        {
            foreach (var line in lines.Where(maker.IsMatch)) table.Add(line.Text, maker.FactsOf(line));
        }
    }
}
