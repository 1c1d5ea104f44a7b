using System.Globalization;
using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;
using ProdOps.Servers.Inventory;

namespace ProdOps.Backup.Databases;

/// <summary>A database that a server has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">About how many bytes it has.</param>
/// <param name="Settings">What else its kind tells of it.</param>
internal sealed record DatabaseEntry(string Name, long? Size, string Settings = "");

/// <summary>Asks for databases, reads the answers, and picks those that are wanted.</summary>
internal static class DatabaseList
{
    /// <summary>Runs a query by a client and returns its output.</summary>
    public static async Task<CommandOutput> AskAsync(IServerShell shell, string what, ServerCommand command, DatabaseAccess access, CancellationToken cancellationToken)
    {
        byte[] input = await PasswordInput.ReadLineAsync(access.Password, cancellationToken);
        try
        {
            var output = await shell.RunAsync(command with { Idempotent = true }, new CommandRunOptions { Input = input }, cancellationToken);
            return output.Exit.Succeeded ? output
                : throw BackupErrors.DatabaseQueryFailed(shell.Name, what, output.Exit, [.. output.ErrorLines.Where(line => line.Length > 0)]);
        }
        finally
        {
            Array.Clear(input);
        }
    }

    /// <summary>Reads records that end with NUL: a size (or nothing), a space, settings, a space, and the name.</summary>
    /// <returns>The entries, or <see langword="null"/> for anything else.</returns>
    public static IReadOnlyList<DatabaseEntry>? Parse(ReadOnlySpan<byte> output)
    {
        var entries = new List<DatabaseEntry>();
        while (!output.IsEmpty)
        {
            int end = output.IndexOf((byte)0);
            if (end < 0) return output.Trim("\n"u8).IsEmpty ? entries : null;
            string record = Encoding.UTF8.GetString(output[..end]).TrimStart('\n');
            output = output[(end + 1)..];
            int first = record.IndexOf(' '), second = first < 0 ? -1 : record.IndexOf(' ', first + 1);
            if (second < 0 || second + 1 == record.Length) return null;
            if (first > 0 && !long.TryParse(record.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out _)) return null;
            long? size = first == 0 ? null : long.Parse(record.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture);
            entries.Add(new DatabaseEntry(record[(second + 1)..], size, record[(first + 1)..second]));
        }
        return entries;
    }

    /// <summary>The databases that are wanted by name or wildcard, each once, in the order of their names.</summary>
    /// <exception cref="ProdOpsException">A name is none of them.</exception>
    public static IReadOnlyList<DatabaseEntry> Pick(IReadOnlyList<DatabaseEntry> known, IReadOnlyList<string> wanted, string server, string what)
    {
        var picked = new SortedDictionary<string, DatabaseEntry>(StringComparer.Ordinal);
        foreach (string name in wanted)
        {
            var exact = known.Where(entry => entry.Name == name).ToList();
            var found = exact.Count > 0 || !NamePattern.HasWildcards(name) ? exact : known.Where(entry => NamePattern.IsMatch(name, entry.Name)).ToList();
            if (found.Count == 0) throw BackupErrors.DatabaseNotFound(server, what, name, [.. known.Select(entry => entry.Name)]);
            foreach (var entry in found) picked.TryAdd(entry.Name, entry);
        }
        return [.. picked.Values];
    }
}
