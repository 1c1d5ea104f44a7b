using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace ProdOps.Testing;

/// <summary>A runspace of a real engine, with the built module imported.</summary>
internal sealed class Engine : IDisposable
{
    private readonly Runspace _runspace;

    public Engine(bool import = true)
    {
        _ = TestEvidence.Folder;
        _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        _runspace.Open();
        if (import) Run($"Import-Module '{Built.Manifest}'");
    }

    public static Engine WithProbe()
    {
        var engine = new Engine();
        engine.Run($"Import-Module '{Built.Probe}'");
        return engine;
    }

    /// <summary>Runs a script that is expected to write no error.</summary>
    public Collection<PSObject> Run(string script)
    {
        using var shell = Shell(script);
        var output = shell.Invoke();
        if (shell.Streams.Error is [var error, ..]) throw new InvalidOperationException($"{script}\nwrote {error.FullyQualifiedErrorId}: {error}", error.Exception);
        return output;
    }

    /// <summary>A shell with a script in it, for tests that look at its streams or stop it.</summary>
    public PowerShell Shell(string script) => PowerShell.Create(_runspace).AddScript(script);

    public void Dispose() => _runspace.Dispose();
}
