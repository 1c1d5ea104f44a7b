namespace ProdOps;

/// <summary>How recent the newest backup is, of one set on one server in one repository, against what was promised.</summary>
public sealed class BackupState
{
    /// <summary>The set's name; empty where backups are grouped by server and paths.</summary>
    public string Name { get; init; } = "";

    /// <summary>The server: as the environment calls it for a set, else as the snapshots record it.</summary>
    public string Server { get; init; } = "";

    /// <summary>The paths of the newest snapshot; none if there is no snapshot.</summary>
    public IReadOnlyList<string> Paths => Snapshot?.Paths ?? [];

    /// <summary>The repository: its name in the environment, else where it is.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Whether the set is only copied there.</summary>
    public bool IsCopy { get; init; }

    /// <summary>What the newest backup means for the objective.</summary>
    public BackupStanding Standing { get; init; }

    /// <summary>The newest snapshot, or <see langword="null"/> if there is none.</summary>
    public BackupSnapshot? Snapshot { get; init; }

    /// <summary>When the newest snapshot was made; <see langword="null"/> if there is none.</summary>
    public DateTimeOffset? Time => Snapshot?.Time;

    /// <summary>How old it is; <see langword="null"/> if there is none.</summary>
    public TimeSpan? Age { get; init; }

    /// <summary>How much work may be lost (RPO); <see langword="null"/> if nothing was promised.</summary>
    public TimeSpan? RecoveryPoint { get; init; }

    /// <summary>
    /// Whether the newest backup is young enough; false, too, if there is none, or if that cannot be told. <see langword="null"/> if nothing was promised.
    /// </summary>
    public bool? MeetsObjective { get; init; }

    /// <summary>
    /// The measured recovery point: the longest time between two snapshots of the last 30 days, or since the last one. Where retention has removed
    /// snapshots between two others, the time between those does not count. <see langword="null"/> if it cannot be told, as of copies.
    /// </summary>
    public TimeSpan? LargestGap { get; init; }

    /// <summary>How many snapshots of the last 30 days there are.</summary>
    public int RecentCount { get; init; }

    /// <summary>When it is due next by its schedule; in the past if it is overdue.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Why the repository could not be read, or that the newest snapshot is incomplete and since when they are; else <see langword="null"/>.</summary>
    public string? Problem { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{(Name.Length > 0 ? $"{Name} of {Server}" : Server)} in {Repository}: {Standing}";
}

/// <summary>What the newest backup means for what was promised, the worst first.</summary>
public enum BackupStanding
{
    /// <summary>There is no backup.</summary>
    Missing,

    /// <summary>The repository cannot be read: whether there is one cannot be told.</summary>
    Unreadable,

    /// <summary>The newest backup is older than was promised.</summary>
    Late,

    /// <summary>There is one, and nothing was promised.</summary>
    Unpromised,

    /// <summary>The newest backup is young enough.</summary>
    Met,
}
