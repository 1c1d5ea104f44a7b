using System.Runtime.CompilerServices;
using ProdOps.Backup.Archiving.Servers;
using ProdOps.Backup.Databases;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Sets;

/// <summary>Checks backup sets against what they name: repositories that open, paths that are there, databases that answer. Nothing is changed.</summary>
internal sealed class SetChecks(ISetAccess access, IActivity activity)
{
    /// <summary>Opens a repository.</summary>
    public async Task<EnvironmentCheck> CheckRepositoryAsync(EnvironmentRepository repository, CancellationToken cancellationToken)
    {
        try
        {
            var opened = await access.OpenRepositoryAsync(repository.Name, cancellationToken);
            var snapshots = await opened.ListSnapshotsAsync(activity, cancellationToken);
            return Result("Repository", null, $"Repositories.{repository.Name}", $"The repository '{repository.Name}' can be opened; it has {snapshots.Count} snapshots.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failed("Repository", null, $"Repositories.{repository.Name}", $"The repository '{repository.Name}' cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Whether copies of a set can share pieces with what is stored where they are copied to.</summary>
    public async IAsyncEnumerable<EnvironmentCheck> CheckCopiesAsync(BackupSet set, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string name in set.CopyTo)
        {
            bool isDifferent;
            try
            {
                isDifferent = (await access.OpenRepositoryAsync(set.Repository, cancellationToken)).Config.Polynomial != (await access.OpenRepositoryAsync(name, cancellationToken)).Config.Polynomial;
            }
            catch (ProdOpsException)
            {
                // What cannot be opened was told about.
                continue;
            }

            if (!isDifferent) continue;
            yield return Result("Backup", null, $"Backups.{set.Name}.CopyTo", $"'{name}' cuts files at other places than '{set.Repository}': copies share nothing with backups that are made there directly.") with
            {
                Status = EnvironmentCheckStatus.Warning,
                ErrorId = "BackupCopySharesNothing",
                Recommendation = "If both are to hold the same files, make one of them anew: Initialize-BackupRepository -CopyChunkerParametersFrom.",
            };
        }
    }

    /// <summary>Looks on a server for what a set backs up.</summary>
    public async IAsyncEnumerable<EnvironmentCheck> CheckAsync(BackupSet set, Server server, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string key = $"Backups.{set.Name}";
        EnvironmentCheck[] results;
        try
        {
            results = set.IsStream ? [await CheckStreamAsync(set, server, key, cancellationToken)]
                : server.IsLocal && !set.AsRoot ? [.. set.Path.Select(path => CheckLocal(set, server, key, path))]
                : [.. await CheckFilesAsync(set, server, key, cancellationToken)];
        }
        catch (ProdOpsException error)
        {
            // A command of the set may be what makes its source ready.
            results = [set.Before is null ? Failed("Backup", server, key, $"'{set.Name}' cannot be backed up: {error.Message}", error)
                : Failed("Backup", server, key, $"'{set.Name}' cannot be backed up before its command Before has run: {error.Message}", error) with { Status = EnvironmentCheckStatus.Warning }];
        }

        foreach (var result in results) yield return result;
    }

    private async Task<EnvironmentCheck> CheckStreamAsync(BackupSet set, Server server, string key, CancellationToken cancellationToken)
    {
        var shell = await access.OpenShellAsync(server, cancellationToken);
        var request = new SetBackup(set, server, access, activity).CreateStreamRequest();
        var plan = await StreamPlan.CreateAsync(request, shell, activity, cancellationToken);
        string[] tools = [.. ToolsOf(set)];
        var output = await shell.RunAsync(new ServerCommand($"for t in {ShellQuote.Words(tools)}; do command -v \"$t\" >/dev/null || echo \"$t\"; done; :") { Idempotent = true }, cancellationToken);
        string[] missing = [.. output.Lines.Where(tools.Contains)];
        if (missing.Length > 0) return Failed("Backup", server, key, $"'{set.Name}' cannot be backed up: {string.Join(", ", missing)} is not installed.", BackupErrors.BackupToolMissing(server.Name, missing));
        return Result("Backup", server, key, $"'{set.Name}' can be backed up: {string.Join(", ", plan.Files)}.");
    }

    /// <summary>What dumps, beside what lists: PostgreSQL's server package may be there without its newer client.</summary>
    private static IEnumerable<string> ToolsOf(BackupSet set)
    {
        if (set.PostgreSql.Count > 0) foreach (string tool in new[] { "psql", "pg_dump", "pg_dumpall" }) yield return tool;
        if (set.Sqlite.Count > 0) yield return "sqlite3";
        if (set.Redis) yield return "redis-cli";
    }

    private async Task<IEnumerable<EnvironmentCheck>> CheckFilesAsync(BackupSet set, Server server, string key, CancellationToken cancellationToken)
    {
        var shell = await access.OpenShellAsync(server, cancellationToken);
        var probe = await ServerProbe.RunAsync(shell, [.. set.Path.Select(path => FileNames.Encode(path))], set.AsRoot, activity, cancellationToken);
        return set.Path.Select(path => probe.Missing.FirstOrDefault(missing => FileNames.Decode(missing.Path) == path) is { Path: not null } gone
            ? Failed("Backup", server, key, $"'{path}' of '{set.Name}' cannot be backed up: {(gone.ErrorName == "ENOENT" ? "it does not exist" : "the login user may not read it")}.", BackupErrors.NothingToBackUp([path]))
            : Result("Backup", server, key, $"'{path}' of '{set.Name}' can be backed up."));
    }

    private static EnvironmentCheck CheckLocal(BackupSet set, Server server, string key, string path) => Path.Exists(path)
        ? Result("Backup", server, key, $"'{path}' of '{set.Name}' can be backed up.")
        : Failed("Backup", server, key, $"'{path}' of '{set.Name}' cannot be backed up: it does not exist, or may not be looked at.", BackupErrors.NothingToBackUp([path]));

    private static EnvironmentCheck Result(string check, Server? server, string key, string message) =>
        new() { Check = check, Status = EnvironmentCheckStatus.Passed, Server = server?.Name, Key = key, Message = message };

    private static EnvironmentCheck Failed(string check, Server? server, string key, string message, Exception reason) => Result(check, server, key, message) with
    {
        Status = EnvironmentCheckStatus.Failed,
        ErrorId = (reason as ProdOpsException)?.ErrorId ?? $"{check}Unusable",
        Recommendation = (reason as ProdOpsException)?.Recommendation,
    };
}
