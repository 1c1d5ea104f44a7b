using System.Management.Automation;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Where a session's commands look for the environment.</summary>
/// <param name="Named">The full path that <c>-Environment</c> names, if it does.</param>
/// <param name="Folder">The session's folder; <see langword="null"/> where no drive of it is a file system.</param>
internal sealed record SessionEnvironment(string? Named, string? Folder)
{
    /// <summary>Must be called on the pipeline thread.</summary>
    public static SessionEnvironment Of(SessionState session, string? named) => new(
        string.IsNullOrEmpty(named) ? null : session.Path.GetUnresolvedProviderPathFromPSPath(named), FolderOf(session));

    /// <summary>The environment, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="ProdOpsException">It is named and not there, or has errors.</exception>
    public ProdOpsEnvironment? Load() => EnvironmentCache.Load(Named, Folder);

    /// <summary>What can be read of the environment, for what works without one; an environment that is named must be there.</summary>
    public ProdOpsEnvironment? TryLoad()
    {
        try
        {
            return Find() is { } path ? EnvironmentCache.Read(path).Environment : null;
        }
        catch (ProdOpsException) when (Named is null)
        {
            return null;
        }
    }

    /// <summary>The full path of its file, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="ProdOpsException">It is named and not there.</exception>
    public string? Find() => EnvironmentFinder.Find(Named, Environment.GetEnvironmentVariable(EnvironmentFinder.VariableName), Folder);

    private static string? FolderOf(SessionState session)
    {
        try
        {
            return session.Path.CurrentFileSystemLocation.ProviderPath;
        }
        catch (Exception exception) when (exception is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException)
        {
            return null;
        }
    }
}
