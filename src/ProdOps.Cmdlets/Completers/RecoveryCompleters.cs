using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Completers;

/// <summary>Proposes the recovery plans beside the environment's file.</summary>
internal sealed class RecoveryPlanCompleter : EnvironmentCompleter
{
    protected override IEnumerable<(string Text, string ToolTip)> Propose(ProdOpsEnvironment environment) => PlanFiles.Names(environment).Select(name => (name, "a recovery plan"));
}

/// <summary>Proposes the runs of recovery plans of this user, the latest first.</summary>
internal sealed class RecoveryRunCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound) =>
        RunJournal.DefaultFolder is { } folder ? JournalFile.List(folder).Select(name => (name, "a run of a recovery plan")) : [];
}

/// <summary>Proposes the steps of the plan, or of the run, that the line names; without one those of all plans.</summary>
internal sealed class RecoveryStepCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string ToolTip)> Propose(SessionState? session, BoundValues bound)
    {
        if (bound.Text("Run") is { Length: > 0 } run && RunJournal.DefaultFolder is { } folder && JournalFile.Exists(folder, run))
            return RunJournal.Parse(run, JournalFile.Read(folder, run)).Header.Steps.Select(step => (step.Name, $"{step.Kind} on {step.Server}"));
        if (session is null || SessionEnvironment.Of(session, bound.Text("Environment")).Find() is not { } path) return [];
        var environment = EnvironmentCache.Read(path).Environment;
        string? plan = bound.Text("Name");
        return PlanFiles.Names(environment).Where(name => plan is null || name.Equals(plan, StringComparison.OrdinalIgnoreCase))
            .SelectMany(name => PlanReader.Read(PlanFiles.PathOf(environment, name), null).Plan.Steps).Select(step => (step.Name, $"{step.Kind}: {step.Purpose}"));
    }
}
