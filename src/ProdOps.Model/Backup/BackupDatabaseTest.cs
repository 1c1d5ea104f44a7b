namespace ProdOps;

/// <summary>A database that was loaded from a backup's dump to see whether it can be, and then thrown away.</summary>
public sealed record BackupDatabaseTest
{
    /// <summary>True if it was loaded and the query's answer was as expected.</summary>
    public bool Success => Problem is null;

    /// <summary>PostgreSQL, MariaDB, SQLite or Redis.</summary>
    public required string Kind { get; init; }

    /// <summary>The database's name when it was dumped; of SQLite its file.</summary>
    public required string Database { get; init; }

    /// <summary>The dump's path in the backup.</summary>
    public required string Path { get; init; }

    /// <summary>The dump's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The machine that it was loaded on.</summary>
    public required string Server { get; init; }

    /// <summary>The program that it was loaded into; empty for a server that was running already.</summary>
    public string Version { get; init; } = "";

    /// <summary>How many tables were there after loading; of Redis how many keys.</summary>
    public long Tables { get; init; }

    /// <summary>How long loading took: the database's measured recovery time. Starting the server for the test and the query are not in it.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What was asked, or <see langword="null"/>.</summary>
    public string? Query { get; init; }

    /// <summary>The first row's first value, or <see langword="null"/>.</summary>
    public string? Answer { get; init; }

    /// <summary>The rows of the answer, with a property for each column.</summary>
    public IReadOnlyList<object> Rows { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How long the query took.</summary>
    public TimeSpan QueryDuration { get; init; }

    /// <summary>What failed, or <see langword="null"/>.</summary>
    public BackupProblem? Problem { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Database}: {(Success ? "passed" : Problem!.ErrorId)}";
}
