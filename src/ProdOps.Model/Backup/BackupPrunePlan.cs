namespace ProdOps;

/// <summary>What a prune of a repository will do, or did. Sizes are bytes as stored.</summary>
public sealed class BackupPrunePlan
{
    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <summary>True once the plan was carried out.</summary>
    public bool Applied { get; init; }

    /// <summary>How many backups the data was looked at for.</summary>
    public int SnapshotCount { get; init; }

    /// <summary>Blobs (pieces of content and folder listings) that some backup uses.</summary>
    public long UsedBlobs { get; init; }

    /// <summary>The size of <see cref="UsedBlobs"/>.</summary>
    public long UsedSize { get; init; }

    /// <summary>Blobs that no backup uses.</summary>
    public long UnusedBlobs { get; init; }

    /// <summary>The size of <see cref="UnusedBlobs"/>.</summary>
    public long UnusedSize { get; init; }

    /// <summary>Further copies of used blobs.</summary>
    public long DuplicateBlobs { get; init; }

    /// <summary>The size of <see cref="DuplicateBlobs"/>.</summary>
    public long DuplicateSize { get; init; }

    /// <summary>Packs that stay as they are.</summary>
    public long PacksKept { get; init; }

    /// <summary>Packs whose used blobs are copied to new packs before they are removed.</summary>
    public long PacksToRepack { get; init; }

    /// <summary>Packs of which nothing is used.</summary>
    public long PacksToRemove { get; init; }

    /// <summary>Packs that are missing and that nothing needs: the index forgets them.</summary>
    public long PacksToForget { get; init; }

    /// <summary>Packs that no index names: an interrupted run left them.</summary>
    public long PacksUnreferenced { get; init; }

    /// <summary>The size of <see cref="PacksUnreferenced"/>.</summary>
    public long UnreferencedSize { get; init; }

    /// <summary>The size of <see cref="PacksToRepack"/>.</summary>
    public long RepackSize { get; init; }

    /// <summary>What is written anew, and needs room until the old packs are gone.</summary>
    public long BytesToWrite { get; init; }

    /// <summary>Blobs that go.</summary>
    public long BlobsToRemove { get; init; }

    /// <summary>How much smaller the repository gets.</summary>
    public long FreedSize { get; init; }

    /// <summary>Unused data that stays, since writing its packs anew is not worth it yet (<c>-MaxUnused</c>).</summary>
    public long RemainingUnusedSize { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"remove {PacksToRemove + PacksUnreferenced} packs, write {PacksToRepack} anew ({ByteSize.Format(BytesToWrite)}), free {ByteSize.Format(FreedSize)}";
}
