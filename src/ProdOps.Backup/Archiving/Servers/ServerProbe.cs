using System.Text;
using ProdOps.Backup.Selection;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>What a server says before a backup begins: who it is, and what stands at the paths and above them.</summary>
internal sealed class ServerProbe : ISelectionFacts
{
    private readonly Dictionary<string, FileStat> _stats = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tagged = new(StringComparer.Ordinal);

    private ServerProbe(ServerFacts facts) => Facts = facts;

    public ServerFacts Facts { get; }

    /// <summary>The paths that exist.</summary>
    public List<byte[]> Targets { get; } = [];

    /// <summary>Paths that do not exist, or where this user may not look, with the system's word for it.</summary>
    public List<(byte[] Path, string ErrorName)> Missing { get; } = [];

    public static async Task<ServerProbe> RunAsync(IServerShell shell, IReadOnlyList<byte[]> paths, bool asRoot, IActivity activity, CancellationToken cancellationToken)
    {
        string mark = Guid.NewGuid().ToString("n");
        var asked = AboveOf(paths).Select(path => ('A', FileNames.Decode(path))).Concat(paths.Select(path => ('P', FileNames.Decode(path)))).ToList();
        activity.Verbose($"{shell.Name}: asking for its tools and for {string.Join(", ", paths.Select(path => $"'{FileNames.Decode(path)}'"))}.");
        var command = new ServerCommand(ServerScripts.Probe(asked, mark)) { AsRoot = asRoot, Idempotent = true };
        var output = await shell.RunAsync(command, cancellationToken);
        if (output.StandardOutput.IsEmpty) output.EnsureSuccess();
        using var stream = new MemoryStream(output.StandardOutput.ToArray());
        var head = new ListReader(stream, new ListParser(shell.Name, null), shell.Name);
        var (facts, users, groups) = await head.ReadHeadAsync(cancellationToken);
        var probe = new ServerProbe(ServerFacts.Parse(facts, users, groups, shell.Name));
        int length = facts.Length + 1 + users.Length + 1 + groups.Length + 1;
        using var records = new MemoryStream(output.StandardOutput[length..].ToArray());
        await probe.ReadAsync(new ListReader(records, new ListParser(shell.Name, probe.Facts.HasFind ? null : Encoding.ASCII.GetBytes(mark)), shell.Name), cancellationToken);
        return probe;
    }

    /// <summary>What a folder above the targets, or a target, is; <see langword="null"/> if the server did not say.</summary>
    public FileStat? Find(ReadOnlySpan<byte> path) => _stats.TryGetValue(FileNames.Decode(path), out var stat) ? stat : null;

    /// <summary>A folder was found to hold a tag.</summary>
    public void AddTag(ReadOnlySpan<byte> path)
    {
        int slash = path.LastIndexOf((byte)'/');
        if (slash >= 0) _tagged.Add($"{FileNames.Decode(path[..Math.Max(1, slash)])}\0{FileNames.Decode(path[(slash + 1)..])}");
    }

    /// <summary>The device of the folder that is being listed, for entries in it.</summary>
    public (byte[] Path, ulong Device) Folder { get; set; } = ([], 0);

    public ulong GetDevice(ReadOnlySpan<byte> path)
    {
        if (path.SequenceEqual(Folder.Path)) return Folder.Device;
        return Find(path)?.Device ?? throw new FileSystemException("lstat", FileNames.Decode(path), "ENOENT", "no such file or folder");
    }

    public bool HasTag(ReadOnlySpan<byte> folder, FolderTag tag, Action<string> warn) => _tagged.Contains($"{FileNames.Decode(folder)}\0{FileNames.Decode(tag.Name)}");

    private async Task ReadAsync(ListReader reader, CancellationToken cancellationToken)
    {
        var announced = default(ListRecord);
        byte[] path = [];
        while (true)
        {
            var record = await reader.ReadAsync(cancellationToken);
            switch (record.Kind)
            {
                case 'Z':
                    return;
                case 'A' or 'P':
                    announced = record;
                    path = record.Name.ToArray();
                    break;
                case 'V' or 'D':
                    Missing.Add((path, record.Kind == 'V' ? "ENOENT" : "EACCES"));
                    break;
                case 'I' when path.Length > 0:
                    if (_stats.TryAdd(FileNames.Decode(path), record.Stat) && announced.Kind == 'P') Targets.Add(path);
                    break;
            }
        }
    }

    private static IEnumerable<byte[]> AboveOf(IEnumerable<byte[]> paths)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (byte[] path in paths)
        {
            for (int slash = path.AsSpan(1).IndexOf((byte)'/') + 1; slash > 0;)
            {
                if (seen.Add(FileNames.Decode(path.AsSpan(0, slash)))) yield return path[..slash];
                int next = path.AsSpan(slash + 1).IndexOf((byte)'/');
                slash = next < 0 ? 0 : slash + 1 + next;
            }
        }
        if (seen.Add("/")) yield return "/"u8.ToArray();
    }
}
