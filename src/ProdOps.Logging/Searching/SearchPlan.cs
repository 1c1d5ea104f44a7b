using System.Runtime.ExceptionServices;
using ProdOps.Logging.Store.Filters;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>Which frames of a store a query has to look into, and what it can answer without.</summary>
internal sealed class SearchPlan : IDisposable
{
    private readonly List<SegmentView> _views = [];

    private SearchPlan(LineTest test) => Test = test;

    public LineTest Test { get; }

    /// <summary>The frames that may hold what is looked for, in no order.</summary>
    public List<FramePlace> Frames { get; } = [];

    /// <summary>How many frames there are of the streams that were asked for.</summary>
    public int AllFrames { get; private set; }

    /// <summary>Opens what a query needs. Segments that cannot be read are told as errors.</summary>
    public static SearchPlan Make(LogStore store, LogQuery query, IActivity activity, CancellationToken cancellationToken)
    {
        var plan = new SearchPlan(new LineTest(query));
        var question = FilterQuestion.Of(plan.Test.Required);
        var segments = new List<(SegmentPlace Place, int Order)>();
        int order = 0;
        foreach (var stream in store.GetStreams())
        {
            if (!query.Wants(stream.Server, stream.Source) || !plan.Test.MayMatchStream(stream.Server, stream.Source)) continue;
            var paths = store.GetSegments(stream);
            for (int number = 0; number < paths.Count; number++) segments.Add((new SegmentPlace(store, stream, paths, number), order));
            order++;
        }

        var chosen = new SegmentFrames?[segments.Count];
        try
        {
            // Where filters are asked that is all the work there is in a search for what is rare.
            Parallel.For(0, segments.Count, new ParallelOptions { MaxDegreeOfParallelism = question is null ? 1 : Environment.ProcessorCount, CancellationToken = cancellationToken },
                i => chosen[i] = Choose(segments[i].Place, segments[i].Order, query, question, activity));
        }
        catch (Exception error)
        {
            foreach (var segment in chosen) segment?.View.Dispose();
            if (error is AggregateException { InnerExceptions: [var first, ..] }) ExceptionDispatchInfo.Throw(first);
            throw;
        }

        foreach (var segment in chosen.OfType<SegmentFrames>()) plan.Add(segment);
        return plan;
    }

    public void Dispose()
    {
        foreach (var view in _views) view.Dispose();
    }

    private void Add(SegmentFrames segment)
    {
        AllFrames += segment.View.Entries.Length;
        Frames.AddRange(segment.Frames);
        if (segment.Frames.Count > 0) _views.Add(segment.View);
        else segment.View.Dispose();
    }

    private static SegmentFrames? Choose(SegmentPlace place, int order, LogQuery query, FilterQuestion? question, IActivity activity)
    {
        SegmentView view;
        try
        {
            view = place.Open(place.Number);
        }
        catch (FileNotFoundException)
        {
            // Retention has removed it meanwhile.
            return null;
        }
        catch (ProdOpsException error)
        {
            activity.Error(error);
            return null;
        }

        var chosen = new List<FramePlace>();
        using var filters = question is null ? null : new FilterReader();
        long after = query.After?.UtcTicks ?? long.MinValue, before = query.Before?.UtcTicks ?? long.MaxValue;
        var frames = view.Entries;
        for (int i = 0; i < frames.Length; i++)
        {
            ref readonly var frame = ref frames[i];
            long shift = FramePlace.ShiftOf(frame, query.CorrectClock);
            if (frame.MaxTime - shift < after || frame.MinTime - shift >= before) continue;
            if (query.Level is { } level && !HasLevel(frame, level)) continue;
            if (question is not null && !view.MayMatch(i, question, filters!)) continue;
            chosen.Add(new FramePlace(place, view, i, order, query.CorrectClock));
        }

        return new SegmentFrames(view, chosen);
    }

    private static bool HasLevel(in FrameEntry frame, LogLevel level)
    {
        for (int i = 0; i <= (int)level; i++)
        {
            if (frame.Levels[i] > 0) return true;
        }

        return false;
    }

    private sealed record SegmentFrames(SegmentView View, List<FramePlace> Frames);
}
