using System.Runtime.Versioning;
using System.Security.Principal;

namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>What decides how a task is registered on this machine.</summary>
internal sealed record TaskHost
{
    public required string Server { get; init; }

    /// <summary>The account, as people know it.</summary>
    public required string User { get; init; }

    /// <summary>The account's security identifier: the one name that does not depend on language or domain.</summary>
    public required string UserId { get; init; }

    /// <summary>Whether this process has an administrator's rights.</summary>
    public bool IsElevated { get; init; }

    /// <summary>The program that runs schedules: pwsh before prodops.</summary>
    public string? Runner { get; init; }

    /// <summary>Looks at this machine.</summary>
    [SupportedOSPlatform("windows")]
    public static TaskHost Look(string server)
    {
        using var identity = WindowsIdentity.GetCurrent();
        return new TaskHost
        {
            Server = server,
            User = identity.Name,
            UserId = identity.User?.Value ?? identity.Name,
            IsElevated = Environment.IsPrivilegedProcess,
            Runner = FindRunner((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), File.Exists),
        };
    }

    /// <summary>pwsh or prodops from the PATH; pwsh is also looked for where its installer puts it.</summary>
    internal static string? FindRunner(IReadOnlyList<string> path, string programFiles, Func<string, bool> exists)
    {
        IEnumerable<string> candidates =
        [
            .. path.Where(folder => folder.Length > 0).Select(folder => Path.Join(folder, "pwsh.exe")),
            Path.Join(programFiles, "PowerShell", "7", "pwsh.exe"),
            .. path.Where(folder => folder.Length > 0).Select(folder => Path.Join(folder, "prodops.exe")),
        ];
        return candidates.FirstOrDefault(exists);
    }
}
