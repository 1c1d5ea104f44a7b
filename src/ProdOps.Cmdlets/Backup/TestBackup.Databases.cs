using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Databases.Loading;
using ProdOps.Backup.Databases.Testing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Sets;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Backup;

/// <content>Loading dumps of databases and asking them.</content>
public sealed partial class TestBackup
{
    /// <summary>PostgreSQL's databases.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "Databases of PostgreSQL to load: names or wildcards. Default: all databases of the backup.")]
    [ArgumentCompleter(typeof(PostgreSqlDumpCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] PostgreSql { get; set; } = [];

    /// <summary>MariaDB's, or MySQL's, databases.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "Databases of MariaDB or MySQL to load: names or wildcards. Default: all databases of the backup.")]
    [Alias("MySql")]
    [ArgumentCompleter(typeof(MariaDbDumpCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] MariaDb { get; set; } = [];

    /// <summary>SQLite's files.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "Files of SQLite to load, by the full paths that they were dumped from. Default: all databases of the backup.")]
    [ArgumentCompleter(typeof(SqliteDumpCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Sqlite { get; set; } = [];

    /// <summary>Redis.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "Loads the data of Redis. Default: all databases of the backup.")]
    public SwitchParameter Redis { get; set; }

    /// <summary>A query.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "A statement that the loaded database must answer: SQL, of Redis a command.")]
    [ValidateNotNullOrEmpty]
    public string? Query { get; set; }

    /// <summary>What the query must answer.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "What -Query must answer: the first row's first value, or a script block that is true of the rows in $_.")]
    [ValidateNotNull]
    public object? Expect { get; set; }

    /// <summary>The machine to load on.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "The machine that dumps are loaded on, which has the database's programs. Default: this machine.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public ServerReference? ToServer { get; set; }

    /// <summary>Where a running database server is.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "A running database server to load into, under a new name: a host, or the path of its socket. Default: a server is started for the test.")]
    [ValidateNotNullOrEmpty]
    public string? DatabaseHost { get; set; }

    /// <summary>The running database server's port.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "The port of the running database server.")]
    [ValidateRange(1, 65535)]
    public int DatabasePort { get; set; }

    /// <summary>The running database server's user and password.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "The user and password of the running database server; an empty password is none.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? DatabaseCredential { get; set; }

    /// <summary>The user to log in as, and the password.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = "With -ToServer: the user to log in as and the password. Default: the inventory's user, ssh_config's, yours.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    /// <summary>Private keys to offer.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = ServerRestoreCmdlet.IdentityFileHelp)]
    [ValidateNotNullOrEmpty]
    public string[] IdentityFile { get; set; } = [];

    /// <summary>Accept the key of a host that is not known yet, and remember it.</summary>
    [Parameter(ParameterSetName = "Restore", HelpMessage = ServerRestoreCmdlet.AcceptNewHostKeyHelp)]
    public SwitchParameter AcceptNewHostKey { get; set; }

    /// <summary>The dumps that were asked for; without a name those of a backup that bears a database's tag.</summary>
    private async Task<RestoreTestDatabases?> ChooseDatabasesAsync(Repository repository, SnapshotFile snapshot, DumpSelection wanted, string scratch, CancellationToken cancellationToken)
    {
        if (Expect is not null && Query is null) throw BackupErrors.TestExpectWithoutQuery();
        var (query, expected) = Query is null && wanted.IsEmpty ? await FindQueryAsync(snapshot) : (Query, Expect is PSObject wrapped ? wrapped.BaseObject : Expect);
        var browser = new SnapshotBrowser(repository, snapshot, Activity);
        var dumps = !wanted.IsEmpty ? await wanted.PickAsync(browser, snapshot, cancellationToken)
            : query is not null || Enum.GetValues<DatabaseKind>().Any(kind => snapshot.Tags.Contains(DatabaseDump.TagOf(kind))) ? await DatabaseDump.ListAsync(browser, cancellationToken)
            : [];
        if (query is not null && dumps.Count != 1) throw BackupErrors.DumpNotNamed(snapshot.Id.ToShortString(), dumps);
        if (dumps.Count == 0) return null;
        var access = new ServerAccess(this) { Credential = Credential, IdentityFile = IdentityFile, AcceptNewHostKey = AcceptNewHostKey };
        var (server, shell) = await access.OpenOneAsync(ToServer, Environment, Activity, cancellationToken);
        bool running = DatabaseHost is not null || DatabasePort > 0 || DatabaseCredential is not null;
        if (running && dumps.Select(dump => dump.Kind).Distinct().Count(kind => kind is DatabaseKind.PostgreSql or DatabaseKind.MariaDb) > 1) throw BackupErrors.DatabaseOptionAmbiguous();
        return new RestoreTestDatabases(dumps, new DatabaseTestOptions
        {
            Shell = shell,
            Running = running ? DatabaseLogin.Create(DatabaseHost, DatabasePort, DatabaseCredential) : null,
            ScratchPath = server.IsLocal ? scratch.Length > 1 ? scratch.TrimEnd('/') : scratch : ScratchPath,
            Query = query,
            MakeRow = MakeRow,
            Judge = (rows, first) => JudgeAsync(expected, rows, first),
        }, server.IsLocal);
    }

    /// <summary>What the backup set that a snapshot is of wants asked.</summary>
    private async Task<(string? Query, object? Expected)> FindQueryAsync(SnapshotFile snapshot)
    {
        var environment = await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment).TryLoad());
        var set = environment?.Backups.FirstOrDefault(set => set.Query is not null && snapshot.Tags.Contains(SetSeries.TagOf(set)));
        return (set?.Query, set?.Expect);
    }

    private static object MakeRow(IReadOnlyList<string> columns, IReadOnlyList<string> values)
    {
        var row = new PSObject();
        for (int i = 0; i < columns.Count; i++)
        {
            string name = columns[i].Length > 0 && row.Properties[columns[i]] is null ? columns[i] : $"Column{i + 1}";
            row.Properties.Add(new PSNoteProperty(name, values[i]));
        }
        return row;
    }

    private async Task<string?> JudgeAsync(object? expected, IReadOnlyList<object> rows, string? first)
    {
        if (expected is null) return null;
        if (expected is not ScriptBlock script)
        {
            string text = LanguagePrimitives.ConvertTo<string>(expected);
            return text == first ? null : first is null ? "the query has no row" : $"the answer is '{first}' instead of '{text}'";
        }
        return await InvokeAsync(() =>
        {
            // An exception on the pipeline thread would end the whole pipeline instead of this test.
            try
            {
                var said = script.InvokeWithContext(null, [new PSVariable("_", rows.ToArray())]);
                return LanguagePrimitives.IsTrue(said) ? null : $"'{script.ToString().Trim()}' is not true of the answer, which has {rows.Count} rows";
            }
            catch (RuntimeException error)
            {
                return $"the script block of -Expect failed: {error.Message}";
            }
        });
    }
}
