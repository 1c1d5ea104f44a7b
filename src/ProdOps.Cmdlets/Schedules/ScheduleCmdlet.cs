using System.ComponentModel;
using System.Management.Automation;
using ProdOps.Cmdlets.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Schedules;

namespace ProdOps.Cmdlets.Schedules;

/// <summary>The base of the cmdlets for schedules: whose schedules they are about.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ScheduleCmdlet : ServerCmdlet
{
    /// <summary>The system's schedules instead of the login user's own.</summary>
    [Parameter(HelpMessage = "The system's schedules, by sudo, instead of the login user's own. A login as root needs it not.")]
    public SwitchParameter AsRoot { get; set; }

    private protected Task<ServerSchedules> OpenSchedulesAsync(IServerShell shell, CancellationToken cancellationToken) =>
        ServerSchedules.OpenAsync(shell, AsRoot, Activity, TimeProvider.System, cancellationToken);
}
