using System.Management.Automation;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Lists the backups in a repository.</summary>
[Cmdlet(VerbsCommon.Get, "Backup")]
[OutputType(typeof(BackupSnapshot))]
public sealed class GetBackup : RepositoryCmdlet
{
    /// <summary>Ids, beginnings of ids, <c>latest</c> or <c>latest~1</c>.</summary>
    [Parameter(Position = 0, HelpMessage = "Ids or beginnings of ids; latest is the newest, latest~1 the one before.")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Only backups of these hosts.</summary>
    [Parameter(HelpMessage = "Only backups of these hosts; wildcards work.")]
    [Alias("HostName", "Host")]
    [SupportsWildcards]
    public string[] Server { get; set; } = [];

    /// <summary>Only backups that carry all of these tags.</summary>
    [Parameter(HelpMessage = "Only backups that carry all of these tags.")]
    public string[] Tag { get; set; } = [];

    /// <summary>Only backups that hold all of these paths.</summary>
    [Parameter(HelpMessage = "Only backups of all of these paths.")]
    public string[] Path { get; set; } = [];

    /// <summary>Only the newest few of each host and set of paths.</summary>
    [Parameter(HelpMessage = "Only the newest few of each host and set of paths.")]
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
        var repository = await OpenRepositoryAsync(cancellationToken);
        IReadOnlyList<Snapshot> snapshots;
        if (Id.Length == 0) snapshots = await repository.ListSnapshotsAsync(Activity, cancellationToken);
        else snapshots = await FindAsync(repository, cancellationToken);
        var filter = new SnapshotFilter
        {
            Hosts = Server,
            Tags = Tag,
            Paths = Path,
            Before = Before == default ? null : Before,
            After = After == default ? null : After,
            Latest = Latest == 0 ? null : Latest,
        };
        foreach (var snapshot in filter.Apply(snapshots)) await WriteObjectAsync(BackupModel.ToSnapshot(snapshot, repository.Location));
    }

    private async Task<IReadOnlyList<Snapshot>> FindAsync(Repository repository, CancellationToken cancellationToken)
    {
        var found = new List<Snapshot>();
        foreach (string id in Id)
        {
            try
            {
                found.Add(await repository.FindSnapshotAsync(id, Activity, filter: null, cancellationToken));
            }
            catch (ProdOpsException e)
            {
                await WriteErrorAsync(e);
            }
        }
        return found;
    }
}
