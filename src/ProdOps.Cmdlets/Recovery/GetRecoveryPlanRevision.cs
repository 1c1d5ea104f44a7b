using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Gets the texts that a recovery plan has had, and which of them was drilled or carried out last.</summary>
[Cmdlet(VerbsCommon.Get, "RecoveryPlanRevision")]
[OutputType(typeof(RecoveryPlanRevision))]
public sealed class GetRecoveryPlanRevision : RecoveryCmdlet
{
    /// <summary>The plans.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Plans: names or wildcards. Default: all.")]
    [Alias("Plan")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await Plans.RequireEnvironmentAsync();
        var runs = RunJournal.DefaultFolder is { } folder ? RunHistory.Read(folder, TimeProvider.System, _ => { }).ToArray() : [];
        foreach (string name in await Plans.FindAsync(environment, Name, WriteErrorAsync))
        {
            var reading = PlanReader.Read(PlanFiles.PathOf(environment, name), environment);
            // A plan that has errors at the moment had good texts before.
            if (!reading.Errors.Any()) PlanHistory.Keep(reading.Plan, Activity);
            foreach (var revision in PlanHistory.List(reading.Plan, runs)) await WriteObjectAsync(revision);
        }
    }
}
