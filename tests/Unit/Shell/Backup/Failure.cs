using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests.Backup;

internal static class Failure
{
    /// <summary>The one error of a script. Some end the script, some only their statement; PowerShell shows them at different places.</summary>
    public static ErrorRecord Fail(this Engine engine, string script)
    {
        using var shell = engine.Shell(script);
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException e)
        {
            return e.ErrorRecord;
        }

        return shell.Streams.Error.Single();
    }
}
