using ProdOps.Backup.Repositories;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>Backs up a server's files over SSH.</summary>
internal static class ServerBackup
{
    /// <summary>How long stored packs may wait for their index: what a killed client loses of what has come over the network.</summary>
    private static readonly TimeSpan IndexInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Backs up what the request names from the server behind a shell. The snapshot is recorded for the server's own name and the user that
    /// logged in, as restic on the server would, unless the request has names.
    /// </summary>
    /// <param name="opening">The repository. It may still be opening: what the server is asked first needs none.</param>
    /// <param name="shell">The server.</param>
    /// <param name="request">What to back up. Paths are absolute.</param>
    /// <param name="asRoot">Whether to read as root, by sudo.</param>
    /// <param name="activity">What happens, and what could not be read.</param>
    /// <param name="cancellationToken">Stops; then no snapshot is written.</param>
    public static async Task<BackupSnapshot> RunAsync(
        Task<Repository> opening, IServerShell shell, BackupRequest request, bool asRoot, IActivity activity, CancellationToken cancellationToken)
    {
        foreach (string path in request.Paths)
            if (!IsPlain(path)) throw BackupErrors.ServerPathNotAbsolute(shell.Name, path);
        var probe = await ServerProbe.RunAsync(shell, [.. request.Paths.Select(path => FileNames.Encode(path))], asRoot, activity, cancellationToken);
        foreach (var (path, errorName) in probe.Missing)
        {
            string why = errorName == "ENOENT" ? "no such file or folder" : "permission denied";
            activity.Error(BackupErrors.SourceUnreadable($"{shell.Name}:{FileNames.Decode(path)}", new FileSystemException("lstat", FileNames.Decode(path), errorName, why)));
        }
        if (probe.Targets.Count == 0) throw BackupErrors.NothingToBackUp([.. request.Paths.Select(path => $"{shell.Name}:{path}")]);
        var facts = probe.Facts;
        request = request with
        {
            HostName = request.HostName.Length > 0 ? request.HostName : facts.HostName,
            UserName = request.UserName.Length > 0 ? request.UserName : facts.UserName,
            Observer = new BackupObserver(request.HostName.Length > 0 ? request.HostName : facts.HostName, facts.UserId, facts.GroupId),
            Writing = request.Writing with { IndexFlushInterval = IndexInterval },
        };
        var source = new ServerSource(shell, probe, request, asRoot, activity);
        // Runs side by side share what is open, and no run's state.
        await using var repository = (await opening).OpenBeside();
        return await BackupRun.RunAsync(repository, request, source, probe.Missing.Count, activity, cancellationToken);
    }

    private static bool IsPlain(string path) => path.StartsWith('/') && !path.Contains('\0') && !Array.Exists(path.Split('/'), part => part is "." or "..");
}
