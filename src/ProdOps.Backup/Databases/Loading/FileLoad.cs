using System.Globalization;
using ProdOps.Backup.Browsing;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Databases.Loading;

/// <summary>
/// A database that is a file: written beside its place, looked at by the database's own program, given the owner and the permissions of what
/// it replaces, and renamed.
/// </summary>
internal abstract class FileLoad(IServerShell shell, DatabaseDump dump, DatabaseLoadOptions options, IActivity activity, TimeProvider time)
    : DatabaseLoad(shell, dump, options, activity, time)
{
    public override async Task RunAsync(SnapshotBrowser snapshot, CancellationToken cancellationToken)
    {
        await using var stream = await snapshot.OpenContentAsync(Dump.Path, cancellationToken);
        string script =
            $$"""
            {{Target}}
            umask 077
            t=$(mktemp "$f.prodops-XXXXXX") || exit
            trap 'rm -f "$t" "$t-journal" "$t-wal" "$t-shm"' EXIT
            trap 'exit 129' HUP INT TERM
            cat >"$t" || exit
            [ "$(wc -c <"$t" | tr -d ' ')" = {{stream.Length.ToString(CultureInfo.InvariantCulture)}} ] || { echo "the dump did not come whole" >&2; exit 1; }
            {{Check}}
            like() { stat -c '%a %u:%g' "$1" 2>/dev/null || stat -f '%Lp %u:%g' "$1"; }
            if [ -e "$f" ]; then set -- $(like "$f") && chmod "$1" "$t" && chown "$2" "$t" || exit
            {{LikeFolder}}
            fi
            sync "$t" 2>/dev/null || sync
            mv -f "$t" "$f"
            """;
        string left = Replaces ? $"'{Database}' is as it was." : $"No file '{Database}' was made.";
        await SendAsync(new ServerCommand(Skip(script)) { AsRoot = Options.AsRoot, PosixLocale = true }, stream, left, cancellationToken);
    }

    /// <summary>Shell text that names the file <c>$f</c>: where a link points to, so that the file is replaced and not the link; never a folder, which would take the file in.</summary>
    private string Target =>
        $$"""
        f={{ShellQuote.Word(Database)}}
        if [ -L "$f" ]; then f=$(readlink -f "$f") && [ -n "$f" ] || { echo "the link points nowhere" >&2; exit 1; }; fi
        if [ -d "$f" ]; then echo "$f is a folder" >&2; exit 1; fi
        {{Refuse}}
        """;

    /// <summary>Shell text that ends with a reason if the file <c>$f</c> must not be put in its place now.</summary>
    protected abstract string Refuse { get; }

    /// <summary>Shell text that ends with a reason if the file <c>$t</c> is no sound database.</summary>
    protected abstract string Check { get; }

    /// <summary>The branch of an <c>if</c> that gives a new file its owner.</summary>
    protected virtual string LikeFolder => "";

    protected override async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        if (!Sqlite.IsPlain(Database)) throw BackupErrors.DatabaseFileNotAbsolute(Database);
        var command = new ServerCommand(Skip($"{Target}\nif [ -e \"$f\" ]; then echo yes; else echo no; fi")) { AsRoot = Options.AsRoot, PosixLocale = true, Idempotent = true };
        return (await RunCommandAsync(command, "Nothing was changed.", cancellationToken)).Text.Trim() == "yes";
    }

    // The command gets a line for the password if there is one, and has no use for it.
    private string Skip(string script) => Options.Access.Password is null ? script : $"read -r _\n{script}";
}

/// <summary>An SQLite file.</summary>
internal sealed class SqliteLoad(IServerShell shell, DatabaseDump dump, DatabaseLoadOptions options, IActivity activity, TimeProvider time)
    : FileLoad(shell, dump, options, activity, time)
{
    // A log of the old file would be applied to the new one, and spoil it.
    protected override string Refuse =>
        """
        d=${f%/*}; [ -d "$d/" ] || { echo "there is no folder $d" >&2; exit 1; }
        if [ -e "$f-wal" ] || [ -s "$f-journal" ]; then echo "a program has $f open, or has not closed it: stop it first ($f-wal or $f-journal is there)" >&2; exit 1; fi
        """;

    protected override string Check =>
        """
        command -v sqlite3 >/dev/null || { echo "sqlite3 is not installed" >&2; exit 127; }
        r=$(sqlite3 -batch -bail "$t" 'PRAGMA integrity_check' </dev/null) || exit
        [ "$r" = ok ] || { echo "the dump is damaged: $r" >&2; exit 1; }
        """;
}
