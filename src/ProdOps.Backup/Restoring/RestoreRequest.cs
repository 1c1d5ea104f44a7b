namespace ProdOps.Backup.Restoring;

/// <summary>What to restore, where to and how.</summary>
internal sealed record RestoreRequest
{
    /// <summary>The folder below which the snapshot's full paths appear; <c>/</c> restores in place. A link here is followed, none below it is.</summary>
    public required string Destination { get; init; }

    /// <summary>Paths of the snapshot to restore with all that is below them; none means everything.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Restores only what matches one of these (restic's <c>--include</c>); none means everything.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>As <see cref="Include"/>, whatever the case of letters.</summary>
    public IReadOnlyList<string> IncludeIgnoreCase { get; init; } = [];

    /// <summary>Leaves out what matches one of these, and all below it (restic's <c>--exclude</c>).</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>As <see cref="Exclude"/>, whatever the case of letters.</summary>
    public IReadOnlyList<string> ExcludeIgnoreCase { get; init; } = [];

    public RestoreOverwrite Overwrite { get; init; } = RestoreOverwrite.Always;

    /// <summary>
    /// Deletes what stands in a restored folder and is not in the snapshot. Folders above what was backed up, and other
    /// file systems mounted below, are never cleaned.
    /// </summary>
    public bool DeleteExtra { get; init; }

    /// <summary>Leaves holes in new files where the content is zero.</summary>
    public bool Sparse { get; init; }

    /// <summary>Reads back what was written and compares it with the ids of its blobs.</summary>
    public bool Verify { get; init; }

    /// <summary>Plans and reports, and changes nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Worker threads; zero is one a processor.</summary>
    public int Workers { get; init; }

    public int EffectiveWorkers => Workers > 0 ? Workers : Environment.ProcessorCount;
}
