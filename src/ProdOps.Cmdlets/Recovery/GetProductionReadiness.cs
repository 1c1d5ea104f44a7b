using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Logging;
using ProdOps.Cmdlets.Monitoring;
using ProdOps.Cmdlets.Servers;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Readiness;
using ProdOps.Recovery.Readiness.Gathering;
using ProdOps.Servers;
using ProdOps.Servers.Evidence;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Tells how ready for production an environment is, by what was proved and not by what is declared.</summary>
[Cmdlet(VerbsCommon.Get, "ProductionReadiness", DefaultParameterSetName = ItemSet)]
[OutputType(typeof(ReadinessItem), ParameterSetName = [ItemSet])]
[OutputType(typeof(ReadinessSummary), ParameterSetName = [SummarySet])]
public sealed partial class GetProductionReadiness : AsyncCmdlet
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

    /// <summary>Asks servers and repositories.</summary>
    [Parameter(HelpMessage = "Asks repositories for their backups, servers for their clocks, and anchors whether they answer. Default: what was noted on this machine, without any network.")]
    public SwitchParameter Refresh { get; set; }

    /// <summary>How long asking may take, in seconds.</summary>
    [Parameter(HelpMessage = "With -Refresh: how many seconds asking may take; what has not answered by then is not known. Default: 60.")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>The environment file.</summary>
    [Parameter(HelpMessage = "The environment.psd1 that is judged. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load() ?? throw ServersErrors.NoEnvironment();
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

    private async Task<ReadinessSources> SourcesAsync(ProdOpsEnvironment environment)
    {
        var (monitoring, logs) = await InvokeAsync(() => (TryFind(() => HealthStoreAccess.FolderOf(SessionState, null, environment)), TryFind(() => StoreAccess.FolderOf(SessionState, null, environment))));
        var sources = new ReadinessSources
        {
            Environment = environment,
            Evidence = EvidenceFolder.OfUser(TimeProvider.System),
            RollingUpdates = RollingJournal.DefaultFolder,
            RecoveryRuns = RunJournal.DefaultFolder,
            Monitoring = monitoring,
            Logs = logs is null ? null : activity => StoreAccess.Open(logs, environment, activity),
            Time = TimeProvider.System,
        };
        return Refresh ? await RefreshAsync(sources) : sources;
    }

    /// <summary>A user without a home has no store: its items are not known, and all others are judged.</summary>
    private static T? TryFind<T>(Func<T> find)
        where T : class
    {
        try
        {
            return find();
        }
        catch (ProdOpsException)
        {
            return null;
        }
    }
}
