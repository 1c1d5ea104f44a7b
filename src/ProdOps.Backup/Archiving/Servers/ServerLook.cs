using System.Text;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>Looks at items of a server once more.</summary>
internal static class ServerLook
{
    /// <summary>What the items are now; those that are gone are not in the answer.</summary>
    public static async Task<Dictionary<ServerItem, FileStat>> RunAsync(
        IServerShell shell, ServerFacts facts, IEnumerable<ServerItem> items, bool asRoot, CancellationToken cancellationToken)
    {
        // A file that is renamed while its folder is listed may be listed twice.
        var byPath = items.ToLookup(item => FileNames.Decode(item.Path), StringComparer.Ordinal);
        string mark = Guid.NewGuid().ToString("n");
        var options = new CommandRunOptions { Input = ServerScripts.Names(byPath.Select(same => same.First().Path)), MaximumOutput = 256 * 1024 * 1024 };
        var output = await shell.RunAsync(new ServerCommand(ServerScripts.Look(facts, mark)) { AsRoot = asRoot, Idempotent = true }, options, cancellationToken);
        using var stream = new MemoryStream(output.StandardOutput.ToArray());
        var reader = new ListReader(stream, new ListParser(shell.Name, facts.HasFind ? null : Encoding.ASCII.GetBytes(mark)), shell.Name);
        var found = new Dictionary<ServerItem, FileStat>();
        while (await reader.ReadAsync(cancellationToken) is { Kind: not 'Z' } record)
        {
            // A point before the path from the root, as it was asked for.
            string path = FileNames.Decode(record.Name.Span);
            if (!path.StartsWith('.')) continue;
            foreach (var item in byPath[path[1..]]) found[item] = record.Stat;
        }
        return found;
    }
}
