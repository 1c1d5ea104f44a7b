using System.Text.Json;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Storage;

namespace ProdOps.Backup.Tests.Repositories;

public sealed class InteroperabilityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ResticProgram _restic;

    public InteroperabilityTests() => _restic = new ResticProgram(_folder["repo"]);

    public void Dispose() => _folder.Dispose();

    [ResticTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Restic_accepts_and_restores_what_we_wrote(int version)
    {
        byte[] content = [.. TestRepository.Text(100_000, 1), .. TestRepository.RandomBytes(100_000, 2)];
        ObjectId snapshot;
        await using (var repository = await TestRepository.CreateAsync(Local(), version))
        {
            snapshot = await TestRepository.WriteSnapshotAsync(repository, content);
            // Compressed and raw blobs in one pack, and several packs and indexes.
            var more = Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? TestRepository.RandomBytes(300_000, i) : TestRepository.Text(300_000, i));
            await TestRepository.WriteAsync(repository, BlobType.Data, more, new BlobWriterOptions { PackSize = 4 << 20, IndexFlushBlobs = 20 });
        }

        using (var config = JsonDocument.Parse(_restic.Run("cat", "config"))) Assert.Equal(version, config.RootElement.GetProperty("version").GetInt32());
        Assert.Contains("no errors were found", _restic.Run("check", "--read-data"));
        using (var listed = JsonDocument.Parse(_restic.Run("snapshots", "--json")))
        {
            var only = Assert.Single(listed.RootElement.EnumerateArray());
            Assert.Equal((snapshot.ToString(), "web1", "first"), (only.GetProperty("id").GetString(), only.GetProperty("hostname").GetString(), only.GetProperty("tags")[0].GetString()));
        }

        _restic.Run("restore", "latest", "--target", _folder["out"]);
        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["out/hello"]));
    }

    [ResticTheory]
    [InlineData("1", "auto")]
    [InlineData("2", "auto")]
    [InlineData("2", "max")]
    [InlineData("2", "off")]
    public async Task We_open_every_blob_that_restic_wrote(string version, string compression)
    {
        Directory.CreateDirectory(_folder["source/sub"]);
        await File.WriteAllBytesAsync(_folder["source/text"], TestRepository.Text(3_000_000, 3));
        await File.WriteAllBytesAsync(_folder["source/sub/noise"], TestRepository.RandomBytes(2_000_000, 4));
        _restic.Run("init", "--repository-version", version);
        string[] mode = version == "1" ? [] : ["--compression", compression];
        _restic.Run([.. mode, "backup", "--host", "web1", "--tag", "nightly", "--tag", "<&>", _folder["source"]]);
        _restic.Run([.. mode, "backup", "--host", "web1", _folder["source"]]);

        await using var repository = await TestRepository.OpenAsync(Local());
        Assert.Equal(int.Parse(version), repository.Config.Version);
        int blobs = 0;
        foreach (var (blob, location) in repository.Index.EnumerateBlobs())
        {
            byte[] content = await repository.ReadBlobAsync(blob, default);
            Assert.Equal(blob.Id, ObjectId.Of(content));
            Assert.Equal(location.PlaintextLength, (uint)content.Length);
            blobs++;
        }

        Assert.InRange(blobs, 6, 100);
        foreach (var (pack, entries) in repository.Index.EnumeratePacks())
        {
            long size = (await repository.Storage.FindAsync(new FileHandle(FileKind.Pack, pack), default))!.Value;
            Assert.Equal(BlobIndex.PackSizeOf(entries), size);
            Assert.Equal(entries, await PackReader.ReadHeaderAsync(repository.Storage, repository.Key, pack, size, default));
        }

        var snapshots = await repository.ListSnapshotsAsync(SilentActivity.Instance, default);
        Assert.Equal(["nightly", "<&>"], snapshots[0].Tags);
        Assert.Equal((snapshots[0].Id, "web1"), (snapshots[1].Parent, snapshots[1].HostName));
        Assert.Equal([_folder["source"]], snapshots[1].Paths);
        Assert.All(snapshots, snapshot => Assert.True(repository.Index.Contains(new BlobHandle(BlobType.Tree, snapshot.Tree))));
        var second = await repository.FindSnapshotAsync("latest~1", SilentActivity.Instance, null, default);
        Assert.Equal(snapshots[0].Id, second.Id);
        // What restic wrote in Go's order, we write again byte by byte.
        Assert.Equal(
            (await repository.ReadUnpackedAsync(new FileHandle(FileKind.Snapshot, snapshots[1].Id), default)).ToArray(),
            snapshots[1].ToJson());
    }

    [ResticFact]
    public async Task Both_programs_add_to_one_repository_in_turns()
    {
        await File.WriteAllBytesAsync(_folder["file"], TestRepository.Text(500_000, 5));
        await using (var repository = await TestRepository.CreateAsync(Local())) await TestRepository.WriteSnapshotAsync(repository, TestRepository.Text(1000, 6));
        _restic.Run("backup", _folder["file"]);
        await using (var repository = await TestRepository.OpenAsync(Local())) await TestRepository.WriteSnapshotAsync(repository, TestRepository.Text(1000, 7));
        Assert.Contains("no errors were found", _restic.Run("check", "--read-data"));
        _restic.Run("forget", "--keep-last", "1", "--group-by", "", "--prune");
        await using var after = await TestRepository.OpenAsync(Local());
        Assert.Single(await after.ListSnapshotsAsync(SilentActivity.Instance, default));
        foreach (var (blob, _) in after.Index.EnumerateBlobs()) await after.ReadBlobAsync(blob, default);
    }

    [ResticFact]
    public async Task Keys_of_both_programs_open_the_repository()
    {
        await using (var repository = await TestRepository.CreateAsync(Local()))
            await repository.AddKeyAsync("second"u8.ToArray(), "ann", "laptop", TestRepository.CheapKey, default);
        string listed = _restic.Run("key", "list");
        Assert.Contains("ann", listed);
        Assert.Contains("laptop", listed);

        await File.WriteAllTextAsync(_folder["new"], "from restic");
        _restic.Run("key", "add", "--new-password-file", _folder["new"]);
        await using var opened = await Repository.OpenAsync(Local(), "from restic"u8.ToArray(), TimeProvider.System, default);
        Assert.Equal(3, (await opened.ListKeysAsync(SilentActivity.Instance, default)).Count);
    }

    [ResticFact]
    public async Task Restic_sees_our_lock_respects_it_and_leaves_us_alive()
    {
        await using var repository = await TestRepository.CreateAsync(Local());
        await TestRepository.WriteSnapshotAsync(repository, TestRepository.Text(1000, 8));
        await using (var held = await RepositoryLock.AcquireAsync(repository, exclusive: true, TimeSpan.Zero, SilentActivity.Instance, default))
        {
            Assert.Contains(held.Id.ToString(), _restic.Run("list", "locks", "--no-lock"));
            Assert.NotEqual(0, _restic.TryRun("check").ExitCode);
            // On the lock's own host this sends SIGHUP to its process: this one.
            _restic.Run("unlock");
            Assert.Contains(held.Id.ToString(), _restic.Run("list", "locks", "--no-lock"));
        }

        Assert.Equal("", _restic.Run("list", "locks", "--no-lock").Trim());
        _restic.Run("check");
    }

    [ResticFact]
    public async Task We_see_restics_lock_and_remove_it_once_its_process_is_gone()
    {
        await using var repository = await TestRepository.CreateAsync(Local());
        Directory.CreateDirectory(_folder["source"]);
        await File.WriteAllBytesAsync(_folder["source/pipe-me"], TestRepository.RandomBytes(1000, 9));
        // restic holds its lock as long as its standard input is open.
        var start = new System.Diagnostics.ProcessStartInfo("restic", ["--no-cache", "backup", "--stdin"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["RESTIC_REPOSITORY"] = _folder["repo"];
        start.Environment["RESTIC_PASSWORD"] = "correct horse";
        using var restic = System.Diagnostics.Process.Start(start)!;
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await repository.Storage.ListAsync(FileKind.Lock, timeout.Token).AnyAsync(timeout.Token)) await Task.Delay(20, timeout.Token);

        var conflict = await Assert.ThrowsAsync<ProdOpsException>(
            () => RepositoryLock.AcquireAsync(repository, exclusive: true, TimeSpan.Zero, SilentActivity.Instance, default));
        Assert.Equal(("RepositoryLocked", ErrorKind.ResourceBusy), (conflict.ErrorId, conflict.Kind));
        Assert.Contains($"process {restic.Id}", conflict.Message);
        await using (await RepositoryLock.AcquireAsync(repository, exclusive: false, TimeSpan.Zero, SilentActivity.Instance, default)) { }

        restic.Kill();
        await restic.WaitForExitAsync(timeout.Token);
        var activity = new RecordingActivity();
        await using (await RepositoryLock.AcquireAsync(repository, exclusive: true, TimeSpan.Zero, activity, default)) { }
        Assert.Contains("has ended", Assert.Single(activity.Warnings));
        Assert.Empty(await repository.Storage.ListAsync(FileKind.Lock, default).ToListAsync());
    }

    private LocalStorage Local() => new(_folder["repo"], TimeProvider.System);
}
