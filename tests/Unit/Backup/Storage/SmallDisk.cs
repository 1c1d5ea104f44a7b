using System.Diagnostics;

namespace ProdOps.Backup.Tests.Storage;

/// <summary>A file system in memory that is soon full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static bool Available { get; } = Probe();

    public static SmallDisk Mount(string parent, int megabytes)
    {
        string path = System.IO.Path.Combine(parent, "disk");
        Directory.CreateDirectory(path);
        Assert.True(Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path));
        return new SmallDisk(path);
    }

    public void Remount(string option) => Assert.True(Run("mount", "-o", $"remount,{option}", Path));

    public void Dispose() => Run("umount", Path);

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return false;
        string path = Directory.CreateTempSubdirectory("prodops-probe-").FullName;
        bool mounted = Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path);
        if (mounted) Run("umount", path);
        Directory.Delete(path);
        return mounted;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A test that needs a <see cref="SmallDisk"/>.</summary>
internal sealed class FullDiskFactAttribute : FactAttribute
{
    public FullDiskFactAttribute()
    {
        if (!SmallDisk.Available) Skip = "Needs Linux and the right to mount a tmpfs (root).";
    }
}
