namespace ProdOps;

/// <summary>A server that has backups in a repository.</summary>
public sealed class BackupServer
{
    /// <summary>Its name, as its backups record it.</summary>
    public string Name { get; init; } = "";

    /// <summary>How many backups there are of it.</summary>
    public int SnapshotCount { get; init; }

    /// <summary>The time of the oldest one.</summary>
    public DateTimeOffset OldestSnapshot { get; init; }

    /// <summary>The time of the newest one.</summary>
    public DateTimeOffset LatestSnapshot { get; init; }

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
