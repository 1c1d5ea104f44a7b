using System.Reflection;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Selection;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving;

/// <summary>One backup, from the lock to the snapshot.</summary>
internal static class BackupRun
{
    /// <summary>What snapshots name as their writer.</summary>
    private static readonly string ProgramVersion =
        $"ProdOps {typeof(BackupRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    /// <summary>
    /// Backs up what the request names. Items that cannot be read are told to <paramref name="activity"/> and make the
    /// result Incomplete; anything that endangers the snapshot itself throws, and then no snapshot is written.
    /// </summary>
    public static async Task<BackupSnapshot> RunAsync(
        Repository repository, BackupRequest request, IActivity activity, CancellationToken cancellationToken)
    {
        var files = request.Files;
        var (targets, missing) = FindTargets(files, request, activity);
        var source = new LocalSource(files, new EntrySelection(request.Selection, files, targets, activity.Warning), TargetTree.From(targets));
        return await RunAsync(repository, request, source, missing, activity, cancellationToken);
    }

    /// <summary>As <see cref="RunAsync(Repository, BackupRequest, IActivity, CancellationToken)"/>, of any source.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="request">What to back up.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="missing">How many of the paths do not exist; each was reported.</param>
    /// <param name="activity">What happens, and what could not be read.</param>
    /// <param name="cancellationToken">Stops; then no snapshot is written.</param>
    public static async Task<BackupSnapshot> RunAsync(
        Repository repository, BackupRequest request, ArchiveSource source, int missing, IActivity activity, CancellationToken cancellationToken)
    {
        var time = repository.TimeProvider;
        var started = time.GetLocalNow();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Taking a lock means waiting to see whether somebody else took one too. Reading and storing go on meanwhile:
        // only what others can see waits for the lock, and then for the proof that the index read meanwhile still holds.
        var locking = request.DryRun
            ? Task.FromResult<RepositoryLock?>(null)
            : AcquireLockAsync(repository, request, activity, stop);
        try
        {
            if (request.RetryLock > TimeSpan.Zero) await locking;
            var context = new Context(repository, request, activity, source, missing, started, time.GetTimestamp(), locking);
            try
            {
                return await RunLockedAsync(context, stop.Token);
            }
            catch (IndexReplacedException)
            {
                // Once the lock is held it cannot happen again.
                await locking;
                activity.Verbose("Another program pruned the repository while it was being locked: the backup begins anew.");
                return await RunLockedAsync(context, stop.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The lock was refused or lost: that is the reason to tell, not the cancellation it caused.
            if (locking.IsFaulted) await locking;
            if (locking is { IsCompletedSuccessfully: true, Result: { } held }) held.ThrowIfLost();
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)locking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (locking is { IsCompletedSuccessfully: true, Result: { } taken }) await taken.DisposeAsync();
        }
    }

    private sealed record Context(
        Repository Repository, BackupRequest Request, IActivity Activity, ArchiveSource Source,
        int Missing, DateTimeOffset Started, long StartedAt, Task<RepositoryLock?> Locking)
    {
        // By the steady clock: the wall's may be set back in mid-run.
        public DateTimeOffset Now => Started + Repository.TimeProvider.GetElapsedTime(StartedAt);
    }

    /// <summary>Blobs that the loaded index names may be gone.</summary>
    private sealed class IndexReplacedException : Exception;

    private static async Task<BackupSnapshot> RunLockedAsync(Context context, CancellationToken cancellationToken)
    {
        var (repository, request, activity) = (context.Repository, context.Request, context.Activity);
        // Snapshots before the index, so that every blob the parent names is in the index that is loaded after.
        var parent = await FindParentAsync(context, cancellationToken);
        try
        {
            await repository.LoadIndexAsync(activity, cancellationToken);
        }
        catch (ProdOpsException e) when (e.Kind == ErrorKind.NotFound && !context.Locking.IsCompleted)
        {
            throw new IndexReplacedException();
        }

        var ready = ProveIndexAsync(context, cancellationToken);
        await using var writer = repository.BeginWriting(request.Writing with { CommitAfter = ready }, cancellationToken);
        using var pipeline = new ArchivePipeline(repository, writer, context.Source, request, IsSameObserver(parent, request.Observer), activity);
        pipeline.Counters.Errors = context.Missing;
        using var reporting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reports = pipeline.Counters.ReportAsync(
            activity, $"Backing up {string.Join(", ", request.Paths)}", (parent?.Summary?.TotalBytesProcessed).GetValueOrDefault(), repository.TimeProvider, reporting.Token);
        ObjectId tree;
        try
        {
            tree = await pipeline.RunAsync(parent?.Tree, cancellationToken);
            await ready;
            await writer.FlushAsync(cancellationToken);
        }
        catch (ProdOpsException) when (context.Source.IsRemote && !cancellationToken.IsCancellationRequested)
        {
            await KeepWhatWasStoredAsync(writer, ready, cancellationToken);
            throw;
        }
        finally
        {
            await reporting.CancelAsync();
            await reports;
        }
        return await FinishAsync(context, pipeline, writer, parent, tree, cancellationToken);
    }

    /// <summary>No snapshot comes of the run. What came over the network is made to count all the same, so that the next run need not store it again.</summary>
    private static async Task KeepWhatWasStoredAsync(BlobWriter writer, Task ready, CancellationToken cancellationToken)
    {
        try
        {
            await ready;
            await writer.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (e is ProdOpsException or IndexReplacedException)
        {
            // The repository is what failed.
        }
    }

    private static async Task<BackupSnapshot> FinishAsync(
        Context context, ArchivePipeline pipeline, BlobWriter writer, SnapshotFile? parent, ObjectId tree, CancellationToken cancellationToken)
    {
        var (repository, request) = (context.Repository, context.Request);
        var counters = pipeline.Counters;
        var snapshot = new SnapshotFile
        {
            Time = Rfc3339Time.From(request.Time ?? context.Started),
            Parent = parent?.Id,
            Tree = tree,
            Paths = request.Paths,
            HostName = request.HostName,
            UserName = request.UserName,
            UserId = request.Observer.UserId,
            GroupId = request.Observer.GroupId,
            Excludes = [.. request.Selection.Excludes, .. request.Selection.InsensitiveExcludes],
            Tags = counters.Errors == 0 || request.Tags.Contains(SnapshotFile.IncompleteTag) ? request.Tags : [.. request.Tags, SnapshotFile.IncompleteTag],
            ProgramVersion = ProgramVersion,
            Summary = new SnapshotSummary
            {
                Start = Rfc3339Time.From(context.Started),
                End = Rfc3339Time.From(context.Now),
                FilesNew = counters.FilesNew,
                FilesChanged = counters.FilesChanged,
                FilesUnmodified = counters.FilesUnmodified,
                DirectoriesNew = counters.DirectoriesNew,
                DirectoriesChanged = counters.DirectoriesChanged,
                DirectoriesUnmodified = counters.DirectoriesUnmodified,
                DataBlobs = writer.DataBlobs,
                TreeBlobs = writer.TreeBlobs,
                DataAdded = writer.BytesAdded,
                DataAddedPacked = writer.BytesStored,
                TotalFilesProcessed = counters.FilesProcessed,
                TotalBytesProcessed = counters.BytesProcessed,
            },
        };
        bool skipped = request.SkipIfUnchanged && parent is not null && parent.Tree == tree;
        var status = request.DryRun ? BackupStatus.Planned
            : skipped ? BackupStatus.Skipped
            : counters.Errors > 0 ? BackupStatus.Incomplete : BackupStatus.Complete;
        if (!request.DryRun && !skipped)
        {
            // A snapshot that is stored under a lock that others took away may name what they have removed.
            if (await context.Locking is { } held) await held.ConfirmAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            snapshot = snapshot with { Id = await repository.WriteSnapshotAsync(snapshot, cancellationToken) };
        }
        return BackupModel.ToSnapshot(snapshot, repository.Location, status, counters.Errors);
    }

    // Until others see our lock they may prune: what was loaded before counts only if it is still there after.
    private static async Task ProveIndexAsync(Context context, CancellationToken cancellationToken)
    {
        if (await context.Locking is null) return;
        if (!await context.Repository.IsIndexCurrentAsync(cancellationToken)) throw new IndexReplacedException();
    }

    private static async Task<RepositoryLock?> AcquireLockAsync(
        Repository repository, BackupRequest request, IActivity activity, CancellationTokenSource stop)
    {
        try
        {
            var taken = await RepositoryLock.AcquireAsync(repository, exclusive: false, request.RetryLock, activity, stop.Token);
            taken.Lost.Register(stop.Cancel);
            return taken;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static async Task<SnapshotFile?> FindParentAsync(Context context, CancellationToken cancellationToken)
    {
        var (repository, request) = (context.Repository, context.Request);
        if (request.Force) return null;
        if (request.Parent is { } named) return await repository.FindSnapshotAsync(named, context.Activity, filter: null, cancellationToken);
        var snapshots = await repository.ListSnapshotsAsync(context.Activity, cancellationToken);
        var parent = ParentSelection.Find(snapshots, request.HostName, request.Paths, request.Time ?? context.Started);
        context.Activity.Verbose(parent is null
            ? "No earlier snapshot of this host holds these paths: everything is read."
            : $"Changes are found against snapshot {parent.Id.ToShortString()} of {parent.Time.ToDateTimeOffset():u}.");
        return parent;
    }

    private static bool IsSameObserver(SnapshotFile? parent, BackupObserver observer) =>
        parent is not null && parent.UserId == observer.UserId && parent.HostName == observer.HostName;

    /// <summary>The targets as the file system's bytes. One that does not exist is an error of its own; without any other the run ends.</summary>
    private static (IReadOnlyList<byte[]> Targets, int Missing) FindTargets(SourceFileSystem files, BackupRequest request, IActivity activity)
    {
        var found = new List<byte[]>();
        foreach (string path in request.Paths)
        {
            byte[] bytes = FileNames.Encode(path);
            try
            {
                files.GetStat(bytes);
                found.Add(bytes);
            }
            catch (FileSystemException e)
            {
                activity.Error(BackupErrors.SourceUnreadable(path, e));
            }
        }
        return found.Count > 0 ? (found, request.Paths.Count - found.Count) : throw BackupErrors.NothingToBackUp(request.Paths);
    }
}
