using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Logging.Store;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Reads every byte of a log store and mends what can be mended: indexes, unfinished appends, damaged segments.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "LogStore", SupportsShouldProcess = true)]
[OutputType(typeof(LogStoreRepair))]
public sealed class RepairLogStore : StoreCmdlet
{
    /// <summary>Pack all segments for good.</summary>
    [Parameter(HelpMessage = "Also pack all segments for good, those that are still appended to as well: smaller and quicker to search.")]
    public SwitchParameter Pack { get; set; }

    /// <summary>Emit segments without fault as well.</summary>
    [Parameter(HelpMessage = "Emit segments without fault as well.")]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => WithStoreAsync(async (store, streams) =>
    {
        var repair = new StoreRepair(store, Activity);
        foreach (var stream in streams)
        {
            var decision = await DecideAsync(stream.ToString(), "Repair");
            if (decision == ChangeDecision.Refuse) continue;
            try
            {
                foreach (var result in await repair.RunAsync(stream, mend: decision == ChangeDecision.Act, cancellationToken))
                {
                    if (All || result.State != LogSegmentState.Good) await WriteObjectAsync(result);
                }
            }
            catch (ProdOpsException error)
            {
                // A source that is busy keeps none of the others from being mended.
                await WriteErrorAsync(error);
            }
        }

        if (!Pack || streams.Count == 0 || !await ShouldProcessAsync(streams.Count == 1 ? streams[0].ToString() : $"{streams.Count} sources in {store.Folder}", "Pack")) return;
        var (segments, bytes) = await new StoreUpkeep(store, Activity).PackAsync(streams, TimeSpan.MaxValue, includeNewest: true, cancellationToken);
        Activity.Verbose($"{segments} segments were packed; they take {ByteSize.Format(bytes)} less.");
    });
}
