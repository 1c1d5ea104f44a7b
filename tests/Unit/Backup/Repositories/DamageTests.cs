using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Repositories;

/// <summary>Whatever happens to a stored file, the error says which file it was, and no wrong data comes out.</summary>
public sealed class DamageTests
{
    private readonly MemoryStorage _storage = new();

    public static TheoryData<string> Damages => new("flip first", "flip middle", "flip last", "cut", "empty", "longer");

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_config_key_index_or_snapshot_is_named(string damage)
    {
        ObjectId snapshot;
        await using (var repository = await TestRepository.CreateAsync(_storage)) snapshot = await TestRepository.WriteSnapshotAsync(repository, TestRepository.Text(1000, 1));

        await WithDamage(FileHandle.Config, damage, async () => Assert.Equal("ConfigDamaged", (await Failure(OpenAsync)).ErrorId));
        var key = _storage.HandlesOf(FileKind.Key).Single();
        await WithDamage(key, damage, async () => AssertNames(await Failure(OpenAsync), "KeyDamaged", key));
        var index = _storage.HandlesOf(FileKind.Index).First();
        await WithDamage(index, damage, async () => AssertNames(await Failure(OpenAsync), "IndexDamaged", index));

        var file = new FileHandle(FileKind.Snapshot, snapshot);
        await WithDamage(file, damage, async () =>
        {
            await using var repository = await TestRepository.OpenAsync(_storage);
            AssertNames(await Failure(() => repository.ReadSnapshotAsync(snapshot, default)), "SnapshotDamaged", file);
            var activity = new RecordingActivity();
            Assert.Empty(await repository.ListSnapshotsAsync(activity, default));
            AssertNames(Assert.Single(activity.Errors), "SnapshotDamaged", file);
        });
        await OpenAsync();
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_pack_is_named_with_its_blob(string damage)
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        // One compressed and one raw blob in a pack: either must notice.
        var blobs = await TestRepository.WriteAsync(repository, BlobType.Data, [TestRepository.Text(5000, 1), TestRepository.RandomBytes(5000, 2)]);
        var pack = _storage.HandlesOf(FileKind.Pack).Single();
        await WithDamage(pack, damage, async () =>
        {
            var errors = new List<ProdOpsException>();
            foreach (var blob in blobs)
            {
                try
                {
                    Assert.Equal(blob.Id, ObjectId.Of(await repository.ReadBlobAsync(blob, default)));
                }
                catch (ProdOpsException error)
                {
                    errors.Add(error);
                    if (error.ErrorId == "BlobDamaged") Assert.Contains(blob.Id.ToString(), error.Message);
                }
            }

            // The last bytes and what follows belong to the header.
            var header = await Record.ExceptionAsync(() => PackReader.ReadHeaderAsync(_storage, repository.Key, pack.Id, _storage.Files[pack].Length, default).AsTask());
            if (header is not null) Assert.Equal("PackDamaged", Assert.IsType<ProdOpsException>(header).ErrorId);
            Assert.True(errors.Count > 0 || header is not null);
            Assert.All(errors, error => Assert.Equal(ErrorKind.InvalidData, error.Kind));
        });
    }

    [Fact]
    public async Task Swapped_blobs_of_one_repository_are_found_by_their_ids_though_their_seals_hold()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        var blobs = await TestRepository.WriteAsync(repository, BlobType.Data, [TestRepository.RandomBytes(5000, 1), TestRepository.RandomBytes(5000, 2)]);
        var pack = _storage.HandlesOf(FileKind.Pack).Single();
        byte[] stored = _storage.Files[pack];
        _storage.Files[pack] = [.. stored[5032..10064], .. stored[..5032], .. stored[10064..]];
        var error = await Failure(() => repository.ReadBlobAsync(blobs[0], default));
        Assert.Equal("BlobDamaged", error.ErrorId);
        Assert.Contains("does not match its id", error.Message);
    }

    [Fact]
    public async Task Swapped_files_are_found_by_their_names_though_their_seals_hold()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        var snapshot = new FileHandle(FileKind.Snapshot, await TestRepository.WriteSnapshotAsync(repository, TestRepository.Text(1000, 1)));
        _storage.Files[snapshot] = _storage.Files[_storage.HandlesOf(FileKind.Index).First()];
        AssertNames(await Failure(() => repository.ReadSnapshotAsync(snapshot.Id, default)), "SnapshotDamaged", snapshot);
    }

    [Fact]
    public async Task A_blob_that_lies_in_two_packs_is_read_from_the_good_one()
    {
        byte[] content = TestRepository.RandomBytes(5000, 1);
        BlobHandle blob;
        await using (var first = await TestRepository.CreateAsync(_storage))
        await using (var second = await TestRepository.OpenAsync(_storage))
        {
            // Two runs at once store the same blob, since neither sees the other's index.
            blob = (await TestRepository.WriteAsync(first, BlobType.Data, [content]))[0];
            await TestRepository.WriteAsync(second, BlobType.Data, [content, TestRepository.Text(100, 2)]);
        }

        await using var repository = await TestRepository.OpenAsync(_storage);
        var places = repository.Index.FindAll(blob).ToList();
        Assert.Equal(2, places.Count);
        foreach (var place in places)
        {
            await WithDamage(new FileHandle(FileKind.Pack, place.Pack), "flip first", async () => Assert.Equal(content, await repository.ReadBlobAsync(blob, default)));
            _storage.Files.TryRemove(new FileHandle(FileKind.Pack, place.Pack), out byte[]? gone);
            Assert.Equal(content, await repository.ReadBlobAsync(blob, default));
            _storage.Files[new FileHandle(FileKind.Pack, place.Pack)] = gone!;
        }
    }

    [Fact]
    public async Task An_index_that_promises_gigabytes_from_a_small_blob_takes_no_memory()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        var blob = new BlobHandle(BlobType.Data, ObjectId.Of([1]));
        repository.Index.Add(ObjectId.Of([2]), [new PackedBlob(blob, 0, 100, 2_000_000_000)]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("BlobDamaged", (await Failure(() => repository.ReadBlobAsync(blob, default))).ErrorId);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal("BlobNotFound", (await Failure(() => repository.ReadBlobAsync(blob with { Type = BlobType.Tree }, default))).ErrorId);
    }

    [Fact]
    public async Task A_damaged_key_does_not_keep_another_one_from_opening()
    {
        await using (var repository = await TestRepository.CreateAsync(_storage)) await repository.AddKeyAsync("second"u8.ToArray(), null, null, TestRepository.CheapKey, default);
        foreach (var key in _storage.HandlesOf(FileKind.Key).ToList())
        {
            await WithDamage(key, "cut", async () =>
            {
                int opened = 0;
                foreach (byte[] password in (byte[][])[TestRepository.Password, "second"u8.ToArray()])
                {
                    try
                    {
                        await Repository.OpenAsync(_storage, password, TimeProvider.System, default);
                        opened++;
                    }
                    catch (ProdOpsException error)
                    {
                        AssertNames(error, "KeyDamaged", key);
                    }
                }

                Assert.Equal(1, opened);
            });
        }
    }

    private static void AssertNames(ProdOpsException error, string errorId, FileHandle file)
    {
        Assert.Equal((errorId, ErrorKind.InvalidData), (error.ErrorId, error.Kind));
        Assert.Contains(file.Id.ToString(), error.Message);
        Assert.NotNull(error.Recommendation);
    }

    private static Task<ProdOpsException> Failure(Func<Task> action) => Assert.ThrowsAsync<ProdOpsException>(action);

    private async Task OpenAsync() => await (await TestRepository.OpenAsync(_storage)).DisposeAsync();

    private async Task WithDamage(FileHandle file, string damage, Func<Task> action)
    {
        byte[] good = _storage.Files[file];
        byte[] bad = [.. good];
        switch (damage)
        {
            case "flip first": bad[0] ^= 1; break;
            case "flip middle": bad[bad.Length / 2] ^= 0x80; break;
            case "flip last": bad[^1] ^= 4; break;
            case "cut": bad = bad[..^7]; break;
            case "empty": bad = []; break;
            case "longer": bad = [.. bad, 0]; break;
        }

        _storage.Files[file] = bad;
        await action();
        _storage.Files[file] = good;
    }
}
