namespace ProdOps.Recovery.Execution;

/// <summary>The locks of a run on its servers. They are given back whatever ends the run, Ctrl+C and an error that a caller does not bear among it; only a process that is killed leaves them.</summary>
internal sealed class TargetLocks(RunHeader header, IRecoveryAccess access, IActivity activity, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly List<TargetLock> _locks = [];

    /// <summary>Takes all of them.</summary>
    /// <exception cref="ProdOpsException"><c>RecoveryTargetBusy</c>, or a server cannot be reached.</exception>
    public async Task TakeAsync(IEnumerable<(Server Server, bool AsRoot)> targets, bool force, CancellationToken cancellationToken)
    {
        foreach (var (server, asRoot) in targets)
        {
            var one = new TargetLock(await access.OpenShellAsync(server, cancellationToken).ConfigureAwait(false), header.Run, header.By, asRoot);
            // Before it is taken: what is called off on the way may be taken there all the same.
            _locks.Add(one);
            await one.TakeAsync(force, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives all back that are left. What stops the run does not stop this.</summary>
    /// <param name="isOver">Whether nothing of the run will be asked after again.</param>
    public async Task ReleaseAsync(bool isOver)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        var locks = _locks.ToArray();
        _locks.Clear();
        await Task.WhenAll(locks.Select(one => ReleaseAsync(one, isOver, limit.Token))).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await ReleaseAsync(isOver: false).ConfigureAwait(false);

    private async Task ReleaseAsync(TargetLock one, bool isOver, CancellationToken cancellationToken)
    {
        try
        {
            await one.ReleaseAsync(isOver, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ProdOpsException or OperationCanceledException or IOException)
        {
            activity.Warning($"The run's lock may be left on {one.Server}, which does not answer: the next run there says how to go on.");
        }
    }
}
