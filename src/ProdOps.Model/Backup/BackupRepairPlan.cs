namespace ProdOps;

/// <summary>What a repair of a repository will do, or did. Sizes are bytes.</summary>
public sealed class BackupRepairPlan
{
    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Everything that is changed, in the order in which it is done.</summary>
    public IReadOnlyList<BackupRepairStep> Steps { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Blobs that no index named and that can be used again.</summary>
    public long BlobsFound { get; init; }

    /// <summary>Blobs that are copied out of damaged packs.</summary>
    public long BlobsSalvaged { get; init; }

    /// <summary>Blobs that the index names and that cannot be read from anywhere. The next backup stores those that are still on their server.</summary>
    public long BlobsLost { get; init; }

    /// <summary>
    /// What the snapshots lose by it: files with lost pieces, folders without a listing, snapshots that cannot be read. Looked for when blobs are lost and when snapshots are
    /// written anew; at most 100,000 of them.
    /// </summary>
    public IReadOnlyList<BackupLoss> Losses { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How many items are lost in all snapshots together, whether <see cref="Losses"/> has room for them or not.</summary>
    public long ItemsLost { get; init; }

    /// <summary>Bytes of salvaged blobs that are written.</summary>
    public long BytesToWrite { get; init; }

    /// <summary>True once the plan was carried out.</summary>
    public bool Applied { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Steps.Count == 0 ? "nothing to repair" : $"{Steps.Count} steps, {BlobsFound} found, {BlobsSalvaged} salvaged, {BlobsLost} lost"
        + (ItemsLost > 0 ? $", {ItemsLost} items of snapshots with them" : "");
}

/// <summary>Something of a snapshot that is lost. Sizes are bytes.</summary>
public sealed class BackupLoss
{
    /// <summary>The snapshot that it was in: 64 hexadecimal digits.</summary>
    public string SnapshotId { get; init; } = "";

    /// <summary>The first eight digits of <see cref="SnapshotId"/>.</summary>
    public string ShortId => SnapshotId.Length < 8 ? SnapshotId : SnapshotId[..8];

    /// <summary>When the snapshot was made, or <see langword="null"/> where its own file is lost.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Whose snapshot it is; empty where its own file is lost.</summary>
    public string Server { get; init; } = "";

    /// <summary>The path in the snapshot. Of a folder whose listing is lost, everything below is lost too. Empty where the snapshot's own file is lost.</summary>
    public string Path { get; init; } = "";

    /// <summary>A file or a folder.</summary>
    public BackupItemType Type { get; init; }

    /// <summary>The file's size, or <see langword="null"/> for folders: what was below is not known.</summary>
    public long? Size { get; init; }

    /// <summary>How much of the file cannot be read, or <see langword="null"/> for folders.</summary>
    public long? LostBytes { get; init; }

    /// <summary>
    /// The path of what is left of a file in the snapshot that is written anew, the lost pieces being zeros; <see langword="null"/> if nothing is left.
    /// </summary>
    public string? KeptAs { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{ShortId}:{Path}";
}

/// <summary>One thing that a repair does.</summary>
public sealed class BackupRepairStep
{
    /// <summary>What is done.</summary>
    public BackupRepairAction Action { get; init; }

    /// <summary>The pack, index file, snapshot or key: 64 hexadecimal digits.</summary>
    public string Item { get; init; } = "";

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {Item}: {Reason}";
}

/// <summary>What a repair does to a file of the repository.</summary>
public enum BackupRepairAction
{
    /// <summary>The good blobs of a damaged pack are copied to a new one, then the pack is removed.</summary>
    SalvagePack,

    /// <summary>The pack's blobs are indexed as its own header tells them.</summary>
    IndexPack,

    /// <summary>The index forgets a pack that is missing.</summary>
    ForgetPack,

    /// <summary>An index file is replaced by new ones, or removed if nothing of it is left.</summary>
    ReplaceIndex,

    /// <summary>A snapshot without what is lost is written in place of one that lost something, or beside it.</summary>
    RewriteSnapshot,

    /// <summary>A snapshot that nothing can be read from is removed.</summary>
    ForgetSnapshot,

    /// <summary>A damaged key file is removed.</summary>
    RemoveKey,

    /// <summary>An empty lock file, which holds nobody out and which old versions of restic end on, is removed.</summary>
    RemoveLock,

    /// <summary>Nothing is done; the file is left as it is.</summary>
    Leave,
}
