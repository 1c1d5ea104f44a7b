using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Lists a tree of this machine.</summary>
internal static class LocalTree
{
    /// <summary>What is at a path. A link that is the path itself is followed, one below it is not.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="report">Told of each item that cannot be looked at.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static FileTree Read(string path, Action<FileSystemException> report, CancellationToken cancellationToken)
    {
        var files = SourceFileSystem.Local;
        byte[] root = FileNames.Encode(path);
        FileStat stat;
        try
        {
            stat = files.GetStat(root, follow: true);
        }
        catch (FileSystemException e) when (e.Kind == ErrorKind.NotFound)
        {
            return FileTree.Nothing;
        }
        var items = new List<TreeItem>();
        bool isPartial = false;
        if (stat.Type == FileType.Directory)
        {
            var folders = new Stack<string>([""]);
            var listing = new DirectoryListing();
            while (folders.TryPop(out string? folder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!TryList(files, root, folder, listing, report)) isPartial = true;
                foreach (var (_, error) in listing.Failures) report(error);
                isPartial |= listing.Failures.Count > 0;
                for (int i = 0; i < listing.Count; i++)
                {
                    string name = FileNames.Decode(listing.NameOf(i));
                    string below = folder.Length == 0 ? name : $"{folder}/{name}";
                    var item = Describe(files, below, listing.StatOf(i), () => files.ReadLink(PathOf(root, below)));
                    items.Add(item);
                    if (item.Type == FileType.Directory) folders.Push(below);
                }
            }
        }
        return new FileTree(Describe(files, "", stat, () => []), items) { IsPartial = isPartial };
    }

    /// <summary>The path of an item below a root, for the system.</summary>
    public static byte[] PathOf(ReadOnlySpan<byte> root, string below) =>
        below.Length == 0 ? root.ToArray() : [.. root, .. root is [.., (byte)'/'] ? ""u8 : "/"u8, .. FileNames.Encode(below)];

    private static bool TryList(SourceFileSystem files, byte[] root, string folder, DirectoryListing listing, Action<FileSystemException> report)
    {
        try
        {
            files.ReadDirectory(PathOf(root, folder), listing);
            return true;
        }
        catch (FileSystemException e)
        {
            listing.Clear();
            report(e);
            return false;
        }
    }

    private static TreeItem Describe(SourceFileSystem files, string path, in FileStat stat, Func<byte[]> readLink) => new()
    {
        Path = path,
        Type = stat.Type,
        Permissions = stat.Permissions,
        Size = stat.Size,
        Modified = stat.ModifiedTime,
        Device = stat.Device,
        Inode = stat.Inode,
        Links = stat.Links,
        UserId = stat.UserId,
        GroupId = stat.GroupId,
        User = files.GetUserName(stat.UserId),
        Group = files.GetGroupName(stat.GroupId),
        LinkTarget = stat.Type == FileType.SymbolicLink ? TryReadLink(readLink) : null,
    };

    private static string? TryReadLink(Func<byte[]> readLink)
    {
        try
        {
            return FileNames.Decode(readLink());
        }
        catch (FileSystemException)
        {
            return null; // It is gone by now, or something else; copying it will say so.
        }
    }
}
