namespace ProdOps.Backup.Tests.FileSystem;

/// <summary>A folder of the test's own, removed with everything in it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public ScratchFolder(string? below = null)
    {
        Path = below is null ? Directory.CreateTempSubdirectory("prodops-").FullName : System.IO.Path.Combine(below, "prodops-" + Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public byte[] PathBytes => Bytes(Path);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public byte[] Below(string name) => Bytes(System.IO.Path.Combine(Path, name));

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    // .NET cannot remove what it cannot name.
    public void Dispose()
    {
        if (OperatingSystem.IsLinux()) Shell.Run("/", "chmod -R u+rwx \"$FOLDER\" 2>/dev/null || true; rm -rf \"$FOLDER\"", ("FOLDER", Path));
        else Directory.Delete(Path, recursive: true);
    }
}
