using Microsoft.Extensions.Time.Testing;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Restoring.Servers;
using ProdOps.Backup.Tests.FileSystem;
using ProdOps.Backup.Tests.Interop;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers.Files;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>What is restored through a server's shell, here this machine's own, is what was backed up.</summary>
[Collection(TortureSourceCollection.Name)]
public sealed class ServerRestoreTests(TortureSource source) : IAsyncLifetime, IDisposable
{
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public Task InitializeAsync() => _lab.InitializeAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [RootFact]
    public async Task The_torture_tree_comes_out_as_it_was()
    {
        var snapshot = await _lab.BackupWhollyAsync(_lab.Request(source.Folder));
        var plan = await RestoreAsync(snapshot.Id, Request(_lab["new"]));
        Assert.Empty(_activity.Errors.Select(error => error.Message));
        Assert.True(plan.Applied);
        Assert.Equal(0, plan.Errors);
        MetadataWalk.AssertEqual(MetadataWalk.Of(source.Folder), MetadataWalk.Of(_lab["new"] + source.Folder));
        var again = await RestoreAsync(snapshot.Id, Request(_lab["new"]) with { Overwrite = RestoreOverwrite.IfChanged });
        Assert.Equal((0, 0), (again.Created, again.Overwritten));
        MetadataWalk.AssertEqual(MetadataWalk.Of(source.Folder), MetadataWalk.Of(_lab["new"] + source.Folder));
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_written_and_what_is_there_is_replaced_as_the_mode_says()
    {
        _lab.Write("etc/a.conf", "snapshot"u8.ToArray());
        _lab.Write("etc/b.log", "snapshot"u8.ToArray());
        _lab.Write("www/page", "snapshot"u8.ToArray());
        var snapshot = await _lab.BackupWhollyAsync();
        string target = _lab["new"] + _lab.Source;
        var request = Request(_lab["new"]) with { Paths = [_lab.Source + "/etc"], Exclude = ["*.log"] };
        var plan = await RestoreAsync(snapshot.Id, request, apply: false);
        Assert.False(plan.Applied || Directory.Exists(_lab["new"]));
        Assert.Equal(8, plan.BytesToWrite);
        await RestoreAsync(snapshot.Id, request);
        Assert.Equal("snapshot", File.ReadAllText(target + "/etc/a.conf"));
        Assert.Equal(["a.conf"], Directory.GetFiles(target + "/etc").Select(file => Path.GetFileName(file)));
        Assert.False(Directory.Exists(target + "/www"));

        File.WriteAllText(target + "/etc/a.conf", "changed!");
        File.WriteAllText(target + "/etc/extra", "stays");
        var never = await RestoreAsync(snapshot.Id, request with { Overwrite = RestoreOverwrite.Never });
        Assert.Equal((0, 0, "changed!"), (never.Created, never.Overwritten, File.ReadAllText(target + "/etc/a.conf")));
        await RestoreAsync(snapshot.Id, request with { Overwrite = RestoreOverwrite.IfNewer });
        Assert.Equal("changed!", File.ReadAllText(target + "/etc/a.conf"));
        var always = await RestoreAsync(snapshot.Id, request);
        Assert.Equal((1, "snapshot", "stays"), (always.Overwritten, File.ReadAllText(target + "/etc/a.conf"), File.ReadAllText(target + "/etc/extra")));
        Assert.Equal(File.GetLastWriteTimeUtc(_lab.Source + "/etc"), File.GetLastWriteTimeUtc(target + "/etc"));
        Assert.Empty(Directory.GetFileSystemEntries(_lab["new"], ".prodops-*"));
    }

    [Fact]
    public async Task A_folder_above_what_was_backed_up_is_left_as_it_is()
    {
        _lab.Write("file", [1]);
        var snapshot = await _lab.BackupWhollyAsync();
        string above = _lab["new"] + Path.GetDirectoryName(_lab.Source);
        Directory.CreateDirectory(above);
        Shell.Run(above, "chmod 701 .; touch -d 2001-02-03 .");
        await RestoreAsync(snapshot.Id, Request(_lab["new"]));
        Shell.Run(above, "test $(stat -c %a .) = 701");
        Assert.Equal([1], File.ReadAllBytes(_lab["new"] + _lab.Source + "/file"));
    }

    [Fact]
    public async Task Extra_items_go_only_where_everything_was_backed_up_and_only_if_it_is_wanted()
    {
        _lab.Write("etc/a.conf", "snapshot"u8.ToArray());
        _lab.Write("www/page", "snapshot"u8.ToArray());
        var snapshot = await _lab.BackupWhollyAsync(_lab.Request(_lab.Source + "/etc"));
        string target = _lab["new"] + _lab.Source;
        var request = Request(_lab["new"]) with { Exclude = ["*.log"], Overwrite = RestoreOverwrite.IfChanged };
        await RestoreAsync(snapshot.Id, request);
        File.WriteAllText(_lab["new"] + "/beside", "stays");
        Directory.CreateDirectory(target + "/www");
        File.WriteAllText(target + "/etc/kept.log", "stays");
        Directory.CreateDirectory(target + "/etc/extra/deep");
        File.WriteAllText(target + "/etc/extra/deep/file", "goes");
        File.WriteAllText(target + "/etc/-rf\n", "goes");

        Assert.Equal(0, (await RestoreAsync(snapshot.Id, request)).Deleted);
        var planned = await RestoreAsync(snapshot.Id, request with { DeleteExtra = true }, apply: false);
        string[] gone = [$"web1:{target}/etc/-rf\n", $"web1:{target}/etc/extra"];
        Assert.Equal(gone, planned.Steps.Where(step => step.Action == RestoreAction.Delete).Select(step => step.Path));
        Assert.True(Directory.Exists(target + "/etc/extra"));
        var done = await RestoreAsync(snapshot.Id, request with { DeleteExtra = true });
        Assert.Equal((2, 0), (done.Deleted, done.Errors));
        Assert.Equal(["a.conf", "kept.log"], Directory.GetFileSystemEntries(target + "/etc").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.True(Directory.Exists(target + "/www") && File.Exists(_lab["new"] + "/beside"));
        Assert.Equal(File.GetLastWriteTimeUtc(_lab.Source + "/etc"), File.GetLastWriteTimeUtc(target + "/etc"));
    }

    [Fact]
    public async Task What_is_excluded_stays_and_so_do_the_folders_that_it_is_in()
    {
        _lab.Write("d/file", [1]);
        _lab.Write("d/taken", [1]);
        var snapshot = await _lab.BackupWhollyAsync();
        string target = _lab["new"] + _lab.Source;
        foreach (string name in (string[])["/d/extra/a/keep.log", "/d/extra/a/goes", "/d/extra/b/deep/goes", "/d/extra/goes", "/d/gone/a/file", "/d/logs.log/all", "/d/taken/keep.log"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target + name)!);
            File.WriteAllText(target + name, "x");
        }

        var request = Request(_lab["new"]) with { DeleteExtra = true, Exclude = ["*.log"] };
        string[] deleted = [.. (await RestoreAsync(snapshot.Id, request, apply: false)).Steps.Where(step => step.Action == RestoreAction.Delete).Select(step => step.Path[$"web1:{target}".Length..])];
        Assert.Equal(["/d/extra/a/goes", "/d/extra/b", "/d/extra/goes", "/d/gone"], deleted);
        // The folder with a file's name holds what is left out, and stays too.
        var done = await RestoreAsync(snapshot.Id, request);
        Assert.Equal((4, 1), (done.Deleted, done.Errors));
        string[] left = [.. Directory.GetFileSystemEntries(target + "/d", "*", SearchOption.AllDirectories).Select(path => path[target.Length..]).Order(StringComparer.Ordinal)];
        Assert.Equal(["/d/extra", "/d/extra/a", "/d/extra/a/keep.log", "/d/file", "/d/logs.log", "/d/logs.log/all", "/d/taken", "/d/taken/keep.log"], left);
    }

    [RootFact]
    public async Task Nothing_is_deleted_on_another_file_system()
    {
        _lab.Write("data/file", [1]);
        var snapshot = await _lab.BackupWhollyAsync();
        var request = Request(_lab["new"]) with { DeleteExtra = true };
        await RestoreAsync(snapshot.Id, request);
        string mount = _lab["new"] + _lab.Source + "/data/extra/mounted";
        Directory.CreateDirectory(mount);
        Shell.Run(_lab["new"], $"mount -t tmpfs none '{mount}'; echo precious > '{mount}/file'");
        try
        {
            Assert.Equal(0, (await RestoreAsync(snapshot.Id, request)).Deleted);
            Assert.Equal("precious\n", File.ReadAllText(mount + "/file"));
        }
        finally
        {
            Shell.Run(_lab["new"], $"umount '{mount}'");
        }
        Assert.Equal(1, (await RestoreAsync(snapshot.Id, request)).Deleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Long_runs_of_zeros_become_holes_if_that_is_wanted(bool isSparse)
    {
        string file = Path.Combine(_lab.Source, "image");
        _lab.Write("image", TestRepository.RandomBytes(2_000_000, 1));
        _lab.Write("hole", []);
        Shell.Run(_lab.Source, "truncate -s 30000000 image; head -c 700000 /dev/urandom >> image; truncate -s 45678901 image; truncate -s 20000000 hole; touch -d '2001-02-03 04:05:06.789' image");
        var snapshot = await _lab.BackupWhollyAsync();
        var plan = await RestoreAsync(snapshot.Id, Request(_lab["new"]) with { Sparse = isSparse });
        Assert.Empty(_activity.Errors.Select(error => error.Message));
        Assert.Equal((0, 2), (plan.Errors, plan.Verified));
        string restored = _lab["new"] + file;
        Shell.Run(_lab.Source, $"cmp image '{restored}'; cmp hole '{Path.GetDirectoryName(restored)}/hole'; test \"$(stat -c %y image)\" = \"$(stat -c %y '{restored}')\"");
        long Held(string name) => 512 * long.Parse(Shell.RunText(Path.GetDirectoryName(restored)!, $"stat -c %b {name}"), System.Globalization.CultureInfo.InvariantCulture);
        if (!isSparse) Assert.InRange(Held("image"), 45_000_000, long.MaxValue);
        else Assert.True(Held("image") < 8_000_000 && Held("hole") < 1_000_000, $"{Held("image")} {Held("hole")}");
    }

    [Fact]
    public async Task The_destination_is_listed_once_unless_the_question_stood_open_for_long()
    {
        _lab.Write("file", [1]);
        var snapshot = await _lab.BackupWhollyAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        foreach (bool isLate in (bool[])[false, true])
        {
            var shell = new TroubledShell();
            await using var repository = await TestRepository.OpenAsync(_lab.Storage());
            await repository.LoadIndexAsync(_activity, default);
            var found = await repository.FindSnapshotAsync(snapshot.Id, _activity, filter: null, default);
            var context = new CopyContext(_activity, new CopyProgress(_activity, time) { Title = "Restoring" }, time);
            var restorer = await ServerRestorer.CreateAsync(repository, found, new ServerRestoreRequest(Request(_lab["new"]) with { DeleteExtra = true }, AsRoot: false), shell, context, default);
            var planned = await restorer.PlanAsync(default);
            if (isLate)
            {
                time.Advance(TimeSpan.FromMinutes(2));
                File.WriteAllText(_lab["new"] + _lab.Source + "/late", "was not in the plan");
            }
            var done = await restorer.ApplyAsync(default);
            Assert.Equal((planned.Created, 0), (done.Created, done.Deleted));
            Assert.Equal(isLate ? 2 : 1, shell.Commands.Count(text => text.Contains("printf 'list=%s", StringComparison.Ordinal)));
        }
        Assert.True(File.Exists(_lab["new"] + _lab.Source + "/late"));
    }

    [Fact]
    public async Task A_link_where_the_backup_has_only_the_way_down_is_left_as_it_is()
    {
        _lab.Write("file", [1]);
        var snapshot = await _lab.BackupWhollyAsync();
        string above = _lab["new"] + Path.GetDirectoryName(_lab.Source), elsewhere = _lab["elsewhere"];
        Directory.CreateDirectory(Path.GetDirectoryName(above)!);
        Directory.CreateDirectory(elsewhere);
        File.CreateSymbolicLink(above, elsewhere);
        var plan = await RestoreAsync(snapshot.Id, Request(_lab["new"]));
        Assert.Equal("ItemNotCopied", Assert.Single(_activity.Errors).ErrorId);
        Assert.Equal(elsewhere, new FileInfo(above).LinkTarget);
        Assert.Equal(0, plan.Created);
    }

    [RootFact]
    public async Task A_full_disk_leaves_what_was_there()
    {
        _lab.Write("old", "snapshot"u8.ToArray());
        _lab.Write("big", TestRepository.RandomBytes(9_000_000, 1));
        var snapshot = await _lab.BackupWhollyAsync();
        string disk = _lab["disk"];
        Directory.CreateDirectory(disk);
        Shell.Run(disk, $"mount -t tmpfs -o size=4m none '{disk}'");
        try
        {
            string target = disk + _lab.Source;
            Directory.CreateDirectory(target);
            File.WriteAllText(target + "/old", "before");
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => RestoreAsync(snapshot.Id, Request(disk)));
            Assert.Equal("DestinationFull", error.ErrorId);
            Assert.Equal("before", File.ReadAllText(target + "/old"));
            Assert.False(File.Exists(target + "/big"));
            Assert.Empty(Directory.GetFileSystemEntries(disk, ".prodops-*"));
        }
        finally
        {
            Shell.Run(_lab["."], $"umount '{disk}'");
        }
    }

    private static RestoreRequest Request(string destination) => new() { Destination = destination };

    private async Task<RestorePlan> RestoreAsync(string id, RestoreRequest request, bool apply = true)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        await repository.LoadIndexAsync(_activity, default);
        var snapshot = await repository.FindSnapshotAsync(id, _activity, filter: null, default);
        var context = new CopyContext(_activity, new CopyProgress(_activity, TimeProvider.System) { Title = "Restoring" }, TimeProvider.System);
        var restorer = await ServerRestorer.CreateAsync(repository, snapshot, new ServerRestoreRequest(request, AsRoot: false), new TroubledShell(), context, default);
        return apply ? await restorer.ApplyAsync(default) : await restorer.PlanAsync(default);
    }
}
