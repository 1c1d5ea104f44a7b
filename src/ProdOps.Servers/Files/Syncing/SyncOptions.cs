namespace ProdOps.Servers.Files.Syncing;

/// <summary>How data is synchronised.</summary>
internal sealed record SyncOptions
{
    /// <summary>Delete on the target what the source lacks.</summary>
    public bool Delete { get; init; }

    /// <summary>Believe that a file of the same size and time is the same.</summary>
    public bool Quick { get; init; }

    public bool Compress { get; init; }

    /// <summary>Bytes in a second; <see langword="null"/> for no limit.</summary>
    public long? BandwidthLimit { get; init; }

    /// <summary>rsync's patterns of what is left out.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    public bool AsRoot { get; init; }

    /// <summary>Compare both sides afterwards.</summary>
    public bool Verify { get; init; }

    /// <summary>An rsync that has heard nothing for so long ends by itself: that of a server which nobody reaches any more, and that of one whose admin's machine is gone.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the one may run when the other has ended.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>One run of rsync.</summary>
/// <param name="Options">How.</param>
internal sealed record SyncRun(SyncOptions Options)
{
    /// <summary>Change nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Name what is the same already, too.</summary>
    public bool NameAll { get; init; }

    /// <summary>rsync's own unit, KiB in a second; 0 for no limit.</summary>
    public long BandwidthKibibytes => Options.BandwidthLimit is { } limit ? Math.Max(1, limit / 1024) : 0;

    /// <summary>
    /// What is kept, as rsync's letters: folders, links, permissions, times, group, owner (by name, as <see cref="ItemComparer"/> compares
    /// them), names of one file, holes. Not devices: nothing that a web server shares has any, and a source that was broken into could make
    /// one that leads to a target's disk.
    /// </summary>
    public string Letters => $"rlptgoHS{(Options.Quick ? "" : "c")}{(DryRun ? "n" : "")}{(Options.Compress ? "z" : "")}";
}
