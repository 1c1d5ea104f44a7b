using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Repositories;

internal sealed partial class Repository
{
    private const string Latest = "latest";

    public async Task<SnapshotFile> ReadSnapshotAsync(ObjectId id, CancellationToken cancellationToken)
    {
        var file = new FileHandle(FileKind.Snapshot, id);
        var json = await ReadUnpackedAsync(file, cancellationToken);
        try
        {
            return SnapshotFile.Parse(json, id);
        }
        catch (JsonException error)
        {
            throw BackupErrors.FileDamaged(file, Location, error.Message, error);
        }
    }

    /// <summary>Stores a snapshot durably: the last step of a backup, after its blobs and their index.</summary>
    public Task<ObjectId> WriteSnapshotAsync(SnapshotFile snapshot, CancellationToken cancellationToken) =>
        WriteUnpackedAsync(FileKind.Snapshot, snapshot.ToJson(), cancellationToken);

    /// <summary>
    /// All snapshots, oldest first. A damaged one is told as an error and left out; one that is removed meanwhile is left out.
    /// </summary>
    public async Task<IReadOnlyList<SnapshotFile>> ListSnapshotsAsync(IActivity activity, CancellationToken cancellationToken) =>
        [.. (await ListStoredSnapshotsAsync(activity, cancellationToken)).Select(stored => stored.Snapshot)];

    /// <summary>As <see cref="ListSnapshotsAsync"/>, with the files that they are stored in.</summary>
    public async Task<IReadOnlyList<(SnapshotFile Snapshot, StoredFile File)>> ListStoredSnapshotsAsync(IActivity activity, CancellationToken cancellationToken)
    {
        var snapshots = new ConcurrentBag<(SnapshotFile Snapshot, StoredFile File)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Storage.Connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Storage.ListAsync(FileKind.Snapshot, cancellationToken), options, async (file, token) =>
        {
            try
            {
                snapshots.Add((await ReadSnapshotAsync(file.Id, token), file));
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.InvalidData)
            {
                activity.Error(error);
            }
            catch (ProdOpsException error) when (error.Kind == ErrorKind.NotFound)
            {
                activity.Verbose($"The snapshot {file.Id.ToShortString()} was removed meanwhile.");
            }
        });
        return [.. snapshots.OrderBy(stored => stored.Snapshot.Time).ThenBy(stored => stored.Snapshot.Id)];
    }

    /// <summary>Finds a snapshot by <c>latest</c>, <c>latest~n</c> (the n-th before it) or the beginning of its id.</summary>
    /// <param name="name">What names it.</param>
    /// <param name="activity">Hears of damaged snapshots.</param>
    /// <param name="filter">Which snapshots <c>latest</c> looks at; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<SnapshotFile> FindSnapshotAsync(
        string name, IActivity activity, Func<SnapshotFile, bool>? filter, CancellationToken cancellationToken)
    {
        if (TryParseLatest(name, out int back))
        {
            var candidates = await ListSnapshotsAsync(activity, cancellationToken);
            return candidates.Reverse().Where(filter ?? (_ => true)).Skip(back).FirstOrDefault()
                ?? throw BackupErrors.SnapshotNotFound(Location, name);
        }

        if (name.Length is 0 or > 2 * ObjectId.Size || name.AsSpan().ContainsAnyExcept("0123456789abcdef")) throw BackupErrors.SnapshotNameInvalid(name);
        var matches = await MatchAsync(FileKind.Snapshot, name, cancellationToken);
        return matches switch
        {
            [var id] => await ReadSnapshotAsync(id, cancellationToken),
            [] => throw BackupErrors.SnapshotNotFound(Location, name),
            _ => throw BackupErrors.SnapshotAmbiguous(name, matches.Select(id => id.ToShortString()).Order(StringComparer.Ordinal)),
        };
    }

    private static bool TryParseLatest(string name, out int back)
    {
        back = 0;
        if (!name.StartsWith(Latest, StringComparison.OrdinalIgnoreCase)) return false;
        return name.Length == Latest.Length
            || (name[Latest.Length] == '~' && int.TryParse(name.AsSpan(Latest.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out back));
    }
}
