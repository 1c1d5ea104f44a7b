using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// Where a process number means a process. Containers may bear one host name and see each other's processes not at all, as may machines that were cloned; a host
/// name alone says nothing then.
/// </summary>
/// <param name="Machine">A hash of the machine's id (machine-id(5), which is to be kept to oneself); empty if it has none, or if this is no system with an init of its own.</param>
/// <param name="Boot">The id of the kernel's start (random(4)).</param>
/// <param name="Namespace">The process namespace (pid_namespaces(7)), as the system names it.</param>
internal sealed record ProcessScope(string Machine, string Boot, string Namespace)
{
    /// <summary>The namespace that a kernel starts with (Linux, include/linux/proc_ns.h).</summary>
    private const string First = "pid:[4026531836]";

    /// <summary>That of this process; <see langword="null"/> on systems that have none.</summary>
    public static ProcessScope? Own { get; } = Read();

    public static ProcessScope? Parse(string? text) => text?.Split(' ') is [var machine, var boot, var space] ? new ProcessScope(machine, boot, space) : null;

    /// <summary>
    /// Whether all processes of it are gone, since the machine, or the container that is a system of its own, was started again. Containers of one application may be
    /// made of one image, id and all, and run side by side: nothing is known of them.
    /// </summary>
    public bool EndedBefore(ProcessScope now) => Machine.Length > 0 && Machine == now.Machine && this != now;

    public override string ToString() => $"{Machine} {Boot} {Namespace}";

    private static ProcessScope? Read()
    {
        try
        {
            if (!OperatingSystem.IsLinux() || new FileInfo("/proc/self/ns/pid").LinkTarget is not { } space) return null;
            bool isSystem = space == First || File.ReadAllText("/proc/1/comm").Trim() is "systemd" or "init";
            string id = isSystem && File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id").Trim() : "";
            string machine = id.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"lock of a backup repository {id}")).AsSpan(0, 8));
            return new ProcessScope(machine, File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), space);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
