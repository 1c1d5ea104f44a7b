namespace ProdOps.Backup.Repositories;

/// <summary>How blobs are written.</summary>
internal sealed record BlobWriterOptions
{
    public BackupCompression Compression { get; init; } = BackupCompression.Auto;

    /// <summary>Compress data that does not shrink as well, as restic does; otherwise it is stored as it is.</summary>
    public bool CompressAlways { get; init; }

    /// <summary>A pack is closed once it holds this many bytes; 4 to 128 MiB.</summary>
    public int PackSize { get; init; } = 16 << 20;

    /// <summary>Open, decompress and hash every blob again before it is stored, as restic does.</summary>
    public bool VerifyAfterSeal { get; init; } = true;

    /// <summary>How long stored packs may wait for their index file: what a killed run loses at most.</summary>
    public TimeSpan IndexFlushInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many blobs may wait for their index file.</summary>
    public int IndexFlushBlobs { get; init; } = 50_000;

    /// <summary>Packs get their names in the repository only after this: without a lock, a prune would take them for rubbish.</summary>
    public Task CommitAfter { get; init; } = Task.CompletedTask;

    /// <summary>How many full packs may be on their way to the disk at once.</summary>
    public int PacksInFlight { get; init; } = 3;
}

/// <summary>Which level of zstd a blob gets: the one place to tune it.</summary>
internal static class CompressionPolicy
{
    // zstd is half of a first backup's time. On a mixed tree level 1 takes a third less of it than level 3 for 1.8 % more room, still within
    // 1 % of restic's size. Long chunks get level 2, which keeps dumps at restic's size as well (bench/backup/README.md).
    private const int ShortLevel = 1, LongLevel = 2, MaxLevel = 11, LongLength = 256 << 10;

    /// <summary>The level, or 0 for none.</summary>
    public static int LevelFor(BackupCompression mode, BlobType type, int length, int repositoryVersion)
    {
        if (repositoryVersion < 2) return 0;
        if (mode == BackupCompression.Max) return MaxLevel;
        return mode == BackupCompression.Off && type == BlobType.Data ? 0 : length > LongLength ? LongLevel : ShortLevel;
    }
}
