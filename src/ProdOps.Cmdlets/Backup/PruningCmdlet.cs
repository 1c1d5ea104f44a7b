using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Backup;
using ProdOps.Backup.Pruning;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Cmdlets.Backup;

/// <summary>The base of the cmdlets that prune: the limits within which packs are written anew, named as restic names them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PruningCmdlet : RepositoryCmdlet
{
    /// <summary>How much unused data may stay.</summary>
    [Parameter(HelpMessage = "How much unused data may stay: a share such as 5%, a size such as 10G, 0, or unlimited. Default: 5%.")]
    [ArgumentCompleter(typeof(UnusedLimitCompleter))]
    [ValidateNotNullOrEmpty]
    public string MaxUnused { get; set; } = "5%";

    /// <summary>How much is written anew at most.</summary>
    [Parameter(HelpMessage = "Packs of so many bytes in all are written anew at most, e.g. 10G; 0 only removes packs that nothing uses.")]
    [ValidateNotNullOrEmpty]
    public string? MaxRepackSize { get; set; }

    /// <summary>Only packs of folder listings.</summary>
    [Parameter(HelpMessage = "Writes only packs of folder listings anew, never packs of files' content.")]
    public SwitchParameter RepackCacheableOnly { get; set; }

    /// <summary>Small packs as well.</summary>
    [Parameter(HelpMessage = "Writes packs anew that have less than four fifths of the usual size of 16 MiB.")]
    public SwitchParameter RepackSmall { get; set; }

    /// <summary>Uncompressed data as well.</summary>
    [Parameter(HelpMessage = "Writes packs anew that hold uncompressed data, and compresses it.")]
    public SwitchParameter RepackUncompressed { get; set; }

    /// <summary>How long to wait for somebody else's lock.</summary>
    [Parameter(HelpMessage = "How long to wait while somebody else works in the repository.")]
    public TimeSpan RetryLock { get; set; }

    /// <summary>A limit that was given; <see langword="null"/> if none was.</summary>
    internal Task<string?> FindPruneOptionAsync() => InvokeAsync(() => Array.Find(
        [nameof(MaxUnused), nameof(MaxRepackSize), nameof(RepackCacheableOnly), nameof(RepackSmall), nameof(RepackUncompressed)],
        MyInvocation.BoundParameters.ContainsKey));

    internal PruneOptions CreatePruneOptions() => new()
    {
        MaxUnused = UnusedLimit.Parse(MaxUnused),
        MaxRepackSize = MaxRepackSize is null ? long.MaxValue
            : Quantity.ParseSize(MaxRepackSize) ?? throw BackupErrors.ByteSizeInvalid(nameof(MaxRepackSize), MaxRepackSize),
        RepackCacheableOnly = RepackCacheableOnly,
        RepackSmall = RepackSmall,
        RepackUncompressed = RepackUncompressed,
    };
}
