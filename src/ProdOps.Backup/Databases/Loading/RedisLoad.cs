using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases.Loading;

/// <summary>
/// Puts the file in its place that Redis reads when it starts. A running Redis writes its own over it when it ends, so it must be stopped;
/// with an append-only log Redis does not read the file at all.
/// </summary>
internal sealed class RedisLoad(IServerShell shell, DatabaseDump dump, DatabaseLoadOptions options, IActivity activity, TimeProvider time)
    : FileLoad(shell, dump, options, activity, time)
{
    /// <summary>Where Redis' packages have it.</summary>
    public const string DefaultFile = "/var/lib/redis/dump.rdb";

    public override string Database => Options.Name ?? DefaultFile;

    protected override string Refuse =>
        """
        d=${f%/*}; [ -d "$d/" ] || { echo "there is no folder $d" >&2; exit 1; }
        for log in "$d/appendonlydir" "$d/appendonly.aof"; do
          if [ -d "$log" ] && [ -n "$(ls -A "$log")" ] || [ -s "$log" ]; then echo "Redis would read $log instead: move it away, and set appendonly no until Redis has started" >&2; exit 1; fi
        done
        """;

    protected override string Check =>
        """
        if command -v redis-check-rdb >/dev/null; then r=$(redis-check-rdb "$t" 2>&1) || { echo "the dump is damaged: $(printf '%s' "$r" | tail -n 3 | tr '\n' ' ')" >&2; exit 1; }; fi
        """;

    // Redis runs as a user of its own, to whom the folder belongs.
    protected override string LikeFolder => "elif [ \"$(id -u)\" = 0 ]; then set -- $(like \"$d\") && chown \"$2\" \"$t\" || exit";

    protected override async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        bool exists = await base.ExistsAsync(cancellationToken);
        // One that keeps its file elsewhere does not touch this one.
        if (await WhereItRunsAsync(cancellationToken) is { } place && (place.Length == 0 || place == Database)) throw BackupErrors.RedisRuns(Shell.Name, place, Database);
        return exists;
    }

    /// <summary>Where the Redis that answers keeps its file; empty if it answers and does not tell; <see langword="null"/> if none answers.</summary>
    private async Task<string?> WhereItRunsAsync(CancellationToken cancellationToken)
    {
        const string script = """
            command -v redis-cli >/dev/null || exit 3
            case $(redis-cli "$@" PING 2>&1) in *'Could not connect'*) exit 3;; esac
            d=$(redis-cli "$@" CONFIG GET dir 2>/dev/null | sed -n 2p); n=$(redis-cli "$@" CONFIG GET dbfilename 2>/dev/null | sed -n 2p)
            [ -n "$d" ] && [ -n "$n" ] && printf '%s/%s\n' "$d" "$n"
            exit 0
            """;
        byte[] password = await PasswordInput.ReadLineAsync(Options.Access.Password, cancellationToken);
        try
        {
            var output = await Shell.RunAsync(Redis.Run(script, Options.Access, Options.AsRoot), new CommandRunOptions { Input = password }, cancellationToken);
            return output.Exit.Succeeded ? output.Text.Trim() : null;
        }
        finally
        {
            Array.Clear(password);
        }
    }
}
