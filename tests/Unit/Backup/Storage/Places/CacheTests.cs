using ProdOps.Backup.Browsing;
using ProdOps.Backup.Pruning;
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

    [RootFact("mount")]
    public void A_file_that_cannot_be_deleted_keeps_no_other_over_the_limit()
    {
        var cache = new CacheFolder(_folder.Path, limit: 1, TimeProvider.System);
        cache.Begin(ObjectId.Of([0]));
        for (byte i = 1; i <= 3; i++) cache.Write(new FileHandle(FileKind.Snapshot, ObjectId.Of([i])), new byte[10]);
        string[] files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
        for (int i = 0; i < files.Length; i++) File.SetLastWriteTimeUtc(files[i], DateTime.UnixEpoch.AddDays(i));
        // The first one that is to go, and what is mounted on may not.
        Shell.Run(_folder.Path, $"mount --bind '{files[^1]}' '{files[^1]}'");
        try
        {
            cache.Trim();
        }
        finally
        {
            Shell.Run(_folder.Path, $"umount '{files[^1]}'");
        }

        Assert.Equal([files[^1]], Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
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
    public async Task Packs_of_trees_go_when_no_index_names_them_any_more_and_when_the_place_lists_them_no_more()
    {
        var snapshot = await MakeAsync();
        await ReadAsync(snapshot);
        var pack = KeptPacks().Single();
        // As another machine's prune leaves it.
        var indexes = _memory.HandlesOf(FileKind.Index).ToDictionary(file => file, file => _memory.Files[file]);
        foreach (var index in indexes.Keys) _memory.Files.TryRemove(index, out _);
        await using (var repository = await OpenAsync(1 << 30)) await repository.LoadIndexAsync(SilentActivity.Instance, default);
        Assert.Empty(KeptPacks());

        foreach (var (index, content) in indexes) _memory.Files[index] = content;
        await ReadAsync(snapshot);
        Assert.Equal(pack, KeptPacks().Single());
        _memory.Files.TryRemove(new FileHandle(FileKind.Pack, pack), out _);
        await using (var repository = await OpenAsync(1 << 30)) await repository.Storage.ListAsync(FileKind.Pack, default).CountAsync();
        Assert.Empty(KeptPacks());
    }

    [Fact]
    public async Task When_an_index_is_damaged_no_pack_goes_for_want_of_it()
    {
        await ReadAsync(await MakeAsync());
        foreach (var index in _memory.HandlesOf(FileKind.Index).ToList()) _memory.Files[index] = [1, 2, 3];
        Directory.Delete(Path.Combine(Directory.GetDirectories(_folder.Path).Single(), "index"), recursive: true);
        await using var repository = await OpenAsync(1 << 30);
        await repository.LoadIndexAsync(SilentActivity.Instance, default, onDamaged: _ => { });
        Assert.Single(KeptPacks());
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_a_pack_of_trees_does_so_for_himself_alone()
    {
        var pack = await PutPackAsync(10_000);
        var gated = new GatedStorage(_memory);
        await using var cache = Open(gated);
        using var stop = new CancellationTokenSource();
        var first = cache.TryReadTreeAsync(pack.Id, 0, new byte[100], stop.Token).AsTask();
        byte[] buffer = new byte[100];
        var second = cache.TryReadTreeAsync(pack.Id, 50, buffer, default).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gated.Gate.SetResult();
        Assert.True(await second);
        Assert.Equal(_memory.Files[pack][50..150], buffer);
        Assert.Equal(1, gated.Reads);
    }

    [Fact]
    public async Task A_pack_of_trees_that_could_not_be_fetched_once_is_fetched_the_next_time()
    {
        var pack = await PutPackAsync(10_000);
        var gated = new GatedStorage(_memory);
        gated.Gate.SetException(BackupErrors.StorageReadFailed("x", "cut"));
        await using var cache = Open(gated);
        await Assert.ThrowsAsync<ProdOpsException>(async () => await cache.TryReadTreeAsync(pack.Id, 0, new byte[100], default));
        gated.Gate = new TaskCompletionSource();
        gated.Gate.SetResult();
        Assert.True(await cache.TryReadTreeAsync(pack.Id, 0, new byte[100], default));
        Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_largest_packs_that_can_be_made_are_kept_and_what_is_no_pack_is_not()
    {
        var pack = await PutPackAsync(BlobWriterOptions.MaximumPackSize + (9 << 20));
        await using var cache = Open(_memory);
        Assert.True(await cache.TryReadTreeAsync(pack.Id, BlobWriterOptions.MaximumPackSize, new byte[100], default));
        var other = new FileHandle(FileKind.Pack, ObjectId.Of("other"u8));
        _memory.Files[other] = new byte[10_000];
        Assert.False(await cache.TryReadTreeAsync(other.Id, 0, new byte[100], default));
        Assert.Equal(pack.Id, KeptPacks().Single());
        Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_prune_and_a_trial_run_read_trees_from_what_is_kept(bool isTrial)
    {
        await ReadAsync(await MakeAsync());
        var counting = new CountingStorage(_memory);
        IStorage storage = Open(counting);
        await using var repository = await Repository.OpenAsync(isTrial ? new DryRunStorage(storage) : storage, TestRepository.Password, TimeProvider.System, default);
        await PlannedPrune.PlanAsync(repository, new PruneOptions(), new HashSet<ObjectId>(), SilentActivity.Instance, default);
        Assert.Equal(0, counting.Reads);
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

    private IEnumerable<ObjectId> KeptPacks() => Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)
        .Where(file => file.Contains($"{Path.DirectorySeparatorChar}data{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(file => ObjectId.Parse(Path.GetFileName(file)));

    private async Task<FileHandle> PutPackAsync(int size)
    {
        byte[] content = TestRepository.RandomBytes(size, 1);
        var pack = new FileHandle(FileKind.Pack, ObjectId.Of(content));
        await _memory.WriteAsync(pack, content, default);
        return pack;
    }

    private CachedStorage Open(IStorage storage)
    {
        var cache = new CachedStorage(storage, new CacheFolder(_folder.Path, 1 << 30, TimeProvider.System));
        cache.Begin(ObjectId.Of("repository"u8));
        return cache;
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

    private sealed class GatedStorage(IStorage inner) : DelegatingStorage(inner)
    {
        public TaskCompletionSource Gate { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Reads { get; private set; }

        public override async ValueTask ReadAsync(FileHandle file, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            Reads++;
            await Gate.Task.WaitAsync(cancellationToken);
            await base.ReadAsync(file, offset, buffer, cancellationToken);
        }
    }

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
