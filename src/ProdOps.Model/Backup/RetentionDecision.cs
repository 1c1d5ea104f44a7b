namespace ProdOps;

/// <summary>What becomes of one backup, and why.</summary>
public sealed class RetentionDecision
{
    /// <summary>The backup.</summary>
    public BackupSnapshot Snapshot { get; init; } = new();

    /// <summary>Its id: 64 hexadecimal digits.</summary>
    public string Id => Snapshot.Id;

    /// <summary>When it was made, by its own account.</summary>
    public DateTimeOffset Time => Snapshot.Time;

    /// <summary>Whether it is kept or removed.</summary>
    public RetentionAction Action { get; init; }

    /// <summary>The rules that keep it, in restic's words (<c>daily snapshot</c>, <c>within 30d</c>); none for what is removed.</summary>
    public IReadOnlyList<string> Reasons { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What the guards say of it: why it counts for no rule, or why it is kept though no rule keeps it.</summary>
    public IReadOnlyList<string> Remarks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The backups that the rules counted it among; <see langword="null"/> where it was named itself.</summary>
    public RetentionGroup? Group { get; init; }

    /// <summary>True once it was removed.</summary>
    public bool Removed { get; init; }

    /// <summary>Where the repository is.</summary>
    public string Repository { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Action} {Snapshot.ShortId}";
}

/// <summary>What becomes of a backup.</summary>
public enum RetentionAction
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>It goes.</summary>
    Remove,
}

/// <summary>Backups that retention rules count together. What they are not grouped by is empty.</summary>
public sealed class RetentionGroup
{
    /// <summary>The server they are of.</summary>
    public string Server { get; init; } = "";

    /// <summary>The paths that all of them hold.</summary>
    public IReadOnlyList<string> Paths { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The tags that all of them carry.</summary>
    public IReadOnlyList<string> Tags { get; init => field = Indexable.Of(value); } = [];

    /// <inheritdoc/>
    public override string ToString()
    {
        var parts = new List<string>(3);
        if (Server.Length > 0) parts.Add(Server);
        if (Paths.Count > 0) parts.Add(string.Join(", ", Paths));
        if (Tags.Count > 0) parts.Add($"[{string.Join(", ", Tags)}]");
        return parts.Count == 0 ? "all" : string.Join(' ', parts);
    }
}

/// <summary>What keeps a policy from removing good backups for the sake of forged or broken ones.</summary>
[Flags]
public enum RetentionGuard
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The newest backup of a group stays, whatever the rules say.</summary>
    Newest = 1,

    /// <summary>Backups from the future count for no rule.</summary>
    Future = 2,

    /// <summary>Backups whose time is not that of their file, of their run or of their parent count for no rule.</summary>
    Time = 4,

    /// <summary>Backups that are empty or far smaller than those before them count for no rule.</summary>
    Empty = 8,

    /// <summary>Backups in which something is missing that could not be read (those with the tag <c>incomplete</c>) count for no rule.</summary>
    Incomplete = 16,

    /// <summary>All of them.</summary>
    All = Newest | Future | Time | Empty | Incomplete,
}
