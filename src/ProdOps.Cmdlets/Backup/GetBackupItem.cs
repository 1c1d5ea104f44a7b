using System.Management.Automation;
using ProdOps.Backup.Browsing;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Backup;

/// <summary>Lists files and folders in a backup.</summary>
[Cmdlet(VerbsCommon.Get, "BackupItem", DefaultParameterSetName = "Path")]
[OutputType(typeof(BackupItem))]
public sealed class GetBackupItem : ReadingCmdlet
{
    /// <summary>The snapshot.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The backup: its id or the beginning of it, latest, or latest~1 for the one before. Default: latest.")]
    [Alias("Id", "SnapshotId")]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string Snapshot { get; set; } = "latest";

    /// <summary>A folder to list, or items by wildcards.</summary>
    [Parameter(Position = 1, ParameterSetName = "Path", HelpMessage = "A folder to list, or a path with wildcards. Default: the top of the backup.")]
    [ArgumentCompleter(typeof(ItemPatternCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "/";

    /// <summary>A folder to list, taken as it is written.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath", HelpMessage = "A folder to list, taken as written.")]
    [Alias("FullName")]
    [ArgumentCompleter(typeof(ItemCompleter))]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = "/";

    /// <summary>Lists folders below as well.</summary>
    [Parameter(HelpMessage = "Lists folders below as well, to any depth.")]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => ReadAsync(
        (repository, token) => TryAsync(async () =>
        {
            bool literal = ParameterSetName == "LiteralPath";
            var snapshot = await repository.FindSnapshotAsync(Snapshot, Activity, CreateFilter().Matches, token);
            var browser = new SnapshotBrowser(repository, snapshot, Activity);
            await foreach (var item in browser.ListAsync(literal ? LiteralPath : Path, Recurse, literal, token)) await WriteObjectAsync(item);
        }),
        cancellationToken);
}
