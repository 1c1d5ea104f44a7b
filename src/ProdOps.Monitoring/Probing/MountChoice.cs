using ProdOps.Monitoring.Probing.Report;

namespace ProdOps.Monitoring.Probing;

/// <summary>
/// Which mounts count as disks. Left out: file systems that are images and always full (squashfs of snaps, erofs, iso9660, udf, cramfs),
/// the kernel's own (devtmpfs, ramfs, efivarfs, all of /proc, /sys and /dev but /dev/shm), tmpfs of sessions and services below /run, layers of
/// containers (overlay other than at /, mounts below the folders of Docker, containerd, Podman and kubelet), single files that a container
/// gets (/etc/hosts …), what has no size, and a second mount of what is mounted already.
/// </summary>
internal static class MountChoice
{
    private static readonly string[] Types = ["squashfs", "erofs", "iso9660", "udf", "cramfs", "devtmpfs", "ramfs", "efivarfs", "rootfs", "nsfs", "fuse.lxcfs", "fuse.snapfuse"];

    private static readonly string[] Folders =
    [
        "/proc", "/sys", "/dev", "/run", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers/storage", "/var/lib/kubelet", "/run/containerd", "/snap", "/var/snap",
    ];

    private static readonly string[] Files = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

    /// <summary>Those that count, in the order of the list.</summary>
    public static IEnumerable<MountReport> Of(IReadOnlyList<MountReport> mounts)
    {
        var seen = new HashSet<(string, ulong)>();
        // A device that is mounted twice is shown where the path is shortest, as df does.
        var first = mounts.Where(Counts).OrderBy(mount => mount.Target.Length).Where(mount => !IsDevice(mount) || seen.Add((mount.Source!, mount.Size!.Value))).Select(mount => mount.Target).ToHashSet(StringComparer.Ordinal);
        return mounts.Where(mount => first.Contains(mount.Target));
    }

    /// <summary>Whether a mount counts, seen by itself.</summary>
    public static bool Counts(MountReport mount)
    {
        if (mount.Size is null or 0 || mount.Type is not { } type || Types.Contains(type)) return false;
        string target = mount.Target;
        if (target == "/") return true;
        if (type is "overlay" or "aufs" || Files.Contains(target)) return false;
        if (target is "/run" or "/dev/shm") return true;
        return !Folders.Any(folder => target == folder || (target.StartsWith(folder, StringComparison.Ordinal) && target[folder.Length] == '/'));
    }

    private static bool IsDevice(MountReport mount) => mount.Source is { } source && source.StartsWith('/');
}
