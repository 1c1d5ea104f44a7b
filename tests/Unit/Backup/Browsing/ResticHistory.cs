using System.Diagnostics;
using System.Text;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Browsing;

/// <summary>A repository in which restic kept three states of a folder full of awkward things. Tests that change it take a copy.</summary>
public sealed class ResticHistory : IDisposable
{
    internal const string LargeFile = "docs/large.bin";

    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(20261123);
    private readonly UnlockedKey? _key;

    public ResticHistory()
    {
        if (!ResticProgram.Available) return;
        Directory.CreateDirectory(Source);
        InitializeWithFixedCuts();
        MakeTree();
        Backup("web1", "daily", "first");
        Change(seed: 1);
        Backup("web1", "daily");
        Change(seed: 2);
        Backup("db1");
        _key = Repository.UnlockAsync(new LocalStorage(RepositoryFolder, TimeProvider.System), TestRepository.Password, default).GetAwaiter().GetResult();
    }

    /// <summary>What was backed up, in its last state.</summary>
    public string Source => _folder["source"];

    internal string RepositoryFolder => _folder["repository"];

    internal ResticProgram Restic => new(RepositoryFolder);

    internal byte[] LargeContent { get; private set; } = [];

    /// <summary>The full path in the snapshots.</summary>
    public string PathOf(string relative) => $"{Source}/{relative}";

    internal async Task<(Repository Repository, IReadOnlyList<SnapshotFile> Snapshots)> OpenAsync()
    {
        var repository = await OpenAsync(RepositoryFolder);
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        return (repository, await repository.ListSnapshotsAsync(SilentActivity.Instance, default));
    }

    /// <summary>Opens the repository or a copy of it without deriving the key again.</summary>
    internal Task<Repository> OpenAsync(string folder, TimeProvider? time = null) =>
        Repository.OpenAsync(new LocalStorage(folder, TimeProvider.System), _key!, time ?? TimeProvider.System, default);

    internal void CopyTo(string folder)
    {
        foreach (string path in Directory.EnumerateDirectories(RepositoryFolder, "*", SearchOption.AllDirectories).Prepend(RepositoryFolder))
            Directory.CreateDirectory(Path.Combine(folder, Path.GetRelativePath(RepositoryFolder, path)));
        foreach (string path in Directory.EnumerateFiles(RepositoryFolder, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(RepositoryFolder, path));
            File.Copy(path, copy);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public void Dispose()
    {
        // .NET cannot name the file whose name is no UTF-8, so it cannot remove it either.
        if (Directory.Exists(Source)) Shell("rm -rf -- * ");
        _folder.Dispose();
    }

    internal void Backup(string host, params string[] tags) =>
        Restic.Run(["backup", "--pack-size", "4", "--host", host, .. tags.SelectMany(tag => new[] { "--tag", tag }), Source]);

    /// <summary>restic, but with one polynomial in every run: where it cuts, how large packs are, and so what a test sees, is no matter of chance.</summary>
    private void InitializeWithFixedCuts()
    {
        using var model = new TemporaryFolder();
        var options = new RepositoryInitializeOptions { KeyParameters = TestRepository.CheapKey, Polynomial = 0x3DA3358B4DC173 };
        Repository.InitializeAsync(new LocalStorage(model.Path, TimeProvider.System), TestRepository.Password, options, TimeProvider.System, default).GetAwaiter().GetResult()
            .DisposeAsync().AsTask().GetAwaiter().GetResult();
        var restic = Restic with { Variables = new() { ["RESTIC_FROM_PASSWORD"] = Encoding.UTF8.GetString(TestRepository.Password) } };
        restic.Run("init", "--copy-chunker-params", "--from-repo", model.Path);
    }

    private void MakeTree()
    {
        foreach (string folder in (string[])["docs", "docs/deep/er/still", "etc/nginx", "empty", "many", "UPPER", "ümläut"]) Directory.CreateDirectory($"{Source}/{folder}");
        LargeContent = Bytes(9_000_000);
        File.WriteAllBytes($"{Source}/{LargeFile}", LargeContent);
        File.WriteAllBytes($"{Source}/docs/twin.bin", LargeContent);
        File.WriteAllBytes($"{Source}/docs/zeros.bin", new byte[3_000_000]);
        File.WriteAllText($"{Source}/etc/nginx/nginx.conf", "events {}\n");
        File.WriteAllText($"{Source}/etc/nginx/mime.types", "types {}\n");
        File.WriteAllText($"{Source}/docs/deep/er/still/leaf.txt", "leaf");
        File.WriteAllText($"{Source}/UPPER/ReadMe.TXT", "read me");
        File.WriteAllText($"{Source}/empty.txt", "");
        File.CreateSymbolicLink($"{Source}/link", "docs/large.bin");
        File.CreateSymbolicLink($"{Source}/dangling", "/no/such/file");
        for (int i = 0; i < 300; i++) File.WriteAllBytes($"{Source}/many/file{i:d3}.dat", Bytes(_random.Next(5000)));
        Shell("""
            ln docs/large.bin docs/hard-link
            mkfifo fifo
            printf x > "$(printf 'bad\377name')"
            printf y > 'quote"back\slash'
            printf z > "$(printf 'new\nline')"
            printf s > 'star*[a].txt'
            chmod 4755 etc/nginx/nginx.conf
            chmod 1777 empty
            touch -d '2001-02-03 04:05:06.789012345' UPPER/ReadMe.TXT
            setfattr -n user.note -v hello etc/nginx/mime.types || true
            """);
    }

    /// <summary>Some of everything that may happen to files between two backups.</summary>
    private void Change(int seed)
    {
        var random = new Random(seed);
        foreach (string file in Directory.GetFiles($"{Source}/many").Order(StringComparer.Ordinal).ToList())
        {
            switch (random.Next(12))
            {
                case 0: File.Delete(file); break;
                case 1: File.WriteAllBytes(file, Bytes(random.Next(5000))); break;
                case 2 when !OperatingSystem.IsWindows(): File.SetUnixFileMode(file, UnixFileMode.UserRead); break;
                case 3: File.Delete(file); Directory.CreateDirectory(file); File.WriteAllText(file + "/inside", "now a folder"); break;
                case 4: File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1 + random.Next(28), 0, 0, 0, DateTimeKind.Utc)); break;
                case 5: File.WriteAllBytes($"{Source}/many/new{seed}{Path.GetFileName(file)}", Bytes(random.Next(5000))); break;
            }
        }

        Directory.CreateDirectory($"{Source}/added{seed}/below");
        File.WriteAllBytes($"{Source}/added{seed}/below/data.bin", Bytes(700_000));
        if (seed == 1) Directory.Delete($"{Source}/docs/deep", recursive: true);
    }

    private byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private void Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", script]) { WorkingDirectory = Source })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

[CollectionDefinition(Name)]
public sealed class ResticHistoryTests : ICollectionFixture<ResticHistory>
{
    public const string Name = "Repositories written by restic";
}
