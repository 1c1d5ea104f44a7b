using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Tells whether recovery plans are still true; with -Drill carries one out on a spare host and takes its time.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RecoveryPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = CheckSet)]
[OutputType(typeof(RecoveryPlanCheck), ParameterSetName = [CheckSet])]
[OutputType(typeof(RecoveryRunStep), ParameterSetName = [DrillSet])]
public sealed class TestRecoveryPlan : RecoveryRunCmdlet
{
    private const string CheckSet = "Check", DrillSet = "Drill";

    /// <summary>The plans.</summary>
    [Parameter(Position = 0, ParameterSetName = CheckSet, ValueFromPipelineByPropertyName = true, HelpMessage = "Plans: names or wildcards. Default: all.")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = DrillSet, ValueFromPipelineByPropertyName = true, HelpMessage = "The plan to rehearse.")]
    [Alias("Plan")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Carry it out on a spare host.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DrillSet, HelpMessage = "Carry the plan out on the host of -Target, without what others would notice, and record how long it took.")]
    public SwitchParameter Drill { get; set; }

    /// <summary>The spare host.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DrillSet, HelpMessage = "The spare host: user@host:port, or a server object. No server of the environment that has a part in it.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public ServerReference? Target { get; set; }

    /// <summary>Take away what was made.</summary>
    [Parameter(ParameterSetName = DrillSet, HelpMessage = "Take away from the spare host what a drill that succeeded has made there: what was restored, databases, files, users, packages. What it has changed stays.")]
    public SwitchParameter Wipe { get; set; }

    /// <summary>Steps that are done.</summary>
    [Parameter(ParameterSetName = DrillSet, HelpMessage = "Manual steps that are done already, so that nobody is asked.")]
    [ArgumentCompleter(typeof(RecoveryStepCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Confirmed { get; set; } = [];

    /// <summary>How many steps side by side.</summary>
    [Parameter(ParameterSetName = DrillSet, HelpMessage = "How many steps that do not wait for each other are done at the same time. Default: 4.")]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Take the target all the same.</summary>
    [Parameter(ParameterSetName = DrillSet, HelpMessage = "Take the target although it was built as another server, although another run has its lock, although it seems to have too little room, or although it cannot be kept away from servers in use. A server of the environment is never taken.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await Plans.RequireEnvironmentAsync();
        if (ParameterSetName == DrillSet) await DrillAsync(environment, cancellationToken);
        else await LookThroughAsync(environment, cancellationToken);
    }

    private async Task LookThroughAsync(ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var runs = RunJournal.DefaultFolder is { } folder ? RunHistory.Read(folder, TimeProvider.System, _ => { }).ToArray() : [];
        var session = await OpenSessionAsync(environment);
        foreach (string name in await Plans.FindAsync(environment, Name, WriteErrorAsync))
        {
            var reading = PlanReader.Read(PlanFiles.PathOf(environment, name), environment);
            if (!reading.Errors.Any()) PlanHistory.Keep(reading.Plan, Activity);
            var now = TimeProvider.System.GetUtcNow();
            var checks = new List<RecoveryPlanCheck>();
            await foreach (var check in new PlanChecklist(reading, environment, runs, session, Activity, TimeProvider.System).RunAsync(cancellationToken))
            {
                checks.Add(check);
                await WriteObjectAsync(check);
            }

            await EvidenceKeeper.KeepAsync(Activity, folder => folder.RecoveryPlans, now, environment.Name, PlanChecklist.Sum(reading.Plan, now, checks), cancellationToken);
        }
    }

    private async Task DrillAsync(ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        if (Name is not [var name]) throw RecoveryErrors.OneTargetNeeded(string.Join(", ", Name));
        var plan = PlanAccess.Read(environment, name);
        var target = await TargetOfAsync(environment, Target!);
        var steps = new PlanExpansion(environment, target, plan, isDrill: true).Expand([]);
        DrillFence.Require(environment, plan, target, steps);
        var work = new RecoveryWork(environment, plan, target, steps, new ExecutionOptions { ThrottleLimit = ThrottleLimit, Force = Force, Confirmed = Confirmed });
        await CheckAsync(work, isDrill: true, cancellationToken);
        string question = $"Rehearse the recovery plan '{plan.Name}' ({plan.Revision[..12]}): {steps.Count(step => !step.IsSkipped)} of {steps.Count} steps";
        if (!await IsWantedAsync(work, question, NothingLearnt, "", cancellationToken)) return;
        var (succeeded, run) = await BeginAsync(work, new RunHeader { IsDrill = true }, cancellationToken);
        if (!Wipe) return;
        if (!succeeded)
        {
            Activity.Warning($"Nothing was wiped on {target.Name}: the drill '{run}' failed, and can be looked at and gone on with.");
            return;
        }

        using var journal = RunJournal.Open(PlanAccess.RunFolder, run, TimeProvider.System);
        await foreach (var step in new DrillWipe(journal, plan, steps, environment, await OpenSessionAsync(environment), Activity, TimeProvider.System).RunAsync(cancellationToken)) await WriteObjectAsync(step);
    }
}
