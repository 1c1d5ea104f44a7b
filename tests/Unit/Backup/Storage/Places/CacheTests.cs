using ProdOps.Backup.Browsing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Storage;

public sealed class CacheTests : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private readonly MemoryStorage _memory = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _memory.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_was_read_once_is_not_asked_for_again_and_what_is_damaged_is()
    {
        var snapshot = await MakeAsync();
        Assert.True(await ReadAsync(snapshot) > 0);
        Assert.Equal(0, await ReadAsync(snapshot));
        string[] kept = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
        // Two indexes, the snapshot, the pack of its tree.
        Assert.Equal(4, kept.Length);
        foreach (string file in kept)
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int i = 0; i < bytes.Length; i += 5) bytes[i] ^= 0xff;
            File.WriteAllBytes(file, bytes);
        }

        Assert.True(await ReadAsync(snapshot) > 0);
        Assert.Equal(0, await ReadAsync(snapshot));
        Directory.Delete(Directory.GetDirectories(_folder.Path).Single(), recursive: true);
        Assert.True(await ReadAsync(snapshot) > 0);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Directory.GetDirectories(_folder.Path).Single()));
    }

    [Fact]
    public async Task What_the_repository_has_no_more_goes_and_the_rest_keeps_to_the_limit()
    {
        var snapshot = await MakeAsync();
        await ReadAsync(snapshot);
        _memory.Files.Remove(new FileHandle(FileKind.Snapshot, snapshot), out _);
        await using (var repository = await OpenAsync(limit: 1 << 30)) Assert.Empty(await repository.ListSnapshotsAsync(SilentActivity.Instance, default));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories), file => file.Contains("snapshots", StringComparison.Ordinal));
        Directory.Delete(Directory.GetDirectories(_folder.Path).Single(), recursive: true);
        await using (var repository = await OpenAsync(limit: 1)) await repository.LoadIndexAsync(SilentActivity.Instance, default);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Without_a_place_to_keep_anything_all_works()
    {
        var snapshot = await MakeAsync();
        string file = _folder["file"];
        File.WriteAllText(file, "");
        await using var repository = await Repository.OpenAsync(
            new CachedStorage(_memory, new CacheFolder(file, 1 << 20, TimeProvider.System)), TestRepository.Password, TimeProvider.System, default);
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        Assert.NotEmpty(await repository.ReadTreeAsync((await repository.ReadSnapshotAsync(snapshot, default)).Tree, default));
    }

    private async Task<ObjectId> MakeAsync()
    {
        await using var repository = await TestRepository.CreateAsync(_memory);
        return await TestRepository.WriteSnapshotAsync(repository, TestRepository.Text(5000, 1));
    }

    /// <summary>Reads index, snapshot and tree, and tells how often the place was asked for a file of these.</summary>
    private async Task<int> ReadAsync(ObjectId snapshot)
    {
        var counting = new CountingStorage(_memory);
        await using var repository = await OpenAsync(1 << 30, counting);
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        Assert.NotEmpty(await repository.ReadTreeAsync((await repository.ReadSnapshotAsync(snapshot, default)).Tree, default));
        return counting.Reads;
    }

    private Task<Repository> OpenAsync(long limit, IStorage? storage = null) => Repository.OpenAsync(
        new CachedStorage(storage ?? _memory, new CacheFolder(_folder.Path, limit, TimeProvider.System)), TestRepository.Password, TimeProvider.System, default);

    private sealed class CountingStorage(IStorage inner) : DelegatingStorage(inner)
    {
        public int Reads { get; private set; }

        public override ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            Reads++;
            return base.ReadAsync(file, offset, buffer, cancellationToken);
        }

        public override ValueTask<byte[]> ReadAllAsync(FileHandle file, CancellationToken cancellationToken)
        {
            if (file.Kind is FileKind.Index or FileKind.Snapshot) Reads++;
            return base.ReadAllAsync(file, cancellationToken);
        }
    }
}
