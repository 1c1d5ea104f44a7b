using System.Management.Automation;

namespace ProdOps.Cmdlets.Completers;

/// <summary>The session whose line is completed; a completer is handed none.</summary>
internal static class CompletionSession
{
    public static SessionState? Find()
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddScript("$ExecutionContext.SessionState").Invoke<SessionState>().FirstOrDefault();
    }
}
