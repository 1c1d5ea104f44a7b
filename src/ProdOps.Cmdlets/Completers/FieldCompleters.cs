using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Drive;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes what snapshots have in one of their fields, with how many have it.</summary>
internal abstract class FieldCompleter : BackupCompleter
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(RepositoryView view, string word, BoundValues bound)
    {
        var snapshots = await view.GetSnapshotsAsync(SilentActivity.Instance, CancellationToken.None);
        return
        [
            .. snapshots.SelectMany(ValuesOf)
                .Where(value => value.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .GroupBy(value => value, StringComparer.Ordinal)
                .OrderBy(value => value.Key, StringComparer.Ordinal)
                .Select(value => CompletionText.Value(value.Key, toolTip: $"{value.Key}: {value.Count()} backups")),
        ];
    }

    protected abstract IEnumerable<string> ValuesOf(SnapshotFile snapshot);
}

/// <summary>Proposes the servers that have backups.</summary>
internal sealed class ServerCompleter : FieldCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> ValuesOf(SnapshotFile snapshot) => [snapshot.HostName];
}

/// <summary>Proposes the tags that backups carry.</summary>
internal sealed class TagCompleter : FieldCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> ValuesOf(SnapshotFile snapshot) => snapshot.Tags;
}

/// <summary>Proposes the paths that were backed up.</summary>
internal sealed class BackupRootCompleter : FieldCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> ValuesOf(SnapshotFile snapshot) => snapshot.Paths;
}
