using System.Net;
using System.Reflection;
using System.Runtime.InteropServices;

namespace ProdOps.Backup;

/// <summary>Who and where this process is, as recorded in snapshots, keys and locks.</summary>
internal static partial class HostIdentity
{
    /// <summary>The host's full name. <see cref="Environment.MachineName"/> would cut it at the first dot, and restic would then see another host.</summary>
    public static string HostName { get; } = Dns.GetHostName();

    public static string UserName { get; } = Environment.UserName;

    /// <summary>The effective user's number; 0 where the system has none, as restic records it.</summary>
    public static uint UserId { get; } = OperatingSystem.IsWindows() ? 0 : GetEffectiveUserId();

    public static uint GroupId { get; } = OperatingSystem.IsWindows() ? 0 : GetEffectiveGroupId();

    /// <summary>What snapshots name as their writer.</summary>
    public static string ProgramVersion { get; } =
        $"ProdOps {typeof(HostIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroupId();
}
