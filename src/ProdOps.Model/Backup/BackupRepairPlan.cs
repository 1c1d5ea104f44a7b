namespace ProdOps;

/// <summary>What a repair of a repository's index and packs will do, or did. Sizes are bytes.</summary>
public sealed class BackupRepairPlan
{
    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Everything that is changed, in the order in which it is done.</summary>
    public IReadOnlyList<BackupRepairStep> Steps { get; init; } = [];

    /// <summary>Blobs that no index named and that can be used again.</summary>
    public long BlobsFound { get; init; }

    /// <summary>Blobs that are copied out of damaged packs.</summary>
    public long BlobsSalvaged { get; init; }

    /// <summary>Blobs that the index names and that cannot be read from anywhere. The next backup stores those that are still on their server.</summary>
    public long BlobsLost { get; init; }

    /// <summary>Bytes that are written.</summary>
    public long BytesToWrite { get; init; }

    /// <summary>True once the plan was carried out.</summary>
    public bool Applied { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Steps.Count == 0 ? "nothing to repair" : $"{Steps.Count} steps, {BlobsFound} found, {BlobsSalvaged} salvaged, {BlobsLost} lost";
}

/// <summary>One thing that a repair does.</summary>
public sealed class BackupRepairStep
{
    /// <summary>What is done.</summary>
    public BackupRepairAction Action { get; init; }

    /// <summary>The pack or index file: 64 hexadecimal digits.</summary>
    public string Item { get; init; } = "";

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {Item}: {Reason}";
}

/// <summary>What a repair does to a pack or an index file.</summary>
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

    /// <summary>Nothing can be done; the file is left as it is.</summary>
    Leave,
}
