using System.Management.Automation;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Finds files by name in all backups of a repository.</summary>
[Cmdlet(VerbsCommon.Find, "BackupItem")]
[OutputType(typeof(BackupItem))]
public sealed class FindBackupItem : ReadingCmdlet
{
    /// <summary>Patterns of names or paths.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "Names or paths to find, with *, ?, [a-z] and ** for any folders.")]
    [Alias("Pattern")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Only these snapshots.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only these backups: ids, beginnings of ids, latest, latest~1. Default: all.")]
    [Alias("Id", "SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Snapshot { get; set; } = [];

    /// <summary>Ignores the case of letters.</summary>
    [Parameter(HelpMessage = "Upper and lower case are alike.")]
    public SwitchParameter IgnoreCase { get; set; }

    /// <summary>Only items of these types.</summary>
    [Parameter(HelpMessage = "Only items of these types.")]
    public BackupItemType[] Type { get; set; } = [];

    /// <summary>Only items whose content was changed at this moment or later.</summary>
    [Parameter(HelpMessage = "Only items whose content was changed at this moment or later.")]
    public DateTimeOffset Newer { get; set; }

    /// <summary>Only items whose content was changed before this moment.</summary>
    [Parameter(HelpMessage = "Only items whose content was changed before this moment.")]
    public DateTimeOffset Older { get; set; }

    /// <summary>Only files of at least so many bytes.</summary>
    [Parameter(HelpMessage = "Only files of at least so many bytes; 10MB works too.")]
    [ValidateRange(0, long.MaxValue)]
    public long MinSize { get; set; }

    /// <summary>Only files of at most so many bytes.</summary>
    [Parameter(HelpMessage = "Only files of at most so many bytes; 10MB works too.")]
    [ValidateRange(0, long.MaxValue)]
    public long MaxSize { get; set; } = long.MaxValue;

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => ReadAsync(
        async (repository, token) =>
        {
            // Made first: a pattern that cannot be is told before anything is read.
            var finder = new ItemFinder(repository, CreateQuery(), Activity);
            var snapshots = await ChooseAsync(repository, token);
            await foreach (var item in finder.FindAsync(snapshots, token)) await WriteObjectAsync(item);
        },
        cancellationToken);

    /// <summary>The newest first: it answers when something was last there.</summary>
    private async Task<IEnumerable<SnapshotFile>> ChooseAsync(Repository repository, CancellationToken cancellationToken)
    {
        var filter = CreateFilter();
        if (Snapshot.Length == 0) return filter.Apply(await repository.ListSnapshotsAsync(Activity, cancellationToken)).Reverse();
        var chosen = new List<SnapshotFile>();
        foreach (string name in Snapshot)
            await TryAsync(async () => chosen.Add(await repository.FindSnapshotAsync(name, Activity, filter.Matches, cancellationToken)));
        return chosen.DistinctBy(snapshot => snapshot.Id).OrderByDescending(snapshot => snapshot.Time);
    }

    private ItemQuery CreateQuery() => new()
    {
        Patterns = Name,
        IgnoreCase = IgnoreCase,
        Types = Type,
        NewerThan = Newer == default ? null : Newer,
        // The query takes its last moment in.
        OlderThan = Older == default ? null : Older.AddTicks(-1),
        MinSize = MinSize == 0 ? null : MinSize,
        MaxSize = MaxSize == long.MaxValue ? null : MaxSize,
    };
}
