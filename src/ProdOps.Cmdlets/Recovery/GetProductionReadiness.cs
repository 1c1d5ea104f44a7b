using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Tells how ready for production an environment is, by what was proved and not by what is declared.</summary>
[Cmdlet(VerbsCommon.Get, "ProductionReadiness", DefaultParameterSetName = ItemSet)]
[OutputType(typeof(ReadinessItem), ParameterSetName = [ItemSet])]
[OutputType(typeof(ReadinessSummary), ParameterSetName = [SummarySet])]
public sealed class GetProductionReadiness : ReadinessCmdlet
{
    private const string ItemSet = "Item", SummarySet = "Summary";

    /// <summary>Which items.</summary>
    [Parameter(Position = 0, ParameterSetName = ItemSet, HelpMessage = "Only these items: names or wildcards, such as backup-restore-test or *failover. Default: all.")]
    [ArgumentCompleter(typeof(ReadinessItemCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Which areas.</summary>
    [Parameter(ParameterSetName = ItemSet, HelpMessage = "Only items of these areas. Default: all.")]
    [ValidateNotNullOrEmpty]
    public ReadinessArea[] Area { get; set; } = [];

    /// <summary>Which statuses.</summary>
    [Parameter(ParameterSetName = ItemSet, HelpMessage = "Only items that are so: Met, Partly, Missing, Unknown. Default: all.")]
    [ValidateNotNullOrEmpty]
    public ReadinessStatus[] Status { get; set; } = [];

    /// <summary>One object for all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SummarySet, HelpMessage = "Emits one object: the score over all and of each area, and the steps that would raise it most.")]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await RequireEnvironmentAsync();
        var judge = new ReadinessJudge(TimeProvider.System);
        var items = judge.Judge(await new ReadinessGatherer(await SourcesAsync(environment)).GatherAsync(cancellationToken));
        if (Summary)
        {
            await WriteObjectAsync(judge.Sum(environment, items));
            return;
        }

        foreach (var item in items.Where(IsWanted)) await WriteObjectAsync(item);
    }

    private bool IsWanted(ReadinessItem item) =>
        Name.Any(name => NamePattern.IsMatch(name, item.Name)) && (Area.Length == 0 || Area.Contains(item.Area)) && (Status.Length == 0 || Status.Contains(item.Status));
}
