using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring.Servers;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Restoring;

/// <summary>
/// Whether what a restore takes of a snapshot is there, which can be known before anything is touched: each listing can be read, the index names each piece, and the packs that hold them lie there in full
/// length. No content is read: that is what Test-Backup does.
/// </summary>
internal sealed class SnapshotProof
{
    private const int Told = 3;

    // A pack's name is the sum of its content: what lies there does not change.
    private readonly Dictionary<Repository, Dictionary<ObjectId, long>> _packs = [];

    /// <summary>Looks at some paths of a snapshot, none for all. The repository's index is loaded.</summary>
    /// <exception cref="ProdOpsException">The snapshot does not have the only path that is wanted, or the repository cannot be read.</exception>
    public async Task<SnapshotFindings> LookAsync(Repository repository, SnapshotFile snapshot, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var losses = new LossActivity();
        return await LookAsync(repository, await SnapshotTree.ReadAsync(repository, snapshot, new RestoreRequest { Destination = "/", Paths = paths }, losses, cancellationToken), losses.Found, cancellationToken);
    }

    /// <summary>A few of many lines.</summary>
    public static string Few(IReadOnlyList<string> lines) => string.Join("; ", lines.Take(Told)) + (lines.Count > Told ? $"; and {lines.Count - Told} more" : "");

    private async Task<SnapshotFindings> LookAsync(Repository repository, SnapshotTree tree, List<string> losses, CancellationToken cancellationToken)
    {
        var packs = await PacksAsync(repository, cancellationToken);
        var linked = new HashSet<(ulong, ulong)>();
        long bytes = 0;
        foreach (var item in tree.Tree.Items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (item.Links <= 1 || linked.Add((item.Device, item.Inode))) bytes += item.Size;
            if ((tree.NodeOf(item).Content ?? []).Any(id => !repository.Index.FindAll(new BlobHandle(BlobType.Data, id)).Any(IsThere))) losses.Add($"/{item.Path}: a pack with its content is not there");
        }

        return new SnapshotFindings(bytes, losses);

        bool IsThere(BlobLocation location) => packs.TryGetValue(location.Pack, out long size) && (long)location.Offset + location.Length <= size;
    }

    private async Task<Dictionary<ObjectId, long>> PacksAsync(Repository repository, CancellationToken cancellationToken)
    {
        if (_packs.TryGetValue(repository, out var known)) return known;
        var packs = new Dictionary<ObjectId, long>();
        await foreach (var pack in repository.Storage.ListAsync(FileKind.Pack, cancellationToken)) packs[pack.Id] = pack.Size;
        return _packs[repository] = packs;
    }

    /// <summary>Takes what reading listings complains about.</summary>
    private sealed class LossActivity : IActivity
    {
        public List<string> Found { get; } = [];

        public void Verbose(string message) { }

        public void Warning(string message) { }

        public void Error(ProdOpsException error) => Found.Add(error.Message);

        public void Progress(ActivityProgress progress) { }
    }
}

/// <summary>What a restore takes.</summary>
/// <param name="Bytes">How much it writes where nothing of it is there.</param>
/// <param name="Losses">What of it is lost, in words; nothing if it is whole.</param>
internal sealed record SnapshotFindings(long Bytes, IReadOnlyList<string> Losses);
