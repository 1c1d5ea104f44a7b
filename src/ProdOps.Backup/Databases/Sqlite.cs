using ProdOps.Backup.Archiving.Streams;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Databases;

/// <summary>
/// SQLite files by sqlite3's <c>.backup</c>, which is consistent while others write. The copy is a temporary file of the server; its name is
/// removed before its first byte is sent, so that nothing is left even if the server loses its power.
/// </summary>
internal static class Sqlite
{
    public const string Name = "SQLite";
    public const string Folder = "/sqlite";
    public const string Tag = "sqlite";

    /// <summary>The file's size comes first, so that a plan can tell it.</summary>
    public static async Task<IReadOnlyList<StreamFile>> PlanAsync(IServerShell shell, IReadOnlyList<string> paths, bool asRoot, CancellationToken cancellationToken)
    {
        var files = new List<StreamFile>();
        foreach (string path in paths)
        {
            if (!IsPlain(path)) throw BackupErrors.SqlitePathNotAbsolute(path);
            string word = ShellQuote.Word(path);
            var command = new ServerCommand($"[ -f {word} ] || {{ echo {word}: no such file >&2; exit 1; }}; printf '%s - x\\0' \"$(wc -c < {word} | tr -d ' ')\"") { AsRoot = asRoot, PosixLocale = true };
            var output = await DatabaseList.AskAsync(shell, $"{Name} file '{path}'", command, new DatabaseAccess(), cancellationToken);
            var size = DatabaseList.Parse(output.StandardOutput.Span) is [var entry] ? entry.Size : throw BackupErrors.DatabaseListNotUnderstood(shell.Name, Name);
            files.Add(new StreamFile(Folder + path, new ServerCommand(Script(word)) { AsRoot = asRoot, PosixLocale = true }, $"{Name} file '{path}'") { ExpectedSize = size });
        }
        return files;
    }

    // sqlite3 would make a file that is not there. A busy database is waited for: .backup begins anew when somebody else writes.
    private static string Script(string path) =>
        $$"""
        [ -f {{path}} ] || { echo {{path}}: no such file >&2; exit 1; }
        umask 077
        t=$(mktemp -d "${TMPDIR:-/var/tmp}/prodops-sqlite-XXXXXX") || exit
        trap 'rm -rf "$t"' EXIT
        trap 'exit 129' HUP INT TERM PIPE
        sqlite3 -batch -bail {{path}} '.timeout 60000' ".backup '$t/copy'" </dev/null >&2 || exit
        [ -s "$t/copy" ] || { echo {{path}}: sqlite3 made no copy >&2; exit 1; }
        exec 3<"$t/copy"
        rm -rf "$t"
        trap - EXIT
        exec cat <&3
        """;

    /// <summary>Whether it is a full path without detours.</summary>
    public static bool IsPlain(string path) => path.StartsWith('/') && !path.EndsWith('/') && !path.Contains('\0') && path[1..].Split('/').All(part => part is not ("" or "." or ".."));
}
