using System.Security.Cryptography;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Pruning;

/// <summary>Removes files of a repository, several at once.</summary>
internal sealed class StorageDeletion(IStorage storage, IActivity activity)
{
    /// <summary>
    /// Finds out whether the place refuses to delete, before anything is changed: asks it to delete a file that does not exist. A server that only lets add refuses
    /// that as well.
    /// </summary>
    public ValueTask ProbeAsync(CancellationToken cancellationToken) =>
        DeleteAsync(new FileHandle(FileKind.Index, new ObjectId(RandomNumberGenerator.GetBytes(ObjectId.Size))), cancellationToken);

    /// <summary>Removes files that nothing needs any more: one that stays does no harm, and is told.</summary>
    public Task DeleteAsync(FileKind kind, IEnumerable<ObjectId> files, CancellationToken cancellationToken) => RunAsync(files, async (id, token) =>
    {
        try
        {
            await DeleteAsync(new FileHandle(kind, id), token);
        }
        catch (ProdOpsException error) when (error.Kind is ErrorKind.WriteError or ErrorKind.ReadError or ErrorKind.ResourceBusy)
        {
            activity.Error(error);
        }
    }, cancellationToken);

    /// <summary>Removes files all of which must go before anything else may.</summary>
    public Task DeleteAllAsync(FileKind kind, IEnumerable<ObjectId> files, CancellationToken cancellationToken) =>
        RunAsync(files, (id, token) => DeleteAsync(new FileHandle(kind, id), token), cancellationToken);

    /// <summary>Removes one file; a place that only lets add is told as such.</summary>
    public async ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken)
    {
        try
        {
            await storage.DeleteAsync(file, cancellationToken);
        }
        catch (ProdOpsException error) when (error.ErrorId == "PlaceAppendOnly")
        {
            throw BackupErrors.RepositoryAppendOnly(storage.Location, error);
        }
    }

    private Task RunAsync(IEnumerable<ObjectId> files, Func<ObjectId, CancellationToken, ValueTask> delete, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        files, new ParallelOptions { MaxDegreeOfParallelism = storage.Connections, CancellationToken = cancellationToken }, delete);
}
