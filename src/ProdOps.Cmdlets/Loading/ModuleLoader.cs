using System.ComponentModel;
using System.Management.Automation;
using System.Runtime.Loader;

namespace ProdOps.Cmdlets.Loading;

/// <summary>
/// Makes the engine findable when the module is imported. PowerShell runs it once in every runspace that imports ProdOps;
/// the hook is set once in the process and never taken away, since other runspaces may still need it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ModuleLoader : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static int _hooked;

    /// <inheritdoc/>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref _hooked, 1) != 0) return;
        AssemblyLoadContext.Default.Resolving += static (_, name) => EngineLoadContext.Owns(name) ? EngineLoadContext.Instance.LoadFromAssemblyName(name) : null;
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        if (EngineLoadContext.IsLoaded) Servers.SessionShells.Close();
    }
}
