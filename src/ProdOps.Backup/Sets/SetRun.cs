using ProdOps.Servers.Secrets;

namespace ProdOps.Backup.Sets;

/// <summary>How sets run.</summary>
internal sealed record SetRunOptions
{
    /// <summary>How many servers are backed up at the same time.</summary>
    public int ThrottleLimit { get; init; } = 4;

    /// <summary>Tags for all snapshots, beside those of the sets.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Where the processes of one user meet that back up the same server.</summary>
    public string? TurnFolder { get; init; }
}

/// <summary>What became of a job, and what it failed with.</summary>
internal sealed record SetOutcome(BackupSetResult Result, ProdOpsException? Error);

/// <summary>
/// Runs sets side by side, never two at once on one server. What one fails with is its own outcome. Snapshots are removed only once nothing of this
/// run uses their repository any more: removing needs it alone, and would wait for the others, or they for it.
/// </summary>
internal sealed class SetRun(ISetAccess access, SetRunOptions options, IActivity activity, TimeProvider time)
{
    /// <summary>Runs the jobs; each is told to <paramref name="emit"/> when it is done.</summary>
    public async Task RunAsync(IReadOnlyList<SetJob> jobs, Func<SetOutcome, Task> emit, CancellationToken cancellationToken)
    {
        var turns = new RepositoryTurns(jobs);
        using var removing = new SemaphoreSlim(1);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(jobs.GroupBy(job => job.Server.Name, StringComparer.OrdinalIgnoreCase), parallel, async (ofServer, token) =>
        {
            foreach (var job in ofServer)
            {
                var done = await RunAsync(job, token);
                foreach (var ready in turns.Finish(done))
                {
                    await removing.WaitAsync(token);
                    try
                    {
                        await emit(await RemoveAsync(ready, token));
                    }
                    finally
                    {
                        removing.Release();
                    }
                }
            }
        });
    }

    private async Task<SetProgress> RunAsync(SetJob job, CancellationToken cancellationToken)
    {
        var progress = new SetProgress(job, new SetActivity(job.Set, job.Server, activity), time.GetUtcNow(), time.GetTimestamp());
        progress.Activity.Verbose($"begins: {job.Reason}.");
        try
        {
            var repository = await access.OpenRepositoryAsync(job.Set.Repository, cancellationToken);
            using (await ServerTurn.TakeAsync(options.TurnFolder, job.Server, job.Set.RetryLock, progress.Activity, time, cancellationToken))
            await using (var beside = repository.OpenBeside())
                progress.Snapshot = await new SetBackup(job.Set, job.Server, access, progress.Activity).RunAsync(beside, options.Tags, cancellationToken);
            var copying = new SetCopy(job.Set, job.Server, access, progress.Activity, time);
            foreach (string name in job.Set.CopyTo)
                if (await copying.RunAsync(repository, progress.Snapshot, name, cancellationToken)) progress.CopiedTo.Add(name);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            progress.Error = BackupErrors.BackupSetFailed(job.Set.Name, job.Server.Name, exception);
        }

        progress.Duration = time.GetElapsedTime(progress.StartedAt);
        return progress;
    }

    private async Task<SetOutcome> RemoveAsync(SetProgress progress, CancellationToken cancellationToken)
    {
        var (set, retention) = (progress.Job.Set, new SetRetention(progress.Job.Set, progress.Job.Server, access, progress.Activity));
        // A set that fails keeps what it has, however old.
        if (progress.Snapshot is { } snapshot)
        {
            if (set.Keep is { } rules) progress.Removed.AddRange(await retention.ApplyAsync(set.Repository, rules, set.Prune, snapshot.Server, cancellationToken));
            if (set.KeepCopies is { } others)
                foreach (string name in progress.CopiedTo) progress.Removed.AddRange(await retention.ApplyAsync(name, others, prune: false, snapshot.Server, cancellationToken));
        }

        var result = progress.ToResult();
        if (result.Status != BackupSetStatus.Incomplete) return new SetOutcome(result, progress.Error);
        string? since = progress.Snapshot?.Status == BackupStatus.Incomplete ? await FindSinceAsync(progress, cancellationToken) : null;
        return new SetOutcome(result, progress.Error ?? BackupErrors.BackupSetIncomplete(result.Name, result.Server, result.Problems, since));
    }

    /// <summary>Since when something is missing. That it cannot be told is no reason to fail.</summary>
    private async Task<string?> FindSinceAsync(SetProgress progress, CancellationToken cancellationToken)
    {
        var (set, server) = (progress.Job.Set, progress.Job.Server);
        try
        {
            var repository = await access.OpenRepositoryAsync(set.Repository, cancellationToken);
            var series = new SetSeries(set, server).Of(await repository.ListSnapshotsAsync(progress.Activity, cancellationToken), time.GetUtcNow());
            return BackupErrors.DescribeIncomplete(SetSeries.FindLastComplete(series), time.LocalTimeZone);
        }
        catch (ProdOpsException error)
        {
            progress.Activity.Verbose($"Since when it is incomplete cannot be told: {error.Message}");
            return null;
        }
    }
}

/// <summary>A job while it runs.</summary>
internal sealed class SetProgress(SetJob job, SetActivity activity, DateTimeOffset startTime, long startedAt)
{
    public SetJob Job => job;

    public SetActivity Activity => activity;

    public long StartedAt => startedAt;

    public TimeSpan Duration { get; set; }

    public BackupSnapshot? Snapshot { get; set; }

    public ProdOpsException? Error { get; set; }

    public List<string> CopiedTo { get; } = [];

    public List<BackupSnapshot> Removed { get; } = [];

    public BackupSetResult ToResult() => new()
    {
        Name = job.Set.Name,
        Server = job.Server.Name,
        Status = Snapshot is null ? BackupSetStatus.Failed : activity.Problems.Count > 0 || Snapshot.Status == BackupStatus.Incomplete ? BackupSetStatus.Incomplete : BackupSetStatus.Complete,
        Reason = job.Reason,
        Snapshot = Snapshot,
        Repository = job.Set.Repository,
        StartTime = startTime,
        Duration = Duration,
        CopiedTo = CopiedTo.ToArray(),
        Removed = Removed.ToArray(),
        Problems = activity.Problems,
        ErrorId = Error?.ErrorId,
        Error = Error is null ? null : SecretRedactor.Shared.Redact(Error.Message),
    };
}

/// <summary>Tells which jobs may remove snapshots: those whose repositories no other job uses any more.</summary>
internal sealed class RepositoryTurns(IEnumerable<SetJob> jobs)
{
    private readonly Dictionary<string, int> _users = jobs.SelectMany(job => job.Repositories.Distinct(StringComparer.OrdinalIgnoreCase))
        .GroupBy(name => name, StringComparer.OrdinalIgnoreCase).ToDictionary(users => users.Key, users => users.Count(), StringComparer.OrdinalIgnoreCase);

    private readonly List<SetProgress> _waiting = [];

    /// <summary>Says that a job has made its snapshot, or failed. Returns the jobs that need not wait, or need not wait any longer.</summary>
    public IReadOnlyList<SetProgress> Finish(SetProgress done)
    {
        lock (_waiting)
        {
            foreach (string name in done.Job.Repositories.Distinct(StringComparer.OrdinalIgnoreCase)) _users[name]--;
            _waiting.Add(done);
            var ready = _waiting.Where(MayGo).ToList();
            _waiting.RemoveAll(ready.Contains);
            return ready;
        }
    }

    private bool MayGo(SetProgress progress)
    {
        var set = progress.Job.Set;
        bool removes = progress.Snapshot is not null && (set.Keep is not null || set.KeepCopies is not null);
        return !removes || progress.Job.Repositories.All(name => _users[name] == 0);
    }
}
