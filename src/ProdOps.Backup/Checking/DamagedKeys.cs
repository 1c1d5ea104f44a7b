using ProdOps.Backup.Crypto;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Checking;

/// <summary>
/// Key files that are damaged. None of them opens anything any more, but restic may refuse to open the repository at all when it meets one before the good one.
/// </summary>
internal static class DamagedKeys
{
    public static async Task<List<(ObjectId Id, string Reason)>> FindAsync(Repository repository, CancellationToken cancellationToken)
    {
        var found = new List<(ObjectId, string)>();
        await foreach (var file in repository.Storage.ListAsync(FileKind.Key, cancellationToken))
        {
            // It opened the repository just now.
            if (file.Id == repository.KeyId) continue;
            try
            {
                byte[] json = file.Size == 0 ? [] : await repository.Storage.ReadAllAsync(new FileHandle(FileKind.Key, file.Id), cancellationToken);
                if (ObjectId.Of(json) != file.Id) found.Add((file.Id, "the key file is damaged: the password that it was for opens nothing any more"));
                else KeyFile.FromJson(json, file.Id.ToString());
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
            {
                found.Add((file.Id, $"the key file cannot be used: {error.Message}"));
            }
        }

        return found;
    }
}
