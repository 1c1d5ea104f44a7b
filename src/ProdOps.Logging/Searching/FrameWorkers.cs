namespace ProdOps.Logging.Searching;

/// <summary>
/// Works on the frames of a plan on all cores, some frames ahead of whoever takes the results, which come in the order of the plan. A frame that cannot be read is an error, and the rest goes on.
/// </summary>
internal sealed class FrameWorkers<T> : IAsyncDisposable
{
    private readonly SearchPlan _plan;
    private readonly Func<FrameSearch, FramePlace, T> _work;
    private readonly IActivity _activity;
    private readonly T _missing;
    private readonly TaskCompletionSource<T>?[] _results;
    private readonly SemaphoreSlim _ahead;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _workers;
    private int _next = -1, _taken = -1;

    /// <param name="plan">The frames.</param>
    /// <param name="query">What is looked for.</param>
    /// <param name="work">What is done with each.</param>
    /// <param name="missing">The result of a frame that cannot be read.</param>
    /// <param name="activity">Is told of it.</param>
    public FrameWorkers(SearchPlan plan, LogQuery query, Func<FrameSearch, FramePlace, T> work, T missing, IActivity activity)
    {
        _missing = missing;
        _plan = plan;
        _work = work;
        _activity = activity;
        _results = new TaskCompletionSource<T>[plan.Frames.Count];
        for (int i = 0; i < _results.Length; i++) _results[i] = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        int degree = Math.Min(Environment.ProcessorCount, plan.Frames.Count);
        _ahead = new SemaphoreSlim(Math.Max(1, degree * 4));
        _workers = new Task[degree];
        for (int i = 0; i < degree; i++) _workers[i] = Task.Run(() => RunAsync(new FrameSearch(query, plan.Test.Clone())));
    }

    /// <summary>The result of the plan's next frame.</summary>
    public async Task<T> NextAsync(CancellationToken cancellationToken)
    {
        int i = ++_taken;
        var result = await _results[i]!.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        _results[i] = null;
        _ahead.Release();
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _ahead.Dispose();
    }

    private async Task RunAsync(FrameSearch search)
    {
        using (search)
        {
            try
            {
                while (true)
                {
                    await _ahead.WaitAsync(_stop.Token).ConfigureAwait(false);
                    int i = Interlocked.Increment(ref _next);
                    if (i >= _results.Length) return;
                    Work(search, i);
                }
            }
            catch (OperationCanceledException)
            {
                // Whoever takes the results has enough.
            }
        }
    }

    private void Work(FrameSearch search, int i)
    {
        try
        {
            _results[i]!.SetResult(_work(search, _plan.Frames[i]));
        }
        catch (ProdOpsException error) when (error.ErrorId == LoggingErrors.SegmentDamagedId)
        {
            _activity.Error(error);
            _results[i]!.SetResult(_missing);
        }
        catch (Exception error)
        {
            _results[i]!.SetException(error);
        }
    }
}
