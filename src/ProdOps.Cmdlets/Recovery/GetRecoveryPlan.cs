using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Recovery.Plans;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Gets the recovery plans that lie beside the environment's file.</summary>
[Cmdlet(VerbsCommon.Get, "RecoveryPlan")]
[OutputType(typeof(RecoveryPlan))]
public sealed class GetRecoveryPlan : RecoveryCmdlet
{
    /// <summary>Names of plans.</summary>
    [Parameter(Position = 0, HelpMessage = "Plans: names or wildcards. Default: all.")]
    [Alias("Plan")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var environment = await Plans.RequireEnvironmentAsync();
        foreach (string name in await Plans.FindAsync(environment, Name, WriteErrorAsync))
        {
            try
            {
                await WriteObjectAsync(PlanReader.Read(PlanFiles.PathOf(environment, name), environment).Require());
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }
    }
}
