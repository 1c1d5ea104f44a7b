using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>The base of the cmdlets about recovery plans, which lie beside the environment's file.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RecoveryCmdlet : AsyncCmdlet
{
    /// <summary>The environment file.</summary>
    [Parameter(HelpMessage = "The environment.psd1 beside which the plans are. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <summary>The environment.</summary>
    /// <exception cref="ProdOpsException">There is none, or it has errors.</exception>
    private protected async Task<ProdOpsEnvironment> RequireEnvironmentAsync() =>
        (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load() ?? throw ProdOps.Servers.ServersErrors.NoEnvironment();

    /// <summary>A plan by its name.</summary>
    /// <exception cref="ProdOpsException">There is none, or it has errors.</exception>
    private protected static RecoveryPlan ReadPlan(ProdOpsEnvironment environment, string name)
    {
        var names = PlanFiles.Names(environment);
        string known = names.FirstOrDefault(one => one.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw RecoveryErrors.PlanNotFound(name, environment, Nearest.Find(name, names));
        return PlanReader.Read(PlanFiles.PathOf(environment, known), environment).Require();
    }

    /// <summary>The names of plans that fit; one that is named and not there is an error of its own.</summary>
    private protected async Task<IReadOnlyList<string>> FindPlansAsync(ProdOpsEnvironment environment, IReadOnlyList<string> wanted)
    {
        var names = PlanFiles.Names(environment);
        foreach (string name in wanted.Where(name => !NamePattern.HasWildcards(name) && !names.Contains(name, StringComparer.OrdinalIgnoreCase)))
            await WriteErrorAsync(RecoveryErrors.PlanNotFound(name, environment, Nearest.Find(name, names)));
        return [.. names.Where(name => wanted.Any(pattern => NamePattern.IsMatch(pattern, name)))];
    }

    /// <summary>The folder of the journals of runs.</summary>
    private protected static string RunFolder => RunJournal.DefaultFolder ?? throw RecoveryErrors.RunFolderMissing();
}
