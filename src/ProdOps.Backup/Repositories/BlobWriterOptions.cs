namespace ProdOps.Backup.Repositories;

/// <summary>How blobs are written.</summary>
internal sealed record BlobWriterOptions
{
    /// <summary>The smallest and the largest <see cref="PackSize"/>.</summary>
    public const int MinimumPackSize = 4 << 20, MaximumPackSize = 128 << 20;

    public BackupCompression Compression { get; init; } = BackupCompression.Auto;

    /// <summary>Compress data that does not shrink as well, as restic does; otherwise it is stored as it is.</summary>
    public bool CompressAlways { get; init; }

    /// <summary>A pack is closed once it holds this many bytes; <see cref="MinimumPackSize"/> to <see cref="MaximumPackSize"/>.</summary>
    public int PackSize { get; init; } = 16 << 20;

    /// <summary>Open, decompress and hash every blob again before it is stored, as restic does.</summary>
    public bool VerifyAfterSeal { get; init; } = true;

    /// <summary>How long stored packs may wait for their index file: what a killed run loses at most.</summary>
    public TimeSpan IndexFlushInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many blobs may wait for their index file.</summary>
    public int IndexFlushBlobs { get; init; } = IndexFile.UsualBlobs;

    /// <summary>Packs get their names in the repository only after this: without a lock, a prune would take them for rubbish.</summary>
    public Task CommitAfter { get; init; } = Task.CompletedTask;

    /// <summary>How many full packs may be on their way to the disk at once.</summary>
    public int PacksInFlight { get; init; } = 3;
}
