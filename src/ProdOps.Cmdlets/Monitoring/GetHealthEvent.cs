using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring.History;
using ProdOps.Monitoring.Running;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Tells what happened to what is monitored: what changed, who was told, what was done about it.</summary>
[Cmdlet(VerbsCommon.Get, "HealthEvent", DefaultParameterSetName = TimeSet)]
[OutputType(typeof(HealthEvent))]
public sealed class GetHealthEvent : HistoryCmdlet
{
    private const string TimeSet = "Time", IncidentSet = "Incident", OpenSet = "Open";

    private static readonly TimeSpan Usual = TimeSpan.FromHours(24);

    /// <summary>The servers.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Only events of these servers: names, wildcards, role:App, group:blue, or server objects. Default: all.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(MetricServerCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public ServerReference[]? Server { get; set; }

    /// <summary>The checks.</summary>
    [Parameter(HelpMessage = "Only events of these checks: names or wildcards, e.g. disk.*, reachability. Default: all.")]
    [ArgumentCompleter(typeof(HealthRuleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Check { get; set; } = [];

    /// <summary>What happened.</summary>
    [Parameter(HelpMessage = "Only events of these kinds. Default: all but results that are not certain yet.")]
    public HealthEventKind[] Kind { get; set; } = [];

    /// <summary>Results that are not certain yet as well.</summary>
    [Parameter(HelpMessage = "Emit results that are not certain yet as well.")]
    public SwitchParameter IncludeResults { get; set; }

    /// <summary>Only the newest so many.</summary>
    [Parameter(ParameterSetName = TimeSet, HelpMessage = "Only the newest so many; they still come in the order of time. Without a time it looks as far back as it needs to.")]
    [ValidateRange(1, 1_000_000)]
    public int Newest { get; set; }

    /// <summary>All that belongs to incidents.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IncidentSet, HelpMessage = "All that belongs to these incidents, from beginning to end, by their numbers.")]
    [ArgumentCompleter(typeof(OpenIncidentCompleter))]
    [ValidateRange(1, long.MaxValue)]
    public long[] Incident { get; set; } = [];

    /// <summary>What is wrong at this moment.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OpenSet, HelpMessage = "What is wrong at this moment: an event for each open incident, the worst first.")]
    public SwitchParameter Open { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var (from, to) = Window(ParameterSetName == TimeSet && Newest == 0 ? Usual : TimeSpan.MaxValue);
        var filter = new EventFilter { Servers = await NamesOfAsync(Server), Checks = Check, Kinds = Kind, IncludeResults = IncludeResults };
        var unitOf = RuleUnits.Of(await FindEnvironmentAsync());
        var store = await OpenStoreAsync();
        var history = new EventHistory(store.Events, new EventText(unitOf), Activity);
        if (Open)
        {
            await WriteEachAsync(OpenIncidents.Of(history.State(store.Monitor, cancellationToken), unitOf).Where(told => IsIn(told, from, to) && filter.Fits(told)));
            return;
        }

        if (ParameterSetName == TimeSet)
        {
            await WriteEachAsync(Newest > 0 ? history.ReadNewest(filter, from, to, Newest, cancellationToken) : history.Read(filter, from, to, cancellationToken));
            return;
        }

        foreach (long incident in Incident)
        {
            try
            {
                await WriteEachAsync(history.ReadIncident(filter, incident, cancellationToken).Where(told => IsIn(told, from, to)));
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }
    }

    private static bool IsIn(HealthEvent told, DateTimeOffset from, DateTimeOffset to) => told.Time >= from && told.Time < to;

    private async Task WriteEachAsync(IEnumerable<HealthEvent> events)
    {
        foreach (var some in events.Chunk(PipelineBatch)) await WriteAllAsync(some);
    }
}
