using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Restoring;

/// <summary>What a restore does when the repository is damaged, the disk is full or the user has had enough.</summary>
public sealed class RestoreFaultTests
{
    private const int PartSize = 1_000_000;

    [LinuxFact]
    public async Task A_damaged_blob_costs_the_files_that_hold_it_and_no_others()
    {
        using var build = new SnapshotBuilder();
        byte[][] parts = [.. Enumerable.Range(0, 6).Select(i => TestRepository.RandomBytes(PartSize, i))];
        build.AddFile("/damaged/large", parts[..3]);
        build.AddFile("/damaged/small", parts[1]);
        build.AddFile("/damaged/good", parts[3], parts[4]);
        build.AddFile("/other/good", parts[5]);
        var (first, second) = (build.AddFile("/other/link1", parts[1]), build.AddFile("/other/link2", parts[1]));
        (first.Links, first.Inode, second.Links, second.Inode) = (2, 9, 2, 9);
        build.WriteExisting("/damaged/extra", "x");
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        var location = Damage(build, repository, ObjectId.Of(parts[1]));

        var plan = await build.RestoreAsync(repository, snapshot, request => request with { DeleteExtra = true, Verify = true });
        Assert.Equal(4, plan.Errors);
        Assert.Equal(
            ["RestoreBlobDamaged /damaged/large", "RestoreBlobDamaged /damaged/small", "RestoreBlobDamaged /other/link1", "RestoreLinkFailed /other/link2"],
            build.Activity.Errors.Select(error => $"{error.ErrorId} {((string)error.Target!)[build.Destination.Length..]}").Order(StringComparer.Ordinal));
        Assert.All(build.Activity.Errors.Where(error => error.ErrorId == "RestoreBlobDamaged"), error =>
        {
            Assert.Contains(location.Pack.ToString(), error.Message, StringComparison.Ordinal);
            Assert.Contains(ObjectId.Of(parts[1]).ToString(), error.Message, StringComparison.Ordinal);
        });
        Assert.Equal(["/damaged", "/damaged/extra", "/damaged/good", "/other", "/other/good"], TreeDescription.Of(build.Destination).Keys);
        Assert.Equal(2, plan.Verified);
        Assert.Contains(build.Activity.Warnings, warning => warning.Contains("Nothing was deleted", StringComparison.Ordinal));
    }

    [LinuxFact]
    public async Task A_damaged_blob_that_lies_in_another_pack_too_costs_nothing()
    {
        using var build = new SnapshotBuilder();
        byte[] part = TestRepository.RandomBytes(PartSize, 1);
        build.AddFile("/file", part);
        var (repository, snapshot) = await build.BuildAsync();
        await using (repository)
        {
            // A second copy, as two backups at once leave it.
            await using var other = await Repository.OpenAsync(build.Storage, TestRepository.Password, TimeProvider.System, default);
            foreach (var index in build.Storage.HandlesOf(FileKind.Index).ToList()) Hide(build.Storage, index, out byte[] _);
            await other.LoadIndexAsync(SilentActivity.Instance, default);
            await TestRepository.WriteAsync(other, BlobType.Data, [part]);
            foreach (var (handle, content) in Hidden) build.Storage.Files[handle] = content;
            repository.UnloadIndex();
            await repository.LoadIndexAsync(SilentActivity.Instance, default);
            Assert.Equal(2, repository.Index.FindAll(new BlobHandle(BlobType.Data, ObjectId.Of(part))).Count());
            Damage(build, repository, ObjectId.Of(part));
            await build.RestoreAsync(repository, snapshot);
        }
        Assert.Empty(build.Activity.Errors);
        Assert.Equal(part, File.ReadAllBytes(build["/file"]));
    }

    [LinuxFact]
    public async Task A_missing_blob_and_a_truncated_pack_are_told_of_file_by_file()
    {
        using var build = new SnapshotBuilder();
        build.AddFile("/missing", "content").Content = [ObjectId.Of("never stored"u8)];
        byte[][] parts = [.. Enumerable.Range(0, 3).Select(i => TestRepository.RandomBytes(PartSize, i))];
        for (int i = 0; i < parts.Length; i++) build.AddFile($"/part{i}", parts[i]);
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        var last = parts.Select(part => LocationOf(repository, ObjectId.Of(part))).MaxBy(location => location.Offset);
        var pack = new FileHandle(FileKind.Pack, last.Pack);
        build.Storage.Files[pack] = build.Storage.Files[pack][..(int)(last.Offset + 10)];

        var plan = await build.RestoreAsync(repository, snapshot);
        Assert.Equal(["RestoreBlobDamaged", "RestoreBlobMissing"], build.Activity.Errors.Select(error => error.ErrorId).Order(StringComparer.Ordinal));
        Assert.Equal(2, Directory.GetFiles(build.Destination).Length);
        Assert.Equal(2, plan.Errors);
    }

    [FullDiskFact]
    public async Task A_full_disk_ends_the_restore_and_leaves_only_whole_files()
    {
        using var build = new SnapshotBuilder();
        for (int i = 0; i < 6; i++) build.AddFile($"/d/file{i}", TestRepository.RandomBytes(PartSize, 2 * i), TestRepository.RandomBytes(PartSize, 2 * i + 1));
        Directory.CreateDirectory(build.Destination);
        using var disk = SmallDisk.Mount(build.Destination, 5);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => build.RestoreAsync(request => request with { Destination = disk.Path }));
        Assert.Equal("RestoreDestinationFull", error.ErrorId);
        Assert.NotNull(error.Recommendation);
        AssertAllWhole(disk.Path);
    }

    [LinuxFact]
    public async Task A_cancelled_restore_stops_and_leaves_only_whole_files()
    {
        using var build = new SnapshotBuilder();
        for (int i = 0; i < 30; i++) build.AddFile($"/d/file{i}", TestRepository.RandomBytes(PartSize, 2 * i), TestRepository.RandomBytes(PartSize, 2 * i + 1));
        using var stop = new CancellationTokenSource();
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        // A reader is between two reads while another one may be in the middle of a file.
        int reads = 0;
        var dataPacks = repository.Index.EnumerateBlobs().Where(entry => entry.Blob.Type == BlobType.Data).Select(entry => entry.Location.Pack).ToHashSet();
        build.BeforeRead = file =>
        {
            if (dataPacks.Contains(file.Id) && Interlocked.Increment(ref reads) == 4) stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build.RestoreAsync(repository, snapshot, cancellationToken: stop.Token));
        Assert.InRange(Directory.GetFiles(build["/d"]).Length, 1, 29);
        AssertAllWhole(build.Destination);

        build.BeforeRead = _ => { };
        await build.RestoreAsync(repository, snapshot, request => request with { Verify = true });
        Assert.Equal(30, Directory.GetFiles(build["/d"]).Length);
        AssertAllWhole(build.Destination);
        Assert.Empty((await RestoreComparison.RunAsync(repository, snapshot, new RestoreRequest { Destination = build.Destination }, build.Activity, default)).Differences);
    }

    [LinuxFact]
    public async Task A_comparison_names_every_kind_of_difference()
    {
        using var build = new SnapshotBuilder();
        foreach (string name in (string[])["content", "size", "mode", "time", "missing", "kind", "same"]) build.AddFile("/d/" + name, "content");
        build.AddLink("/d/target", "there");
        var (repository, snapshot) = await build.BuildAsync();
        await using var _ = repository;
        await build.RestoreAsync(repository, snapshot);
        var request = new RestoreRequest { Destination = build.Destination };
        var same = await RestoreComparison.RunAsync(repository, snapshot, request, build.Activity, default);
        Assert.Empty(same.Differences);
        Assert.Equal(7, same.Files);
        Assert.Equal(9, same.Items);

        Shell.Run(build["/d"], "printf CONTENT > content; printf x >> size; chmod 600 mode; touch time; rm missing kind; mkdir kind; ln -sfn elsewhere target; touch extra; touch -d @1700000000.123456789 content .");
        var changed = await RestoreComparison.RunAsync(repository, snapshot, request, build.Activity, default);
        Assert.Equal(
            [
                "/d/content its content differs", "/d/extra it is not in the snapshot", "/d/kind it is another kind of item, or leads elsewhere", "/d/missing it is missing",
                "/d/mode mode is not as in the snapshot", "/d/size it has 8 bytes instead of 7", "/d/target it is another kind of item, or leads elsewhere",
                "/d/time modification time is not as in the snapshot",
            ],
            changed.Differences.Select(difference => $"{difference.Path[build.Destination.Length..]} {difference.What}"));
        Assert.NotEqual(same.EvidenceHash, changed.EvidenceHash);
    }

    private Dictionary<FileHandle, byte[]> Hidden { get; } = [];

    private void Hide(MemoryStorage storage, FileHandle file, out byte[] content)
    {
        storage.Files.TryRemove(file, out content!);
        Hidden[file] = content;
    }

    private static BlobLocation LocationOf(Repository repository, ObjectId id) => repository.Index.FindAll(new BlobHandle(BlobType.Data, id)).First();

    private static BlobLocation Damage(SnapshotBuilder build, Repository repository, ObjectId id)
    {
        var location = LocationOf(repository, id);
        build.Storage.Files[new FileHandle(FileKind.Pack, location.Pack)][location.Offset + location.Length / 2] ^= 1;
        return location;
    }

    /// <summary>Every file is one of those made above: two parts, known by their seeds.</summary>
    private static void AssertAllWhole(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "file*", SearchOption.AllDirectories))
        {
            int i = int.Parse(Path.GetFileName(file).AsSpan(4), System.Globalization.CultureInfo.InvariantCulture);
            byte[] expected = [.. TestRepository.RandomBytes(PartSize, 2 * i), .. TestRepository.RandomBytes(PartSize, 2 * i + 1)];
            Assert.True(expected.AsSpan().SequenceEqual(File.ReadAllBytes(file)), $"{file} is not whole");
        }
    }
}
