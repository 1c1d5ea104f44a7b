using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Cmdlets.Servers;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>The base of monitoring's cmdlets that log in to no server: by which environment they go.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class MonitoringCmdlet : AsyncCmdlet
{
    /// <summary>The environment file.</summary>
    [Parameter(HelpMessage = "The environment.psd1 with servers, checks, rules, channels and the store. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Environment { get; set; }

    /// <summary>The environment, if there is one.</summary>
    /// <exception cref="ProdOpsException">It is named and not there, or has errors.</exception>
    private protected async Task<ProdOpsEnvironment?> LoadEnvironmentAsync() => (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load();

    /// <summary>The environment as far as it can be read: what was kept must be there to look at while somebody mends the file.</summary>
    private protected async Task<ProdOpsEnvironment?> FindEnvironmentAsync() => await InvokeAsync(() => HealthStoreAccess.EnvironmentOf(SessionState, Environment));
}
