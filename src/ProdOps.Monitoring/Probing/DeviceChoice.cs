using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing;

/// <summary>
/// Which devices are measured. Disks: whole ones, volumes (dm-0) and arrays (md0); left out are partitions of a disk that is there too, loop,
/// ram and zram, floppies and CD drives. Interfaces: all but the loopback and one end of what leads to a container or virtual machine (veth…,
/// cali…, tap…, vnet…, ifb…).
/// </summary>
internal static class DeviceChoice
{
    private static readonly string[] NoDisks = ["loop", "ram", "zram", "fd", "sr"];

    private static readonly string[] NoInterfaces = ["veth", "vb-", "ve-", "cali", "tap", "vnet", "ifb", "lxc", "cilium_", "lxdbr0-"];

    public static IEnumerable<DiskReport> Disks(IReadOnlyList<DiskReport> disks)
    {
        var names = disks.Select(disk => disk.Name).ToHashSet(StringComparer.Ordinal);
        return disks.Where(disk => !NoDisks.Any(kind => IsNumbered(disk.Name, kind)) && !(Parent(disk.Name) is { } parent && names.Contains(parent)));
    }

    public static IEnumerable<InterfaceReport> Interfaces(IReadOnlyList<InterfaceReport> interfaces) =>
        interfaces.Where(device => device.Name != "lo" && !NoInterfaces.Any(kind => device.Name.StartsWith(kind, StringComparison.Ordinal)));

    /// <summary>The disk of a partition by its name: sda of sda1, nvme0n1 of nvme0n1p2.</summary>
    private static string? Parent(string name)
    {
        string stem = name.TrimEnd("0123456789".ToCharArray());
        if (stem.Length == name.Length || stem.Length == 0) return null;
        return stem.Length > 1 && stem[^1] == 'p' && char.IsAsciiDigit(stem[^2]) ? stem[..^1] : stem;
    }

    private static bool IsNumbered(string name, string kind) => name.StartsWith(kind, StringComparison.Ordinal) && name.Length > kind.Length && name.AsSpan(kind.Length).IndexOfAnyExceptInRange('0', '9') < 0;
}
