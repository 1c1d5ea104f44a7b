using System.Management.Automation;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Carries out a recovery plan: builds a lost server anew, or whatever the plan is for; goes on where it was cut off.</summary>
[Cmdlet(VerbsData.Restore, "Server", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = PlanSet)]
[OutputType(typeof(RecoveryRunStep))]
public sealed class RestoreServer : RecoveryRunCmdlet
{
    private const string PlanSet = "Plan", ResumeSet = "Resume";

    /// <summary>The plan.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PlanSet, ValueFromPipelineByPropertyName = true, HelpMessage = "The recovery plan: the server's name, or another that the plan has.")]
    [Parameter(Position = 0, ParameterSetName = ResumeSet, HelpMessage = "The recovery plan whose latest unfinished run goes on. Default: of any plan.")]
    [Alias("Plan")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The host that is built.</summary>
    [Parameter(ParameterSetName = PlanSet, HelpMessage = "The host on which it is carried out: a name, user@host:port, or a server object. Default: the plan's server.")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public ServerReference? Target { get; set; }

    /// <summary>Only these steps.</summary>
    [Parameter(ParameterSetName = PlanSet, HelpMessage = "Only these steps, in the plan's order; what they wait for is taken as done. Default: all.")]
    [ArgumentCompleter(typeof(RecoveryStepCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Step { get; set; } = [];

    /// <summary>The moment up to which all was well.</summary>
    [Parameter(ParameterSetName = PlanSet, HelpMessage = "Restore from the newest backups from before this moment, up to which all was well. A step that names a snapshot, or an earlier moment, keeps to it. Default: from the newest.")]
    public DateTimeOffset? Before { get; set; }

    /// <summary>Nothing to restore yet.</summary>
    [Parameter(ParameterSetName = PlanSet, HelpMessage = "There are no backups yet: steps that restore from one are left out, and nothing else. Refused where there is a backup that such a step would restore.")]
    public SwitchParameter FirstInstallation { get; set; }

    /// <summary>Go on.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ResumeSet, HelpMessage = "Go on with a run that failed or was cut off, instead of beginning a new one.")]
    public SwitchParameter Resume { get; set; }

    /// <summary>The run to go on with.</summary>
    [Parameter(ParameterSetName = ResumeSet, HelpMessage = "The run to go on with. Default: the latest that is not finished.")]
    [ArgumentCompleter(typeof(RecoveryRunCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Run { get; set; }

    /// <summary>Go on by a plan that has changed.</summary>
    [Parameter(ParameterSetName = ResumeSet, HelpMessage = "Go on by the plan as it is now, although it has changed since the run began.")]
    public SwitchParameter AcceptChanges { get; set; }

    /// <summary>Steps that are done.</summary>
    [Parameter(HelpMessage = "Manual steps that are done already, so that nobody is asked; with -Resume also a step that was cut off and that you have found to be done.")]
    [ArgumentCompleter(typeof(RecoveryStepCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Confirmed { get; set; } = [];

    /// <summary>Steps to do again.</summary>
    [Parameter(ParameterSetName = ResumeSet, HelpMessage = "Steps that were cut off and that you have found not to be done: they are done again.")]
    [ArgumentCompleter(typeof(RecoveryStepCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Redo { get; set; } = [];

    /// <summary>How many steps side by side.</summary>
    [Parameter(HelpMessage = "How many steps that do not wait for each other are done at the same time. Default: 4.")]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Take the target all the same.</summary>
    [Parameter(HelpMessage = "Take the target although it belongs to another server, although another run has its lock, or although it seems to have too little room; begin a first installation although there is a backup.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var environment = await Plans.RequireEnvironmentAsync();
        if (ParameterSetName == ResumeSet) await GoOnAsync(environment, cancellationToken);
        else await BeginRunAsync(environment, cancellationToken);
    }

    private async Task BeginRunAsync(ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        var plan = PlanAccess.Read(environment, Name!);
        var target = await TargetOfAsync(environment, Target ?? new ServerReference(plan.Server));
        var work = WorkOf(environment, plan, target, new PlanExpansion(environment, target, plan, isDrill: false) { Before = Before, IsFirstInstallation = FirstInstallation }.Expand(Step));
        await CheckAsync(work, isDrill: false, cancellationToken);
        var learnt = RunHistory.Learnt(RunHistory.Read(PlanAccess.RunFolder, TimeProvider.System, _ => { }), plan.Name);
        string question = $"Carry out the recovery plan '{plan.Name}' ({plan.Revision[..12]}): {work.Steps.Count(step => !step.IsSkipped)} steps{RunEstimate.Of(work.Steps, learnt)}{(Before is { } before ? $", with the data from before {before:yyyy-MM-dd HH:mm:ss zzz}" : "")}{(FirstInstallation ? ", without what restores from a backup" : "")}";
        if (await IsWantedAsync(work, question, learnt, "", cancellationToken)) await BeginAsync(work, new RunHeader { Only = Step, Before = Before, IsFirstInstallation = FirstInstallation }, cancellationToken);
    }

    private async Task GoOnAsync(ProdOpsEnvironment environment, CancellationToken cancellationToken)
    {
        string run = Run ?? RunHistory.Read(PlanAccess.RunFolder, TimeProvider.System, _ => { })
            .FirstOrDefault(run => run.Status is RecoveryRunStatus.Failed or RecoveryRunStatus.Interrupted && (Name is null || run.Plan.Equals(Name, StringComparison.OrdinalIgnoreCase)))?.Run ?? throw RecoveryErrors.NothingToResume(Name);
        using var journal = RunJournal.Open(PlanAccess.RunFolder, run, TimeProvider.System);
        var past = RunHistory.Of(journal.Header, journal.Records, isOpen: true, TimeProvider.System.GetUtcNow());
        if (past.Status == RecoveryRunStatus.Succeeded) throw RecoveryErrors.RunOver(run);
        var plan = PlanAccess.Read(environment, journal.Header.Plan);
        if (plan.Revision != past.Revision && !AcceptChanges) throw RecoveryErrors.PlanChanged(run, plan.Name, past.Revision, plan.Revision);
        var target = await TargetOfAsync(environment, new ServerReference(journal.Header.Target));
        var steps = new PlanExpansion(environment, target, plan, journal.Header.IsDrill) { Before = journal.Header.Before, IsFirstInstallation = journal.Header.IsFirstInstallation }.Expand(journal.Header.Only);
        // The plan may have other steps by now, and the environment other servers.
        if (journal.Header.IsDrill) DrillFence.Require(environment, plan, target, steps);
        var work = WorkOf(environment, plan, target, steps);
        // Backups that were made since are of what this run has begun.
        await CheckAsync(work with { Steps = [.. steps.Select(step => step with { HasNoBackup = false })] }, journal.Header.IsDrill, cancellationToken);
        if (!await IsWantedAsync(work, $"Go on with '{run}' by the recovery plan '{plan.Name}' ({plan.Revision[..12]})", NothingLearnt, run, cancellationToken)) return;
        PlanHistory.Keep(plan, Activity);
        if (plan.Revision != past.Revision) journal.Add(new RunRecord { State = RecoveryStepState.Running, Revision = plan.Revision, Message = "goes on by a changed plan" });
        await RunAsync(work, journal, cancellationToken);
    }

    private RecoveryWork WorkOf(ProdOpsEnvironment environment, RecoveryPlan plan, Server target, IReadOnlyList<PlannedStep> steps) =>
        new(environment, plan, target, steps, new ExecutionOptions { ThrottleLimit = ThrottleLimit, Force = Force, Confirmed = Confirmed, Redo = Redo });
}
