using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Servers.Inventory;

/// <summary>Finds the environment's file: the one that is named, else that of <c>$env:PRODOPS_ENVIRONMENT</c>, else the nearest one upwards.</summary>
internal static class EnvironmentFinder
{
    public const string FileName = "environment.psd1";
    public const string VariableName = "PRODOPS_ENVIRONMENT";

    /// <param name="named">A full path of a file, or of a folder that has one; <see langword="null"/> if none is named.</param>
    /// <param name="variable">What the environment variable says, below <paramref name="folder"/>.</param>
    /// <param name="folder">The folder from which to search upwards; <see langword="null"/> where the session is not in a file system.</param>
    /// <returns>The full path, or <see langword="null"/> if there is none.</returns>
    /// <exception cref="ProdOpsException">The one that is named does not exist, or the one found may be somebody else's work.</exception>
    public static string? Find(string? named, string? variable, string? folder)
    {
        if (named is not null) return FileAt(named) ?? throw ServersErrors.EnvironmentNotFound(named);
        if (!string.IsNullOrEmpty(variable)) return FileAt(Path.GetFullPath(variable, folder ?? "/")) ?? throw ServersErrors.EnvironmentNotFound(variable);
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            string path = Path.Join(at, FileName);
            // It can name commands that print secrets, and was not asked for by name.
            if (File.Exists(path)) return (FileTrust.FindFault(path) ?? FileTrust.FindFaultAbove(path)) is { } fault ? throw ServersErrors.EnvironmentUntrusted(path, fault) : path;
        }

        return null;
    }

    private static string? FileAt(string path)
    {
        if (Directory.Exists(path)) path = Path.Join(path, FileName);
        return File.Exists(path) ? path : null;
    }
}
