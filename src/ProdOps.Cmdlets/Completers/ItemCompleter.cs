using System.Management.Automation;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Drive;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes paths inside the snapshot that the command line names, folder by folder.</summary>
internal class ItemCompleter : BackupCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(RepositoryView view, string word, BoundValues bound)
    {
        var snapshots = await view.GetSnapshotsAsync(SilentActivity.Instance, CancellationToken.None);
        if (Choose(snapshots, bound) is not { } snapshot) return [];
        int slash = word.LastIndexOf('/');
        string folder = slash <= 0 ? "/" : word[..slash], begin = word[(slash + 1)..];
        var browser = await view.BrowseAsync(snapshot, SilentActivity.Instance, CancellationToken.None);
        var items = await browser.ListAsync(Unescape(folder), recurse: false, literal: true, CancellationToken.None).ToListAsync();
        return
        [
            .. items.Where(item => item.Name.StartsWith(Unescape(begin), StringComparison.Ordinal) && item.Path != folder && !item.Name.Any(char.IsSurrogate))
                .Select(item => new CompletionResult(
                    CompletionText.Quote(Escape(item.Path)),
                    item.Name,
                    item.Type == BackupItemType.Directory ? CompletionResultType.ProviderContainer : CompletionResultType.ProviderItem,
                    $"{item.ModeString} {item.User}:{item.Group} {(item.Type == BackupItemType.File ? ByteSize.Format(item.Size) : item.Type)} {item.Path}")),
        ];
    }

    /// <summary>A path as the parameter takes it.</summary>
    protected virtual string Escape(string path) => path;

    /// <summary>The other way round.</summary>
    protected virtual string Unescape(string path) => path;

    private static SnapshotFile? Choose(IReadOnlyList<SnapshotFile> snapshots, BoundValues bound)
    {
        string name = bound.Text("Snapshot", "Difference", "Id", "SnapshotId") ?? SnapshotNames.Latest;
        var filter = new SnapshotFilter { Hosts = bound.Text("Server") is { } server ? [server] : [] };
        var chosen = name.StartsWith(SnapshotNames.Latest, StringComparison.OrdinalIgnoreCase) ? filter.Apply(snapshots) : snapshots;
        return SnapshotNames.Find(chosen, name.ToLowerInvariant());
    }
}

/// <summary>As <see cref="ItemCompleter"/>, for parameters in which wildcards have a meaning.</summary>
internal sealed class ItemPatternCompleter : ItemCompleter
{
    /// <inheritdoc/>
    protected override string Escape(string path) =>
        PathSegments.IsWild(path) ? string.Concat(path.Select(letter => letter is '*' or '?' or '[' or '\\' ? "\\" + letter : letter.ToString())) : path;

    /// <inheritdoc/>
    protected override string Unescape(string path) => path.Replace("\\", "", StringComparison.Ordinal);
}
