using System.Runtime.ExceptionServices;

namespace ProdOps.Cmdlets.Common;

/// <summary>
/// What work on the thread pool asks of the pipeline thread, in order. PowerShell accepts output, errors and questions only on that
/// thread; it sits in <see cref="Drain"/> while the work runs.
/// </summary>
internal sealed class PipelineQueue
{
    private readonly Queue<Request> _requests = new();
    private bool _completed;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Called once, on the pipeline thread, when a request has failed: nothing can be written any more.</summary>
    public required Action OnFailure { get; init; }

    /// <summary>Adds a request whose end nobody waits for.</summary>
    public void Post(Action action) => Enqueue(new Request(action, Done: null));

    /// <summary>Adds a request and returns when the pipeline thread has carried it out. Its failure is thrown here too.</summary>
    public Task SendAsync(Action action)
    {
        // The pipeline thread must not run the work's continuations: it would be stuck in them while they wait for it.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(new Request(action, done));
        return done.Task;
    }

    /// <summary>Says that no more requests come; the pipeline thread returns once it has done those it has.</summary>
    public void Complete()
    {
        lock (_requests)
        {
            _completed = true;
            Monitor.Pulse(_requests);
        }
    }

    /// <summary>Carries requests out until the queue is complete. After one has failed the rest fail with it, unrun.</summary>
    public void Drain()
    {
        while (TryTake(out var request))
        {
            if (_failure is null) Run(request);
            else request.Done?.TrySetException(_failure.SourceException);
        }
    }

    /// <summary>Throws the first failure of a request again, as it was.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    private void Run(Request request)
    {
        try
        {
            request.Action();
            request.Done?.TrySetResult();
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            OnFailure();
            request.Done?.TrySetException(exception);
        }
    }

    private void Enqueue(Request request)
    {
        lock (_requests)
        {
            if (!_completed)
            {
                _requests.Enqueue(request);
                Monitor.Pulse(_requests);
                return;
            }
        }

        // Work that outlived its step has no pipeline to talk to.
        request.Done?.TrySetCanceled();
    }

    private bool TryTake(out Request request)
    {
        lock (_requests)
        {
            while (!_requests.TryDequeue(out request))
            {
                if (_completed) return false;
                Monitor.Wait(_requests);
            }

            return true;
        }
    }

    private readonly record struct Request(Action Action, TaskCompletionSource? Done);
}
