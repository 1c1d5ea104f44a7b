using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Schema;
using ProdOps.Servers.Schedules;

namespace ProdOps.Servers.Inventory.Sections;

/// <summary><c>Backups</c>: backup sets. Whether what a set names is there, <see cref="BackupSetRules"/> checks when all files are read.</summary>
internal static class BackupsSection
{
    public static readonly Key<IReadOnlyList<Located<string>>> Server = new("Server", Kinds.ServerNames, "The servers to back up, each to snapshots of its own.") { Default = "this machine" };
    public static readonly Key<IReadOnlyList<string>> Path = new("Path", new("full path, or a list of full paths", static (node, context) => ReadFullPaths(node, context)), "Files and folders, taken as they are written.");
    public static readonly Key<IReadOnlyList<string>> PostgreSql = new("PostgreSql", Kinds.Texts, "Databases of PostgreSQL, with the roles: names or wildcards; `'*'` is all.");
    public static readonly Key<IReadOnlyList<string>> MariaDb = new("MariaDb", Kinds.Texts, "Databases of MariaDB or MySQL, with the users: names or wildcards; `'*'` is all.");
    public static readonly Key<IReadOnlyList<string>> Sqlite = new("Sqlite", new("full path, or a list of full paths", static (node, context) => ReadFullPaths(node, context)), "Files of SQLite, while others may write to them.");
    public static readonly Key<bool?> Redis = new("Redis", Kinds.Boolean, "The data of Redis.");
    public static readonly Key<string> FromCommand = new("FromCommand", Kinds.Text, "A command for the server's shell; what it prints becomes one file, if it ends with 0.");
    public static readonly Key<string> StdinFileName = new("StdinFileName", Kinds.Text, "The path that the snapshot has of the output of `FromCommand`.") { Default = "`stdin`" };
    public static readonly Key<string> DatabaseHost = new("DatabaseHost", Kinds.Text, "Where the server finds its database: a host, or the path of a socket (of PostgreSQL the socket's folder).") { Default = "what its client takes by itself" };
    public static readonly Key<int?> DatabasePort = new("DatabasePort", Kinds.Integer(1, 65535), "The database's port.") { Default = "what its client takes by itself" };
    public static readonly Key<string> DatabaseUser = new("DatabaseUser", Kinds.Text, "The database's user.") { Default = "the database's own system user, by sudo" };
    public static readonly Key<SecretReference> DatabasePassword = new("DatabasePassword", SecretKeys.Kind, "The password of `DatabaseUser`.");
    public static readonly Key<string> Repository = new("Repository", Kinds.Text, "The repository, by its name in `Repositories`.") { Default = "the only one, if there is one only" };
    public static readonly Key<IReadOnlyList<Located<string>>> CopyTo = new("CopyTo", Kinds.Names, "Repositories that each new snapshot is copied to.");
    public static readonly Key<RetentionEntry> Keep = new("Keep", RetentionKeys.Kind, "What stays of this set's snapshots after a backup; the rest is removed.") { Default = "all stay" };
    public static readonly Key<RetentionEntry> KeepCopies = new("KeepCopies", RetentionKeys.Kind, "The same of the copies, where they were copied to.") { Default = "all stay" };
    public static readonly Key<bool?> Prune = new("Prune", Kinds.Boolean, "Prune the repository after snapshots were removed.") { Default = "`$false`: Optimize-BackupRepository does it" };
    public static readonly Key<IReadOnlyList<string>> Exclude = new("Exclude", Kinds.Texts, "Patterns of what to leave out, as restic's `--exclude`.");
    public static readonly Key<IReadOnlyList<string>> ExcludeIgnoreCase = new("ExcludeIgnoreCase", Kinds.Texts, "The same, whatever the case of letters.");
    public static readonly Key<IReadOnlyList<string>> ExcludeFile = new("ExcludeFile", Kinds.Paths, "Files of this machine that hold such patterns, one a line.");
    public static readonly Key<IReadOnlyList<string>> ExcludeIfPresent = new("ExcludeIfPresent", Kinds.Texts, "Leave out the contents of folders that hold a file of this name.");
    public static readonly Key<bool?> ExcludeCaches = new("ExcludeCaches", Kinds.Boolean, "Leave out the contents of folders that a CACHEDIR.TAG marks as caches.");
    public static readonly Key<long?> ExcludeLargerThan = new("ExcludeLargerThan", Kinds.SizeLimit, "Leave out larger files.");
    public static readonly Key<bool?> OneFileSystem = new("OneFileSystem", Kinds.Boolean, "Stay on the file systems that the paths are on.");
    public static readonly Key<string> Query = new("Query", Kinds.Text, "What `Test-Backup -Restore` asks the database of a snapshot of this set: SQL, of Redis a command.");
    public static readonly Key<string> Expect = new("Expect", Kinds.Text, "What the query must answer: the first row's first value.") { Default = "it only has to be answered" };
    private static readonly Key<bool?> AsRoot = new("AsRoot", Kinds.Boolean, "Read, and run commands, as root by sudo.");
    private static readonly Key<IReadOnlyList<string>> Schedule = new("Schedule", new("cron's five fields, or a list of such", static (node, context) => ReadSchedule(node, context)), "When it is due, in the time zone of the machine that runs it: `'15 * * * *'`, `'@daily'`.") { Default = "only when it is named" };
    private static readonly Key<IReadOnlyList<Located<string>>> Tag = new("Tag", new("text, or a list of texts", static (node, context) =>
        Kinds.ReadLocated(node, context, "a tag in quotes, or several with commas between them", static text => text.Contains(',') ? "A tag has no comma in it: restic puts commas between tags." : null)), "Tags for the snapshots, beside `set:NAME` and `server:NAME`.");
    private static readonly Key<string> HostName = new("HostName", Kinds.Text, "The host name that snapshots record.") { Default = "the server's own" };
    private static readonly Key<BackupCompression?> Compression = new("Compression", Kinds.Choice<BackupCompression>(), "How hard to compress.") { Default = "`'Auto'`" };
    private static readonly Key<TimeSpan?> RetryLock = new("RetryLock", Kinds.Duration, "How long to wait for somebody else's lock on a repository.") { Default = "`'15m'`" };
    private static readonly Key<string> Before = new("Before", Kinds.Text, "A command that the server runs first. If it fails, nothing is backed up.");
    private static readonly Key<string> After = new("After", Kinds.Text, "A command that the server runs last, whatever happened.");
    private static readonly Key<string> OnFailure = new("OnFailure", Kinds.Text, "A command that the server runs when there is no snapshot, before `After`.");

    private static readonly Key<TimeSpan?> RecoveryPoint = new("RecoveryPoint", Kinds.Duration, "How much work may be lost (RPO).") { Default = "the environment's" };
    private static readonly Key<TimeSpan?> RecoveryTime = new("RecoveryTime", Kinds.Duration, "How long recovery may take (RTO).") { Default = "the environment's" };

    private static readonly Key<EnvironmentObjectives> Objectives = new("Objectives", TableKinds.Table(new TableSchema("Backups.Objectives", [RecoveryPoint, RecoveryTime]),
        static values => new EnvironmentObjectives { RecoveryPoint = values.Get(RecoveryPoint), RecoveryTime = values.Get(RecoveryTime) }), "What is promised of this set.") { Default = "the environment's" };

    /// <summary>Keys that mean something for files only.</summary>
    public static IReadOnlyList<Key> OfFiles { get; } = [Exclude, ExcludeIgnoreCase, ExcludeFile, ExcludeIfPresent, ExcludeCaches, ExcludeLargerThan, OneFileSystem];

    /// <summary>Keys that mean something for database servers only.</summary>
    public static IReadOnlyList<Key> OfDatabases { get; } = [DatabaseHost, DatabasePort, DatabaseUser, DatabasePassword];

    public static TableSchema Schema { get; } = new("Backups",
    [
        Server, Path, PostgreSql, MariaDb, Sqlite, Redis, FromCommand, StdinFileName, DatabaseHost, DatabasePort, DatabaseUser, DatabasePassword, AsRoot,
        Repository, CopyTo, Schedule, Keep, KeepCopies, Prune,
        Exclude, ExcludeIgnoreCase, ExcludeFile, ExcludeIfPresent, ExcludeCaches, ExcludeLargerThan, OneFileSystem,
        Tag, HostName, Compression, RetryLock, Before, After, OnFailure, Query, Expect, Objectives,
    ]);

    public static ValueKind<IReadOnlyList<Named<BackupSetEntry>>> Kind { get; } = TableKinds.ByName(Schema, static values => new BackupSetEntry(values, Bind(values)));

    private static BackupSet Bind(TableValues values) => new()
    {
        Name = "",
        Server = Texts(values.Get(Server)),
        Path = values.Get(Path) ?? [],
        PostgreSql = values.Get(PostgreSql) ?? [],
        MariaDb = values.Get(MariaDb) ?? [],
        Sqlite = values.Get(Sqlite) ?? [],
        Redis = values.Get(Redis) ?? false,
        FromCommand = values.Get(FromCommand),
        StdinFileName = values.Get(StdinFileName) ?? "stdin",
        DatabaseHost = values.Get(DatabaseHost),
        DatabasePort = values.Get(DatabasePort),
        DatabaseUser = values.Get(DatabaseUser),
        DatabasePassword = values.Get(DatabasePassword),
        AsRoot = values.Get(AsRoot) ?? false,
        Repository = values.Get(Repository) ?? "",
        CopyTo = Texts(values.Get(CopyTo)),
        Schedule = values.Get(Schedule) ?? [],
        Keep = values.Get(Keep)?.Rules,
        KeepCopies = values.Get(KeepCopies)?.Rules,
        Prune = values.Get(Prune) ?? false,
        Exclude = values.Get(Exclude) ?? [],
        ExcludeIgnoreCase = values.Get(ExcludeIgnoreCase) ?? [],
        ExcludeFile = values.Get(ExcludeFile) ?? [],
        ExcludeIfPresent = values.Get(ExcludeIfPresent) ?? [],
        ExcludeCaches = values.Get(ExcludeCaches) ?? false,
        ExcludeLargerThan = values.Get(ExcludeLargerThan),
        OneFileSystem = values.Get(OneFileSystem) ?? false,
        Tag = Texts(values.Get(Tag)),
        HostName = values.Get(HostName),
        Compression = values.Get(Compression) ?? BackupCompression.Auto,
        RetryLock = values.Get(RetryLock) ?? TimeSpan.FromMinutes(15),
        Before = values.Get(Before),
        After = values.Get(After),
        OnFailure = values.Get(OnFailure),
        Query = values.Get(Query),
        Expect = values.Get(Expect),
        Objectives = values.Get(Objectives) ?? new EnvironmentObjectives(),
    };

    private static string[] Texts(IReadOnlyList<Located<string>>? items) => [.. (items ?? []).Select(item => item.Value)];

    /// <summary>Full paths of POSIX or of Windows: a set is of other machines, or of this one from any folder.</summary>
    private static IReadOnlyList<string>? ReadFullPaths(DataNode node, ReadContext context) => Kinds.ReadLocated(node, context, "a full path in quotes, or several with commas between them",
        static text => text[0] == '/' || (text.Length > 2 && char.IsAsciiLetter(text[0]) && text[1] == ':' && text[2] is '/' or '\\') ? null : "Write the full path: it begins with /.")?.Select(item => item.Value).ToArray();

    private static IReadOnlyList<string>? ReadSchedule(DataNode node, ReadContext context)
    {
        var times = new List<string>();
        foreach (var item in node is DataList list ? list.Items : [node])
        {
            if (Kinds.ReadText(item, context, "cron's five fields in quotes, such as '15 * * * *'") is not { } text) continue;
            try
            {
                CronExpression.Parse(text);
                times.Add(text);
            }
            catch (ProdOpsException error)
            {
                context.Report(EnvironmentProblems.BackupScheduleInvalid(item.Position, error));
            }
        }

        return times;
    }
}

/// <summary>A backup set as the file has it.</summary>
/// <param name="Values">What the file says, with positions.</param>
/// <param name="Set">The same as an object, still without a name.</param>
internal sealed record BackupSetEntry(TableValues Values, BackupSet Set);
