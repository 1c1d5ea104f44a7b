using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery.Execution;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Takes steps of a run back by the commands that the plan has for it, the latest first.</summary>
[Cmdlet(VerbsCommon.Undo, "RecoveryStep", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RecoveryRunStep))]
public sealed class UndoRecoveryStep : RecoveryRunCmdlet
{
    /// <summary>The run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The run whose steps are taken back.")]
    [ArgumentCompleter(typeof(RecoveryRunCompleter))]
    [ValidateNotNullOrEmpty]
    public string Run { get; set; } = "";

    /// <summary>The steps.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The steps to take back. Default: all that were done and have an Undo, the latest first.")]
    [ArgumentCompleter(typeof(RecoveryStepCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Step { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await Plans.RequireEnvironmentAsync();
        using var journal = RunJournal.Open(PlanAccess.RunFolder, Run, TimeProvider.System);
        var plan = PlanAccess.Read(environment, journal.Header.Plan);
        var target = await TargetOfAsync(environment, new ServerReference(journal.Header.Target));
        var steps = new PlanExpansion(environment, target, plan, journal.Header.IsDrill).Expand(journal.Header.Only);
        var undo = new RunUndo(journal, plan, steps, environment, await OpenSessionAsync(environment), Activity, TimeProvider.System);
        foreach (var step in undo.Find(Step))
        {
            if (await ShouldProcessAsync($"{step.Step.Name} on {step.Server.Name}", $"Take back: {step.Step.Undo}")) await WriteObjectAsync(await undo.UndoAsync(step, cancellationToken));
        }
    }
}
