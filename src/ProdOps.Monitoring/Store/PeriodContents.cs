using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Monitoring.Store;

/// <summary>What some series have in a period, as it is read out of chunks and of what is not in one yet.</summary>
internal abstract class PeriodContents
{
    private readonly Dictionary<long, int> _wanted;

    protected PeriodContents(ChunkTable table, MetricQuery query, IReadOnlyList<SeriesRow> series)
    {
        (Table, Series, From, To) = (table, series, Math.Max(0, query.From.ToUnixTimeMilliseconds()), query.To.ToUnixTimeMilliseconds());
        _wanted = new Dictionary<long, int>(series.Count);
        for (int i = 0; i < series.Count; i++) _wanted.Add(series[i].Id, i);
        InOrder = [.. _wanted.Keys.Order()];
    }

    public ChunkTable Table { get; }

    public IReadOnlyList<SeriesRow> Series { get; }

    /// <summary>The numbers of the series in the order that their chunks lie in.</summary>
    public IReadOnlyList<long> InOrder { get; }

    public long From { get; }

    public long To { get; }

    public SeriesRow this[long id] => Series[_wanted[id]];

    public bool IsWanted(long id) => _wanted.ContainsKey(id);

    /// <summary>Takes in what of a series' samples is of the time.</summary>
    public abstract void Take(long id, List<Point> points);

    /// <summary>Takes in what of a series' roll-ups is of the time; the list is used again.</summary>
    public abstract void Take(long id, List<Rollup> rollups);

    protected int IndexOf(long id) => _wanted[id];

    protected bool IsOfTime(Point point) => point.Time >= From && point.Time < To;

    protected bool IsOfTime(in Rollup rollup) => rollup.Start + Table.Width > From && rollup.Start < To;
}

/// <summary>The same, and what is made of it.</summary>
internal abstract class PeriodContents<T>(ChunkTable table, MetricQuery query, IReadOnlyList<SeriesRow> series) : PeriodContents(table, query, series)
{
    protected List<T> Found { get; } = [];

    /// <summary>Another period is read.</summary>
    public void Begin() => Found.Clear();

    /// <summary>All of the period is there.</summary>
    public virtual IReadOnlyList<T> End() => Found;
}

/// <summary>One of many values.</summary>
internal readonly record struct PeriodEntry<T>(long Time, int Series, T Value);

/// <summary>Each value for itself; in the order of time, or of each series alone.</summary>
internal sealed class PeriodEntries<T>(ChunkTable table, MetricQuery query, IReadOnlyList<SeriesRow> series, Func<Point, T> ofPoint, Func<Rollup, T> ofRollup, bool inOrder) : PeriodContents<PeriodEntry<T>>(table, query, series)
{
    public override void Take(long id, List<Point> points)
    {
        int index = IndexOf(id);
        foreach (var point in points)
        {
            if (IsOfTime(point)) Found.Add(new PeriodEntry<T>(point.Time, index, ofPoint(point)));
        }
    }

    public override void Take(long id, List<Rollup> rollups)
    {
        int index = IndexOf(id);
        foreach (var rollup in rollups)
        {
            if (IsOfTime(rollup)) Found.Add(new PeriodEntry<T>(rollup.Start, index, ofRollup(rollup)));
        }
    }

    public override IReadOnlyList<PeriodEntry<T>> End()
    {
        if (inOrder) Found.Sort(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Series.CompareTo(b.Series));
        return Found;
    }
}

/// <summary>All that a series has of the period in one piece: of millions of values, a third of the room and of the time.</summary>
internal sealed class PeriodPoints(ChunkTable table, MetricQuery query, IReadOnlyList<SeriesRow> series) : PeriodContents<(int Series, List<Point> Points)>(table, query, series)
{
    private readonly MetricFunction _function = query.Function;

    public override void Take(long id, List<Point> points)
    {
        if (points.Count == 0 || !IsOfTime(points[0]) || !IsOfTime(points[^1])) points = points.FindAll(IsOfTime);
        if (points.Count > 0) Found.Add((IndexOf(id), points));
    }

    public override void Take(long id, List<Rollup> rollups)
    {
        var points = new List<Point>(rollups.Count);
        foreach (var rollup in rollups)
        {
            if (IsOfTime(rollup)) points.Add(new Point(rollup.Start, rollup.Value(_function)));
        }

        if (points.Count > 0) Found.Add((IndexOf(id), points));
    }
}
