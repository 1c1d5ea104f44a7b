using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Logging;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;
using ProdOps.Servers.Inventory;

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
        var options = byEnvironment ? Known?.Logging : null;
        if (byEnvironment && (options is null || !SaysAnything(options))) throw LoggingErrors.RetentionMissing();
        List<SegmentFacts> segments = [.. streams.SelectMany(stream => StoreContents.Read(store, stream, Activity))];
        var plan = RetentionPlan.Make(
            segments,
            stream => options is null ? new RetentionRule(OlderThan, null) : RuleOf(options, stream),
            stream => StoreContents.Holds(store, stream),
            MaxSize ?? options?.MaxSize,
            TimeProvider.System.GetUtcNow());
        var upkeep = new StoreUpkeep(store, Activity);
        foreach (var decision in plan)
        {
            var segment = decision.Segment;
            var answer = await DecideAsync($"{segment.Stream}, {segment.Entries:N0} entries of {segment.From:u} to {segment.To:u}, {ByteSize.Format(segment.StoredLength + segment.IndexLength)}", "Remove");
            if (answer == ChangeDecision.Refuse) continue;
            if (answer == ChangeDecision.Act) await upkeep.RemoveAsync(segment, cancellationToken);
            await WriteObjectAsync(new LogRemoval
            {
                Server = segment.Stream.Server, Source = segment.Stream.Source, From = segment.From, To = segment.To, Entries = segment.Entries,
                StoredSize = segment.StoredLength + segment.IndexLength, Reason = decision.Reason, Path = segment.Path,
            });
        }
    });

    private static bool SaysAnything(LoggingOptions options) =>
        options.Retention is not null || options.MaxSize is not null || options.Sources.Any(source => source.Retention is not null || source.MaxSize is not null);

    /// <summary>What a source says itself, else what all do.</summary>
    private static RetentionRule RuleOf(LoggingOptions options, LogStream stream)
    {
        var source = options.Sources.FirstOrDefault(source => NamePattern.IsMatch(source.Name, stream.Source));
        return new RetentionRule(source?.Retention ?? options.Retention, source?.MaxSize);
    }
}
