using System.ComponentModel;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Common;

/// <summary>
/// The base of every cmdlet that waits for something. The asynchronous steps run on the thread pool; what they write is carried out
/// on the pipeline thread, in order. Output and errors are awaited, so a slow consumer slows the work and a stopped one stops it;
/// verbose text, warnings and progress are queued.
/// </summary>
/// <remarks>
/// The token is cancelled by Ctrl+C, by a write that the pipeline refuses (<c>| Select-Object -First 1</c> throws from WriteObject and
/// never calls StopProcessing), and by Dispose. A step's exception ends the command; what concerns one item is written with
/// <see cref="WriteErrorAsync(ProdOpsException)"/> instead.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    /// <summary>What comes by the hundred thousand crosses to the pipeline's thread by so many (<see cref="WriteAllAsync"/>).</summary>
    private protected const int PipelineBatch = 512;

    private readonly CancellationTokenSource _stop = new();
    private PipelineQueue? _queue;
    private CmdletActivity? _activity;
    private int _disposed;

    /// <summary>Where the engine reports to: this cmdlet's verbose, warning, error and progress streams.</summary>
    protected IActivity Activity => _activity ?? (IActivity)SilentActivity.Instance;

    /// <summary>Runs once before the first input. Parameters from the pipeline are not bound yet.</summary>
    /// <param name="cancellationToken">Cancelled when the command is stopped.</param>
    protected virtual Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs for every input, or once without a pipeline.</summary>
    /// <param name="cancellationToken">Cancelled when the command is stopped.</param>
    protected virtual Task ProcessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs once after the last input.</summary>
    /// <param name="cancellationToken">Cancelled when the command is stopped.</param>
    protected virtual Task EndAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Gives back what the steps hold, a repository's lock for one. Runs exactly once, however the command ended.</summary>
    protected virtual ValueTask ReleaseAsync() => default;

    /// <summary>Emits one object.</summary>
    /// <param name="value">The object; a list is emitted as one object.</param>
    protected Task WriteObjectAsync(object value) => Queue.SendAsync(() => WriteObject(value, enumerateCollection: false));

    /// <summary>Emits several objects at once, one by one: for what comes by the hundred thousand.</summary>
    /// <param name="values">The objects.</param>
    protected Task WriteAllAsync(IReadOnlyList<object> values) => Queue.SendAsync(() =>
    {
        foreach (object value in values)
        {
            if (_stop.IsCancellationRequested) throw new PipelineStoppedException();
            WriteObject(value, enumerateCollection: false);
        }
    });

    /// <summary>Reports a failure after which the command goes on.</summary>
    /// <param name="error">The failure, with the item as its target.</param>
    protected Task WriteErrorAsync(ProdOpsException error) => WriteErrorAsync(ErrorMapper.ToErrorRecord(error));

    /// <summary>Reports a failure after which the command goes on.</summary>
    /// <param name="record">The error record.</param>
    protected Task WriteErrorAsync(ErrorRecord record) => Queue.SendAsync(() => WriteError(ErrorMapper.Redact(record)));

    /// <summary>Asks whether a change may be made: <c>-WhatIf</c>, <c>-Confirm</c>.</summary>
    /// <param name="target">What is changed.</param>
    /// <param name="action">What is done to it.</param>
    protected Task<bool> ShouldProcessAsync(string target, string action) => InvokeAsync(() => ShouldProcess(SecretRedactor.Shared.Redact(target), SecretRedactor.Shared.Redact(action)));

    /// <summary>As <see cref="ShouldProcessAsync"/>, for what can answer <c>-WhatIf</c> with a plan instead of a sentence.</summary>
    /// <param name="target">What is changed.</param>
    /// <param name="action">What is done to it.</param>
    protected Task<ChangeDecision> DecideAsync(string target, string action) => InvokeAsync(() =>
    {
        string question = SecretRedactor.Shared.Redact($"Performing the operation \"{action}\" on target \"{target}\".");
        if (ShouldProcess(question, question, "Confirm", out var reason)) return ChangeDecision.Act;
        return reason.HasFlag(ShouldProcessReason.WhatIf) ? ChangeDecision.Plan : ChangeDecision.Refuse;
    });

    /// <summary>Asks whether to go on; for what <c>-Force</c> skips.</summary>
    /// <param name="query">The question.</param>
    /// <param name="caption">Its title.</param>
    protected Task<bool> ShouldContinueAsync(string query, string caption) => InvokeAsync(() => ShouldContinue(SecretRedactor.Shared.Redact(query), caption));

    /// <summary>Runs something that needs the pipeline thread: session variables, provider paths.</summary>
    /// <typeparam name="T">What it returns.</typeparam>
    /// <param name="function">What to run. A <see cref="ProdOpsException"/> of it is thrown here, and the command can go on.</param>
    protected internal async Task<T> InvokeAsync<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? refusal = null;
        await Queue.SendAsync(() =>
        {
            try
            {
                result = function();
            }
            catch (ProdOpsException error)
            {
                // The pipeline is well and goes on: whoever asked may turn this into one item's error.
                refusal = ExceptionDispatchInfo.Capture(error);
            }
        }).ConfigureAwait(false);
        refusal?.Throw();
        return result;
    }

    /// <summary>Adds something to do on the pipeline thread without waiting for it.</summary>
    internal void Post(Action action) => _queue?.Post(action);

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Run(BeginAsync);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(ProcessAsync);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Run(EndAsync);

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _stop.Cancel();
        // The pipeline is over and PowerShell cannot take an error from here any more; a lock left behind goes stale by itself.
        try
        {
            Task.Run(async () => await ReleaseAsync().ConfigureAwait(false)).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is ProdOpsException or IOException or OperationCanceledException or UnauthorizedAccessException)
        {
        }

        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    private PipelineQueue Queue => _queue ?? throw new InvalidOperationException("A cmdlet writes only while one of its steps runs.");

    private void Run(Func<CancellationToken, Task> step)
    {
        var token = _stop.Token;
        var queue = _queue = new PipelineQueue { OnFailure = _stop.Cancel };
        _activity ??= new CmdletActivity(this, TimeProvider.System);
        var work = Task.Run(() => step(token), CancellationToken.None);
        work.ContinueWith(static (_, state) => ((PipelineQueue)state!).Complete(), queue, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        queue.Drain();
        _queue = null;
        queue.ThrowIfFailed();
        if (token.IsCancellationRequested) throw new PipelineStoppedException();
        _activity.Complete();
        if (work.IsCanceled) ThrowTerminatingError(ErrorMapper.ToErrorRecord(new OperationCanceledException()));
        if (work.Exception is { } failure) ThrowTerminatingError(ErrorMapper.ToErrorRecord(failure));
    }
}
