using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>The base of the cmdlets that choose backups by id and by conditions.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SelectingCmdlet : ReadingCmdlet
{
    /// <summary>Ids, beginnings of ids, <c>latest</c> or <c>latest~1</c>.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Ids or beginnings of ids; latest is the newest, latest~1 the one before.")]
    [Alias("SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Only backups that hold all of these paths.</summary>
    [Parameter(HelpMessage = "Only backups that have all of these among their paths.")]
    [ArgumentCompleter(typeof(BackupRootCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Only the newest few of each host and set of paths.</summary>
    [Parameter(HelpMessage = "Only the newest few of each server and set of paths.")]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; }

    /// <summary>Only backups made before this moment.</summary>
    [Parameter(HelpMessage = "Only backups made before this moment.")]
    public DateTimeOffset Before { get; set; }

    /// <summary>Only backups made at or after this moment.</summary>
    [Parameter(HelpMessage = "Only backups made at this moment or later.")]
    public DateTimeOffset After { get; set; }

    /// <summary>The backups that the parameters choose, oldest first. An id that nothing has is an error of its own.</summary>
    internal async Task<IReadOnlyList<SnapshotFile>> FindSnapshotsAsync(Repository repository, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var filter = CreateFilter() with
        {
            Paths = Path,
            // The filter takes its last moment in.
            Before = Before == default ? null : Before.AddTicks(-1),
            After = After == default ? null : After,
        };
        var snapshots = new List<SnapshotFile>();
        if (ids.Count == 0) snapshots.AddRange(await repository.ListSnapshotsAsync(Activity, cancellationToken));
        foreach (string id in ids)
            await TryAsync(async () => snapshots.Add(await repository.FindSnapshotAsync(id, Activity, filter.Matches, cancellationToken)));
        return (filter with { Latest = Last }).Apply(snapshots.DistinctBy(snapshot => snapshot.Id));
    }
}
