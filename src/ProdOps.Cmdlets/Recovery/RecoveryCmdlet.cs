using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>The base of the cmdlets about recovery plans, which lie beside the environment's file.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RecoveryCmdlet : AsyncCmdlet
{
    /// <summary>The environment file.</summary>
    [Parameter(HelpMessage = PlanAccess.EnvironmentHelp)]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <summary>The plans beside it.</summary>
    private protected PlanAccess Plans => new(this, Environment);
}
