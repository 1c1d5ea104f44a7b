using System.Collections.Concurrent;
using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Archiving.Streams;
using ProdOps.Backup.Databases;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Backup;

/// <content>Backing up what commands print, and databases.</content>
public sealed partial class InvokeBackup
{
    private const string StreamSet = "Stream";

    /// <summary>A command whose output is backed up.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "A command for the machine's shell; what it prints becomes one file of the snapshot, if it ends with 0.")]
    [ValidateNotNullOrEmpty]
    public string? FromCommand { get; set; }

    /// <summary>The name of the file that <see cref="FromCommand"/> makes.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "The name, or path, that the snapshot has of the output of -FromCommand. Default: stdin.")]
    [ValidateNotNullOrEmpty]
    public string StdinFileName { get; set; } = "stdin";

    /// <summary>PostgreSQL's databases.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "Databases of PostgreSQL to back up by pg_dump, with the roles: names or wildcards; '*' is all.")]
    [ArgumentCompleter(typeof(PostgreSqlNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] PostgreSql { get; set; } = [];

    /// <summary>MariaDB's, or MySQL's, databases.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "Databases of MariaDB or MySQL to back up by mariadb-dump, with the users: names or wildcards; '*' is all.")]
    [Alias("MySql")]
    [ArgumentCompleter(typeof(MariaDbNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] MariaDb { get; set; } = [];

    /// <summary>SQLite's files.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "Files of SQLite to back up, by their full paths, while others may write to them.")]
    [ValidateNotNullOrEmpty]
    public string[] Sqlite { get; set; } = [];

    /// <summary>Redis.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "Backs up the data of Redis, as redis-cli --rdb gets it.")]
    public SwitchParameter Redis { get; set; }

    /// <summary>Where the database server is.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "Where the machine finds the database server: a host, or the path of its socket (of PostgreSQL the socket's folder). Default: its client's.")]
    [ValidateNotNullOrEmpty]
    public string? DatabaseHost { get; set; }

    /// <summary>The database server's port.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "The database server's port. Default: its client's.")]
    [ValidateRange(1, 65535)]
    public int DatabasePort { get; set; }

    /// <summary>The database's user and password.</summary>
    [Parameter(ParameterSetName = StreamSet, HelpMessage = "The database's user and password; an empty password is none. Default: the database's own system user (postgres, root), by sudo.")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? DatabaseCredential { get; set; }

    /// <summary>A command that is run first.</summary>
    [Parameter(HelpMessage = "A command that the backed-up machine runs first. If it fails, nothing is backed up.")]
    [ValidateNotNullOrEmpty]
    public string? Before { get; set; }

    /// <summary>A command that is run last.</summary>
    [Parameter(HelpMessage = "A command that the backed-up machine runs last, whatever happened.")]
    [ValidateNotNullOrEmpty]
    public string? After { get; set; }

    /// <summary>A command that is run when there is no snapshot.</summary>
    [Parameter(HelpMessage = "A command that the backed-up machine runs when the backup failed, before that of -After.")]
    [ValidateNotNullOrEmpty]
    public string? OnFailure { get; set; }

    private async Task BackUpStreamsAsync(CancellationToken cancellationToken)
    {
        if (!_asked) return;
        if (FromCommand is null && PostgreSql.Length + MariaDb.Length + Sqlite.Length == 0 && !Redis) throw BackupErrors.NoStreamGiven();
        int servers = (PostgreSql.Length > 0 ? 1 : 0) + (MariaDb.Length > 0 ? 1 : 0) + (Redis ? 1 : 0);
        if (servers > 1 && (DatabaseHost is not null || DatabasePort > 0 || DatabaseCredential is not null)) throw BackupErrors.DatabaseOptionAmbiguous();
        var wishes = await PlanStreamsAsync(cancellationToken);
        if (wishes.Count == 0) return;
        string location = await GetLocationAsync();
        var decision = await DecideAsync(location, $"Back up {string.Join("; ", wishes.Select(wish => $"{wish.Server.Name}: {string.Join(", ", wish.Plan.Files)}"))}");
        // What a command prints is known only by running it, which a plan must not do.
        if (decision != ChangeDecision.Act) return;
        var repository = await OpenRepositoryAsync(cancellationToken);
        var request = await InvokeAsync(() => CreateRequest(dryRun: false, []));
        await ServerAccess.ForEachAsync(WriteErrorAsync, wishes, wish => wish.Server, ThrottleLimit, async (wish, token) =>
        {
            await using var beside = repository.OpenBeside();
            var named = request with { Paths = wish.Plan.Paths, Tags = [.. Tag.Concat(wish.Plan.Tags).Distinct(StringComparer.Ordinal)] };
            await WriteObjectAsync(await WithHooksAsync(wish.Shell, () => StreamBackup.RunAsync(beside, wish.Shell, wish.Plan.Files, named, Activity, token), dryRun: false, token));
        }, cancellationToken);
    }

    /// <summary>Asks each server for its databases.</summary>
    private async Task<IReadOnlyList<StreamWish>> PlanStreamsAsync(CancellationToken cancellationToken)
    {
        var servers = _servers.Count == 0 ? [ServerResolver.Local] : await FindServersAsync();
        var shells = await InvokeAsync(() => SessionShells.Current);
        var wishes = new ConcurrentDictionary<Server, StreamWish>();
        await ServerAccess.ForEachAsync(WriteErrorAsync, servers, server => server, ThrottleLimit, async (server, token) =>
            wishes[server] = await PlanAsync(server, await shells.OpenAsync(Access.TargetOf(server), Activity, token), token), cancellationToken);
        return [.. servers.Where(wishes.ContainsKey).Select(server => wishes[server])];
    }

    private async Task<StreamWish> PlanAsync(Server server, IServerShell shell, CancellationToken cancellationToken)
    {
        var request = new StreamRequest
        {
            FromCommand = FromCommand,
            StdinFileName = StdinFileName,
            PostgreSqlNames = PostgreSql,
            MariaDbNames = MariaDb,
            SqlitePaths = Sqlite,
            Redis = Redis,
            AsRoot = AsRoot,
            Access = DatabaseLogin.Create(DatabaseHost, DatabasePort, DatabaseCredential),
        };
        return new StreamWish(server, shell, await StreamPlan.CreateAsync(request, shell, Activity, cancellationToken));
    }

    private async Task<BackupSnapshot> WithLocalHooksAsync(Func<Task<BackupSnapshot>> backup, bool dryRun, CancellationToken cancellationToken)
    {
        if (dryRun || !CreateHooks().Any) return await backup();
        var shells = await InvokeAsync(() => SessionShells.Current);
        return await WithHooksAsync(await shells.OpenAsync(Access.TargetOf(ServerResolver.Local), Activity, cancellationToken), backup, dryRun, cancellationToken);
    }

    private async Task<BackupSnapshot> WithHooksAsync(IServerShell shell, Func<Task<BackupSnapshot>> backup, bool dryRun, CancellationToken cancellationToken) =>
        dryRun ? await backup() : await CreateHooks().RunAsync(shell, backup, Activity, cancellationToken);

    private Hooks CreateHooks() => new(Before, After, OnFailure, AsRoot);

    private sealed record StreamWish(Server Server, IServerShell Shell, StreamPlan Plan);
}
