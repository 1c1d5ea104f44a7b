using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Repositories;

public sealed class BlobWriterTests
{
    private static readonly BlobWriterOptions SmallPacks = new() { PackSize = 1 << 20 };
    private readonly MemoryStorage _storage = new();

    [Theory]
    [InlineData(1, BackupCompression.Auto)]
    [InlineData(2, BackupCompression.Auto)]
    [InlineData(2, BackupCompression.Max)]
    [InlineData(2, BackupCompression.Off)]
    public async Task What_is_written_reads_back_and_is_compressed_where_that_pays_and_the_format_allows(int version, object mode)
    {
        byte[] text = TestRepository.Text(50_000, 1), noise = TestRepository.RandomBytes(50_000, 2), tiny = [42], tree = TestRepository.RandomBytes(60, 3);
        await using (var repository = await TestRepository.CreateAsync(_storage, version))
        {
            var options = new BlobWriterOptions { Compression = (BackupCompression)mode };
            await TestRepository.WriteAsync(repository, BlobType.Data, [text, noise, tiny], options);
            await TestRepository.WriteAsync(repository, BlobType.Tree, [tree], options);
        }

        await using var opened = await TestRepository.OpenAsync(_storage);
        foreach (byte[] content in (byte[][])[text, noise, tiny]) Assert.Equal(content, await opened.ReadBlobAsync(new BlobHandle(BlobType.Data, ObjectId.Of(content)), default));
        Assert.Equal(tree, await opened.ReadBlobAsync(new BlobHandle(BlobType.Tree, ObjectId.Of(tree)), default));
        Assert.Equal(version == 2 && (BackupCompression)mode != BackupCompression.Off, IsCompressed(BlobType.Data, text));
        Assert.False(IsCompressed(BlobType.Data, noise));
        Assert.False(IsCompressed(BlobType.Data, tiny));
        // A tree is compressed in version 2 even where that makes it longer.
        Assert.Equal(version == 2, IsCompressed(BlobType.Tree, tree));

        bool IsCompressed(BlobType type, byte[] content)
        {
            Assert.True(opened.Index.TryFind(new BlobHandle(type, ObjectId.Of(content)), out var location));
            Assert.Equal((uint)content.Length, location.PlaintextLength);
            return location.IsCompressed;
        }
    }

    [Fact]
    public async Task Packs_close_at_their_size_hold_one_type_and_agree_with_their_headers_and_the_index()
    {
        await using (var repository = await TestRepository.CreateAsync(_storage))
        {
            await using var writer = repository.BeginWriting(SmallPacks);
            using var sealer = writer.CreateSealer();
            for (int i = 0; i < 400; i++)
            {
                byte[] content = TestRepository.RandomBytes(1000 + i * 50, i);
                var blob = new BlobHandle(i % 4 == 0 ? BlobType.Tree : BlobType.Data, ObjectId.Of(content));
                Assert.True(writer.TryClaim(blob));
                Assert.False(writer.TryClaim(blob));
                writer.Add(blob, content, sealer);
            }

            await writer.FlushAsync(default);
            Assert.Equal((300L, 100L), (writer.DataBlobs, writer.TreeBlobs));
            Assert.Equal(Enumerable.Range(0, 400).Sum(i => 1000L + i * 50), writer.BytesAdded);
            Assert.Equal(repository.Index.EnumerateBlobs().Sum(blob => (long)blob.Location.Length), writer.BytesStored);
        }

        await using var opened = await TestRepository.OpenAsync(_storage);
        int small = 0;
        foreach (var (pack, blobs) in opened.Index.EnumeratePacks())
        {
            byte[] content = _storage.Files[new FileHandle(FileKind.Pack, pack)];
            Assert.Equal(pack, ObjectId.Of(content));
            Assert.Equal(BlobIndex.PackSizeOf(blobs), content.Length);
            Assert.Equal(blobs, await PackReader.ReadHeaderAsync(_storage, opened.Key, pack, content.Length, default));
            Assert.Single(blobs.Select(blob => blob.Blob.Type).Distinct());
            if (content.Length < SmallPacks.PackSize) small++;
            Assert.InRange(content.Length, 1, SmallPacks.PackSize + 100_000);
        }

        Assert.InRange(small, 1, 3);
        Assert.InRange(opened.Index.PackCount, 4, 8);
        Assert.Equal(0, _storage.PendingFiles);
    }

    [Fact]
    public async Task Many_threads_write_at_once_and_nothing_is_lost()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        await using (var writer = repository.BeginWriting(SmallPacks))
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(thread => Task.Run(() =>
            {
                using var sealer = writer.CreateSealer();
                for (int i = 0; i < 200; i++)
                {
                    // Half of them are the same on every thread.
                    byte[] content = TestRepository.Text(20_000, i % 2 == 0 ? i : thread * 1000 + i);
                    var blob = new BlobHandle(BlobType.Data, ObjectId.Of(content));
                    if (writer.TryClaim(blob)) writer.Add(blob, content, sealer);
                }
            })));
            await writer.FlushAsync(default);
            Assert.Equal(700, writer.DataBlobs);
        }

        await using var opened = await TestRepository.OpenAsync(_storage);
        Assert.Equal(700, opened.Index.Count);
        foreach (var (blob, _) in opened.Index.EnumerateBlobs()) await opened.ReadBlobAsync(blob, default);
    }

    [Fact]
    public async Task Two_writers_of_one_repository_do_not_disturb_each_other()
    {
        await using var first = await TestRepository.CreateAsync(_storage);
        await using var second = await TestRepository.OpenAsync(_storage);
        await Task.WhenAll(
            Task.Run(() => TestRepository.WriteAsync(first, BlobType.Data, Enumerable.Range(0, 300).Select(i => TestRepository.Text(10_000, i)), SmallPacks)),
            Task.Run(() => TestRepository.WriteAsync(second, BlobType.Data, Enumerable.Range(150, 300).Select(i => TestRepository.Text(10_000, i)), SmallPacks)));
        await using var opened = await TestRepository.OpenAsync(_storage);
        for (int i = 0; i < 450; i++) await opened.ReadBlobAsync(new BlobHandle(BlobType.Data, ObjectId.Of(TestRepository.Text(10_000, i))), default);
    }

    [Fact]
    public async Task An_index_names_only_packs_that_are_stored_already()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        _storage.AfterWrite = file =>
        {
            if (file.Kind != FileKind.Index) return;
            var named = new BlobIndex();
            repository.ReadIndexAsync(file.Id, named, default).GetAwaiter().GetResult();
            foreach (var (pack, _) in named.EnumeratePacks()) Assert.True(_storage.Files.ContainsKey(new FileHandle(FileKind.Pack, pack)));
        };
        await TestRepository.WriteAsync(
            repository, BlobType.Data, Enumerable.Range(0, 200).Select(i => TestRepository.RandomBytes(30_000, i)), SmallPacks with { IndexFlushBlobs = 50 });
        Assert.InRange(_storage.HandlesOf(FileKind.Index).Count(), 3, 5);
    }

    [Fact]
    public async Task An_index_is_written_during_a_long_run_so_that_little_is_lost_when_it_is_killed()
    {
        var time = new FakeTimeProvider();
        await using var repository = await TestRepository.CreateAsync(_storage, timeProvider: time);
        await using var writer = repository.BeginWriting(SmallPacks with { PacksInFlight = 1 });
        using var sealer = writer.CreateSealer();
        int number = 0;
        AddPack();
        AddPack();
        Assert.Empty(_storage.HandlesOf(FileKind.Index));
        time.Advance(TimeSpan.FromMinutes(10));
        AddPack();
        // The next pack waits for the one before it, and so for the index that goes with it.
        AddPack();
        Assert.Single(_storage.HandlesOf(FileKind.Index));

        void AddPack()
        {
            byte[] content = TestRepository.RandomBytes(SmallPacks.PackSize, number++);
            writer.Add(new BlobHandle(BlobType.Data, ObjectId.Of(content)), content, sealer);
        }
    }

    [Fact]
    public async Task No_more_packs_than_allowed_wait_for_a_slow_disk()
    {
        var release = new TaskCompletionSource();
        int waiting = 0, most = 0;
        await using var repository = await TestRepository.CreateAsync(_storage);
        _storage.BeforeWrite = async file =>
        {
            if (file.Kind != FileKind.Pack) return;
            int now = Interlocked.Increment(ref waiting);
            most = Math.Max(most, now);
            await release.Task;
            Interlocked.Decrement(ref waiting);
        };
        var writing = Task.Run(() => TestRepository.WriteAsync(
            repository, BlobType.Data, Enumerable.Range(0, 10).Select(i => TestRepository.RandomBytes(1 << 20, i)), SmallPacks with { PacksInFlight = 2 }));
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Volatile.Read(ref waiting) < 2) await Task.Delay(5, timeout.Token);
        Assert.False(writing.IsCompleted);
        release.SetResult();
        await writing;
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task A_failure_in_the_background_comes_out_of_the_next_call_and_leaves_nothing_to_build_on()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        int packs = 0;
        _storage.BeforeWrite = file => file.Kind == FileKind.Pack && Interlocked.Increment(ref packs) == 3 ? throw BackupErrors.StorageFull("here") : Task.CompletedTask;
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => TestRepository.WriteAsync(
            repository, BlobType.Data, Enumerable.Range(0, 50).Select(i => TestRepository.RandomBytes(1 << 20, i)), SmallPacks));
        Assert.Equal("StorageFull", error.ErrorId);
        Assert.InRange(packs, 3, 10);
        Assert.Equal(0, _storage.PendingFiles);
        Assert.False(repository.IsIndexLoaded);

        // The same repository object goes on after loading its index again.
        _storage.BeforeWrite = _ => Task.CompletedTask;
        await repository.LoadIndexAsync(SilentActivity.Instance, default);
        Assert.Equal(0, repository.Index.Count);
        await TestRepository.WriteAsync(repository, BlobType.Data, [TestRepository.RandomBytes(1 << 20, 0)], SmallPacks);
    }

    [Fact]
    public async Task A_failing_index_fails_the_flush()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        _storage.BeforeWrite = file => file.Kind == FileKind.Index ? throw BackupErrors.StorageFull("here") : Task.CompletedTask;
        await Assert.ThrowsAsync<ProdOpsException>(() => TestRepository.WriteAsync(repository, BlobType.Data, [[1, 2, 3]]));
        Assert.False(repository.IsIndexLoaded);
    }

    [Fact]
    public async Task A_writer_that_is_cancelled_or_left_without_a_flush_leaves_no_files()
    {
        using var folder = new TemporaryFolder();
        await using var repository = await TestRepository.CreateAsync(new LocalStorage(folder["repo"], TimeProvider.System));
        using var stop = new CancellationTokenSource();
        await using (var writer = repository.BeginWriting(SmallPacks, stop.Token))
        {
            using var sealer = writer.CreateSealer();
            Add(writer, sealer, 1);
            Assert.Single(Directory.GetFiles(folder["repo/tmp"]));
            await stop.CancelAsync();
            Assert.ThrowsAny<OperationCanceledException>(() => Add(writer, sealer, 2));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writer.FlushAsync(default));
        }

        Assert.Empty(Directory.GetFiles(folder["repo/tmp"]));
        Assert.Empty(Directory.GetFiles(folder["repo/data"], "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(folder["repo/index"]));

        static void Add(BlobWriter writer, BlobSealer sealer, byte value) => writer.Add(new BlobHandle(BlobType.Data, ObjectId.Of([value])), [value], sealer);
    }

    [Fact]
    public async Task Content_that_changed_in_memory_since_it_was_hashed_is_caught_before_it_is_stored()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        await using var writer = repository.BeginWriting(new BlobWriterOptions());
        using var sealer = writer.CreateSealer();
        foreach (byte[] content in (byte[][])[TestRepository.Text(10_000, 1), TestRepository.RandomBytes(10_000, 2)])
        {
            var blob = new BlobHandle(BlobType.Data, ObjectId.Of(content));
            content[5000] ^= 1;
            Assert.Equal("SelfCheckFailed", Assert.Throws<ProdOpsException>(() => writer.Add(blob, content, sealer)).ErrorId);
        }
    }

    [Fact]
    public async Task A_long_tree_pack_has_a_header_longer_than_the_first_read_of_its_tail()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        await TestRepository.WriteAsync(repository, BlobType.Tree, Enumerable.Range(0, 1000).Select(i => BitConverter.GetBytes(i)));
        var (pack, blobs) = Assert.Single(repository.Index.EnumeratePacks());
        Assert.Equal(1000, blobs.Length);
        Assert.Equal(blobs, await PackReader.ReadHeaderAsync(_storage, repository.Key, pack, BlobIndex.PackSizeOf(blobs), default));
    }
}
