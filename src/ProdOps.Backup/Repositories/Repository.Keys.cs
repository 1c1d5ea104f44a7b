using ProdOps.Backup.Crypto;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

internal sealed partial class Repository
{
    /// <summary>restic's own limit: deriving a key takes half a second, so a repository stuffed with keys would stall whoever opens it.</summary>
    private const int MaxKeysTried = 20;

    /// <summary>
    /// Finds the key that a password opens. Half a second of pure computing, off the caller's thread: start it first and do other work meanwhile.
    /// </summary>
    public static async Task<UnlockedKey> UnlockAsync(IStorage storage, ReadOnlyMemory<byte> passwordUtf8, CancellationToken cancellationToken)
    {
        var (keys, damage) = await ReadKeysAsync(storage, cancellationToken);
        if (keys.Count == 0 && damage is null)
        {
            throw await storage.FindAsync(FileHandle.Config, cancellationToken) is null
                ? await NoConfigAsync(storage, cancellationToken)
                : BackupErrors.NoKeys(storage.Location);
        }

        // The key made by this user on this host is the likeliest.
        foreach (var (id, file) in keys.OrderByDescending(Likelihood).ThenBy(key => key.Id).Take(MaxKeysTried))
        {
            try
            {
                if (await Task.Run(() => file.TryOpen(passwordUtf8), cancellationToken) is { } master) return new UnlockedKey(master, id);
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
            {
                damage ??= error;
            }
        }

        // One damaged key among good ones is no reason to fail, but it may be the one that the password is for.
        throw damage ?? BackupErrors.WrongPassword(storage.Location, keys.Count);
    }

    /// <summary>The keys that open the repository. Damaged ones are told as errors.</summary>
    public async Task<IReadOnlyList<BackupKey>> ListKeysAsync(IActivity activity, CancellationToken cancellationToken)
    {
        var (keys, damage) = await ReadKeysAsync(Storage, cancellationToken);
        if (damage is not null) activity.Error(damage);
        return [.. keys.OrderBy(key => key.File.Created).Select(key => BackupModel.ToKey(key.Id, key.File, this))];
    }

    /// <summary>Lets another password open the repository too.</summary>
    public async Task<BackupKey> AddKeyAsync(
        ReadOnlyMemory<byte> passwordUtf8, string? userName, string? hostName, ScryptParameters? parameters, CancellationToken cancellationToken)
    {
        var file = await Task.Run(
            () => KeyFile.Create(passwordUtf8, Key, userName ?? LocalHost.UserName, hostName ?? LocalHost.Name, TimeProvider, parameters), cancellationToken);
        byte[] json = file.ToJson();
        var id = ObjectId.Of(json);
        await Storage.WriteAsync(new FileHandle(FileKind.Key, id), json, cancellationToken);
        return BackupModel.ToKey(id, file, this);
    }

    /// <summary>Finds a key by the beginning of its id.</summary>
    public async Task<ObjectId> FindKeyAsync(string prefix, CancellationToken cancellationToken)
    {
        var matches = await MatchAsync(FileKind.Key, prefix, cancellationToken);
        return matches switch
        {
            [var id] => id,
            [] => throw BackupErrors.KeyNotFound(Location, prefix),
            _ => throw BackupErrors.KeyAmbiguous(Location, prefix),
        };
    }

    /// <summary>Takes a key away. The one in use and the last one stay.</summary>
    public async Task RemoveKeyAsync(ObjectId id, CancellationToken cancellationToken)
    {
        int count = 0;
        bool found = false;
        await foreach (var file in Storage.ListAsync(FileKind.Key, cancellationToken))
        {
            count++;
            found |= file.Id == id;
        }

        if (!found) throw BackupErrors.KeyNotFound(Location, id.ToString());
        if (count == 1) throw BackupErrors.LastKey(id.ToString());
        if (id == KeyId) throw BackupErrors.KeyInUse(id.ToString());
        await Storage.DeleteAsync(new FileHandle(FileKind.Key, id), cancellationToken);
    }

    private static async Task<(List<(ObjectId Id, KeyFile File)> Keys, ProdOpsException? Damage)> ReadKeysAsync(
        IStorage storage, CancellationToken cancellationToken)
    {
        var keys = new List<(ObjectId Id, KeyFile File)>();
        ProdOpsException? damage = null;
        await foreach (var listed in storage.ListAsync(FileKind.Key, cancellationToken))
        {
            var handle = new FileHandle(FileKind.Key, listed.Id);
            try
            {
                byte[] json = await storage.ReadAllAsync(handle, cancellationToken);
                if (ObjectId.Of(json) != listed.Id) throw BackupErrors.FileDamaged(handle, storage.Location, "its content does not match its name");
                keys.Add((listed.Id, KeyFile.FromJson(json, listed.Id.ToString())));
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
            {
                damage ??= error;
            }
        }

        return (keys, damage);
    }

    private static int Likelihood((ObjectId Id, KeyFile File) key) =>
        (key.File.HostName == LocalHost.Name ? 2 : 0) + (key.File.UserName == LocalHost.UserName ? 1 : 0);

    private async Task<List<ObjectId>> MatchAsync(FileKind kind, string prefix, CancellationToken cancellationToken)
    {
        var matches = new List<ObjectId>();
        await foreach (var file in Storage.ListAsync(kind, cancellationToken))
        {
            if (file.Id.ToString().StartsWith(prefix, StringComparison.Ordinal)) matches.Add(file.Id);
        }

        return matches;
    }
}
