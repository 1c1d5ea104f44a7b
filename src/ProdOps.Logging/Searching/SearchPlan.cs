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
        try
        {
            var question = FilterQuestion.Of(plan.Test.Required);
            int order = 0;
            foreach (var stream in store.GetStreams())
            {
                if (!query.Wants(stream.Server, stream.Source) || !plan.Test.MayMatchStream(stream.Server, stream.Source)) continue;
                cancellationToken.ThrowIfCancellationRequested();
                var paths = store.GetSegments(stream);
                for (int number = 0; number < paths.Count; number++) plan.AddSegment(new SegmentPlace(store, stream, paths, number), order, query, question, activity);
                order++;
            }

            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var view in _views) view.Dispose();
    }

    private void AddSegment(SegmentPlace place, int order, LogQuery query, FilterQuestion? question, IActivity activity)
    {
        SegmentView view;
        try
        {
            view = place.Open(place.Number);
        }
        catch (FileNotFoundException)
        {
            // Retention has removed it meanwhile.
            return;
        }
        catch (ProdOpsException error)
        {
            activity.Error(error);
            return;
        }

        bool any = false;
        long after = query.After?.UtcTicks ?? long.MinValue, before = query.Before?.UtcTicks ?? long.MaxValue;
        var frames = view.Entries;
        AllFrames += frames.Length;
        for (int i = 0; i < frames.Length; i++)
        {
            ref readonly var frame = ref frames[i];
            long shift = FramePlace.ShiftOf(frame, query.CorrectClock);
            if (frame.MaxTime - shift < after || frame.MinTime - shift >= before) continue;
            if (query.Level is { } level && !HasLevel(frame, level)) continue;
            if (question is not null && !view.MayMatch(i, question)) continue;
            Frames.Add(new FramePlace(place, view, i, order, query.CorrectClock));
            any = true;
        }

        if (!any) view.Dispose();
        else _views.Add(view);
    }

    private static bool HasLevel(in FrameEntry frame, LogLevel level)
    {
        for (int i = 0; i <= (int)level; i++)
        {
            if (frame.Levels[i] > 0) return true;
        }

        return false;
    }
}
