using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Backup.Repositories;

/// <summary>
/// Where a process number means a process. Containers may bear one host name and see each other's processes not at all, as may machines that were cloned; a host
/// name alone says nothing then.
/// </summary>
/// <param name="Machine">A hash of the machine's id (machine-id(5), which is to be kept to oneself); empty if it has none.</param>
/// <param name="Boot">The id of the kernel's start (random(4)).</param>
/// <param name="Namespace">The process namespace (pid_namespaces(7)), as the system names it.</param>
internal sealed record ProcessScope(string Machine, string Boot, string Namespace)
{
    /// <summary>The namespace that a kernel starts with (Linux, include/linux/proc_ns.h).</summary>
    private const string First = "pid:[4026531836]";

    /// <summary>That of this process; <see langword="null"/> on systems that have none.</summary>
    public static ProcessScope? Own { get; } = Read();

    public static ProcessScope? Parse(string? text) => text?.Split(' ') is [var machine, var boot, var space] ? new ProcessScope(machine, boot, space) : null;

    /// <summary>Whether all processes of it are gone, since the machine was started again. A container's namespace is another one with each start of the container alone.</summary>
    public bool EndedBefore(ProcessScope now) =>
        Machine.Length > 0 && Machine == now.Machine && Boot != now.Boot && (Namespace, now.Namespace) == (First, First);

    public override string ToString() => $"{Machine} {Boot} {Namespace}";

    private static ProcessScope? Read()
    {
        try
        {
            if (!OperatingSystem.IsLinux() || new FileInfo("/proc/self/ns/pid").LinkTarget is not { } space) return null;
            string id = File.Exists("/etc/machine-id") ? File.ReadAllText("/etc/machine-id").Trim() : "";
            string machine = id.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"lock of a backup repository {id}")).AsSpan(0, 8));
            return new ProcessScope(machine, File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), space);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
