namespace ProdOps;

/// <summary>A database that was restored from a dump of a backup, or will be.</summary>
public sealed record BackupDatabaseRestore
{
    /// <summary>The server that the database is on.</summary>
    public required string Server { get; init; }

    /// <summary>PostgreSQL, MariaDB, SQLite or Redis.</summary>
    public required string Kind { get; init; }

    /// <summary>The database's name now; of SQLite and Redis the file.</summary>
    public required string Database { get; init; }

    /// <summary>The name of the database that was dumped; of SQLite its file.</summary>
    public required string Source { get; init; }

    /// <summary>The full id of the backup that the dump is in.</summary>
    public required string SnapshotId { get; init; }

    /// <summary>When that backup began: the moment that the database is put back to.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The dump's path in the backup.</summary>
    public required string Path { get; init; }

    /// <summary>The dump's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Whether a database of that name was there and is replaced.</summary>
    public required bool Replaced { get; init; }

    /// <summary>Whether it was restored; with -WhatIf it was not.</summary>
    public required bool Applied { get; init; }

    /// <summary>How long loading took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Where the repository is.</summary>
    public required string Repository { get; init; }

    /// <summary>The database and where it is.</summary>
    public override string ToString() => $"{Kind} {Database} on {Server}";
}
