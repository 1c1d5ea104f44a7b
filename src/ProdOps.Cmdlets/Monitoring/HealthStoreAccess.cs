using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Monitoring;
using ProdOps.Monitoring.Running;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>Where a command finds what monitoring keeps: what is named, the environment's, that of <c>$env:PRODOPS_MONITORING_STORE</c>, or the user's own.</summary>
internal static class HealthStoreAccess
{
    public const string Variable = "PRODOPS_MONITORING_STORE";

    /// <summary>What -Store means where it is read.</summary>
    public const string StoreHelp = "The folder of monitoring's store. Default: the environment's, $env:PRODOPS_MONITORING_STORE, else your own in ~/.local/share/prodops/monitoring.";

    /// <summary>Who does something, if nobody says otherwise: the account.</summary>
    public static string UserName => Environment.UserName is { Length: > 0 } name ? name : "?";

    /// <summary>The folder. Must be called on the pipeline thread.</summary>
    /// <param name="session">The command's session.</param>
    /// <param name="named">What <c>-Store</c> says, if it does.</param>
    /// <param name="environment">The environment, if there is one.</param>
    /// <exception cref="ProdOpsException">None is named and the user has no home.</exception>
    public static MonitoringFolder FolderOf(SessionState session, string? named, ProdOpsEnvironment? environment)
    {
        if (!string.IsNullOrEmpty(named)) return new MonitoringFolder(session.Path.GetUnresolvedProviderPathFromPSPath(named));
        if (environment?.Monitoring.Store is { Length: > 0 } store) return new MonitoringFolder(store);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable) return new MonitoringFolder(variable);
        return new MonitoringFolder(MonitoringFolder.Default ?? throw MonitoringErrors.NoStore());
    }

    /// <summary>The environment as far as it can be read: what was kept must be there to look at while somebody mends the file.</summary>
    public static ProdOpsEnvironment? EnvironmentOf(SessionState session, string? named) => SessionEnvironment.Of(session, named).TryLoad();
}
