using ProdOps.Backup.Tests.FileSystem;

namespace ProdOps.Backup.Tests.Interop;

/// <summary>
/// The torture tree with files of the sizes at which chunking changes its ways, made once for all tests that only read it.
/// It lacks the link whose target is no UTF-8: restic keeps that only since 0.16, so it has a test of its own.
/// </summary>
public sealed class TortureSource : IDisposable
{
    public const int Chunk = 512 * 1024;

    private readonly Lazy<ScratchFolder> _folder = new(Make);

    public string Folder => _folder.Value.Path;

    public void Dispose()
    {
        if (_folder.IsValueCreated) _folder.Value.Dispose();
    }

    private static ScratchFolder Make()
    {
        var folder = new ScratchFolder();
        TortureTree.Make(folder.Path);
        Shell.Run(folder["links"], """rm $'name\xff'""");
        Directory.CreateDirectory(folder["sizes"]);
        var random = new Random(20261123);
        foreach (int size in (ReadOnlySpan<int>)[0, 1, Chunk - 1, Chunk, Chunk + 1, 3 * Chunk, 9 << 20]) Fill(folder[$"sizes/{size}"], size, random);
        File.WriteAllBytes(folder["sizes/zeros"], new byte[20 << 20]);
        Shell.Run(folder["sizes"], "ln 1572864 twin; cp 9437184 copy; ln -s zeros link; ln -s /no/such/place dangling");
        return folder;
    }

    private static void Fill(string path, int size, Random random)
    {
        byte[] content = new byte[size];
        random.NextBytes(content);
        File.WriteAllBytes(path, content);
    }
}

[CollectionDefinition(Name)]
public sealed class TortureSourceCollection : ICollectionFixture<TortureSource>
{
    public const string Name = "The torture tree with files of all sizes";
}
