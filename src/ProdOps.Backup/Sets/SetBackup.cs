using ProdOps.Backup.Archiving;
using ProdOps.Backup.Archiving.Servers;
using ProdOps.Backup.Archiving.Streams;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Selection;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Sets;

/// <summary>Makes one snapshot of one server, as a set says.</summary>
internal sealed class SetBackup(BackupSet set, Server server, ISetAccess access, IActivity activity)
{
    /// <summary>What this process may read by itself needs no shell.</summary>
    private bool IsLocal => server.IsLocal && !set.AsRoot;

    /// <param name="repository">The repository; no other run may use the same object meanwhile.</param>
    /// <param name="tags">Tags for the snapshot, beside the set's.</param>
    /// <param name="cancellationToken">Stops; then no snapshot is written.</param>
    public async Task<BackupSnapshot> RunAsync(Repository repository, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var request = CreateRequest(tags);
        var hooks = new Hooks(set.Before, set.After, set.OnFailure, set.AsRoot);
        if (!set.IsStream && IsLocal)
        {
            request = request with { HostName = set.HostName ?? LocalHost.Name, UserName = LocalHost.UserName };
            Task<BackupSnapshot> Local() => BackupRun.RunAsync(repository, request, activity, cancellationToken);
            return hooks.Any ? await hooks.RunAsync(await access.OpenShellAsync(server, cancellationToken), Local, activity, cancellationToken) : await Local();
        }

        var shell = await access.OpenShellAsync(server, cancellationToken);
        return await hooks.RunAsync(
            shell, () => set.IsStream ? StreamAsync(repository, shell, request, cancellationToken) : ServerBackup.RunAsync(Task.FromResult(repository), shell, request, set.AsRoot, activity, cancellationToken), activity, cancellationToken);
    }

    /// <summary>What the set reads from commands and databases.</summary>
    public StreamRequest CreateStreamRequest() => new()
    {
        FromCommand = set.FromCommand,
        StdinFileName = set.StdinFileName,
        PostgreSqlNames = set.PostgreSql,
        MariaDbNames = set.MariaDb,
        SqlitePaths = set.Sqlite,
        Redis = set.Redis,
        AsRoot = set.AsRoot,
        Access = new DatabaseAccess
        {
            Host = set.DatabaseHost,
            Port = set.DatabasePort ?? 0,
            User = set.DatabaseUser,
            Password = set.DatabasePassword is { } reference ? access.SourceOf(reference) : null,
        },
    };

    // A command of the set may start a database, so it is asked only after that.
    private async Task<BackupSnapshot> StreamAsync(Repository repository, IServerShell shell, BackupRequest request, CancellationToken cancellationToken)
    {
        var plan = await StreamPlan.CreateAsync(CreateStreamRequest(), shell, activity, cancellationToken);
        var named = request with { Paths = plan.Paths, Tags = [.. request.Tags.Concat(plan.Tags).Distinct(StringComparer.Ordinal)] };
        return await StreamBackup.RunAsync(repository, shell, plan.Files, named, activity, cancellationToken);
    }

    private BackupRequest CreateRequest(IReadOnlyList<string> tags) => new()
    {
        Paths = [.. set.Path.Select(TrimSlash).Distinct(StringComparer.Ordinal)],
        Selection = new SelectionRules
        {
            Excludes = set.Exclude,
            InsensitiveExcludes = set.ExcludeIgnoreCase,
            ExcludeFiles = set.ExcludeFile,
            ExcludeIfPresent = set.ExcludeIfPresent,
            ExcludeCaches = set.ExcludeCaches,
            ExcludeLargerThan = set.ExcludeLargerThan,
            OneFileSystem = set.OneFileSystem,
        },
        HostName = set.HostName ?? "",
        UserName = "",
        Tags = [.. new SetSeries(set, server).Tags.Concat(set.Tag).Concat(tags).Distinct(StringComparer.Ordinal)],
        Writing = new BlobWriterOptions { Compression = set.Compression },
        RetryLock = set.RetryLock,
    };

    private static string TrimSlash(string path) => path.Length > 1 ? path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/" : path;
}
