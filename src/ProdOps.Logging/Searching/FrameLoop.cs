namespace ProdOps.Logging.Searching;

/// <summary>Works on the frames of a plan on all cores where their order does not matter, with nobody waiting for each.</summary>
internal static class FrameLoop
{
    /// <param name="plan">The frames.</param>
    /// <param name="query">What is looked for.</param>
    /// <param name="work">What is done with each.</param>
    /// <param name="activity">Is told of frames that cannot be read.</param>
    /// <param name="cancellationToken">Stops between frames.</param>
    public static async Task RunAsync(SearchPlan plan, LogQuery query, Action<FrameSearch, FramePlace> work, IActivity activity, CancellationToken cancellationToken)
    {
        int next = -1;
        var workers = new Task[Math.Min(Environment.ProcessorCount, plan.Frames.Count)];
        for (int i = 0; i < workers.Length; i++) workers[i] = Task.Run(Run, CancellationToken.None);
        await Task.WhenAll(workers).ConfigureAwait(false);

        void Run()
        {
            using var search = new FrameSearch(query, plan.Test.Clone());
            while (Interlocked.Increment(ref next) is int i && i < plan.Frames.Count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    work(search, plan.Frames[i]);
                }
                catch (ProdOpsException error) when (error.ErrorId == LoggingErrors.SegmentDamagedId)
                {
                    activity.Error(error);
                }
                catch
                {
                    // The others need not go on.
                    Interlocked.Exchange(ref next, plan.Frames.Count);
                    throw;
                }
            }
        }
    }
}
