namespace ProdOps.Monitoring.Probing.Report;

/// <summary>Memory in bytes, and what has happened to it since the start.</summary>
internal sealed record MemoryReport
{
    public ulong? Total { get; init; }

    public ulong? Free { get; init; }

    /// <summary>What programs can still get without swapping; kernels before 3.14 do not say.</summary>
    public ulong? Available { get; init; }

    public ulong? Buffers { get; init; }

    public ulong? Cached { get; init; }

    public ulong? Shared { get; init; }

    public ulong? Dirty { get; init; }

    public ulong? SwapTotal { get; init; }

    public ulong? SwapFree { get; init; }

    /// <summary>Memory that the hardware reported broken.</summary>
    public ulong? Corrupted { get; init; }

    /// <summary>Processes killed because memory ran out; kernels before 4.13 do not count them.</summary>
    public ulong? OomKills { get; init; }

    /// <summary>Page faults that had to wait for a disk.</summary>
    public ulong? MajorFaults { get; init; }

    /// <summary>Pages read back from swap.</summary>
    public ulong? SwappedIn { get; init; }

    /// <summary>Pages written to swap.</summary>
    public ulong? SwappedOut { get; init; }
}
