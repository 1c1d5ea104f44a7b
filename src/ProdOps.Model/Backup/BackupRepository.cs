namespace ProdOps;

/// <summary>A place that holds backups, in restic's repository format. Sizes are bytes.</summary>
public sealed class BackupRepository
{
    /// <summary>Where it is.</summary>
    public string Location { get; init; } = "";

    /// <summary>Its own id: 64 hexadecimal digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>The format's version, 1 or 2.</summary>
    public int Version { get; init; }

    /// <summary>The polynomial that cuts files into pieces, in hexadecimal; two repositories share pieces only if it is equal.</summary>
    public string ChunkerPolynomial { get; init; } = "";

    /// <summary>How many snapshots it holds.</summary>
    public int SnapshotCount { get; init; }

    /// <summary>The time of the newest snapshot, or <see langword="null"/>.</summary>
    public DateTimeOffset? LatestSnapshot { get; init; }

    /// <summary>How many keys open it.</summary>
    public int KeyCount { get; init; }

    /// <summary>How many locks are on it now.</summary>
    public int LockCount { get; init; }

    /// <summary>How many pack files hold the data.</summary>
    public long PackCount { get; init; }

    /// <summary>How many blobs (pieces of content and folder listings) the index names.</summary>
    public long BlobCount { get; init; }

    /// <summary>The size of all pack files.</summary>
    public long StoredSize { get; init; }

    /// <summary>The size of all blobs before compression.</summary>
    public long UncompressedSize { get; init; }

    /// <summary><see cref="UncompressedSize"/> over <see cref="StoredSize"/>; 0 for an empty repository.</summary>
    public double CompressionRatio => StoredSize == 0 ? 0 : (double)UncompressedSize / StoredSize;

    /// <summary>Free space where it is, or <see langword="null"/> where that cannot be told.</summary>
    public long? FreeSpace { get; init; }

    /// <summary>How it grows.</summary>
    public BackupGrowth Growth { get; init; } = new();

    /// <inheritdoc/>
    public override string ToString() => Location;
}

/// <summary>A key: one password that opens a repository.</summary>
public sealed class BackupKey
{
    /// <summary>The key file's name: 64 hexadecimal digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>The first eight digits of <see cref="Id"/>.</summary>
    public string ShortId => Id.Length < 8 ? Id : Id[..8];

    /// <summary>Who made it.</summary>
    public string UserName { get; init; } = "";

    /// <summary>On which host.</summary>
    public string HostName { get; init; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>True for the key that opened the repository just now.</summary>
    public bool Current { get; init; }

    /// <summary>The scrypt cost: N, r and p.</summary>
    public string Cost { get; init; } = "";

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => ShortId;
}

/// <summary>A lock that some process holds, or held, on a repository.</summary>
public sealed class BackupLock
{
    /// <summary>The lock file's name: 64 hexadecimal digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>When it was last refreshed.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>True if its holder wants the repository alone.</summary>
    public bool Exclusive { get; init; }

    /// <summary>The host of the process that made it.</summary>
    public string HostName { get; init; } = "";

    /// <summary>The user of that process.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The number of that process.</summary>
    public int ProcessId { get; init; }

    /// <summary>Why it can be removed safely, or <see langword="null"/> if its holder may be alive.</summary>
    public string? StaleReason { get; init; }

    /// <summary>True once it was removed.</summary>
    public bool Removed { get; init; }

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{HostName}:{ProcessId}";
}
