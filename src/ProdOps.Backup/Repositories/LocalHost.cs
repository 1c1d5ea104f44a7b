using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// Who this process is, as locks and temporary files tell it, and whether another process of this machine lives.
/// </summary>
internal static partial class LocalHost
{
    private const int NoSuchProcess = 3;

    /// <summary>The host's whole name. <see cref="Environment.MachineName"/> cuts it at the first dot, where restic does not.</summary>
    public static string Name { get; } = ReadName();

    public static string UserName => Environment.UserName;

    public static uint UserId => OperatingSystem.IsWindows() ? 0 : GetUserId();

    public static uint GroupId => OperatingSystem.IsWindows() ? 0 : GetGroupId();

    /// <summary>Whether a process of this number exists; when that cannot be told, it is taken to.</summary>
    public static bool IsAlive(int processId)
    {
        if (processId <= 0) return false;
        if (!OperatingSystem.IsWindows()) return Kill(processId, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess;
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>When a process began, or <see langword="null"/> where that cannot be told.</summary>
    public static DateTimeOffset? GetStartTime(int processId, DateTimeOffset now)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            // proc(5): field 22 of stat is the start in clock ticks (100 a second) after boot. The name in field 2 may hold anything, so count from its ')'.
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            string uptime = File.ReadAllText("/proc/uptime").Split(' ')[0];
            double secondsAfterBoot = double.Parse(fields[19], CultureInfo.InvariantCulture) / 100;
            return now.AddSeconds(secondsAfterBoot - double.Parse(uptime, CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static unsafe string ReadName()
    {
        if (OperatingSystem.IsWindows()) return Environment.MachineName;
        byte* name = stackalloc byte[256];
        return GetHostName(name, 255) == 0 && Marshal.PtrToStringUTF8((nint)name) is { Length: > 0 } text ? text : Environment.MachineName;
    }

    [LibraryImport("libc", EntryPoint = "gethostname", SetLastError = true)]
    private static unsafe partial int GetHostName(byte* name, nuint length);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "getuid")]
    private static partial uint GetUserId();

    [LibraryImport("libc", EntryPoint = "getgid")]
    private static partial uint GetGroupId();
}
