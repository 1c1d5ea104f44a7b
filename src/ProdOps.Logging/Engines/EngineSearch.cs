using System.Runtime.CompilerServices;
using ProdOps.Logging.Searching;

namespace ProdOps.Logging.Engines;

/// <summary>What all engines have in common: they give what a query may find in the order of time, and it is looked at once more here.</summary>
internal abstract class EngineSearch(EngineOptions options, IActivity activity) : ILogSearch
{
    private const int BatchLength = 512;

    protected EngineOptions Options => options;

    protected IActivity Activity => activity;

    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> SearchAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(query);
        var maker = new EntryMaker(query, new LineTest(query), options.Formats);
        if (query.Newest is { } newest)
        {
            var found = new List<EngineLine>();
            await foreach (var line in FindAsync(maker, query, backwards: true, cancellationToken).ConfigureAwait(false))
            {
                found.Add(line);
                if (found.Count == newest) break;
            }

            found.Reverse();
            foreach (var chunk in found.Chunk(BatchLength)) yield return await FinishAsync(chunk, maker, query, [], cancellationToken).ConfigureAwait(false);
            yield break;
        }

        int left = query.First ?? int.MaxValue;
        var shown = new HashSet<EngineLine>(LineIdentity.Instance);
        await foreach (var lines in BatchesAsync(maker, query, left, cancellationToken).ConfigureAwait(false)) yield return await FinishAsync(lines, maker, query, shown, cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task<long> CountAsync(LogQuery query, CancellationToken cancellationToken)
    {
        Check(query);
        long count = 0;
        await foreach (var line in FindAsync(new EntryMaker(query, new LineTest(query), options.Formats), query, backwards: false, cancellationToken).ConfigureAwait(false)) count++;
        return count;
    }

    public virtual async Task<IReadOnlyList<LogMeasure>> MeasureAsync(LogQuery query, MeasureOptions measure, CancellationToken cancellationToken)
    {
        Check(query);
        var table = new MeasureTable(measure);
        await MeasureHereAsync(query, table, cancellationToken).ConfigureAwait(false);
        return table.ToMeasures();
    }

    public abstract IAsyncEnumerable<IReadOnlyList<LogEntry>> WatchAsync(LogQuery query, CancellationToken cancellationToken);

    /// <summary>What a query may find: all of it, and perhaps more; in the order of time, or the other way round.</summary>
    protected abstract IAsyncEnumerable<IReadOnlyList<EngineLine>> ReadAsync(LogQuery query, bool backwards, CancellationToken cancellationToken);

    /// <summary>Lines of a source from a line on, or back from it: at least so many that follow, if there are, and perhaps some at the same moment.</summary>
    protected abstract Task<IReadOnlyList<EngineLine>> ReadNearAsync(EngineLine line, int count, bool backwards, CancellationToken cancellationToken);

    protected void Check(LogQuery query)
    {
        if (query.CorrectClock) throw LoggingErrors.EngineCannot(options.Kind, "-CorrectClock");
    }

    /// <summary>Counts and measures what a query finds by looking at each line here.</summary>
    protected async Task MeasureHereAsync(LogQuery query, MeasureTable table, CancellationToken cancellationToken)
    {
        var maker = new EntryMaker(query, new LineTest(query), options.Formats);
        await foreach (var line in FindAsync(maker, query, backwards: false, cancellationToken).ConfigureAwait(false)) table.Add(line.Text, maker.FactsOf(line));
    }

    private async IAsyncEnumerable<EngineLine> FindAsync(EntryMaker maker, LogQuery query, bool backwards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EngineLine? last = null;
        await foreach (var lines in ReadAsync(query, backwards, cancellationToken).ConfigureAwait(false))
        {
            foreach (var line in lines)
            {
                if (line.IsAgain(last)) continue;
                last = line;
                if (maker.IsMatch(line)) yield return line;
            }
        }
    }

    private async IAsyncEnumerable<EngineLine[]> BatchesAsync(EntryMaker maker, LogQuery query, int left, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EngineLine? last = null;
        await foreach (var lines in ReadAsync(query, backwards: false, cancellationToken).ConfigureAwait(false))
        {
            var found = new List<EngineLine>();
            foreach (var line in lines)
            {
                if (line.IsAgain(last)) continue;
                last = line;
                if (found.Count < left && maker.IsMatch(line)) found.Add(line);
            }

            left -= found.Count;
            foreach (var chunk in found.Chunk(BatchLength)) yield return chunk;
            if (left == 0) yield break;
        }
    }

    /// <summary>Makes entries, with those around them if that is wanted.</summary>
    private async Task<IReadOnlyList<LogEntry>> FinishAsync(EngineLine[] lines, EntryMaker maker, LogQuery query, HashSet<EngineLine> shown, CancellationToken cancellationToken)
    {
        if (query.ContextBefore == 0 && query.ContextAfter == 0) return Array.ConvertAll(lines, line => maker.Make(line));
        var found = new HashSet<EngineLine>(lines, LineIdentity.Instance);
        var all = new List<(EngineLine Line, bool IsContext)>();
        foreach (var line in lines)
        {
            if (query.ContextBefore > 0) Add((await NearAsync(line, query.ContextBefore, backwards: true, cancellationToken).ConfigureAwait(false)).Reverse(), isContext: true);
            Add([line], isContext: false);
            if (query.ContextAfter > 0) Add(await NearAsync(line, query.ContextAfter, backwards: false, cancellationToken).ConfigureAwait(false), isContext: true);
        }

        return [.. all.OrderBy(static item => item.Line, Comparer<EngineLine>.Create(EngineLine.Compare)).Select(item => maker.Make(item.Line, item.IsContext))];

        void Add(IEnumerable<EngineLine> some, bool isContext)
        {
            foreach (var each in some)
            {
                if ((!isContext || !found.Contains(each)) && shown.Add(each)) all.Add((each, isContext));
            }
        }
    }

    private async Task<IEnumerable<EngineLine>> NearAsync(EngineLine line, int count, bool backwards, CancellationToken cancellationToken)
    {
        var near = await ReadNearAsync(line, count, backwards, cancellationToken).ConfigureAwait(false);
        return near.Where(other => backwards ? EngineLine.Compare(other, line) < 0 : EngineLine.Compare(other, line) > 0).Take(count);
    }
}
