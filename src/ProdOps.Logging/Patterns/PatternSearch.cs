using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;
using ProdOps.Servers.Clocks;

namespace ProdOps.Logging.Patterns;

/// <summary>What kinds of line there are of what a query finds, and how that was in the time before.</summary>
internal sealed class PatternSearch(LogStore store, IActivity activity)
{
    /// <summary>The patterns, the most frequent first. The same store and query give the same patterns, however many cores work.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="baseline">How long the time before the query's window is that is compared with; <see langword="null"/> to compare nothing.</param>
    /// <param name="now">When the query's window ends if it does not say so.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<LogPattern>> FindAsync(LogQuery query, TimeSpan? baseline, DateTimeOffset now, CancellationToken cancellationToken)
    {
        long begin = baseline is null ? long.MinValue : query.After!.Value.UtcTicks;
        var whole = baseline is { } before ? query with { After = Moments.Subtract(query.After!.Value, before) } : query;
        using var plan = SearchPlan.Make(store, whole, activity, cancellationToken);
        activity.Verbose($"{plan.Frames.Count} of {plan.AllFrames} frames may hold what is looked for.");
        // Patterns depend on the order in which lines come to them: it is that of the plan, whichever core reads what.
        plan.Frames.Sort(static (a, b) => a.MinKey != b.MinKey ? a.MinKey.CompareTo(b.MinKey) : a.Order != b.Order ? a.Order.CompareTo(b.Order) : a.Frame.RawOffset.CompareTo(b.Frame.RawOffset));
        using var counters = new ThreadLocal<FrameCounter>(static () => new FrameCounter());
        await using var frames = new FrameWorkers<IReadOnlyList<Shape>>(plan, whole, (search, place) => counters.Value!.Count(search, place, begin), [], activity);
        var tree = new PatternTree();
        foreach (var place in plan.Frames)
        {
            var shapes = await frames.NextAsync(cancellationToken).ConfigureAwait(false);
            foreach (var shape in shapes) tree.Add(shape.Text).Add(shape, place.Stream, found => Example(found, place));
        }

        double times = baseline is null ? 0 : ((query.Before ?? now) - query.After!.Value) / baseline.Value;
        return Describe(tree, baseline is null ? null : times);
    }

    private static List<LogPattern> Describe(PatternTree tree, double? windows)
    {
        // Words that turned out to vary may have made two groups the same.
        var groups = new Dictionary<string, PatternGroup>(StringComparer.Ordinal);
        foreach (var group in tree.Groups)
        {
            if (groups.TryGetValue(group.Pattern, out var same)) same.Add(group);
            else groups.Add(group.Pattern, group);
        }

        long total = groups.Values.Sum(static group => group.Count);
        return
        [
            .. groups.Where(static pair => pair.Value.Count > 0).OrderByDescending(static pair => pair.Value.Count).ThenBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => Describe(pair.Key, pair.Value, total, windows)),
        ];
    }

    private static LogPattern Describe(string pattern, PatternGroup group, long total, double? windows) => new()
    {
        Pattern = pattern,
        Count = group.Count,
        Share = (double)group.Count / total,
        FirstTime = new DateTimeOffset(group.First, TimeSpan.Zero),
        LastTime = new DateTimeOffset(group.Last, TimeSpan.Zero),
        Level = group.Level,
        Servers = [.. group.Servers],
        Sources = [.. group.Sources],
        Example = group.Example,
        IsNew = windows is null ? null : group.Before == 0,
        BaselineCount = windows is null ? null : group.Before,
        Change = windows is > 0 && group.Before > 0 ? group.Count / (group.Before * windows.Value) : null,
    };

    private static LogEntry? Example(Shape shape, FramePlace place) => shape.Example is null ? null : new LogEntry(shape.Example, new LogLineReader(place.View.Format, place.View.ContextOf(place.Frame)))
    {
        Time = new DateTimeOffset(shape.ExampleTime + place.ClockShift, TimeSpan.Zero),
        ReceivedTime = new DateTimeOffset(place.Frame.ReceivedTime, TimeSpan.Zero),
        Server = place.Stream.Server,
        Source = place.Stream.Source,
        Position = new LogPosition(place.File, shape.ExampleOffset),
    };

    /// <summary>Counts the masked messages of frame after frame; for one thread.</summary>
    private sealed class FrameCounter
    {
        private readonly ShapeTable _table = new();
        private FieldReader? _reader;
        private LogFormat? _format;
        private TimeContext? _context;

        public IReadOnlyList<Shape> Count(FrameSearch search, FramePlace place, long begin)
        {
            search.Visit(place, (entry, in facts) =>
            {
                if (_reader is null || _format != facts.Format || !ReferenceEquals(_context, facts.Context)) _reader = new FieldReader(_format = facts.Format, _context = facts.Context);
                _reader.Read(entry);
                _table.Add(_reader.Message(entry), entry, facts.Offset, facts.Time, _reader.Level, facts.Time < begin);
            });
            return _table.Take();
        }
    }
}
