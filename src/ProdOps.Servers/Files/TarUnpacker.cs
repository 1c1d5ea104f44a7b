using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>
/// Unpacks a server's archive into a folder of this machine. The server is not trusted: an entry that was not asked for, whatever its name, is
/// refused, as is one of another kind than was asked for, and none is reached through a link.
/// </summary>
internal sealed class TarUnpacker(CopyPlan plan, CopiedFolders folders, string origin, string? algorithm, CopyProgress progress)
{
    private readonly Dictionary<string, TreeItem> _wanted = plan.Steps.Where(step => step.IsSent && step.Item.Type != FileType.Directory)
        .ToDictionary(step => step.Item.Path, step => step.Item, StringComparer.Ordinal);

    private readonly MetadataProblems _problems = new(error => throw error);

    /// <summary>Names of files that are in place in the folder, with the size they came in.</summary>
    public Dictionary<string, long> Files { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Checksums { get; } = new(StringComparer.Ordinal);

    /// <summary>Items that came as something else than they were; they are not to be put in place.</summary>
    public Dictionary<string, string> Failed { get; } = new(StringComparer.Ordinal);

    /// <summary>The bytes of content that came.</summary>
    public long Bytes { get; private set; }

    /// <summary>Sets owners as well.</summary>
    public bool PreserveOwner { get; init; }

    public async Task UnpackAsync(TarReader reader, CancellationToken cancellationToken)
    {
        using var hash = new ContentHash(algorithm);
        while (await reader.ReadEntryAsync(cancellationToken).ConfigureAwait(false) is { } entry)
        {
            string path = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            // What was asked for is known to be below the folder; nothing else gets as far as a system call.
            if (!_wanted.Remove(path, out var item)) throw ServersErrors.ArchiveHostile(origin, entry.Name);
            if (entry.IsHardLink) Link(item, entry);
            else if (entry.Type != item.Type) Failed[path] = "it became something else while it was copied";
            else if (entry.Type == FileType.SymbolicLink) MakeSymbolicLink(item, entry);
            else await MakeFileAsync(reader, hash, item, entry, cancellationToken).ConfigureAwait(false);
        }
        foreach (string path in _wanted.Keys) Failed[path] = "the server could not read it";
    }

    private static byte[] NameOf(TreeItem item) => FileNames.Encode(item.Name);

    private void Link(TreeItem item, TarEntry entry)
    {
        string first = entry.LinkName.StartsWith("./", StringComparison.Ordinal) ? entry.LinkName[2..] : entry.LinkName;
        if (item.Type == FileType.SymbolicLink && item.LinkTarget is not null)
        {
            // Some tars store a link's second name as a hard link to it.
            folders[item.Parent].CreateSymbolicLink(NameOf(item), FileNames.Encode(item.LinkTarget));
            return;
        }
        if (!Files.TryGetValue(first, out long size)) throw ServersErrors.ArchiveHostile(origin, $"{entry.Name} -> {entry.LinkName}");
        using var folder = folders.Root.OpenSame(TreeItem.ParentOf(first));
        folders[item.Parent].CreateHardLink(NameOf(item), folder, FileNames.Encode(first.AsSpan(first.LastIndexOf('/') + 1)));
        Files[item.Path] = size;
    }

    private void MakeSymbolicLink(TreeItem item, TarEntry entry)
    {
        var folder = folders[item.Parent];
        folder.CreateSymbolicLink(NameOf(item), FileNames.Encode(entry.LinkName));
        folder.SetMetadata(NameOf(item), MetadataOf(item, entry.Modified), _problems);
    }

    private async Task MakeFileAsync(TarReader reader, ContentHash hash, TreeItem item, TarEntry entry, CancellationToken cancellationToken)
    {
        using var file = folders[item.Parent].CreateFile(NameOf(item));
        // A size is believed only as far as there is room for it.
        if (entry.Size > 1024 * 1024) file.Reserve(entry.Size);
        long offset = 0;
        while (true)
        {
            var piece = await reader.ReadContentAsync(cancellationToken).ConfigureAwait(false);
            if (piece.IsEmpty) break;
            file.Write(offset, piece.Span);
            hash.Append(piece.Span);
            offset += piece.Length;
            progress.Add(piece.Length, item.Path);
        }
        file.SetMetadata(MetadataOf(item, entry.Modified), _problems);
        Files[item.Path] = offset;
        Bytes += offset;
        if (hash.Finish() is { } sum) Checksums[item.Path] = sum;
    }

    /// <summary>The archive has whole seconds, and BusyBox's none before 1970; the listing may have more of the same moment.</summary>
    private TargetMetadata MetadataOf(TreeItem item, UnixTime modified)
    {
        bool isSame = TreeItem.IsSameTime(item.Modified, modified) || (item.Modified.Seconds < 0 && modified.Seconds == 0);
        return CopyMetadata.Of(isSame ? item : item with { Modified = modified }, PreserveOwner);
    }
}

/// <summary>Metadata that a copy sets on this machine.</summary>
internal static class CopyMetadata
{
    public static TargetMetadata Of(TreeItem item, bool preserveOwner) => new()
    {
        Type = item.Type,
        Permissions = item.Permissions,
        Owner = preserveOwner ? (item.UserId, item.GroupId) : null,
        Times = (item.Modified, item.Modified),
    };
}

internal static class TargetFolderExtensions
{
    /// <summary>Opens the folder of a path below this one, or this one once more for the empty path; the caller disposes of it.</summary>
    public static TargetFolder OpenSame(this TargetFolder folder, string path) =>
        path.Length == 0 ? folder.Reopen() : folder.OpenBelow([.. path.Split('/').Select(part => FileNames.Encode(part))]);
}
