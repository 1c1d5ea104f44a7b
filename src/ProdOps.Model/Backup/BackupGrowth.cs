namespace ProdOps;

/// <summary>
/// How a repository grows: what its backups add, as they recorded it (ProdOps, restic 0.17 and later) or as the folders tell. Sizes are bytes as stored, compressed. What is not
/// known is <see langword="null"/>.
/// </summary>
public sealed class BackupGrowth
{
    /// <summary>Where the numbers come from.</summary>
    public BackupGrowthSource Source { get; init; }

    /// <summary>What the backups of the last seven days added, first backups included.</summary>
    public long? AddedLast7Days { get; init; }

    /// <summary>What the backups of the last thirty days added, first backups included.</summary>
    public long? AddedLast30Days { get; init; }

    /// <summary>
    /// What a day adds on average, over the last thirty days or over the history if that is shorter; the first backup of each server and paths is not counted. Not known
    /// of a history of less than a day.
    /// </summary>
    public long? AddedPerDay { get; init; }

    /// <summary>
    /// In how many days the place is full at the rate of <see cref="AddedPerDay"/>, if nothing is removed meanwhile. <see langword="null"/> where the place does not tell its
    /// free space, where the rate is not known, and where nothing is added.
    /// </summary>
    public double? DaysUntilFull { get; init; }

    /// <summary>What each of the last thirty days added; days without a backup are left out.</summary>
    public IReadOnlyList<BackupGrowthDay> Days { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What each backup added and what added most, oldest first; only where that was asked for.</summary>
    public IReadOnlyList<BackupContribution> Backups { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => AddedPerDay is { } added ? $"{added} bytes a day" : "not known";
}

/// <summary>Where the numbers of a growth come from.</summary>
public enum BackupGrowthSource
{
    /// <summary>There is no backup, or none of the last thirty days records what it added.</summary>
    Unknown,

    /// <summary>Some backups record what they added; sums over the others are not known.</summary>
    Incomplete,

    /// <summary>The backups record what they added.</summary>
    Recorded,

    /// <summary>What was not recorded was worked out: the data that a backup is the first to use, of those that are left.</summary>
    Computed,
}

/// <summary>What the backups of one day added.</summary>
public sealed class BackupGrowthDay
{
    /// <summary>The beginning of the day, in this machine's time zone.</summary>
    public DateTimeOffset Date { get; init; }

    /// <summary>How many backups were made.</summary>
    public int BackupCount { get; init; }

    /// <summary>The bytes they added, or <see langword="null"/> if that is not known of one of them.</summary>
    public long? AddedSize { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Date:yyyy-MM-dd}: {AddedSize?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not known"}";
}

/// <summary>What a backup added to its repository: the data that it is the first to use, of the backups that are left.</summary>
public sealed class BackupContribution
{
    /// <summary>The backup: 64 hexadecimal digits.</summary>
    public string SnapshotId { get; init; } = "";

    /// <summary>The first eight digits of <see cref="SnapshotId"/>.</summary>
    public string ShortId => SnapshotId.Length < 8 ? SnapshotId : SnapshotId[..8];

    /// <summary>When it was made.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Whose backup it is.</summary>
    public string Server { get; init; } = "";

    /// <summary>Bytes as stored: content, and folders' listings.</summary>
    public long AddedSize { get; init; }

    /// <summary>What the run that made it recorded, or <see langword="null"/>. More than <see cref="AddedSize"/> if an older backup uses the same data, or it was pruned since.</summary>
    public long? RecordedSize { get; init; }

    /// <summary>The files that added most, the largest first; at most ten.</summary>
    public IReadOnlyList<BackupContributor> Files { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The folders whose own files added most, without the folders below them; at most ten.</summary>
    public IReadOnlyList<BackupContributor> Folders { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{ShortId}: {AddedSize} bytes";
}

/// <summary>A path and what it added.</summary>
public sealed class BackupContributor
{
    /// <summary>The path in the backup.</summary>
    public string Path { get; init; } = "";

    /// <summary>Bytes as stored that no older backup has.</summary>
    public long AddedSize { get; init; }

    /// <summary>How large it is; of a folder, its files.</summary>
    public long Size { get; init; }

    /// <summary>How many files it is.</summary>
    public long FileCount { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path} ({AddedSize})";
}
