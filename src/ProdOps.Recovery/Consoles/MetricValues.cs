using ProdOps.Monitoring.Store.Chunks;

namespace ProdOps.Recovery.Consoles;

/// <summary>The values of a series as they are drawn: of all that fall on one place of the picture the least, the greatest and the mean, so that no peak is lost however long the time is.</summary>
internal sealed class MetricValues(DateTimeOffset from, DateTimeOffset to)
{
    public const int Places = 360;

    private readonly long _from = from.ToUnixTimeMilliseconds();
    private readonly double _width = Math.Max(1, (to - from).TotalMilliseconds / Places);
    private readonly List<Rollup> _places = [];

    /// <summary>What falls on each place, in the order of time; the start is that of its first value.</summary>
    public IReadOnlyList<Rollup> All => _places;

    public DateTimeOffset From => from;

    public DateTimeOffset To => to;

    public double Least => _places.Min(static place => place.Min);

    public double Greatest => _places.Max(static place => place.Max);

    public double Mean => _places.Sum(static place => place.Sum) / _places.Sum(static place => place.Count);

    public double Last => _places[^1].Last;

    /// <summary>Adds what comes next in the order of time; what is no number is left out.</summary>
    public void Add(in Rollup next)
    {
        if (!double.IsFinite(next.Min) || !double.IsFinite(next.Max) || !double.IsFinite(next.Sum) || next.Count <= 0) return;
        if (_places.Count > 0 && _places[^1] is var last && PlaceOf(last) == PlaceOf(next))
            _places[^1] = new Rollup(last.Start, last.Count + next.Count, Math.Min(last.Min, next.Min), Math.Max(last.Max, next.Max), last.Sum + next.Sum, next.Last);
        else _places.Add(next);
    }

    /// <summary>Runs of places between which nothing is missing: three times as long as usual between two, and something was not measured.</summary>
    public IEnumerable<IReadOnlyList<Rollup>> Runs()
    {
        long[] steps = [.. _places.Zip(_places.Skip(1), static (one, next) => next.Start - one.Start).Order()];
        double gap = steps.Length == 0 ? double.MaxValue : steps[steps.Length / 2] * 3.0;
        var run = new List<Rollup>();
        foreach (var place in _places)
        {
            if (run.Count > 0 && place.Start - run[^1].Start > gap)
            {
                yield return run;
                run = [];
            }

            run.Add(place);
        }

        if (run.Count > 0) yield return run;
    }

    private long PlaceOf(in Rollup of) => (long)((of.Start - _from) / _width);
}
