namespace ProdOps.Backup.Pruning;

/// <summary>How a repository is pruned; the names and rules are restic's.</summary>
internal sealed record PruneOptions
{
    /// <summary>How much unused data may stay: below it no pack is written anew for the sake of what it holds in vain.</summary>
    public UnusedLimit MaxUnused { get; init; } = UnusedLimit.Default;

    /// <summary>Packs of so many bytes in all are written anew at most. Zero removes only packs that nothing uses.</summary>
    public long MaxRepackSize { get; init; } = long.MaxValue;

    /// <summary>Write anew only packs of folder listings, which restic keeps in its cache.</summary>
    public bool RepackCacheableOnly { get; init; }

    /// <summary>Write packs anew that have less than four fifths of the usual size.</summary>
    public bool RepackSmall { get; init; }

    /// <summary>Write packs anew that hold uncompressed data, and compress it.</summary>
    public bool RepackUncompressed { get; init; }

    /// <summary>The usual size of a pack, in bytes.</summary>
    public int PackSize { get; init; } = 16 << 20;

    /// <summary>Threads; zero is one a processor.</summary>
    public int Workers { get; init; }

    public int WorkerCount => Workers > 0 ? Workers : Environment.ProcessorCount;
}
