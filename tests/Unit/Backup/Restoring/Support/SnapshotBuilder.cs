using System.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Restoring;

/// <summary>A repository in memory with one snapshot, made node by node, so that it may hold what no backup would.</summary>
internal sealed class SnapshotBuilder : IDisposable
{
    public static readonly UnixTime Time = new(1_700_000_000, 123_456_789);

    private readonly ScratchFolder _scratch = new();
    private readonly Folder _root = new();
    private readonly List<byte[]> _contents = [];

    public MemoryStorage Storage { get; } = new();

    public RecordingActivity Activity { get; } = new();

    public string Destination => _scratch["destination"];

    public string Outside => _scratch["outside"];

    /// <summary>Called before each read of a pack.</summary>
    public Action<FileHandle> BeforeRead { get; set; } = _ => { };

    public string this[string path] => Destination + path;

    public Node AddFile(string path, params byte[][] parts)
    {
        _contents.AddRange(parts);
        return Add(path, FileType.File, 0x1A4, node =>
        {
            node.Content = [.. parts.Select(part => ObjectId.Of(part))];
            node.Size = (ulong)parts.Sum(part => part.Length);
            node.Links = 1;
        });
    }

    public Node AddFile(string path, string content) => AddFile(path, Encoding.UTF8.GetBytes(content));

    public Node AddLink(string path, string target) => Add(path, FileType.SymbolicLink, 0x1FF, node => node.LinkTarget = FileNames.Encode(target));

    public Node AddFolder(string path) => FolderAt(path).Node;

    /// <summary>Puts a text in place of a folder's tree.</summary>
    public void AddTreeText(string path, string text) => FolderAt(path).Text = text;

    public async Task<(Repository Repository, SnapshotFile Snapshot)> BuildAsync(params string[] paths)
    {
        var created = await TestRepository.CreateAsync(Storage);
        await TestRepository.WriteAsync(created, BlobType.Data, _contents);
        var tree = await WriteAsync(created, _root);
        var id = await created.WriteSnapshotAsync(
            new SnapshotFile { Time = Rfc3339Time.Now(TimeProvider.System), Tree = tree, Paths = paths.Length == 0 ? ["/"] : paths, HostName = "web1" }, default);
        var repository = await TestRepository.OpenAsync(new WatchedStorage(Storage, file => BeforeRead(file)));
        return (repository, await repository.ReadSnapshotAsync(id, default));
    }

    /// <summary>Builds, and restores to <see cref="Destination"/>.</summary>
    public async Task<RestorePlan> RestoreAsync(Func<RestoreRequest, RestoreRequest>? change = null, CancellationToken cancellationToken = default)
    {
        var (repository, snapshot) = await BuildAsync();
        await using (repository) return await RestoreAsync(repository, snapshot, change, cancellationToken);
    }

    public Task<RestorePlan> RestoreAsync(
        Repository repository, SnapshotFile snapshot, Func<RestoreRequest, RestoreRequest>? change = null, CancellationToken cancellationToken = default)
    {
        var request = new RestoreRequest { Destination = Destination };
        return Restorer.RunAsync(repository, snapshot, change?.Invoke(request) ?? request, Activity, TimeProvider.System, cancellationToken);
    }

    /// <summary>Writes a file at the destination, with the snapshot's time or another.</summary>
    public string WriteExisting(string path, string content, long seconds = 1_700_000_000)
    {
        string full = this[path];
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        Shell.Run("/", $"touch -d '@{seconds}.123456789' '{full}'");
        return full;
    }

    public ulong InodeOf(string path) => SourceFileSystem.Local.GetStat(FileNames.Encode(this[path])).Inode;

    public UnixTime ChangeTimeOf(string path) => SourceFileSystem.Local.GetStat(FileNames.Encode(this[path])).ChangeTime;

    public void Dispose() => _scratch.Dispose();

    private Node Add(string path, FileType type, uint permissions, Action<Node> fill)
    {
        int slash = path.LastIndexOf('/');
        var node = new Node
        {
            Name = FileNames.Encode(path.AsSpan(slash + 1)),
            Type = type,
            Mode = GoFileMode.From(type, permissions),
            ModifiedTime = Time,
            AccessTime = Time,
            ChangeTime = Time,
            UserId = LocalHost.UserId,
            GroupId = LocalHost.GroupId,
        };
        fill(node);
        FolderAt(path[..slash]).Nodes.Add(node);
        return node;
    }

    private Folder FolderAt(string path)
    {
        var folder = _root;
        string full = "";
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string above = full;
            full += "/" + part;
            if (!folder.Folders.TryGetValue(part, out var below))
            {
                folder.Folders.Add(part, below = new Folder());
                var parent = folder;
                below.Node = new Node
                {
                    Name = FileNames.Encode(part),
                    Type = FileType.Directory,
                    Mode = GoFileMode.From(FileType.Directory, 0x1ED),
                    ModifiedTime = Time,
                    AccessTime = Time,
                    UserId = LocalHost.UserId,
                    GroupId = LocalHost.GroupId,
                };
                parent.Nodes.Add(below.Node);
            }
            folder = below;
        }
        return folder;
    }

    private static async Task<ObjectId> WriteAsync(Repository repository, Folder folder)
    {
        foreach (var below in folder.Folders.Values) below.Node.Subtree = await WriteAsync(repository, below);
        byte[] text = folder.Text is null ? TextOf(folder) : Encoding.UTF8.GetBytes(folder.Text);
        return (await TestRepository.WriteAsync(repository, BlobType.Tree, [text]))[0].Id;
    }

    private static byte[] TextOf(Folder folder)
    {
        var writer = new TreeWriter();
        writer.Begin();
        foreach (var node in folder.Nodes.OrderBy(node => Convert.ToHexString(node.Name), StringComparer.Ordinal)) writer.Add(node);
        return writer.Finish().ToArray();
    }

    private sealed class Folder
    {
        public Node Node = new();
        public string? Text;
        public Dictionary<string, Folder> Folders { get; } = [];
        public List<Node> Nodes { get; } = [];
    }
}

/// <summary>A storage whose reads of packs a test watches.</summary>
internal sealed class WatchedStorage(IStorage storage, Action<FileHandle> beforeRead) : DelegatingStorage(storage)
{
    public override ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        beforeRead(file);
        return base.ReadAsync(file, offset, buffer, cancellationToken);
    }
}
