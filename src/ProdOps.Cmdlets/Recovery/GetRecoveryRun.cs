using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>Gets the runs of recovery plans: drills and real ones, with each step's duration and result.</summary>
[Cmdlet(VerbsCommon.Get, "RecoveryRun")]
[OutputType(typeof(RecoveryRun))]
public sealed class GetRecoveryRun : AsyncCmdlet
{
    /// <summary>Names of runs.</summary>
    [Parameter(Position = 0, HelpMessage = "Runs: names or wildcards. Default: all, the latest first.")]
    [Alias("Name")]
    [ArgumentCompleter(typeof(RecoveryRunCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Run { get; set; } = ["*"];

    /// <summary>Only of these plans.</summary>
    [Parameter(HelpMessage = "Only runs of these plans: names or wildcards.")]
    [ArgumentCompleter(typeof(RecoveryPlanCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Plan { get; set; } = ["*"];

    /// <summary>Only of plans about these servers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Only runs of plans about these servers: names or wildcards.")]
    [Alias("ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = ["*"];

    /// <summary>Only drills.</summary>
    [Parameter(HelpMessage = "Only drills.")]
    public SwitchParameter Drill { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        string folder = RunJournal.DefaultFolder ?? throw RecoveryErrors.RunFolderMissing();
        var damaged = new List<ProdOpsException>();
        bool found = false;
        foreach (var run in RunHistory.Read(folder, TimeProvider.System, damaged.Add))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!IsAny(Run, run.Run) || !IsAny(Plan, run.Plan) || !IsAny(Server, run.Server) || (Drill && !run.IsDrill)) continue;
            found = true;
            await WriteObjectAsync(run);
        }

        foreach (var error in damaged) await WriteErrorAsync(error);
        if (!found && Run is [var one] && !NamePattern.HasWildcards(one)) await WriteErrorAsync(RecoveryErrors.RunNotFound(one, ProdOps.Servers.FileSystem.JournalFile.List(folder)));
    }

    private static bool IsAny(string[] patterns, string name) => patterns.Any(pattern => NamePattern.IsMatch(pattern, name));
}
