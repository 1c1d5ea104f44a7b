namespace ProdOps;

/// <summary>A backup as the environment's file describes it: what of which servers, where to, how often, and what is kept. Sizes are bytes.</summary>
public sealed record BackupSet
{
    /// <summary>The set's name. Its snapshots carry the tag <c>set:NAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The servers as the file names them: names, wildcards, <c>role:App</c>, <c>group:eu</c>. None is this machine.</summary>
    public IReadOnlyList<string> Server { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Full paths of files and folders; none where databases or a command are backed up.</summary>
    public IReadOnlyList<string> Path { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Databases of PostgreSQL: names or wildcards.</summary>
    public IReadOnlyList<string> PostgreSql { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Databases of MariaDB or MySQL: names or wildcards.</summary>
    public IReadOnlyList<string> MariaDb { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Full paths of SQLite's files.</summary>
    public IReadOnlyList<string> Sqlite { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Whether Redis is backed up.</summary>
    public bool Redis { get; init; }

    /// <summary>A command whose output is backed up.</summary>
    public string? FromCommand { get; init; }

    /// <summary>The path that the snapshot has of the command's output.</summary>
    public string StdinFileName { get; init; } = "stdin";

    /// <summary>Where the server finds its database: a host or a socket's path; <see langword="null"/> for what the client takes by itself.</summary>
    public string? DatabaseHost { get; init; }

    /// <summary>The database's port; <see langword="null"/> for what the client takes by itself.</summary>
    public int? DatabasePort { get; init; }

    /// <summary>The database's user; <see langword="null"/> for the database's own system user.</summary>
    public string? DatabaseUser { get; init; }

    /// <summary>Where the database user's password comes from.</summary>
    public SecretReference? DatabasePassword { get; init; }

    /// <summary>Whether to read, and to run commands, as root by sudo.</summary>
    public bool AsRoot { get; init; }

    /// <summary>The name of the repository.</summary>
    public string Repository { get; init; } = "";

    /// <summary>The names of the repositories that each new snapshot is copied to.</summary>
    public IReadOnlyList<string> CopyTo { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When it is due: cron's five fields, in this machine's time zone. None: only when it is named.</summary>
    public IReadOnlyList<string> Schedule { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The rules of what stays in the repository, as <c>Remove-Backup -Keep</c> takes them; <see langword="null"/>: nothing is removed.</summary>
    public IReadOnlyDictionary<string, object>? Keep { get; init; }

    /// <summary>The rules of what stays where it is copied to; <see langword="null"/>: nothing is removed there.</summary>
    public IReadOnlyDictionary<string, object>? KeepCopies { get; init; }

    /// <summary>Whether the repository is pruned after snapshots were removed.</summary>
    public bool Prune { get; init; }

    /// <summary>Patterns of what is left out.</summary>
    public IReadOnlyList<string> Exclude { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Patterns of what is left out, whatever the case of letters.</summary>
    public IReadOnlyList<string> ExcludeIgnoreCase { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Full paths of files of this machine with a pattern a line.</summary>
    public IReadOnlyList<string> ExcludeFile { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Files that keep the rest of their folder out.</summary>
    public IReadOnlyList<string> ExcludeIfPresent { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Whether caches that are marked as such are left out.</summary>
    public bool ExcludeCaches { get; init; }

    /// <summary>Larger files are left out.</summary>
    public long? ExcludeLargerThan { get; init; }

    /// <summary>Whether other file systems below the paths are left out.</summary>
    public bool OneFileSystem { get; init; }

    /// <summary>Tags for the snapshots, beside the set's own.</summary>
    public IReadOnlyList<string> Tag { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The host name to record; <see langword="null"/> for the machine's own.</summary>
    public string? HostName { get; init; }

    /// <summary>How hard to compress.</summary>
    public BackupCompression Compression { get; init; }

    /// <summary>How long to wait for somebody else's lock on a repository.</summary>
    public TimeSpan RetryLock { get; init; }

    /// <summary>A command that the machine runs first.</summary>
    public string? Before { get; init; }

    /// <summary>A command that the machine runs last.</summary>
    public string? After { get; init; }

    /// <summary>A command that the machine runs when there is no snapshot.</summary>
    public string? OnFailure { get; init; }

    /// <summary>What <c>Test-Backup -Restore</c> asks the database of a snapshot of this set.</summary>
    public string? Query { get; init; }

    /// <summary>What the query must answer, the first row's first value; <see langword="null"/>: it only has to be answered.</summary>
    public string? Expect { get; init; }

    /// <summary>What is promised of it; what it does not say is the environment's.</summary>
    public EnvironmentObjectives Objectives { get; init; } = new();

    /// <summary>Whether the output of commands or databases is backed up, and not files.</summary>
    public bool IsStream => FromCommand is not null || Redis || PostgreSql.Count + MariaDb.Count + Sqlite.Count > 0;

    /// <summary>The name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
