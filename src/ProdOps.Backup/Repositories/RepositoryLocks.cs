using System.Text.Json;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

/// <summary>The locks that lie on a repository.</summary>
internal sealed class RepositoryLocks(Repository repository, IActivity activity)
{
    // A lock that is just being written or replaced may not be readable for a moment on some storages; restic waits as long.
    private static readonly TimeSpan[] RereadDelays = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)];

    /// <summary>All readable locks. Empty files are torn uploads and no locks; one that stays unreadable is an error.</summary>
    public async Task<List<(ObjectId Id, LockFile Lock)>> ReadAllAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await TryReadAllAsync(cancellationToken);
            }
            catch (ProdOpsException error) when (attempt < RereadDelays.Length && error.Kind is ErrorKind.InvalidData or ErrorKind.ReadError)
            {
                activity.Verbose($"A lock could not be read and is tried again: {error.Message}");
                await Task.Delay(RereadDelays[attempt], repository.TimeProvider, cancellationToken);
            }
        }
    }

    /// <summary>The locks as users see them.</summary>
    public async Task<IReadOnlyList<BackupLock>> ListAsync(CancellationToken cancellationToken)
    {
        var now = repository.TimeProvider.GetUtcNow();
        var locks = await ReadAllAsync(cancellationToken);
        return [.. locks.Select(entry => BackupModel.ToLock(entry.Id, entry.Lock, entry.Lock.FindStaleReason(now), removed: false, repository.Location))];
    }

    /// <summary>Removes the locks whose holders cannot be at work any more, or simply all, and tells which.</summary>
    public async Task<IReadOnlyList<BackupLock>> RemoveAsync(bool all, CancellationToken cancellationToken)
    {
        var removed = new List<BackupLock>();
        var now = repository.TimeProvider.GetUtcNow();
        if (all) await RemoveUnreadableAsync(cancellationToken);
        foreach (var (id, file) in await ReadAllAsync(cancellationToken))
        {
            string? reason = file.FindStaleReason(now);
            if (!all && reason is null) continue;
            await repository.Storage.DeleteAsync(new FileHandle(FileKind.Lock, id), cancellationToken);
            removed.Add(BackupModel.ToLock(id, file, reason, removed: true, repository.Location));
        }

        return removed;
    }

    /// <summary>
    /// Finds a lock that forbids ours. Locks that are provably stale do not, and are removed: restic leaves that to its user, and it is what its users complain of most.
    /// </summary>
    /// <param name="exclusive">Whether ours is to be the only one.</param>
    /// <param name="own">Ours, once it is written.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<LockFile?> FindConflictAsync(bool exclusive, ObjectId? own, CancellationToken cancellationToken)
    {
        LockFile? conflict = null;
        foreach (var (id, file) in await ReadAllAsync(cancellationToken))
        {
            if (id == own) continue;
            if (file.FindStaleReason(repository.TimeProvider.GetUtcNow()) is { } reason)
            {
                activity.Warning($"Removed a stale {file}: {reason}.");
                await repository.Storage.DeleteAsync(new FileHandle(FileKind.Lock, id), cancellationToken);
            }
            else if (exclusive || file.Exclusive)
            {
                conflict ??= file;
            }
        }

        return conflict;
    }

    private async Task<List<(ObjectId Id, LockFile Lock)>> TryReadAllAsync(CancellationToken cancellationToken)
    {
        var locks = new List<(ObjectId Id, LockFile Lock)>();
        await foreach (var listed in repository.Storage.ListAsync(FileKind.Lock, cancellationToken))
        {
            if (listed.Size == 0) continue;
            var file = new FileHandle(FileKind.Lock, listed.Id);
            try
            {
                locks.Add((listed.Id, LockFile.Parse(await repository.ReadUnpackedAsync(file, cancellationToken))));
            }
            catch (JsonException error)
            {
                throw BackupErrors.FileDamaged(file, repository.Location, error.Message, error);
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.NotFound)
            {
                // Released between the listing and now.
            }
        }

        return locks;
    }

    private async Task RemoveUnreadableAsync(CancellationToken cancellationToken)
    {
        var unreadable = new List<FileHandle>();
        await foreach (var listed in repository.Storage.ListAsync(FileKind.Lock, cancellationToken))
        {
            var file = new FileHandle(FileKind.Lock, listed.Id);
            try
            {
                if (listed.Size > 0) LockFile.Parse(await repository.ReadUnpackedAsync(file, cancellationToken));
            }
            catch (Exception error) when (error is JsonException or ProdOpsException { Kind: ErrorKind.InvalidData })
            {
                unreadable.Add(file);
            }
        }

        foreach (var file in unreadable)
        {
            activity.Warning($"Removed the unreadable lock {file.Id.ToShortString()}.");
            await repository.Storage.DeleteAsync(file, cancellationToken);
        }
    }
}
