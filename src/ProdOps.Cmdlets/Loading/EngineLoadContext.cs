using System.Reflection;
using System.Runtime.Loader;

namespace ProdOps.Cmdlets.Loading;

/// <summary>
/// The load context of everything in <c>lib/</c>: the engine and its packages. Other modules put their own versions of the same
/// packages into PowerShell's context (Posh-SSH: Renci.SshNet, BouncyCastle); here ours live beside them, unseen by each other.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    private static readonly Lazy<EngineLoadContext> Shared = new(static () => new EngineLoadContext());

    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(typeof(EngineLoadContext).Assembly.Location)!, "lib");

    private readonly AssemblyDependencyResolver _resolver = new(Path.Combine(Folder, "ProdOps.Lib.dll"));

    private EngineLoadContext() : base("ProdOps")
    {
    }

    /// <summary>The one context of the process, made when the first engine type is needed.</summary>
    public static EngineLoadContext Instance => Shared.Value;

    /// <summary>Whether an engine type has been needed yet.</summary>
    public static bool IsLoaded => Shared.IsValueCreated;

    /// <summary>True for ProdOps' own engine assemblies. A package's assembly is never handed to whoever asks in PowerShell's context.</summary>
    public static bool Owns(AssemblyName name) =>
        name.Name is { } simple && simple.StartsWith("ProdOps.", StringComparison.Ordinal) && File.Exists(Path.Combine(Folder, simple + ".dll"));

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Null leaves the framework, System.Management.Automation and ProdOps.Model to PowerShell's context: lib/ has none of them.
        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
