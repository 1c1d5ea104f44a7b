using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Plans;

/// <summary>What tells a step that mounts a file system: it is verified by this.</summary>
internal static class MountPoints
{
    /// <summary>The command that succeeds where a file system is mounted at a folder (mountpoint(1)).</summary>
    public static string IsThere(string folder) => $"mountpoint -q {ShellQuote.Word(folder)}";
}
