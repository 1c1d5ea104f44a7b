using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>An item that the server is asked to send: a file's content, or what only an archive tells of anything else.</summary>
internal sealed class ServerItem(PendingTree tree, int slot, byte[] path, Node node, bool isNew)
{
    private List<ServerItem>? _followers;
    private bool _isDone;

    public PendingTree Tree => tree;

    public int Slot => slot;

    public byte[] Path => path;

    /// <summary>The entry, as the listing has it until the item itself came.</summary>
    public Node Node { get; set; } = node;

    /// <summary>The parent snapshot has no such file.</summary>
    public bool IsNew => isNew;

    public bool IsFile => Node.Type == FileType.File;

    /// <summary>It is stored, or has failed.</summary>
    public bool IsDone
    {
        get
        {
            lock (this) return _isDone;
        }
    }

    /// <summary>The entry once it is stored; <see langword="null"/> before, and if it failed.</summary>
    public Node? Stored { get; private set; }

    /// <summary>Adds a further name of the same file, which takes over what this one brings; false if this one is done already.</summary>
    public bool TryFollow(ServerItem other)
    {
        lock (this)
        {
            if (!_isDone) (_followers ??= []).Add(other);
            return !_isDone;
        }
    }

    /// <summary>The item is stored, or has failed. The answer is who waited for it.</summary>
    public IReadOnlyList<ServerItem> Finish(Node? stored)
    {
        lock (this)
        {
            Stored = stored;
            _isDone = true;
            return _followers ?? [];
        }
    }
}
