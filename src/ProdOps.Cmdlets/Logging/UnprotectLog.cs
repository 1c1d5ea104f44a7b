using System.Management.Automation;
using ProdOps.Logging;
using ProdOps.Logging.Store;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Lets entries go that Protect-Log holds.</summary>
[Cmdlet(VerbsSecurity.Unprotect, "Log", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class UnprotectLog : StoreCmdlet
{
    /// <summary>The hold's reason.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The reason that the hold was made with. Get-LogStore tells the holds.")]
    [ValidateNotNullOrEmpty]
    public string Reason { get; set; } = "";

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => WithStoreAsync(async (store, streams) =>
    {
        bool found = false;
        foreach (var stream in streams)
        {
            if (!StoreContents.Holds(store, stream).Any(hold => Is(hold))) continue;
            found = true;
            if (!await ShouldProcessAsync(stream.ToString(), $"Let go: {Reason}")) continue;
            await store.ChangeAsync(stream, () =>
            {
                HoldFile.Write(StoreNames.FolderOf(store.Folder, stream), [.. StoreContents.Holds(store, stream).Where(hold => !Is(hold))]);
                return true;
            }, cancellationToken);
        }

        if (!found && streams.Count > 0) await WriteErrorAsync(LoggingErrors.HoldNotFound(Reason));
    });

    private bool Is(HoldEntry hold) => hold.Reason.Equals(Reason, StringComparison.OrdinalIgnoreCase);
}
