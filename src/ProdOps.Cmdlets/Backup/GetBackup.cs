using System.Management.Automation;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Lists the backups in a repository.</summary>
[Cmdlet(VerbsCommon.Get, "Backup")]
[OutputType(typeof(BackupSnapshot))]
public sealed class GetBackup : ReadingCmdlet
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
    public int Latest { get; set; }

    /// <summary>Only backups made before this moment.</summary>
    [Parameter(HelpMessage = "Only backups made before this moment.")]
    public DateTimeOffset Before { get; set; }

    /// <summary>Only backups made at or after this moment.</summary>
    [Parameter(HelpMessage = "Only backups made at this moment or later.")]
    public DateTimeOffset After { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var found = new List<BackupSnapshot>();
        await ReadAsync(async (repository, token) => found.AddRange(await FindAsync(repository, token)), cancellationToken, indexed: false);
        // Whoever comes next in the pipeline may want to lock the repository for itself.
        await UnlockAsync();
        foreach (var snapshot in found) await WriteObjectAsync(snapshot);
    }

    private async Task<IEnumerable<BackupSnapshot>> FindAsync(Repository repository, CancellationToken cancellationToken)
    {
        var filter = CreateFilter() with
        {
            Paths = Path,
            // The filter takes its last moment in.
            Before = Before == default ? null : Before.AddTicks(-1),
            After = After == default ? null : After,
        };
        var snapshots = new List<SnapshotFile>();
        if (Id.Length == 0) snapshots.AddRange(await repository.ListSnapshotsAsync(Activity, cancellationToken));
        foreach (string id in Id)
            await TryAsync(async () => snapshots.Add(await repository.FindSnapshotAsync(id, Activity, filter.Matches, cancellationToken)));
        return (filter with { Latest = Latest }).Apply(snapshots.DistinctBy(snapshot => snapshot.Id)).Select(snapshot => BackupModel.ToSnapshot(snapshot, repository.Location));
    }
}
