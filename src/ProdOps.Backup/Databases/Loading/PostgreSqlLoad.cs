using System.Text;
using ProdOps.Backup.Browsing;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Loading;

/// <summary>
/// Loads an archive of pg_dump into a new database by pg_restore, and then gives it the name: renaming is one transaction. Whatever fails before
/// that, the database that was there has not been touched.
/// </summary>
internal sealed class PostgreSqlLoad(IServerShell shell, DatabaseDump dump, DatabaseLoadOptions options, IActivity activity, TimeProvider time)
    : DatabaseLoad(shell, dump, options, activity, time)
{
    private const int MaximumGlobals = 64 * 1024 * 1024;

    /// <summary>Until PostgreSQL 17 an archive's list has a line for each large object.</summary>
    private const int MaximumList = 256 * 1024 * 1024;
    private readonly string _new = NewName("prodops_restore_");

    // A database cannot be renamed from within itself.
    private string Maintenance => Database == "postgres" ? "template1" : "postgres";

    private string Untouched => Replaces ? $"'{Database}' is as it was." : $"No database '{Database}' was made.";

    protected override async Task<bool> ExistsAsync(CancellationToken cancellationToken) =>
        (await PostgreSql.NamesAsync(Shell, "pg_database", "datname", Options.Access, Options.AsRoot, cancellationToken)).Contains(Database);

    public override async Task RunAsync(SnapshotBrowser snapshot, CancellationToken cancellationToken)
    {
        await using var stream = await snapshot.OpenContentAsync(Dump.Path, cancellationToken);
        if (Options.Roles) await MakeRolesAsync(snapshot, cancellationToken);
        var properties = await ReadPropertiesAsync(stream, cancellationToken);
        await RunCommandAsync(Sql(properties.Create), Untouched, cancellationToken);
        string owner = Options.NoOwner ? " --no-owner --no-privileges" : "";
        string spaces = Options.NoTablespaces ? " --no-tablespaces" : "";
        var load = PostgreSqlClient.Run($"as_owner pg_restore -w --exit-on-error{owner}{spaces} -d {ShellQuote.Word(PostgreSqlClient.Connection(_new))}", Options.Access, Options.AsRoot);
        await OrUndoAsync(async () =>
        {
            await SendAsync(load, stream, Untouched, cancellationToken);
            if (properties.Properties.Count > 0) await RunCommandAsync(Sql([.. properties.Properties]), Untouched, cancellationToken);
            await NameAsync(cancellationToken);
        }, Sql($"DROP DATABASE IF EXISTS {SqlText.Name(_new)} WITH (FORCE)"), $"the database '{_new}'");
    }

    public override Task DropAsync() => UndoAsync(Sql($"DROP DATABASE IF EXISTS {SqlText.Name(Database)} WITH (FORCE)"), $"the database '{Database}'");

    /// <summary>Gives the new database its name. What bore it goes, once it does not bear it any more.</summary>
    private async Task NameAsync(CancellationToken cancellationToken)
    {
        string name = SqlText.Name(Database), made = SqlText.Name(_new);
        if (!Replaces)
        {
            await RunCommandAsync(Sql($"ALTER DATABASE {made} RENAME TO {name}"), Untouched, cancellationToken);
            return;
        }
        string oldName = NewName("prodops_old_"), old = SqlText.Name(oldName);
        string close = Command($"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {SqlText.Literal(Database)} AND pid <> pg_backend_pid()",
            "BEGIN", $"ALTER DATABASE {name} RENAME TO {old}", $"ALTER DATABASE {made} RENAME TO {name}", "COMMIT");
        // Nobody may come in between the end of the sessions and the new name; if it is not given, all may again. A connection that is lost
        // meanwhile must not leave it closed.
        string script = $"trap '' HUP INT TERM PIPE\n{close} >/dev/null && exit\nr=$?\n{Command($"ALTER DATABASE {name} ALLOW_CONNECTIONS true")}\nexit $r";
        // Stopping here would leave it closed to everybody; it takes seconds at most.
        await RunCommandAsync(PostgreSqlClient.Run(script, Options.Access, Options.AsRoot), Untouched, CancellationToken.None);
        try
        {
            await RunCommandAsync(Sql($"DROP DATABASE {old} WITH (FORCE)"), "", CancellationToken.None);
        }
        catch (ProdOpsException error)
        {
            Activity.Warning($"{Shell.Name}: '{Database}' is restored, but what it was before is still there as '{oldName}': {error.Message}");
        }
    }

    /// <summary>An archive says how its database is made only with <c>--create</c>, which takes the name from the archive: so that part is asked for, and renamed.</summary>
    private async Task<DatabaseProperties> ReadPropertiesAsync(Stream archive, CancellationToken cancellationToken)
    {
        var list = await ReadHeadAsync("pg_restore --create --list", archive, cancellationToken);
        string owner = Options.NoOwner ? " --no-owner --no-privileges" : "";
        string lines = string.Join('\n', PostgreSqlArchive.DatabaseLines(list.Lines));
        var script = await ReadHeadAsync($"pg_restore --create{owner} --use-list=/dev/fd/3 -f - 3<<'prodops-end'\n{lines}\nprodops-end\n", archive, cancellationToken);
        return PostgreSqlArchive.ReadProperties(script.Text, _new, withTablespace: !Options.NoTablespaces, withRoles: !Options.NoOwner)
            ?? throw BackupErrors.DumpNotUnderstood(Dump.Path, Dump.KindName);
    }

    /// <summary>Runs what reads only an archive's head, and puts the archive back to its beginning.</summary>
    private async Task<CommandOutput> ReadHeadAsync(string script, Stream archive, CancellationToken cancellationToken)
    {
        archive.Position = 0;
        var output = await Shell.RunAsync(new ServerCommand(script) { PosixLocale = true }, new CommandRunOptions { InputStream = archive, MaximumOutput = MaximumList }, cancellationToken);
        archive.Position = 0;
        string[] said = [.. output.ErrorLines.Where(line => line.Length > 0)];
        return output.Exit.Succeeded ? output : throw BackupErrors.DatabaseLoadFailed(Shell.Name, Dump.Kind, Database, output.Exit, said, Untouched);
    }

    private async Task MakeRolesAsync(SnapshotBrowser snapshot, CancellationToken cancellationToken)
    {
        await using var file = await snapshot.OpenContentAsync(PostgreSql.Globals, cancellationToken);
        if (file.Length > MaximumGlobals) throw BackupErrors.DumpNotUnderstood(PostgreSql.Globals, Dump.KindName);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var known = await PostgreSql.NamesAsync(Shell, "pg_roles", "rolname", Options.Access, Options.AsRoot, cancellationToken);
        var statements = PostgreSqlArchive.MissingRoles(await reader.ReadToEndAsync(cancellationToken), known);
        Activity.Verbose($"{Shell.Name}: {statements.Count(statement => statement.StartsWith("CREATE", StringComparison.OrdinalIgnoreCase))} roles of the snapshot are not there and are made.");
        if (statements.Count == 0) return;
        // They hold passwords' hashes: not on a command line, and not in what psql says of an error.
        string script = $"as_owner psql -w -X -q -v ON_ERROR_STOP=1 -v VERBOSITY=terse --single-transaction -d {ShellQuote.Word(PostgreSqlClient.Connection(Maintenance))} >/dev/null";
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', statements) + "\n");
        try
        {
            using var input = new MemoryStream(text);
            await SendAsync(PostgreSqlClient.Run(script, Options.Access, Options.AsRoot), input, $"No role was made, and {char.ToLowerInvariant(Untouched[0])}{Untouched[1..]}", cancellationToken);
        }
        finally
        {
            Array.Clear(text);
        }
    }

    private ServerCommand Sql(params string[] statements) => PostgreSqlClient.Run(Command(statements), Options.Access, Options.AsRoot);

    private string Command(params string[] statements) =>
        $"as_owner psql -w -X -q -v ON_ERROR_STOP=1 -d {ShellQuote.Word(PostgreSqlClient.Connection(Maintenance))} "
        + $"{string.Concat(statements.Select(statement => $"-c {ShellQuote.Word(statement)} "))}</dev/null";
}
