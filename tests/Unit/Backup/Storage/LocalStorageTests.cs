using System.Diagnostics;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;

namespace ProdOps.Backup.Tests.Storage;

public sealed class LocalStorageTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();
    private readonly LocalStorage _storage;

    public LocalStorageTests() => _storage = new LocalStorage(_folder["repo"], TimeProvider.System);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _storage.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_repository_has_restics_folders_for_its_owner_alone()
    {
        Assert.False(await _storage.ExistsAsync(None));
        await _storage.CreateAsync(None);
        await _storage.CreateAsync(None);
        Assert.True(await _storage.ExistsAsync(None));
        string[] folders = [.. Directory.GetDirectories(_folder["repo"]).Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(["data", "index", "keys", "locks", "snapshots"], folders);
        Assert.Equal(256, Directory.GetDirectories(_folder["repo/data"]).Length);
        if (OperatingSystem.IsWindows()) return;
        foreach (string path in Directory.GetDirectories(_folder["repo"], "*", SearchOption.AllDirectories))
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task A_written_file_reads_back_whole_and_in_part_and_only_its_owner_may_read_it()
    {
        await _storage.CreateAsync(None);
        byte[] content = Bytes(5000);
        var file = new FileHandle(FileKind.Snapshot, ObjectId.Of(content));
        await _storage.WriteAsync(file, content, None);

        Assert.Equal(content, await _storage.ReadAllAsync(file, None));
        byte[] part = new byte[100];
        await _storage.ReadAsync(file, 1234, part, None);
        Assert.Equal(content[1234..1334], part);
        Assert.Equal(5000, await _storage.FindAsync(file, None));
        Assert.Equal([new StoredFile(file.Id, 5000)], await _storage.ListAsync(FileKind.Snapshot, None).Select(listed => listed with { Written = null }).ToListAsync());
        Assert.Equal([file.Id.ToString()], Directory.GetFiles(_folder["repo/snapshots"]).Select(path => Path.GetFileName(path)));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_folder[$"repo/snapshots/{file.Id}"]));

        await _storage.DeleteAsync(file, None);
        await _storage.DeleteAsync(file, None);
        Assert.Null(await _storage.FindAsync(file, None));
    }

    [UnixFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_repository_whose_config_the_group_may_read_stays_readable_for_the_group()
    {
        await _storage.CreateAsync(None);
        await _storage.WriteAsync(FileHandle.Config, Bytes(10), None);
        File.SetUnixFileMode(_folder["repo/config"], UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var again = new LocalStorage(_folder["repo"], TimeProvider.System);
        var file = new FileHandle(FileKind.Index, ObjectId.Of(Bytes(3)));
        await again.WriteAsync(file, Bytes(3), None);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(_folder[$"repo/index/{file.Id}"]));
    }

    [Fact]
    public async Task A_pack_appears_only_when_it_is_committed_and_an_abandoned_one_leaves_nothing()
    {
        await _storage.CreateAsync(None);
        byte[] content = Bytes(300_000);
        var id = ObjectId.Of(content);
        using (var pending = _storage.BeginFile(FileKind.Pack))
        {
            pending.Append(content.AsSpan(0, 100_000));
            pending.Append(content.AsSpan(100_000));
            Assert.Empty(await _storage.ListAsync(FileKind.Pack, None).ToListAsync());
            await pending.CommitAsync(id, None);
        }

        Assert.Equal([new StoredFile(id, content.Length)], await _storage.ListAsync(FileKind.Pack, None).Select(listed => listed with { Written = null }).ToListAsync());
        Assert.Equal(content, await File.ReadAllBytesAsync(_folder[$"repo/data/{id.ToString()[..2]}/{id}"]));

        using (var abandoned = _storage.BeginFile(FileKind.Pack)) abandoned.Append(content);
        Assert.Empty(Directory.GetFiles(_folder["repo/tmp"]));
    }

    [Fact]
    public async Task Names_that_are_no_ids_and_packs_in_a_wrong_folder_are_not_listed()
    {
        await _storage.CreateAsync(None);
        var id = ObjectId.Of([1]);
        string wrong = id.FirstByte == 0 ? "01" : "00";
        foreach (string name in (string[])[$"index/{id}-tmp-12", "index/readme", $"index/{id.ToString().ToUpperInvariant()}", $"data/{wrong}/{id}", $"data/{id}"])
            await File.WriteAllTextAsync(_folder[$"repo/{name}"], "x");
        Directory.CreateDirectory(_folder["repo/data/zz"]);
        Directory.CreateDirectory(_folder[$"repo/snapshots/{id}"]);
        foreach (var kind in Enum.GetValues<FileKind>()) Assert.Empty(await _storage.ListAsync(kind, None).ToListAsync());
    }

    [Fact]
    public async Task What_a_dead_process_left_is_removed_and_what_a_live_one_writes_stays()
    {
        await _storage.CreateAsync(None);
        Directory.CreateDirectory(_folder["repo/tmp"]);
        using var dead = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        await dead.WaitForExitAsync();
        string[] names = [$"prodops-{LocalHost.Name}-{dead.Id}-aa", $"prodops-{LocalHost.Name}-{Environment.ProcessId}-bb", "prodops-else-where-1-cc", "prodops-elsewhere-1-dd"];
        foreach (string name in names) await File.WriteAllTextAsync(_folder[$"repo/tmp/{name}"], "x");
        File.SetLastWriteTimeUtc(_folder[$"repo/tmp/{names[3]}"], TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-25));

        _storage.BeginFile(FileKind.Pack).Dispose();
        Assert.Equal(names[1..3].Order(), Directory.GetFiles(_folder["repo/tmp"]).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public async Task What_is_missing_or_too_short_says_so_with_its_path()
    {
        await _storage.CreateAsync(None);
        var file = new FileHandle(FileKind.Index, ObjectId.Of([1]));
        var missing = await Assert.ThrowsAsync<ProdOpsException>(async () => await _storage.ReadAllAsync(file, None));
        Assert.Equal("StoredFileMissing", missing.ErrorId);
        Assert.Contains(_folder["repo/index"], missing.Message);

        await _storage.WriteAsync(file, Bytes(10), None);
        var truncated = await Assert.ThrowsAsync<ProdOpsException>(async () => await _storage.ReadAsync(file, 5, new byte[6], None));
        Assert.Equal(("StoredFileTruncated", ErrorKind.InvalidData), (truncated.ErrorId, truncated.Kind));
    }

    [Fact]
    public async Task A_second_config_is_refused_and_the_first_one_stays()
    {
        await _storage.CreateAsync(None);
        await _storage.WriteAsync(FileHandle.Config, Bytes(10), None);
        var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await _storage.WriteAsync(FileHandle.Config, Bytes(11), None));
        Assert.Equal("StoredFileExists", error.ErrorId);
        Assert.Equal(Bytes(10), await _storage.ReadAllAsync(FileHandle.Config, None));
        Assert.Equal(["config"], Directory.GetFiles(_folder["repo"]).Select(path => Path.GetFileName(path)));
    }

    [FullDiskFact]
    public async Task A_full_disk_is_told_with_the_path_and_leaves_no_half_files()
    {
        using var disk = SmallDisk.Mount(_folder.Path, megabytes: 4);
        await using var storage = new LocalStorage(disk.Path, TimeProvider.System);
        await storage.CreateAsync(None);
        byte[] block = Bytes(1 << 20);
        using (var pending = storage.BeginFile(FileKind.Pack))
        {
            var error = Assert.Throws<ProdOpsException>(() =>
            {
                for (int i = 0; i < 10; i++) pending.Append(block);
            });
            Assert.Equal(("StorageFull", ErrorKind.ResourceUnavailable), (error.ErrorId, error.Kind));
            Assert.Contains(disk.Path, error.Message);
        }

        var large = new FileHandle(FileKind.Index, ObjectId.Of([1]));
        var second = await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.WriteAsync(large, Bytes(8 << 20), None));
        Assert.Equal("StorageFull", second.ErrorId);
        Assert.Empty(Directory.GetFiles(disk.Path, "*", SearchOption.AllDirectories));
        Assert.InRange((await storage.GetFreeSpaceAsync(None))!.Value, 1 << 20, 4 << 20);
    }

    [FullDiskFact]
    public async Task A_read_only_disk_is_told()
    {
        using var disk = SmallDisk.Mount(_folder.Path, megabytes: 4);
        await using var storage = new LocalStorage(disk.Path, TimeProvider.System);
        await storage.CreateAsync(None);
        disk.Remount("ro");
        var error = await Assert.ThrowsAsync<ProdOpsException>(async () => await storage.WriteAsync(new FileHandle(FileKind.Index, ObjectId.Of([1])), Bytes(8), None));
        Assert.Equal("StorageReadOnly", error.ErrorId);
    }

    [Fact]
    public async Task A_trial_run_reads_through_and_writes_nothing()
    {
        await _storage.CreateAsync(None);
        var file = new FileHandle(FileKind.Index, ObjectId.Of([1]));
        await _storage.WriteAsync(file, Bytes(10), None);
        var trial = new DryRunStorage(_storage);
        Assert.Equal(Bytes(10), await trial.ReadAllAsync(file, None));
        await trial.WriteAsync(new FileHandle(FileKind.Index, ObjectId.Of([2])), Bytes(20), None);
        await trial.DeleteAsync(file, None);
        using (var pending = trial.BeginFile(FileKind.Pack))
        {
            pending.Append(Bytes(300));
            pending.Append(Bytes(300));
            await pending.CommitAsync(ObjectId.Of([3]), None);
        }

        Assert.Equal((620, 2, 1), (trial.BytesWritten, trial.FilesWritten, trial.FilesDeleted));
        Assert.Equal([new StoredFile(file.Id, 10)], await trial.ListAsync(FileKind.Index, None).Select(listed => listed with { Written = null }).ToListAsync());
        Assert.Empty(await _storage.ListAsync(FileKind.Pack, None).ToListAsync());
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
