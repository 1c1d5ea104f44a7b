namespace ProdOps.Benchmarks.Measurement;

/// <summary>
/// A fresh ext4 file system in an image file. Making many files on ext4 soon after removing many is 5 to 10 times slower, because it
/// skips inodes deleted lately; restoring into a file system without a past is the only fair comparison.
/// </summary>
internal sealed class LoopFileSystem : IAsyncDisposable
{
    private readonly string _image;

    private LoopFileSystem(string image, string folder) => (_image, Folder) = (image, folder);

    public string Folder { get; }

    public static string? WhyNot { get; } =
        !OperatingSystem.IsLinux() ? "loop file systems need Linux" : !Environment.IsPrivilegedProcess ? "mounting a loop file system needs root" : null;

    public static async Task<LoopFileSystem> MakeAsync(string parent, long bytes, long inodes, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateDirectory(Path.Combine(parent, "restored")).FullName;
        var made = new LoopFileSystem(folder + ".ext4", folder);
        using (var file = new FileStream(made._image, FileMode.Create, FileAccess.Write))
            file.SetLength(bytes);

        // Not lazily: the kernel would write the inode tables while the restore is measured.
        await ChildProcess.RequireAsync(
            "mkfs.ext4", ["-q", "-F", "-N", inodes.ToString(), "-E", "lazy_itable_init=0,lazy_journal_init=0", made._image], cancellationToken);
        await ChildProcess.RequireAsync("mount", ["-o", "loop", made._image, folder], cancellationToken);
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.RequireAsync("umount", [Folder], CancellationToken.None);
        File.Delete(_image);
        Directory.Delete(Folder);
    }
}
