using System.Globalization;
using ProdOps.Backup.Archiving.Streams;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases;

/// <summary>Redis by <c>redis-cli --rdb</c>: the server writes a snapshot of its memory, as for a replica, and sends it; no file of its own is needed.</summary>
internal static class Redis
{
    public const string Name = "Redis";
    public const string Path = "/redis/dump.rdb";
    public const string Tag = "redis";

    public static async Task<IReadOnlyList<StreamFile>> PlanAsync(IServerShell shell, DatabaseAccess access, bool asRoot, CancellationToken cancellationToken)
    {
        // redis-cli ends with 0 when the server says no; what it says tells.
        const string script = "r=$(redis-cli \"$@\" INFO memory 2>&1) || { printf '%s\\n' \"$r\" >&2; exit 1; }\n"
            + "case $r in *used_memory:*) ;; *) printf '%s\\n' \"$r\" >&2; exit 1;; esac\n"
            + "printf '%s - x\\0' \"$(printf '%s' \"$r\" | tr -d '\\r' | sed -n 's/^used_memory_dataset://p')\"";
        var output = await DatabaseList.AskAsync(shell, Name, Run(script, access, asRoot), access, cancellationToken);
        var size = DatabaseList.Parse(output.StandardOutput.Span) is [var entry] ? entry.Size : throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
        return [new StreamFile(Path, Run("exec redis-cli \"$@\" --rdb -", access, asRoot), $"the data of {Name}") { Password = access.Password, ExpectedSize = size }];
    }

    /// <summary>Runs a script that calls <c>redis-cli</c> with the words <c>"$@"</c>.</summary>
    public static ServerCommand Run(string script, DatabaseAccess access, bool asRoot)
    {
        var words = new List<string> { "--no-auth-warning" };
        if (access.Host is { } host) words.AddRange(access.IsSocket ? ["-s", host] : ["-h", host]);
        if (access.Port > 0) words.AddRange(["-p", access.Port.ToString(CultureInfo.InvariantCulture)]);
        if (access.User is { } user) words.AddRange(["--user", user]);
        return ClientScript.Command($"set -- {ShellQuote.Words(words)}\n{script}", "REDISCLI_AUTH", access, asRoot);
    }
}
