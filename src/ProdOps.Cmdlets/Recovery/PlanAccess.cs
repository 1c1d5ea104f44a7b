using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Servers;
using ProdOps.Recovery;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;
using ProdOps.Servers;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>The plans that lie beside an environment's file, and the journals of their runs.</summary>
/// <param name="cmdlet">The cmdlet that works on them.</param>
/// <param name="file">The environment's file, as its parameter names it.</param>
internal sealed class PlanAccess(AsyncCmdlet cmdlet, string? file)
{
    public const string EnvironmentHelp = "The environment.psd1 beside which the plans are. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.";

    /// <summary>The folder of the journals of runs.</summary>
    public static string RunFolder => RunJournal.DefaultFolder ?? throw RecoveryErrors.RunFolderMissing();

    /// <summary>The environment.</summary>
    /// <exception cref="ProdOpsException">There is none, or it has errors.</exception>
    public async Task<ProdOpsEnvironment> RequireEnvironmentAsync() =>
        (await cmdlet.InvokeAsync(() => SessionEnvironment.Of(cmdlet.SessionState, file))).Load() ?? throw ServersErrors.NoEnvironment();

    /// <summary>A plan by its name.</summary>
    /// <exception cref="ProdOpsException">There is none, or it has errors.</exception>
    public static RecoveryPlan Read(ProdOpsEnvironment environment, string name)
    {
        var names = PlanFiles.Names(environment);
        string known = names.FirstOrDefault(one => one.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw RecoveryErrors.PlanNotFound(name, environment, Nearest.Find(name, names));
        return PlanReader.Read(PlanFiles.PathOf(environment, known), environment).Require();
    }

    /// <summary>The names of plans that fit; one that is named and not there is an error of its own.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(ProdOpsEnvironment environment, IReadOnlyList<string> wanted, Func<ProdOpsException, Task> writeError)
    {
        var names = PlanFiles.Names(environment);
        foreach (string name in wanted.Where(name => !NamePattern.HasWildcards(name) && !names.Contains(name, StringComparer.OrdinalIgnoreCase)))
            await writeError(RecoveryErrors.PlanNotFound(name, environment, Nearest.Find(name, names)));
        return [.. names.Where(name => wanted.Any(pattern => NamePattern.IsMatch(pattern, name)))];
    }
}
