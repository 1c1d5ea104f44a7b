using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Restores databases from the dumps of a backup into running database servers.</summary>
[Cmdlet(VerbsData.Restore, "BackupDatabase", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackupDatabaseRestore))]
public sealed class RestoreBackupDatabase : ServerRestoreCmdlet
{
    /// <summary>The snapshot.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The backup: its id or the beginning of it, latest, or latest~1 for the one before. Default: latest that has the database.")]
    [Alias("Id", "SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string Snapshot { get; set; } = "latest";

    /// <summary>PostgreSQL's databases.</summary>
    [Parameter(HelpMessage = "Databases of PostgreSQL to restore, as they were named when they were dumped: names or wildcards.")]
    [ArgumentCompleter(typeof(PostgreSqlDumpCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] PostgreSql { get; set; } = [];

    /// <summary>MariaDB's, or MySQL's, databases.</summary>
    [Parameter(HelpMessage = "Databases of MariaDB or MySQL to restore, as they were named when they were dumped: names or wildcards.")]
    [Alias("MySql")]
    [ArgumentCompleter(typeof(MariaDbDumpCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] MariaDb { get; set; } = [];

    /// <summary>SQLite's files.</summary>
    [Parameter(HelpMessage = "Files of SQLite to restore, by the full paths that they were dumped from.")]
    [ArgumentCompleter(typeof(SqliteDumpCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Sqlite { get; set; } = [];

    /// <summary>Redis.</summary>
    [Parameter(HelpMessage = "Restores the data of Redis, which must be stopped: it reads the file when it starts.")]
    public SwitchParameter Redis { get; set; }

    /// <summary>The dumps.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Dumps by their paths in the backup, such as /postgresql/shop.dump.")]
    [ArgumentCompleter(typeof(ItemCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Another name.</summary>
    [Parameter(HelpMessage = "Restores the database under this name, beside the one that there is; of SQLite and Redis to this file.")]
    [Alias("NewName")]
    [ValidateNotNullOrEmpty]
    public string? As { get; set; }

    /// <summary>Replaces what is there.</summary>
    [Parameter(HelpMessage = "Replaces the database that bears the name. Without it an existing database is never touched.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Makes roles.</summary>
    [Parameter(HelpMessage = "PostgreSQL: first makes the roles of the backup that the server lacks. Those it has stay as they are.")]
    public SwitchParameter IncludeRoles { get; set; }

    /// <summary>Leaves owners and rights out.</summary>
    [Parameter(HelpMessage = "PostgreSQL: everything belongs to the user who restores; owners and rights of the dump are left out.")]
    public SwitchParameter NoOwner { get; set; }

    /// <summary>With <c>latest</c>: the newest snapshot before this moment.</summary>
    [Parameter(HelpMessage = "With latest: the newest backup before this moment.")]
    public DateTimeOffset Before { get; set; }

    /// <summary>The server that the database is on.</summary>
    [Parameter(HelpMessage = "The server that the database is on: a name, user@host:port, or a server object. Default: this machine.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public ServerReference? ToServer { get; set; }

    /// <summary>Where the database server is.</summary>
    [Parameter(HelpMessage = "Where the machine finds the database server: a host, or the path of its socket (of PostgreSQL the socket's folder). Default: its client's.")]
    [ValidateNotNullOrEmpty]
    public string? DatabaseHost { get; set; }

    /// <summary>The database server's port.</summary>
    [Parameter(HelpMessage = "The database server's port. Default: its client's.")]
    [ValidateRange(1, 65535)]
    public int DatabasePort { get; set; }

    /// <summary>The database's user and password.</summary>
    [Parameter(HelpMessage = "The database's user and password; an empty password is none. Default: the database's own system user (postgres, root), by sudo.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? DatabaseCredential { get; set; }

    /// <summary>Restores as root.</summary>
    [Parameter(HelpMessage = "Runs the database's client, or writes its file, as root, by sudo.")]
    public SwitchParameter AsRoot { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken) =>
        await ReadAsync((repository, token) => TryAsync(() => RestoreAsync(repository, token)), cancellationToken, location: await GetLocationAsync());

    private async Task RestoreAsync(Repository repository, CancellationToken cancellationToken)
    {
        var wanted = DumpSelection.Of(PostgreSql, MariaDb, Sqlite, Redis) with { Paths = Path };
        var filter = CreateFilter() with { Before = Before == default ? null : Before.AddTicks(-1) };
        var snapshot = await repository.FindSnapshotAsync(Snapshot, Activity, file => filter.Matches(file) && wanted.MayBeIn(file), cancellationToken);
        var browser = new SnapshotBrowser(repository, snapshot, Activity);
        var dumps = await wanted.PickAsync(browser, snapshot, cancellationToken);
        if (As is not null && dumps.Count > 1) throw BackupErrors.NewNameAmbiguous(As, dumps.Count);
        if (dumps.Select(dump => dump.Kind).Distinct().Count() > 1 && (DatabaseHost is not null || DatabasePort > 0 || DatabaseCredential is not null)) throw BackupErrors.DatabaseOptionAmbiguous();
        var (_, shell) = await Access.OpenOneAsync(ToServer, Environment, Activity, cancellationToken);
        foreach (var dump in dumps) await TryAsync(() => RestoreAsync(dump, browser, snapshot, repository, shell, cancellationToken));
    }

    private async Task RestoreAsync(DatabaseDump dump, SnapshotBrowser browser, SnapshotFile snapshot, Repository repository, IServerShell shell, CancellationToken cancellationToken)
    {
        var options = new DatabaseLoadOptions
        {
            Access = DatabaseLogin.Create(DatabaseHost, DatabasePort, DatabaseCredential),
            Name = As,
            Force = Force,
            AsRoot = AsRoot,
            Roles = IncludeRoles,
            NoOwner = NoOwner,
        };
        var load = DatabaseLoad.Create(shell, dump, options, Activity, TimeProvider.System);
        await load.CheckAsync(cancellationToken);
        long size = (await browser.FindAsync(dump.Path, cancellationToken))!.Size;
        string what = $"{(load.Replaces ? "Replace by" : "Restore")} {dump} of snapshot {snapshot.Id.ToShortString()} ({ByteSize.Format(size)})";
        var decision = await DecideAsync($"{dump.KindName} '{load.Database}' on '{shell.Name}'", what);
        if (decision == ChangeDecision.Refuse) return;
        long start = TimeProvider.System.GetTimestamp();
        if (decision == ChangeDecision.Act) await load.RunAsync(browser, cancellationToken);
        var restored = new BackupDatabaseRestore
        {
            Server = shell.Name,
            Kind = dump.KindName,
            Database = load.Database,
            Source = dump.Name,
            SnapshotId = snapshot.Id.ToString(),
            Time = snapshot.Time.ToDateTimeOffset(),
            Path = dump.Path,
            Size = size,
            Replaced = load.Replaces,
            Applied = decision == ChangeDecision.Act,
            Duration = decision == ChangeDecision.Act ? TimeProvider.System.GetElapsedTime(start) : TimeSpan.Zero,
            Repository = repository.Location,
        };
        if (restored.Applied) await KeepAsync(repository.Location, folder => folder.Restores, TimeProvider.System.GetUtcNow(), place => BackupProof.Of(restored, place, snapshot, TimeProvider.System.GetUtcNow()), cancellationToken);
        await WriteObjectAsync(restored);
    }
}
