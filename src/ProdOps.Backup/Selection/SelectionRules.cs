namespace ProdOps.Backup.Selection;

/// <summary>What a backup leaves out, as a user says it.</summary>
internal sealed record SelectionRules
{
    public static SelectionRules Everything { get; } = new();

    /// <summary>Patterns; see <see cref="PatternSet"/>.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Patterns that do not tell upper from lower case.</summary>
    public IReadOnlyList<string> InsensitiveExcludes { get; init; } = [];

    /// <summary>Files of patterns; see <see cref="PatternFile"/>.</summary>
    public IReadOnlyList<string> ExcludeFiles { get; init; } = [];

    public IReadOnlyList<string> InsensitiveExcludeFiles { get; init; } = [];

    /// <summary>A folder with a file of this name is left out but for that file: <c>NAME</c>, or <c>NAME:HEADER</c> if it must begin with that text.</summary>
    public IReadOnlyList<string> ExcludeIfPresent { get; init; } = [];

    /// <summary>Leaves out what is in a folder marked as a cache (https://bford.info/cachedir/).</summary>
    public bool ExcludeCaches { get; init; }

    /// <summary>Leaves out files of more bytes than this.</summary>
    public long? ExcludeLargerThan { get; init; }

    /// <summary>Stays on the file systems of the paths that were named; mount points are kept as empty folders.</summary>
    public bool OneFileSystem { get; init; }
}
