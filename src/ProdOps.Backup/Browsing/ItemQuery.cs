namespace ProdOps.Backup.Browsing;

/// <summary>What to find. Every condition that is given must hold.</summary>
internal sealed record ItemQuery
{
    /// <summary>Patterns for names or paths, any of which will do; see <see cref="Selection.PatternSet"/>.</summary>
    public required IReadOnlyList<string> Patterns { get; init; }

    public bool IgnoreCase { get; init; }

    /// <summary>Kinds of items, any of which will do; empty for all.</summary>
    public IReadOnlyList<BackupItemType> Types { get; init; } = [];

    /// <summary>Modified at this moment or later.</summary>
    public DateTimeOffset? NewerThan { get; init; }

    /// <summary>Modified at this moment or earlier.</summary>
    public DateTimeOffset? OlderThan { get; init; }

    /// <summary>Files of at least so many bytes.</summary>
    public long? MinSize { get; init; }

    /// <summary>Files of at most so many bytes.</summary>
    public long? MaxSize { get; init; }
}
