using System.Globalization;
using ProdOps.Backup.Repositories;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Archiving.Streams;

/// <summary>Backs up what commands print: all of it, or no snapshot is written.</summary>
internal static class StreamBackup
{
    /// <summary>How long stored packs may wait for their index: what a killed client loses of what has come over the network.</summary>
    private static readonly TimeSpan IndexInterval = TimeSpan.FromMinutes(1);

    /// <summary>Runs the commands and stores their output as files of one snapshot.</summary>
    /// <param name="repository">The repository; no other run may use the same object meanwhile.</param>
    /// <param name="shell">Where the commands run.</param>
    /// <param name="files">The files.</param>
    /// <param name="request">Its paths are those that the snapshot is to name; without names of a host and a user, they are the server's own.</param>
    /// <param name="activity">What happens.</param>
    /// <param name="cancellationToken">Stops; then no snapshot is written.</param>
    public static async Task<BackupSnapshot> RunAsync(
        Repository repository, IServerShell shell, IReadOnlyList<StreamFile> files, BackupRequest request, IActivity activity, CancellationToken cancellationToken)
    {
        Check(files);
        var (host, user, observer) = await AskWhoAsync(shell, cancellationToken);
        request = request with
        {
            HostName = request.HostName.Length > 0 ? request.HostName : host,
            UserName = request.UserName.Length > 0 ? request.UserName : user,
            Observer = observer,
            Writing = request.Writing with { IndexFlushInterval = IndexInterval },
        };
        var source = new StreamSource(shell, files, request.Time ?? repository.TimeProvider.GetLocalNow());
        return await BackupRun.RunAsync(repository, request, source, missing: 0, activity, cancellationToken);
    }

    /// <summary>Each file has a place of its own.</summary>
    private static void Check(IReadOnlyList<StreamFile> files)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!file.Path.StartsWith('/') || file.Path.Contains('\0') || file.Path[1..].Split('/').Any(part => part is "" or "." or ".."))
                throw BackupErrors.StreamPathUnusable(file.Path);
            if (!seen.Add(file.Path)) throw BackupErrors.StreamPathTwice(file.Path);
        }
        foreach (string path in seen)
            for (int slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
                if (seen.Contains(path[..slash])) throw BackupErrors.StreamPathTwice(path[..slash]);
    }

    private static async Task<(string Host, string User, BackupObserver Observer)> AskWhoAsync(IServerShell shell, CancellationToken cancellationToken)
    {
        var output = (await shell.RunAsync(new ServerCommand("uname -n; id -un; id -u; id -g") { Idempotent = true }, cancellationToken)).EnsureSuccess();
        if (output.Lines is not [var host, var user, var userId, var groupId, ..]
            || !uint.TryParse(userId, NumberStyles.None, CultureInfo.InvariantCulture, out uint uid)
            || !uint.TryParse(groupId, NumberStyles.None, CultureInfo.InvariantCulture, out uint gid)) throw BackupErrors.ServerUnknown(shell.Name);
        return (host, user, new BackupObserver(host, uid, gid));
    }
}
