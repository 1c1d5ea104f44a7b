using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Shows what changed between two backups.</summary>
[Cmdlet(VerbsData.Compare, "Backup")]
[OutputType(typeof(BackupDifference))]
public sealed class CompareBackup : ReadingCmdlet
{
    /// <summary>The older backup.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The older backup: an id or its beginning, latest, latest~1.")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string Reference { get; set; } = "";

    /// <summary>The newer backup.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The newer backup: an id or its beginning, latest, latest~1.")]
    [Alias("Id", "SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string Difference { get; set; } = "";

    /// <summary>Only what is at or below this path.</summary>
    [Parameter(HelpMessage = "Only what is at or below this path.")]
    [ArgumentCompleter(typeof(ItemCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "/";

    /// <summary>Also items whose metadata alone differs.</summary>
    [Parameter(HelpMessage = "Also items of which only owner, permissions, times or attributes changed.")]
    public SwitchParameter Metadata { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => ReadAsync(
        (repository, token) => TryAsync(async () =>
        {
            var older = await repository.FindSnapshotAsync(Reference, Activity, CreateFilter().Matches, token);
            var newer = await repository.FindSnapshotAsync(Difference, Activity, CreateFilter().Matches, token);
            // No difference in a place that neither has is no answer.
            if (!await HasPathAsync(repository, older, token) && !await HasPathAsync(repository, newer, token))
                throw BackupErrors.ItemNotFound(Path, newer.Id.ToShortString());
            var comparer = new SnapshotComparer(repository, Activity);
            await foreach (var difference in comparer.CompareAsync(older, newer, Metadata, token, Path)) await WriteObjectAsync(difference);
        }),
        cancellationToken);

    private async ValueTask<bool> HasPathAsync(Repository repository, SnapshotFile snapshot, CancellationToken cancellationToken) =>
        await new SnapshotBrowser(repository, snapshot, Activity).FindEntryAsync(Path, cancellationToken) is not null;
}
