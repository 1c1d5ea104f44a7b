using System.Management.Automation;
using ProdOps.Backup.Databases;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Drive;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the databases that a repository has dumps of: those of the snapshot that is named, or else of the newest backups.</summary>
internal abstract class DumpCompleter(DatabaseKind kind) : BackupCompleter
{
    /// <summary>How many backups are looked into: those of several servers, and of several kinds, follow each other.</summary>
    private const int MaximumSnapshots = 20;

    /// <inheritdoc/>
    protected override async Task<IReadOnlyList<CompletionResult>> CompleteAsync(RepositoryView view, string word, BoundValues bound)
    {
        var found = new SortedDictionary<string, SnapshotFile>(StringComparer.Ordinal);
        foreach (var snapshot in await ChooseAsync(view, bound))
        {
            var browser = await view.BrowseAsync(snapshot, SilentActivity.Instance, CancellationToken.None);
            foreach (var dump in await DatabaseDump.ListAsync(browser, CancellationToken.None))
                if (dump.Kind == kind && dump.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase)) found.TryAdd(dump.Name, snapshot);
        }
        return [.. found.Select(pair => CompletionText.Value(pair.Key, toolTip: $"{DatabaseDump.NameOf(kind)} '{pair.Key}' of {pair.Value.HostName}, {pair.Value.Time.ToDateTimeOffset().ToLocalTime():yyyy-MM-dd HH:mm}"))];
    }

    private async Task<IEnumerable<SnapshotFile>> ChooseAsync(RepositoryView view, BoundValues bound)
    {
        var snapshots = await view.GetSnapshotsAsync(SilentActivity.Instance, CancellationToken.None);
        string name = bound.Text("Snapshot", "Id", "SnapshotId") ?? SnapshotNames.Latest;
        if (!name.StartsWith(SnapshotNames.Latest, StringComparison.OrdinalIgnoreCase)) return SnapshotNames.Find(snapshots, name.ToLowerInvariant()) is { } one ? [one] : [];
        string folder = DatabaseDump.FolderOf(kind);
        return snapshots.Reverse()
            .Where(snapshot => (bound.Text("Server") is not { } server || snapshot.HostName.Equals(server, StringComparison.OrdinalIgnoreCase)) && snapshot.Paths.Any(path => path.StartsWith(folder, StringComparison.Ordinal)))
            .Take(MaximumSnapshots);
    }
}

/// <summary>Proposes databases of PostgreSQL.</summary>
internal sealed class PostgreSqlDumpCompleter() : DumpCompleter(DatabaseKind.PostgreSql);

/// <summary>Proposes databases of MariaDB or MySQL.</summary>
internal sealed class MariaDbDumpCompleter() : DumpCompleter(DatabaseKind.MariaDb);

/// <summary>Proposes files of SQLite.</summary>
internal sealed class SqliteDumpCompleter() : DumpCompleter(DatabaseKind.Sqlite);
