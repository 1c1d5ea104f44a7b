using System.ComponentModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>The base of the cmdlets that work on servers by a recovery plan.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RecoveryRunCmdlet : ConnectingCmdlet
{
    private protected static readonly IReadOnlyDictionary<string, TimeSpan> NothingLearnt = new Dictionary<string, TimeSpan>();

    private SessionRecovery? _session;

    /// <summary>The environment file.</summary>
    [Parameter(HelpMessage = PlanAccess.EnvironmentHelp)]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <summary>The plans beside it.</summary>
    private protected PlanAccess Plans => new(this, Environment);

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
        await base.ReleaseAsync();
    }

    /// <summary>What the engine gets from this session.</summary>
    private protected async Task<SessionRecovery> OpenSessionAsync(ProdOpsEnvironment environment) =>
        _session ??= new SessionRecovery(this, Access, await InvokeAsync(() => SessionShells.Current), environment, Activity) { Ask = AskAsync };

    /// <summary>The one server that a reference names.</summary>
    /// <exception cref="ProdOpsException">It names none, or several.</exception>
    private protected static async Task<Server> TargetOfAsync(ProdOpsEnvironment environment, ServerReference reference) =>
        await ServerAccess.ResolveAsync([reference], environment, error => throw error) is [var one] ? one : throw RecoveryErrors.OneTargetNeeded(reference.ToString() ?? "");

    /// <summary>Checks all that can be known before the first change.</summary>
    /// <exception cref="ProdOpsException">Something is missing.</exception>
    private protected async Task CheckAsync(RecoveryWork work, bool isDrill, CancellationToken cancellationToken)
    {
        var preflight = new Preflight(work.Plan, work.Target, work.Steps, work.Environment, await OpenSessionAsync(work.Environment), Activity, TimeProvider.System)
        {
            Force = work.Options.Force, IsDrill = isDrill, Confirmed = work.Options.Confirmed, CanAsk = CanAsk,
        };
        if (await preflight.RunAsync(cancellationToken) is { Count: > 0 } problems) throw RecoveryErrors.Preflight(work.Plan.Name, problems);
    }

    /// <summary>Whether it is to be done; with -WhatIf every step is emitted with what it would do.</summary>
    /// <param name="work">What would be done.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="learnt">How long steps took before.</param>
    /// <param name="run">The run that would go on; empty for a new one.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    private protected async Task<bool> IsWantedAsync(RecoveryWork work, string question, IReadOnlyDictionary<string, TimeSpan> learnt, string run, CancellationToken cancellationToken)
    {
        var decision = await DecideAsync(work.Target.Name, question);
        if (decision != ChangeDecision.Plan) return decision != ChangeDecision.Refuse;
        var preview = new PlanPreview(work.Plan, work.Steps, learnt, work.Environment, await OpenSessionAsync(work.Environment), Activity, TimeProvider.System);
        await foreach (var step in preview.LookAsync(cancellationToken)) await WriteObjectAsync(step with { Run = run });
        return false;
    }

    /// <summary>Begins a run.</summary>
    /// <param name="work">What is done.</param>
    /// <param name="header">Of the journal's first line what the work itself does not say.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Whether all was done, and the run's name.</returns>
    private protected async Task<(bool Succeeded, string Run)> BeginAsync(RecoveryWork work, RunHeader header, CancellationToken cancellationToken)
    {
        PlanHistory.Keep(work.Plan, Activity);
        using var journal = RunJournal.Create(PlanAccess.RunFolder, header with
        {
            Plan = work.Plan.Name, PlanPath = work.Plan.Path, Revision = work.Plan.Revision, Environment = work.Environment.Name, Server = work.Plan.Server, Target = work.Target.Name,
            Steps = [.. work.Steps.Select(step => new RunHeaderStep(step.Step.Name, step.Step.Kind, step.Server.Name))],
            By = $"{System.Environment.UserName}@{System.Environment.MachineName}",
        }, TimeProvider.System);
        Activity.Verbose($"This run is called {journal.Header.Run}.");
        try
        {
            return (await RunAsync(work, journal, cancellationToken), journal.Header.Run);
        }
        catch when (journal.Records.Count == 0)
        {
            journal.Discard();
            throw;
        }
    }

    /// <summary>Does what the journal does not say was done.</summary>
    private protected async Task<bool> RunAsync(RecoveryWork work, RunJournal journal, CancellationToken cancellationToken) =>
        await new RecoveryExecution(journal, work.Plan, work.Steps, work.Options, work.Environment, await OpenSessionAsync(work.Environment), Activity, TimeProvider.System) { Emit = WriteObjectAsync, Fail = WriteErrorAsync }
            .RunAsync(cancellationToken);

    /// <summary>Asks whether a person has done something. Where nobody can be asked, PowerShell says so by one of several exceptions.</summary>
    private Task<bool> AskAsync(RecoveryStep step, string server) => InvokeAsync(() =>
    {
        if (!CanAsk) throw RecoveryErrors.ManualUnconfirmed(step.Name);
        try
        {
            string who = step.Who.Length > 0 ? $" ({step.Who})" : "";
            return ShouldContinue($"{step.Text}\n\nIs it done?", $"{step.Name}{who} on {server}");
        }
        catch (Exception exception) when (exception is PSInvalidOperationException or PSNotSupportedException or HostException or NotImplementedException)
        {
            throw RecoveryErrors.ManualUnconfirmed(step.Name);
        }
    });

    /// <summary>Whether PowerShell was started to ask nobody.</summary>
    private protected static bool CanAsk => !System.Environment.GetCommandLineArgs().Skip(1).Any(static argument => argument.StartsWith("-noni", StringComparison.OrdinalIgnoreCase));
}
