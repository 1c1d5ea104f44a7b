using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using ProdOps.Servers.Connections;

namespace ProdOps.Cmdlets.Servers;

/// <summary>The connections of each PowerShell session. They end with it, or when the module is removed from it.</summary>
internal static class SessionShells
{
    private static readonly ConditionalWeakTable<Runspace, ServerShells> Sessions = [];

    /// <summary>This session's. Must be called on the pipeline thread.</summary>
    public static ServerShells Current => Sessions.GetValue(Runspace.DefaultRunspace, Open);

    /// <summary>Closes this session's connections.</summary>
    public static void Close()
    {
        if (Runspace.DefaultRunspace is not { } runspace || !Sessions.TryGetValue(runspace, out var shells)) return;
        Sessions.Remove(runspace);
        shells.Dispose();
    }

    private static ServerShells Open(Runspace runspace)
    {
        var shells = new ServerShells(new ServerConnector(TimeProvider.System), TimeProvider.System);
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken) shells.Dispose();
        };
        return shells;
    }
}
