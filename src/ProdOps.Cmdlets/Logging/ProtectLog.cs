using System.Management.Automation;
using ProdOps.Logging.Store;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Keeps entries from being removed by age, by size or by hand, until Unprotect-Log lets them go.</summary>
[Cmdlet(VerbsSecurity.Protect, "Log", SupportsShouldProcess = true)]
[OutputType(typeof(LogHold))]
public sealed class ProtectLog : StoreCmdlet
{
    /// <summary>Why they are held.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "Why they are held: a case, a ticket. Unprotect-Log takes the same.")]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "";

    /// <summary>Only entries of this moment or later.</summary>
    [Parameter(HelpMessage = "Only entries of this moment or later. Default: all.")]
    public DateTimeOffset? After { get; set; }

    /// <summary>Only entries before this moment.</summary>
    [Parameter(HelpMessage = "Only entries before this moment. Default: all, also those to come.")]
    public DateTimeOffset? Before { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => WithStoreAsync(async (store, streams) =>
    {
        foreach (var stream in streams)
        {
            if (!await ShouldProcessAsync(stream.ToString(), $"Hold: {Reason}")) continue;
            var hold = new HoldEntry { Reason = Reason, Since = TimeProvider.System.GetUtcNow(), After = After, Before = Before };
            await store.ChangeAsync(stream, () =>
            {
                HoldFile.Write(StoreNames.FolderOf(store.Folder, stream), [.. StoreContents.Holds(store, stream).Where(other => !other.Reason.Equals(Reason, StringComparison.OrdinalIgnoreCase)), hold]);
                return true;
            }, cancellationToken);
            await WriteObjectAsync(Holds.ToModel(stream, hold));
        }
    });
}
