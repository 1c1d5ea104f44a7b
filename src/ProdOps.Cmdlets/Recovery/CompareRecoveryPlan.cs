using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Compares a recovery plan with what it was, or with another plan, step by step.</summary>
[Cmdlet(VerbsData.Compare, "RecoveryPlan", DefaultParameterSetName = RevisionSet)]
[OutputType(typeof(RecoveryPlanDifference))]
public sealed class CompareRecoveryPlan : RecoveryCmdlet
{
    private const string RevisionSet = "Revision", PlanSet = "Plan";

    /// <summary>The plan.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The recovery plan.")]
    [Alias("Plan")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The revision that is compared with the present text.</summary>
    [Parameter(Position = 1, ParameterSetName = RevisionSet, HelpMessage = "The revision that it is compared with, or the beginning of one. Default: the one that was drilled or carried out last, else the one before.")]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>Another plan.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PlanSet, HelpMessage = "Another plan that it is compared with.")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [ValidateNotNullOrEmpty]
    public string With { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await Plans.RequireEnvironmentAsync();
        var plan = PlanAccess.Read(environment, Name);
        PlanHistory.Keep(plan, Activity);
        foreach (var difference in PlanComparison.Compare(ParameterSetName == PlanSet ? PlanAccess.Read(environment, With) : Before(plan), plan)) await WriteObjectAsync(difference);
    }

    private RecoveryPlan Before(RecoveryPlan plan)
    {
        if (Revision is not null) return PlanHistory.Read(plan, Revision);
        var runs = RunJournal.DefaultFolder is { } folder ? RunHistory.Read(folder, TimeProvider.System, _ => { }).ToArray() : [];
        var others = PlanHistory.List(plan, runs).Where(one => !one.IsCurrent).ToArray();
        var chosen = others.Where(one => (one.LastDrill ?? one.LastRun) is not null).MaxBy(one => one.LastDrill > (one.LastRun ?? DateTimeOffset.MinValue) ? one.LastDrill : one.LastRun ?? one.LastDrill) ?? others.FirstOrDefault();
        return chosen is null ? throw RecoveryErrors.RevisionNotFound(plan.Name, "one before the present") : PlanHistory.Read(plan, chosen.Revision);
    }
}
