using System.Runtime.InteropServices;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// A lock of this process on a repository, by restic's protocol (doc/design.rst, "Locks"; internal/repository/lock.go): shared for who reads or
/// adds, exclusive for who removes. It is refreshed until it is disposed; when it cannot be, <see cref="Lost"/> tells the work to stop.
/// </summary>
internal sealed class RepositoryLock : IAsyncDisposable
{
    /// <summary>Two programs that lock at the same moment see each other's lock after this time.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RefreshRetry = TimeSpan.FromSeconds(30);

    /// <summary>Older than this, others may soon take the lock for stale: only a refresh that proves it still stands will do.</summary>
    private static readonly TimeSpan ForcedRefreshAge = TimeSpan.FromMinutes(22.5);

    /// <summary>So long a lock of that age may wait for its refresh, or a machine that wakes for its network: well before others may take it for stale, at half an hour.</summary>
    private static readonly TimeSpan ForcedRefreshTime = TimeSpan.FromMinutes(2.5);

    /// <summary>Short, so that a machine that wakes from standby notices at once how old its lock has become.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>So long who stops waits for a lock to be written or taken away: restic's time, too. Otherwise a place that does not answer is asked for a quarter of an hour.</summary>
    private static readonly TimeSpan StoppingTime = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5), LongestRetry = TimeSpan.FromSeconds(60);

    private readonly Repository _repository;
    private readonly IActivity _activity;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _abandoned;
    private readonly CancellationTokenRegistration _stopping;
    private readonly PosixSignalRegistration? _hangUp;
    private Task _refreshing = Task.CompletedTask;
    private readonly HashSet<ObjectId> _written = [];
    private ObjectId _id;
    private volatile Moment _refreshed;
    private Moment _attempted;

    private RepositoryLock(Repository repository, bool exclusive, IActivity activity, CancellationToken cancellationToken)
    {
        _repository = repository;
        _activity = activity;
        _refreshed = _attempted = Moment.Now(Clock);
        Exclusive = exclusive;
        _abandoned = new CancellationTokenSource(Timeout.InfiniteTimeSpan, Clock);
        _stopping = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).CancelAfter(StoppingTime), _abandoned);
        // "restic unlock" finds out whether a lock's process lives by sending it SIGHUP, which would end us in the middle of the work.
        _hangUp = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true);
    }

    public bool Exclusive { get; }

    /// <summary>The lock file that stands now; each refresh makes another.</summary>
    public ObjectId Id => _id;

    /// <summary>Cancelled once the lock may not be relied on any more. <see cref="LostReason"/> is the error to throw then.</summary>
    public CancellationToken Lost => _lost.Token;

    public ProdOpsException? LostReason { get; private set; }

    private TimeProvider Clock => _repository.TimeProvider;

    /// <summary>Locks a repository. Takes a fifth of a second of waiting, beside which other work can go on.</summary>
    /// <param name="repository">What to lock.</param>
    /// <param name="exclusive">Whether ours is to be the only one.</param>
    /// <param name="retryFor">How long to wait for other locks to go; zero fails at once.</param>
    /// <param name="activity">Hears of stale locks and failing refreshes.</param>
    /// <param name="cancellationToken">Stops the waiting. The lock itself does not depend on it, but once it is cancelled, giving the lock back takes a minute at most.</param>
    public static async Task<RepositoryLock> AcquireAsync(
        Repository repository, bool exclusive, TimeSpan retryFor, IActivity activity, CancellationToken cancellationToken)
    {
        var locks = new RepositoryLocks(repository, activity);
        long started = repository.TimeProvider.GetTimestamp();
        var delay = FirstRetry;
        while (true)
        {
            var held = new RepositoryLock(repository, exclusive, activity, cancellationToken);
            LockFile? conflict;
            try
            {
                conflict = await held.TryLockAsync(locks, cancellationToken);
                if (conflict is null)
                {
                    held._refreshing = Task.Run(held.RefreshLoopAsync, CancellationToken.None);
                    return held;
                }
            }
            catch
            {
                await held.DisposeAsync();
                throw;
            }

            await held.DisposeAsync();
            var left = retryFor - repository.TimeProvider.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) throw BackupErrors.RepositoryLocked(repository.Location, conflict.ToString());
            activity.Verbose($"Waiting for the {conflict}.");
            await Task.Delay(delay < left ? delay : left, repository.TimeProvider, cancellationToken);
            delay = delay * 2 < LongestRetry ? delay * 2 : LongestRetry;
        }
    }

    /// <summary>Throws <c>LockLost</c> if the lock is lost.</summary>
    public void ThrowIfLost()
    {
        if (LostReason is { } reason) throw reason;
    }

    /// <summary>
    /// Waits until the lock is known to stand, before what would do harm if it did not: after a standby it may be long gone, which the refresh finds out.
    /// </summary>
    /// <param name="cancellationToken">Stops; also to be cancelled by <see cref="Lost"/>.</param>
    public async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        while (_refreshed.Age(Clock) >= ForcedRefreshAge)
        {
            ThrowIfLost();
            await Task.Delay(PollInterval, Clock, cancellationToken);
        }

        ThrowIfLost();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _refreshing;
        foreach (var id in _written.ToArray())
        {
            try
            {
                await DeleteAsync(id);
            }
            catch (Exception error) when (error is ProdOpsException or OperationCanceledException)
            {
                _activity.Warning($"The lock {id.ToShortString()} could not be removed and stays until it is stale: {(error is ProdOpsException ? error.Message : "the repository does not answer.")}");
            }
        }

        await _stopping.DisposeAsync();
        _hangUp?.Dispose();
        _stop.Dispose();
        _lost.Dispose();
        _abandoned.Dispose();
    }

    private async Task<LockFile?> TryLockAsync(RepositoryLocks locks, CancellationToken cancellationToken)
    {
        if (await locks.FindConflictAsync(Exclusive, own: null, cancellationToken) is { } before) return before;
        cancellationToken.ThrowIfCancellationRequested();
        _refreshed = _attempted = await WriteAsync();
        await Task.Delay(Settling, Clock, cancellationToken);
        return await locks.FindConflictAsync(Exclusive, _id, cancellationToken);
    }

    // Not cut short but by who stops and gets no answer: what was written must be known, so that it can be removed.
    private async Task<Moment> WriteAsync()
    {
        var now = Moment.Now(Clock);
        byte[] json = LockFile.OfThisProcess(Exclusive, Clock).ToJson();
        _id = await _repository.WriteUnpackedAsync(FileKind.Lock, json, _abandoned.Token);
        _written.Add(_id);
        return now;
    }

    // A refresh may be asked again for a quarter of an hour, so the lock's age is looked at beside it.
    private async Task RefreshLoopAsync()
    {
        using var timer = new PeriodicTimer(PollInterval, Clock);
        var refresh = Task.CompletedTask;
        Moment? late = null;
        try
        {
            while (LostReason is null && await timer.WaitForNextTickAsync(_stop.Token))
            {
                var age = _refreshed.Age(Clock);
                late = age < ForcedRefreshAge ? null : late ?? Moment.Now(Clock);
                if (late?.Age(Clock) >= ForcedRefreshTime)
                {
                    LoseUnrefreshed(null);
                }
                else if (refresh.IsCompleted)
                {
                    await refresh;
                    if (LostReason is null && (late is not null || (age >= RefreshInterval && _attempted.Age(Clock) >= RefreshRetry))) refresh = RefreshAsync(late is not null);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (Exception error)
        {
            Lose(BackupErrors.LockLost(_repository.Location, "it could not be refreshed", error));
        }

        // What it wrote must be known before it is removed.
        await refresh.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RefreshAsync(bool forced)
    {
        var (old, before) = (_id, _refreshed);
        _attempted = Moment.Now(Clock);
        try
        {
            if (forced && !await StandsAsync(old))
            {
                LoseToAnother();
                return;
            }

            var written = await WriteAsync();
            // A place that does not answer is asked for a quarter of an hour: a lock that was young when the writing began may be an old one by now.
            if (before.Age(Clock) >= ForcedRefreshAge && !await ProveAsync(old)) return;
            _refreshed = written;
            await DeleteAsync(old);
        }
        catch (ProdOpsException error)
        {
            if (forced && _refreshed == before) LoseUnrefreshed(error);
            else _activity.Warning($"The lock on the repository could not be refreshed; trying again: {error.Message}");
        }
    }

    // Others may have taken the old lock for stale and removed it: only if it still stands when the new one is there, nobody worked in between.
    private async Task<bool> ProveAsync(ObjectId old)
    {
        try
        {
            await Task.Delay(Settling, Clock, _stop.Token);
            if (await StandsAsync(old)) return true;
            LoseToAnother();
        }
        catch (ProdOpsException error)
        {
            LoseUnrefreshed(error);
        }

        return false;
    }

    private void LoseToAnother() => Lose(BackupErrors.LockLost(_repository.Location, "it was too old, and another program removed it"));

    private void LoseUnrefreshed(ProdOpsException? error) => Lose(BackupErrors.LockLost(_repository.Location, "it could not be refreshed in time", error));

    private async Task<bool> StandsAsync(ObjectId id) => await _repository.Storage.FindAsync(new FileHandle(FileKind.Lock, id), _stop.Token) is not null;

    // Nor is this: the old file would stay behind.
    private async Task DeleteAsync(ObjectId id)
    {
        await _repository.Storage.DeleteAsync(new FileHandle(FileKind.Lock, id), _abandoned.Token);
        _written.Remove(id);
    }

    private void Lose(ProdOpsException reason)
    {
        // The refresh and the loop beside it may both find out.
        lock (_lost)
        {
            if (LostReason is not null) return;
            LostReason = reason;
        }

        _activity.Error(reason);
        _abandoned.CancelAfter(StoppingTime);
        _lost.Cancel();
    }

    /// <summary>A moment on both clocks: the wall's goes on in standby, the steady one is never set back.</summary>
    private sealed record Moment(DateTimeOffset Wall, long Steady)
    {
        public static Moment Now(TimeProvider clock) => new(clock.GetUtcNow(), clock.GetTimestamp());

        public TimeSpan Age(TimeProvider clock)
        {
            var wall = clock.GetUtcNow() - Wall;
            var steady = clock.GetElapsedTime(Steady);
            return wall > steady ? wall : steady;
        }
    }
}
