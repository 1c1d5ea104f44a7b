using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Logging;

/// <summary>The base of the cmdlets about logs that are kept: where.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class LoggingCmdlet : AsyncCmdlet
{
    internal const string StoreHelp = "The store's folder. Default: the environment's, $env:PRODOPS_LOG_STORE, else your own in ~/.local/share/prodops/logs.";

    /// <summary>The store's folder.</summary>
    [Parameter(HelpMessage = StoreHelp)]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>The environment file that names store and servers.</summary>
    [Parameter(HelpMessage = "The environment.psd1 that names the store and knows the servers. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }
}
