using ProdOps.Backup.Crypto;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Repositories;

public sealed class RepositoryTests
{
    private readonly MemoryStorage _storage = new();

    [Fact]
    public async Task A_new_repository_opens_with_its_password_and_no_other()
    {
        ObjectId id;
        await using (var made = await TestRepository.CreateAsync(_storage)) id = made.Config.Id;
        await using var opened = await TestRepository.OpenAsync(_storage);
        Assert.Equal(id, opened.Config.Id);
        Assert.Equal(2, opened.Config.Version);

        var wrong = await FailureOf(() => Repository.OpenAsync(_storage, "correct horse "u8.ToArray(), TimeProvider.System, default));
        Assert.Equal(("WrongPassword", ErrorKind.Authentication), (wrong.ErrorId, wrong.Kind));
    }

    [Fact]
    public async Task A_place_with_a_repository_is_not_initialised_again()
    {
        await using (await TestRepository.CreateAsync(_storage)) { }
        var before = _storage.Files.Keys.ToHashSet();
        Assert.Equal("RepositoryExists", (await FailureOf(() => TestRepository.CreateAsync(_storage))).ErrorId);
        Assert.Equal(before, [.. _storage.Files.Keys]);

        // Nor where only a part of one is left.
        _storage.Files.TryRemove(FileHandle.Config, out _);
        Assert.Equal("RepositoryExists", (await FailureOf(() => TestRepository.CreateAsync(_storage))).ErrorId);
    }

    [Fact]
    public async Task A_missing_place_a_strange_place_and_a_lost_config_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("RepositoryNotFound", await OpenError("none"));
        Directory.CreateDirectory(folder["strange"]);
        await File.WriteAllTextAsync(folder["strange/letter"], "Dear");
        Assert.Equal("NotARepository", await OpenError("strange"));
        await using (await TestRepository.CreateAsync(new LocalStorage(folder["repo"], TimeProvider.System))) { }
        File.Delete(folder["repo/config"]);
        Assert.Equal("ConfigMissing", await OpenError("repo"));
        Assert.Equal([folder["strange/letter"]], Directory.GetFileSystemEntries(folder["strange"]));

        async Task<string> OpenError(string name) =>
            (await FailureOf(() => TestRepository.OpenAsync(new LocalStorage(folder[name], TimeProvider.System)))).ErrorId;
    }

    [Theory]
    [InlineData("""{"version":3,"id":"{id}","surprise":true}""", "UnsupportedRepositoryVersion")]
    [InlineData("""{"version":0,"id":"{id}","chunker_polynomial":"3DA3358B4DC173"}""", "ConfigDamaged")]
    [InlineData("""{"version":2,"id":"{id}","chunker_polynomial":"3DA3358B4DC172"}""", "ConfigDamaged")]
    [InlineData("""{"version":2,"id":"{id}","chunker_polynomial":"x"}""", "ConfigDamaged")]
    [InlineData("""{"version":2,"id":"short","chunker_polynomial":"3DA3358B4DC173"}""", "ConfigDamaged")]
    [InlineData("""{"version":2}""", "ConfigDamaged")]
    [InlineData("""[]""", "ConfigDamaged")]
    [InlineData("", "ConfigDamaged")]
    [InlineData("""{"version":2,"id":"{id}","chunker_polynomial":"3DA3358B4DC173","later":1}""", null)]
    public async Task A_config_is_taken_only_if_it_makes_sense(string json, string? errorId)
    {
        var repository = await TestRepository.CreateAsync(_storage);
        byte[] plaintext = System.Text.Encoding.UTF8.GetBytes(json.Replace("{id}", ObjectId.Of([]).ToString(), StringComparison.Ordinal));
        byte[] stored = new byte[plaintext.Length + MasterKey.Overhead];
        repository.Key.Seal(plaintext, stored);
        _storage.Files[FileHandle.Config] = stored;
        if (errorId is null) await TestRepository.OpenAsync(_storage);
        else Assert.Equal(errorId, (await FailureOf(() => TestRepository.OpenAsync(_storage))).ErrorId);
    }

    [Fact]
    public async Task Keys_are_added_listed_and_removed_but_not_the_one_in_use_nor_the_last()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        Assert.Equal("LastKey", (await FailureOf(() => repository.RemoveKeyAsync(repository.KeyId, default))).ErrorId);

        var added = await repository.AddKeyAsync("second"u8.ToArray(), "ann", "laptop", TestRepository.CheapKey, default);
        var keys = await repository.ListKeysAsync(SilentActivity.Instance, default);
        Assert.Equal([repository.KeyId.ToString()], keys.Where(key => key.Current).Select(key => key.Id));
        Assert.Equal(("ann", "laptop", "N=16 r=1 p=1"), (added.UserName, added.HostName, added.Cost));
        Assert.Equal("KeyInUse", (await FailureOf(() => repository.RemoveKeyAsync(repository.KeyId, default))).ErrorId);

        await using (var second = await Repository.OpenAsync(_storage, "second"u8.ToArray(), TimeProvider.System, default))
        {
            Assert.Equal(added.Id, second.KeyId.ToString());
            await second.RemoveKeyAsync(await second.FindKeyAsync(repository.KeyId.ToString()[..20], default), default);
        }

        Assert.Equal("WrongPassword", (await FailureOf(() => TestRepository.OpenAsync(_storage))).ErrorId);
        Assert.Equal("KeyNotFound", (await FailureOf(() => repository.FindKeyAsync("zz", default))).ErrorId);
        Assert.Equal("KeyNotFound", (await FailureOf(() => repository.RemoveKeyAsync(ObjectId.Of([]), default))).ErrorId);
    }

    [Fact]
    public async Task Snapshots_are_found_by_name_newest_first()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        var ids = new List<ObjectId>();
        for (int i = 0; i < 40; i++)
        {
            var time = new Rfc3339Time(new(1_700_000_000 + (i * 7919 % 40), 0), TimeSpan.Zero);
            ids.Add(await repository.WriteSnapshotAsync(new SnapshotFile { Time = time, Tree = ObjectId.Of([]), HostName = $"web{i % 2}" }, default));
        }

        var listed = await repository.ListSnapshotsAsync(SilentActivity.Instance, default);
        Assert.Equal(ids.Order(), listed.Select(snapshot => snapshot.Id).Order());
        Assert.Equal(listed.OrderBy(snapshot => snapshot.Time), listed);
        Assert.Equal(listed[^1].Id, (await Find("latest")).Id);
        Assert.Equal(listed[^4].Id, (await Find("latest~3")).Id);
        Assert.Equal(listed.Last(snapshot => snapshot.HostName == "web0").Id, (await Find("latest", "web0")).Id);
        Assert.Equal(ids[7], (await Find(ids[7].ToString())).Id);
        Assert.Equal(ids[7], (await Find(ids[7].ToShortString())).Id);

        string shared = ids.GroupBy(id => id.ToString()[..1]).First(group => group.Count() > 1).Key;
        Assert.Equal("SnapshotAmbiguous", (await FailureOf(() => Find(shared))).ErrorId);
        Assert.Equal("SnapshotNotFound", (await FailureOf(() => Find("latest~40"))).ErrorId);
        Assert.Equal("SnapshotNotFound", (await FailureOf(() => Find(ObjectId.Of([]).ToString()))).ErrorId);
        foreach (string name in (string[])["", "xyz", "latest~", "latest~-1", "latest1", "ABC", new string('a', 65)])
            Assert.Equal("SnapshotNameInvalid", (await FailureOf(() => Find(name))).ErrorId);

        await _storage.DeleteAsync(new FileHandle(FileKind.Snapshot, ids[7]), default);
        Assert.Equal("SnapshotNotFound", (await FailureOf(() => Find(ids[7].ToShortString()))).ErrorId);

        Task<SnapshotFile> Find(string name, string? host = null) =>
            repository.FindSnapshotAsync(name, SilentActivity.Instance, host is null ? null : snapshot => snapshot.HostName == host, default);
    }

    [Fact]
    public async Task A_repository_describes_itself()
    {
        await using var repository = await TestRepository.CreateAsync(_storage);
        await TestRepository.WriteSnapshotAsync(repository, TestRepository.Text(50_000, 1));
        var description = await BackupModel.DescribeAsync(repository, SilentActivity.Instance, default);
        Assert.Equal((1, 1, 0, 2L, 2L), (description.SnapshotCount, description.KeyCount, description.LockCount, description.PackCount, description.BlobCount));
        Assert.InRange(description.CompressionRatio, 2, 10);
        Assert.Equal(_storage.HandlesOf(FileKind.Pack).Sum(file => _storage.Files[file].Length), description.StoredSize);
        Assert.Equal(repository.Config.Id.ToString(), description.Id);
    }

    private static Task<ProdOpsException> FailureOf(Func<Task> action) => Assert.ThrowsAsync<ProdOpsException>(action);
}
