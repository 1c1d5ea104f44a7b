using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Reads what a comparison needs of a tree: every item, with the checksums of the files.</summary>
internal static class ItemReader
{
    private const int BufferSize = 256 * 1024;

    /// <summary>A server's tree, by one command.</summary>
    /// <exception cref="ProdOpsException">The server cannot be asked, or has no program for SHA-256.</exception>
    public static async Task<ComparedTree> ReadAsync(IServerShell shell, string path, bool asRoot, IActivity activity, CancellationToken cancellationToken)
    {
        var request = new ListRequest(path, ListScope.Everything) { Hash = true, AsRoot = asRoot };
        var listing = await RemoteTree.ReadAsync(shell, request, activity, cancellationToken).ConfigureAwait(false);
        // Sums of different kinds would make every file differ.
        if (HashTool.AlgorithmOf(listing.SumTool) != HashTool.Sha256Algorithm) throw ServersErrors.ChecksumToolMissing(shell.Name);
        foreach (string problem in listing.Problems) activity.Warning($"{shell.Name}: {problem}");
        return new ComparedTree(shell.Name, listing.Tree, listing.Checksums);
    }

    /// <summary>A tree of this machine.</summary>
    /// <exception cref="ProdOpsException">There is nothing at the path.</exception>
    public static ComparedTree ReadLocal(string path, IActivity activity, CancellationToken cancellationToken)
    {
        var tree = LocalTree.Read(path, error => activity.Warning($"'{error.Path}': {error.Reason}."), cancellationToken);
        if (tree.Root is null) throw ServersErrors.LocalSourceNotFound(path);
        var sums = new Dictionary<string, string>(StringComparer.Ordinal);
        byte[] root = FileNames.Encode(path), buffer = new byte[BufferSize];
        using var hash = new ContentHash(HashTool.Sha256Algorithm);
        foreach (var item in tree.Items.Prepend(tree.Root))
        {
            if (item.Type != FileType.File) continue;
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                // A link that was named is followed, and the file it leads to has another path.
                using var file = SourceFileSystem.Local.OpenFile(item.Path.Length == 0 ? FileNames.Encode(ResolveLink(path)) : LocalTree.PathOf(root, item.Path));
                int count;
                while ((count = file.Read(buffer)) > 0) hash.Append(buffer.AsSpan(0, count));
                sums[item.Path] = hash.Finish()!;
            }
            catch (FileSystemException e)
            {
                hash.Finish();
                activity.Warning($"'{e.Path}': {e.Reason}.");
            }
        }
        return new ComparedTree(path, tree, sums);
    }

    private static string ResolveLink(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
}
