using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Restores files and folders from a backup.</summary>
[Cmdlet(VerbsData.Restore, "Backup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = "Destination")]
[OutputType(typeof(RestorePlan))]
public sealed partial class RestoreBackup : ServerRestoreCmdlet
{
    private readonly List<Wish> _wishes = [];

    /// <summary>The snapshot.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The backup: its id or the beginning of it, latest, or latest~1 for the one before. Default: latest.")]
    [Alias("Id", "SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string Snapshot { get; set; } = "latest";

    /// <summary>What to restore.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Restores only what is at or below these paths of the backup. Default: everything.")]
    [ArgumentCompleter(typeof(ItemCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The folder to restore into.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Destination", HelpMessage = "The folder to restore into; items keep their full path below it.")]
    [Alias("Target")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>Restores to where everything came from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "InPlace", HelpMessage = "Restores every item to the path that it was backed up from.")]
    public SwitchParameter InPlace { get; set; }

    /// <summary>The servers to restore to.</summary>
    [Parameter(HelpMessage = "Restores to servers over SSH instead of to this machine: names, role:App, user@host:port, or server objects.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public ServerReference[] ToServer { get; set; } = [];

    /// <summary>Writes as root on the servers.</summary>
    [Parameter(HelpMessage = "Writes as root on the servers of -ToServer, by sudo; only root may set owners.")]
    public SwitchParameter AsRoot { get; set; }

    /// <summary>With <c>latest</c>: the newest snapshot before this moment.</summary>
    [Parameter(HelpMessage = "With latest: the newest backup before this moment.")]
    public DateTimeOffset Before { get; set; }

    /// <summary>Patterns of what to restore.</summary>
    [Parameter(HelpMessage = "Patterns of what to restore, as restic's --include; all else is left out.")]
    [ValidateNotNullOrEmpty]
    public string[] Include { get; set; } = [];

    /// <summary>Patterns of what to leave out.</summary>
    [Parameter(HelpMessage = "Patterns of what not to restore, as restic's --exclude.")]
    [ValidateNotNullOrEmpty]
    public string[] Exclude { get; set; } = [];

    /// <summary>Which existing files are replaced.</summary>
    [Parameter(HelpMessage = "Which existing files are replaced: Always (those whose content differs), IfChanged (by size and time), IfNewer, Never.")]
    public RestoreOverwrite Overwrite { get; set; }

    /// <summary>Deletes what the snapshot does not have.</summary>
    [Parameter(HelpMessage = "Deletes what the backup does not have, in the folders that are restored and nowhere else.")]
    public SwitchParameter Delete { get; set; }

    /// <summary>Leaves holes where content is zero.</summary>
    [Parameter(HelpMessage = "Leaves holes in new files where there are long runs of zeros; on servers as far as their tar can.")]
    public SwitchParameter Sparse { get; set; }

    /// <summary>Reads back what was written.</summary>
    [Parameter(HelpMessage = "Reads every restored file back and compares it with the backup.")]
    public SwitchParameter Verify { get; set; }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        CheckServerOptions();
        return base.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        string location = await GetLocationAsync();
        // Items that are piped in one by one are one restore: it asks once, and fetches a pack once.
        if (_wishes.Find(wish => wish.Location == location && wish.Snapshot == Snapshot) is not { } known) _wishes.Add(known = new Wish(location, Snapshot));
        if (Path.Length == 0) known.Everything = true;
        foreach (string path in Path)
        {
            if (_wishes.Find(wish => wish != known && wish.Paths.Contains(path)) is { } other) await WriteErrorAsync(BackupErrors.RestoredTwice(path, Short(other.Snapshot), Short(Snapshot)));
            else known.Paths.Add(path);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (ToServer.Length > 0)
        {
            await RestoreToServersAsync(cancellationToken);
            await base.EndAsync(cancellationToken);
            return;
        }
        string destination = InPlace ? "/" : await ResolvePathAsync(Destination);
        foreach (var wish in _wishes.Where(wish => wish.Everything || wish.Paths.Count > 0))
            await ReadAsync((repository, token) => RestoreAsync(repository, wish, destination, token), cancellationToken, location: wish.Location);
        await base.EndAsync(cancellationToken);
    }

    private async Task RestoreAsync(Repository repository, Wish wish, string destination, CancellationToken cancellationToken)
    {
        SnapshotFile? snapshot = null;
        PlannedRestore? plan = null;
        var request = CreateRequest(wish, destination);
        bool planned = await TryAsync(async () =>
        {
            snapshot = await FindAsync(repository, wish, cancellationToken);
            plan = await Restorer.PlanAsync(repository, snapshot, request, Activity, cancellationToken);
        });
        if (!planned) return;
        var outline = plan!.ToModel(applied: false, plan.Errors, verified: 0, default);
        string place = InPlace ? "where it came from" : $"'{destination}'";
        string action = $"Restore snapshot {snapshot!.Id.ToShortString()} ({outline}, {ByteSize.Format(outline.BytesToWrite)} to write)";
        switch (await DecideAsync(place, action))
        {
            case ChangeDecision.Plan:
                await WriteObjectAsync(outline);
                break;
            case ChangeDecision.Act:
                await WriteObjectAsync(await Restorer.ApplyAsync(repository, plan, request, Activity, TimeProvider.System, cancellationToken));
                break;
        }
    }

    private RestoreRequest CreateRequest(Wish wish, string destination) => new()
    {
        Destination = destination,
        Paths = wish.Everything ? [] : wish.Paths,
        Include = Include,
        Exclude = Exclude,
        Overwrite = Overwrite,
        DeleteExtra = Delete,
        Sparse = Sparse,
        Verify = Verify,
    };

    /// <summary><c>latest</c> means the newest that can hold what is wanted; where the recorded paths do not tell, as with a backup of relative ones, the newest.</summary>
    private async Task<SnapshotFile> FindAsync(Repository repository, Wish wish, CancellationToken cancellationToken)
    {
        var filter = CreateFilter() with { Before = Before == default ? null : Before.AddTicks(-1) };
        bool covered = (await repository.ListSnapshotsAsync(SilentActivity.Instance, cancellationToken)).Any(snapshot => filter.Matches(snapshot) && Covers(snapshot, wish.Paths));
        return await repository.FindSnapshotAsync(
            wish.Snapshot, Activity, snapshot => filter.Matches(snapshot) && (!covered || Covers(snapshot, wish.Paths)), cancellationToken);
    }

    private static bool Covers(SnapshotFile snapshot, List<string> paths) =>
        paths.TrueForAll(path => snapshot.Paths.Any(root => IsAtOrBelow(path, root) || IsAtOrBelow(root, path)));

    private static string Short(string snapshot) => snapshot.Length == 2 * ObjectId.Size ? snapshot[..8] : snapshot;

    private static bool IsAtOrBelow(string path, string folder)
    {
        string trimmed = folder.TrimEnd('/');
        return path.StartsWith(trimmed, StringComparison.Ordinal) && (path.Length == trimmed.Length || path[trimmed.Length] == '/');
    }

    /// <summary>What is wanted from one snapshot.</summary>
    private sealed class Wish(string location, string snapshot)
    {
        public string Location => location;

        public string Snapshot => snapshot;

        public bool Everything { get; set; }

        public List<string> Paths { get; } = [];
    }
}
