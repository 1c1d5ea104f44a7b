using ProdOps.Backup.Checking;
using ProdOps.Backup.Pruning;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Browsing;
using ProdOps.Backup.Tests.Checking;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Pruning;

/// <summary>Prunes that cannot go on, or must not begin.</summary>
[Collection(ResticHistoryTests.Name)]
public sealed class PruneFaultTests(ResticHistory history)
{
    [ResticFact]
    public async Task Cut_off_before_any_change_it_leaves_a_repository_that_restic_accepts_and_a_next_prune_ends_it()
    {
        using var prune = await PruneLab.MakeAsync();
        var snapshots = await prune.BackupAsync(5);
        await prune.ForgetAsync(snapshots.Take(3));
        int changes = 0;
        for (bool ended = false; !ended; changes += changes < 8 ? 1 : 7)
        {
            using var copy = new FolderCopy(prune.Lab.RepositoryFolder);
            var storage = new CutOffStorage(new LocalStorage(copy.Path, TimeProvider.System)) { ChangesLeft = int.MaxValue };
            var repository = await Repository.OpenAsync(storage, TestRepository.Password, TimeProvider.System, default);
            var held = await RepositoryLock.AcquireAsync(repository, exclusive: true, TimeSpan.Zero, SilentActivity.Instance, default);
            var planned = await PlannedPrune.PlanAsync(repository, PruneLab.Thorough, new HashSet<ObjectId>(), SilentActivity.Instance, default);
            storage.ChangesLeft = changes;
            ended = await Record.ExceptionAsync(() => planned.ApplyAsync(held, default)) is null && storage.ChangesLeft > 0;
            storage.ChangesLeft = int.MaxValue;
            await held.DisposeAsync();

            var restic = new ResticProgram(copy.Path);
            Assert.Contains("no errors were found", restic.Run("check"));
            // Each program ends what ours began.
            if (changes % 2 == 0) await PruneLab.PruneAsync(new LocalStorage(copy.Path, TimeProvider.System));
            else restic.Run("prune", "--max-unused", "0");
            if (changes % 3 == 0) Assert.Contains("no errors were found", restic.Run("check", "--read-data"));
            Assert.Equal(2, Directory.GetFiles(Path.Combine(copy.Path, "snapshots")).Length);
        }

        Assert.True(changes > 20, $"{changes} changes");
    }

    [FullDiskFact]
    public async Task A_disk_that_is_too_small_is_told_before_and_one_that_fills_up_costs_nothing()
    {
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.Mount(folder.Path, megabytes: 24);
        using var lab = new BackupLab(repository: Path.Combine(disk.Path, "repository"));
        using var prune = await PruneLab.MakeAsync(seed: 8, lab: lab);
        var snapshots = await prune.BackupAsync(9);
        await prune.ForgetAsync(snapshots.Take(4));
        var plan = await prune.PreviewAsync();
        // Room for half of what is to be written.
        long free = new DriveInfo(disk.Path).AvailableFreeSpace;
        File.WriteAllBytes(Path.Combine(disk.Path, "filler"), new byte[free - plan.BytesToWrite / 2]);
        var before = prune.Fingerprint();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => prune.PruneAsync());
        Assert.Equal(("PruneOutOfSpace", ErrorKind.ResourceUnavailable), (error.ErrorId, error.Kind));
        Assert.Contains("-MaxRepackSize", error.Recommendation);
        Assert.Equal(before, prune.Fingerprint());

        error = await Assert.ThrowsAsync<ProdOpsException>(() => PruneLab.PruneAsync(new UnknownSpaceStorage(lab.Storage())));
        Assert.Equal(("PruneOutOfSpace", ErrorKind.ResourceUnavailable), (error.ErrorId, error.Kind));
        Assert.Subset(prune.Fingerprint().Keys.ToHashSet(), before.Keys.ToHashSet());
        lab.Check(readData: true, noLock: true);

        await prune.PruneAsync(PruneLab.Thorough with { MaxRepackSize = 0 });
        File.Delete(Path.Combine(disk.Path, "filler"));
        Assert.Equal(0, (await prune.PruneAsync()).RemainingUnusedSize);
        lab.Check(readData: true);
        lab.AssertResticRestoresTheSource(snapshots[^1].Id);
    }

    [Fact]
    public async Task A_place_that_refuses_to_delete_is_told_and_nothing_is_changed()
    {
        using var prune = await PruneLab.MakeAsync();
        var snapshots = await prune.BackupAsync(3);
        var before = prune.Fingerprint();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => PruneLab.RemoveAsync(new AppendOnlyStorage(prune.Lab.Storage()), snapshots.Take(2)));
        Assert.Equal(("RepositoryAppendOnly", ErrorKind.PermissionDenied), (error.ErrorId, error.Kind));
        Assert.Equal(before, prune.Fingerprint());

        await prune.ForgetAsync(snapshots.Take(2));
        before = prune.Fingerprint();
        error = await Assert.ThrowsAsync<ProdOpsException>(() => PruneLab.PruneAsync(new AppendOnlyStorage(prune.Lab.Storage())));
        Assert.Equal("RepositoryAppendOnly", error.ErrorId);
        Assert.Equal(before, prune.Fingerprint());
        prune.Lab.AssertNothingIsLeftBehind();
    }

    [Fact]
    public async Task A_file_that_this_user_may_not_remove_is_not_told_as_a_place_that_only_lets_add()
    {
        var memory = new MemoryStorage();
        var file = new FileHandle(FileKind.Pack, ObjectId.Of("x"u8));
        await memory.WriteAsync(file, new byte[] { 1 }, default);
        foreach (var refusal in new[] { BackupErrors.StorageAccessDenied("x"), BackupErrors.StorageReadOnly("x") })
        {
            var deletion = new StorageDeletion(new RefusingStorage(memory, refusal), SilentActivity.Instance);
            Assert.Same(refusal, await Assert.ThrowsAsync<ProdOpsException>(async () => await deletion.DeleteAsync(file, default)));
        }
    }

    [Fact]
    public async Task What_a_pack_that_ends_too_early_lacks_is_copied_from_another_one()
    {
        var memory = new MemoryStorage();
        byte[][] contents = [.. Enumerable.Range(0, 5).Select(i => TestRepository.RandomBytes(20_000, i))];
        List<BlobHandle> blobs;
        await using (var repository = await TestRepository.CreateAsync(memory))
        {
            // Each was at it before the other's pack was known.
            await using var beside = repository.OpenBeside();
            await beside.LoadIndexAsync(SilentActivity.Instance, default);
            blobs = await TestRepository.WriteAsync(repository, BlobType.Data, contents);
            await TestRepository.WriteAsync(beside, BlobType.Data, contents);
        }

        var old = memory.HandlesOf(FileKind.Pack).ToList();
        Assert.Equal(2, old.Count);
        var cut = old[0];
        memory.Files[cut] = memory.Files[cut][..30_000];
        await using (var repository = await TestRepository.OpenAsync(memory))
        {
            var marks = new BlobMarks(repository.Index);
            foreach (var blob in blobs) marks.Of(blob) = RepositoryUsage.Settled;
            var packs = repository.Index.EnumeratePacks().Where(pack => pack.Pack == cut.Id).ToList();
            await new PackRepacker(repository, marks, new PruneOptions(), new CheckProgress(SilentActivity.Instance, "", TimeProvider.System)).RunAsync(packs, default);
        }

        foreach (var pack in old) memory.Files.TryRemove(pack, out _);
        await using (var repository = await TestRepository.OpenAsync(memory))
        {
            for (int i = 0; i < blobs.Count; i++) Assert.Equal(contents[i], await repository.ReadBlobAsync(blobs[i], default));
        }
    }

    [ResticTheory]
    [InlineData("pack", "PackMissing")]
    [InlineData("size", "PackWrongSize")]
    [InlineData("index", "IndexDamaged")]
    [InlineData("snapshot", "SnapshotDamaged")]
    [InlineData("tree", "BlobDamaged")]
    [InlineData("no index", "PruneBlobsMissing")]
    public async Task Where_something_is_damaged_or_missing_it_refuses_says_how_to_repair_and_changes_nothing(string damage, string errorId)
    {
        using var copy = new DamagedCopy(history);
        var data = await copy.LocateAsync(ResticHistory.LargeFile);
        var tree = await copy.LocateAsync("docs");
        switch (damage)
        {
            case "pack": File.Delete(copy.PathOf(data.Pack)); break;
            case "size": DamagedCopy.Resize(copy.PathOf(data.Pack), -1); break;
            case "index": DamagedCopy.Flip(copy.FilesIn("index")[0], 50); break;
            case "snapshot": DamagedCopy.Flip(copy.FilesIn("snapshots")[0], 50); break;
            case "tree": DamagedCopy.Flip(copy.PathOf(tree.Pack), tree.Offset + 20); break;
            default: File.Delete(copy.FilesIn("index")[0]); break;
        }

        var before = copy.FilesIn("").ToDictionary(file => file, File.ReadAllBytes);
        await using var repository = await copy.OpenAsync();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => PruneLab.PruneAsync(repository));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(damage == "snapshot" ? "Remove-Backup" : "Repair-Backup", error.Recommendation);
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), copy.FilesIn(""));
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
    }

    [Fact]
    public async Task A_blob_that_is_damaged_in_a_pack_to_be_copied_ends_it_before_anything_is_removed()
    {
        using var prune = await PruneLab.MakeAsync(seed: 9);
        var snapshots = await prune.BackupAsync(3);
        await prune.ForgetAsync(snapshots.Take(2));
        await using (var repository = await TestRepository.OpenAsync(prune.Lab.Storage()))
        {
            // How blobs are spread over packs is up to the threads: of each file one is damaged, so that those to be copied are among them.
            foreach (string file in Directory.EnumerateFiles(prune.Lab.Source, "f*", SearchOption.AllDirectories))
            {
                var node = await prune.Lab.FindAsync(snapshots[^1].Id, file);
                var location = repository.Index.FindAll(new BlobHandle(BlobType.Data, node.Content![0])).Single();
                string pack = prune.Lab.FilesOf("data").Single(name => name.EndsWith(location.Pack.ToString(), StringComparison.Ordinal));
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                DamagedCopy.Flip(pack, location.Offset + 40);
            }
        }

        var before = prune.Fingerprint();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => prune.PruneAsync());
        Assert.Equal("BlobDamaged", error.ErrorId);
        Assert.Subset(prune.Fingerprint().Keys.ToHashSet(), before.Keys.ToHashSet());
    }

    private sealed class RefusingStorage(IStorage inner, ProdOpsException refusal) : DelegatingStorage(inner)
    {
        public override ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken) => throw refusal;
    }

    private sealed class UnknownSpaceStorage(IStorage inner) : DelegatingStorage(inner)
    {
        public override ValueTask<long?> GetFreeSpaceAsync(CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);
    }

    /// <summary>As a server that only lets add: locks may go, nothing else.</summary>
    private sealed class AppendOnlyStorage(IStorage inner) : DelegatingStorage(inner)
    {
        public override ValueTask DeleteAsync(FileHandle file, CancellationToken cancellationToken) =>
            file.Kind == FileKind.Lock ? base.DeleteAsync(file, cancellationToken) : throw BackupErrors.PlaceAppendOnly(Location, file, "HTTP 403");
    }

    private sealed class FolderCopy : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public FolderCopy(string source)
        {
            foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                string target = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            foreach (string name in (string[])["locks", "index", "snapshots"]) Directory.CreateDirectory(System.IO.Path.Combine(Path, name));
        }

        public string Path => _folder["repository"];

        public void Dispose() => _folder.Dispose();
    }
}
