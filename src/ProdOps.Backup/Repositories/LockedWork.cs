namespace ProdOps.Backup.Repositories;

/// <summary>Work that needs a lock for as long as it lasts.</summary>
internal static class LockedWork
{
    /// <summary>Locks a repository, works, and gives the lock back. A lock that is lost ends the work with the error that says why.</summary>
    /// <param name="repository">What to lock.</param>
    /// <param name="exclusive">Whether ours is to be the only lock.</param>
    /// <param name="retryFor">How long to wait for other locks to go.</param>
    /// <param name="activity">Hears of locks.</param>
    /// <param name="work">The work; its token is cancelled, too, when the lock is lost.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<T> RunAsync<T>(
        Repository repository, bool exclusive, TimeSpan retryFor, IActivity activity, Func<RepositoryLock, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        await using var held = await RepositoryLock.AcquireAsync(repository, exclusive, retryFor, activity, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        try
        {
            return await work(held, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            held.ThrowIfLost();
            throw;
        }
    }
}
