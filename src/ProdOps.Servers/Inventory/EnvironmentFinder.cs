using System.Text;
using ProdOps.Servers.FileSystem;
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
    /// <exception cref="ProdOpsException">The one that is named does not exist, or the one found belongs to somebody else.</exception>
    public static string? Find(string? named, string? variable, string? folder)
    {
        if (named is not null) return FileAt(named) ?? throw ServersErrors.EnvironmentNotFound(named);
        if (!string.IsNullOrEmpty(variable)) return FileAt(Path.GetFullPath(variable, folder ?? "/")) ?? throw ServersErrors.EnvironmentNotFound(variable);
        for (string? at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            string path = Path.Join(at, FileName);
            if (File.Exists(path)) return IsTrusted(path) ? path : throw ServersErrors.EnvironmentUntrusted(path);
        }

        return null;
    }

    private static string? FileAt(string path)
    {
        if (Directory.Exists(path)) path = Path.Join(path, FileName);
        return File.Exists(path) ? path : null;
    }

    /// <summary>A file that was not asked for by name can name commands that print secrets, so it must not be somebody else's, nor open to them.</summary>
    internal static bool IsTrusted(string path)
    {
        if (!LibC.IsSupported) return true;
        var stat = SourceFileSystem.Local.GetStat(Encoding.UTF8.GetBytes(path), follow: true);
        const uint othersWrite = 0x2;
        bool isOurs = stat.UserId == 0 || stat.UserId == LibC.EffectiveUser()
            // Under sudo the file of the one who called it is as good as the rest of the command line.
            || (uint.TryParse(Environment.GetEnvironmentVariable("SUDO_UID"), out uint caller) && stat.UserId == caller);
        return isOurs && (stat.Permissions & othersWrite) == 0;
    }
}
