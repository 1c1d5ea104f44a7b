using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Logging;
using ProdOps.Logging.Store;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Removes whole segments of a log store, oldest first: by age, by size, or as the environment says. What is held stays.</summary>
[Cmdlet(VerbsCommon.Remove, "Log", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LogRemoval))]
public sealed class RemoveLog : StoreCmdlet
{
    /// <summary>Segments all of whose entries are older go.</summary>
    [Parameter(HelpMessage = "Remove segments all of whose entries are older: 90d, 12w. Default: the environment's Retention, of the source or of all.")]
    [Duration]
    [ValidateNotNull]
    public TimeSpan? OlderThan { get; set; }

    /// <summary>The oldest segments go until the rest has this size.</summary>
    [Parameter(HelpMessage = "Remove the oldest segments of what is named until the rest has at most so many bytes: 200GB. Default: the environment's MaxSize, of the source and of all.")]
    [ValidateRange(0, long.MaxValue)]
    public long? MaxSize { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken) => WithStoreAsync(async (store, streams) =>
    {
        bool byEnvironment = OlderThan is null && MaxSize is null;
        var rules = byEnvironment ? RetentionRules.Of(Known?.Logging) : new RetentionRules(_ => new RetentionRule(OlderThan, null), MaxSize);
        if (rules is null) throw LoggingErrors.RetentionMissing();
        var upkeep = new StoreUpkeep(store, Activity);
        var plan = upkeep.Plan(streams, rules);
        foreach (var decision in plan)
        {
            var segment = decision.Segment;
            var answer = await DecideAsync($"{segment.Stream}, {segment.Entries:N0} entries of {segment.From:u} to {segment.To:u}, {ByteSize.Format(segment.StoredLength + segment.IndexLength)}", "Remove");
            if (answer == ChangeDecision.Refuse) continue;
            try
            {
                if (answer == ChangeDecision.Act && !await upkeep.RemoveAsync(segment, cancellationToken))
                {
                    Activity.Warning($"'{segment.Path}' stays: since it was looked at, lines have come to it, or it is held.");
                    continue;
                }
            }
            catch (ProdOpsException error)
            {
                // A source that is busy or damaged keeps none of the others.
                await WriteErrorAsync(error);
                continue;
            }

            await WriteObjectAsync(new LogRemoval
            {
                Server = segment.Stream.Server, Source = segment.Stream.Source, From = segment.From, To = segment.To, Entries = segment.Entries,
                StoredSize = segment.StoredLength + segment.IndexLength, Reason = decision.Reason, Path = segment.Path,
            });
        }
    });
}
