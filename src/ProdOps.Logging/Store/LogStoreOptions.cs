using System.Security.Cryptography;

namespace ProdOps.Logging.Store;

/// <summary>How a store works. Sizes in bytes.</summary>
internal sealed record LogStoreOptions
{
    /// <summary>zstd's level for lines as they come: 1 to 22. Default: 1, which takes a third less time than 3 for a hundredth more space, until segments are packed for good.</summary>
    public int Level { get; init; } = 1;

    /// <summary>The level when a segment is packed for good. Default: 9, which is smaller and read faster.</summary>
    public int SealedLevel { get; init; } = 9;

    /// <summary>How much content a segment holds before another begins. Default: 256 MiB.</summary>
    public long SegmentLength { get; init; } = 256L << 20;

    /// <summary>How much content a segment must hold for another to begin with the day, so that retention can remove it. Default: 64 KiB.</summary>
    public long DayLength { get; init; } = 64 << 10;

    /// <summary>How many batches a segment may have before they are put together. Default: 512.</summary>
    public int BatchLimit { get; init; } = 512;

    /// <summary>How long to wait for another process that appends to the same stream. Default: 30 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many threads compress. Default: the machine's.</summary>
    public int Degree { get; init; } = Environment.ProcessorCount;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A number for a segment that no other has.</summary>
    public Func<long> NewGeneration { get; init; } = static () => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
}
