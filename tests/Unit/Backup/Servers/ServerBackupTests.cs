using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Backup.Archiving;
using ProdOps.Backup.Archiving.Servers;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Selection;
using ProdOps.Backup.Tests.Interop;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Backup.Trees;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>A backup through a server's shell, here this machine's own, is the very backup that is made on the server itself.</summary>
[Collection(TortureSourceCollection.Name)]
public sealed class ServerBackupTests(TortureSource source) : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public Task InitializeAsync() => _lab.InitializeAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task The_torture_tree_comes_out_as_it_does_on_the_server_itself()
    {
        var (remote, local) = await BackUpTortureAsync(new TroubledShell());
        Assert.Equal(await _lab.TreeOfAsync(local.Id, source.Folder), await _lab.TreeOfAsync(remote.Id, source.Folder));
        Assert.Equal(local.Summary!.TotalBytesProcessed, remote.Summary!.TotalBytesProcessed);
        Assert.Equal((local.Server, local.UserName), (remote.Server, remote.UserName));
    }

    [LinuxFact("busybox", "getfattr")]
    public async Task BusyBox_tells_everything_where_there_is_getfattr()
    {
        var (remote, local) = await BackUpTortureAsync(new TroubledShell { UsesBusyBox = true });
        foreach (var (ours, theirs) in (await EntriesAsync(local.Id)).Zip(await EntriesAsync(remote.Id))) Assert.Equal(ours, theirs);
        Assert.Equal((await EntriesAsync(local.Id)).Count, (await EntriesAsync(remote.Id)).Count);
        var shell = new TroubledShell { UsesBusyBox = true };
        var again = await BackupAsync(shell, _lab.Request(source.Folder));
        Assert.Equal((0, 0), (again.Summary!.FilesNew, again.Summary.FilesChanged));
        // Folders above it may change at any time.
        Assert.InRange(again.Summary.DirectoriesChanged, 0, source.Folder.Count(c => c == '/') - 1);
        Assert.Equal(0, shell.Archives);
    }

    [LinuxFact("busybox")]
    public async Task BusyBox_alone_tells_all_but_extended_attributes()
    {
        var (remote, local) = await BackUpTortureAsync(new TroubledShell { UsesBusyBox = true, HasGetfattr = false });
        foreach (string name in (string[])["sizes", "sizes/twin", "sizes/zeros", "sizes/link"])
        {
            var (theirs, ours) = (await _lab.FindAsync(remote.Id, $"{source.Folder}/{name}"), await _lab.FindAsync(local.Id, $"{source.Folder}/{name}"));
            Assert.Equal((ours.ModifiedTime, ours.ChangeTime, ours.Mode, ours.Inode, ours.Links, ours.Size), (theirs.ModifiedTime, theirs.ChangeTime, theirs.Mode, theirs.Inode, theirs.Links, theirs.Size));
            Assert.Equal(ours.Content, theirs.Content);
            Assert.Equal(ours.LinkTarget, theirs.LinkTarget);
        }
    }

    [ResticFact]
    public async Task Restic_on_the_server_finds_everything_unmodified_and_so_do_we_after_restic()
    {
        var ours = await BackupAsync(new TroubledShell(), _lab.Request(source.Folder));
        long files = ours.Summary!.FilesNew;
        Assert.True(files > 60, $"only {files} files");
        var theirs = _lab.ResticBackup(source.Folder, []);
        Assert.Equal((0, 0, files), (theirs.FilesNew, theirs.FilesChanged, theirs.FilesUnmodified));
        Assert.Equal(await _lab.TreeOfAsync(theirs.SnapshotId, source.Folder), await _lab.TreeOfAsync(ours.Id, source.Folder));
        var again = await BackupAsync(new TroubledShell(), _lab.Request(source.Folder));
        Assert.Equal(theirs.SnapshotId, again.Parent);
        Assert.Equal((0, 0, files), (again.Summary!.FilesNew, again.Summary.FilesChanged, again.Summary.FilesUnmodified));
        Assert.Equal(0, again.Summary.DirectoriesNew);
        _lab.Check(readData: true);
    }

    [Fact]
    public async Task What_changed_is_read_and_nothing_else()
    {
        _lab.Write("a/one", TestRepository.RandomBytes(100, 1));
        _lab.Write("a/two", TestRepository.RandomBytes(3_000_000, 2));
        _lab.Write("b/three", []);
        var first = await BackupWhollyAsync();
        Assert.Equal(3, first.Summary!.FilesNew);
        _lab.Write("a/two", TestRepository.RandomBytes(3_000_000, 3));
        _lab.Write("a/four", TestRepository.RandomBytes(10, 4));
        File.Delete(Path.Combine(_lab.Source, "b/three"));
        var shell = new TroubledShell();
        var second = await BackupAsync(shell, _lab.Request());
        Assert.Equal((1, 1, 1), (second.Summary!.FilesNew, second.Summary.FilesChanged, second.Summary.FilesUnmodified));
        Assert.Equal(first.Id, second.Parent);
        Assert.Equal(1, shell.Archives);
        await AssertAsOnTheServerAsync(second);
        shell = new TroubledShell();
        var third = await BackupAsync(shell, _lab.Request() with { SkipIfUnchanged = true });
        Assert.Equal(BackupStatus.Skipped, third.Status);
        Assert.Equal(0, shell.Archives);
    }

    [Fact]
    public async Task Rules_leave_out_what_they_leave_out_locally()
    {
        foreach (string name in (string[])["keep/a.txt", "keep/a.tmp", "keep/node_modules/x/y", "cache/data", "other/deep/secret", "other/deep/kept", "log/x.log", "log/y[1].log"])
            _lab.Write(name, TestRepository.RandomBytes(2000, name.Length));
        _lab.Write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"u8.ToArray());
        _lab.Write("fake/CACHEDIR.TAG", "nothing of the kind"u8.ToArray());
        _lab.Write("fake/data", [1]);
        _lab.Write("tagged/.nobackup", []);
        _lab.Write("tagged/data/deep", [1]);
        foreach (var rules in (SelectionRules[])[
            new() { Excludes = ["*.tmp", "node_modules", $"{_lab.Source}/other/deep/secret"], ExcludeCaches = true, ExcludeIfPresent = [".nobackup"], OneFileSystem = true },
            new() { Excludes = ["log/*", "!log/y*", "deep/secret"], ExcludeLargerThan = 1999 },
            new() { Excludes = ["deep/secret", "y?1].log", @"y\[1\].log"], InsensitiveExcludes = ["*.TMP"] }])
        {
            var local = await _lab.BackupWhollyAsync(_lab.Request() with { Selection = rules, Force = true });
            var remote = await BackupAsync(new TroubledShell(), _lab.Request() with { Selection = rules, Force = true });
            Assert.Empty(_activity.Errors);
            Assert.Equal(await _lab.TreeOfAsync(local.Id, _lab.Source), await _lab.TreeOfAsync(remote.Id, _lab.Source));
        }
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_read_again()
    {
        _lab.Write("log", TestRepository.RandomBytes(100_000, 1));
        _lab.Write("still", TestRepository.RandomBytes(100_000, 2));
        string log = Path.Combine(_lab.Source, "log");
        var shell = new TroubledShell { BeforeExit = archive => If(archive == 1, () => File.AppendAllText(log, "more")), ExitCode = archive => archive == 1 ? 1 : null };
        var snapshot = await BackupAsync(shell, _lab.Request());
        Assert.Empty(_activity.Errors);
        Assert.Equal(BackupStatus.Complete, snapshot.Status);
        Assert.Equal(2, shell.Archives);
        await AssertAsOnTheServerAsync(snapshot);
        Assert.Equal(200_004, snapshot.Summary!.TotalBytesProcessed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_never_rests_is_an_error_and_kept_only_as_long_as_it_is_whole(bool grows)
    {
        _lab.Write("log", TestRepository.RandomBytes(100_000, 1));
        string log = Path.Combine(_lab.Source, "log");
        var shell = new TroubledShell
        {
            BeforeExit = archive => If(true, () => { if (grows) File.AppendAllText(log, "more"); else File.WriteAllBytes(log, new byte[100_000 - archive]); }),
            ExitCode = _ => 1,
        };
        var snapshot = await BackupAsync(shell, _lab.Request());
        Assert.Equal("SourceChanging", Assert.Single(_activity.Errors).ErrorId);
        Assert.Equal(BackupStatus.Incomplete, snapshot.Status);
        Assert.Equal(grows ? 1 : 0, snapshot.Summary!.FilesNew);
        if (grows) Assert.Equal(100_004ul, (await _lab.FindAsync(snapshot.Id, log)).Size);
    }

    [Fact]
    public async Task What_vanishes_before_it_is_read_is_one_error_each()
    {
        for (int i = 0; i < 3; i++) _lab.Write($"file{i}", [(byte)i]);
        var shell = new TroubledShell { BeforeArchive = _ => File.Delete(Path.Combine(_lab.Source, "file1")) };
        var snapshot = await BackupAsync(shell, _lab.Request());
        Assert.Equal("SourceNotFound", Assert.Single(_activity.Errors).ErrorId);
        Assert.Equal(2, snapshot.Summary!.FilesNew);
        Assert.Equal(BackupStatus.Incomplete, snapshot.Status);
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_one_error_and_none_at_all_is_the_end()
    {
        _lab.Write("file", [1]);
        var snapshot = await BackupAsync(new TroubledShell(), _lab.Request(_lab.Source, "/no/such/place"));
        Assert.Equal("SourceNotFound", Assert.Single(_activity.Errors).ErrorId);
        Assert.Equal(BackupStatus.Incomplete, snapshot.Status);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(new TroubledShell(), _lab.Request("/no/such/place")));
        Assert.Equal("NothingToBackUp", error.ErrorId);
        error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(new TroubledShell(), _lab.Request("etc")));
        Assert.Equal("ServerPathNotAbsolute", error.ErrorId);
    }

    [Fact]
    public async Task A_lost_connection_leaves_no_snapshot_and_what_was_stored_is_used_again()
    {
        for (int i = 0; i < 40; i++) _lab.Write($"file{i}", TestRepository.RandomBytes(1_000_000, i));
        var shell = new TroubledShell { LosesAfter = 25_000_000 };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(shell, _lab.Request()));
        Assert.Equal("ConnectionLost", error.ErrorId);
        Assert.Empty(_lab.FilesOf("snapshots"));
        Assert.Empty(_lab.FilesOf("locks"));
        var snapshot = await BackupWhollyAsync();
        // What waits to be stored when the connection is lost is bounded, and the rest of the 25 MB was.
        Assert.InRange(snapshot.Summary!.DataAdded, 1, 36_000_000);
        await AssertAsOnTheServerAsync(snapshot);
    }

    [Fact]
    public async Task A_connection_lost_once_after_the_listing_is_made_again()
    {
        for (int i = 0; i < 10; i++) _lab.Write($"file{i}", TestRepository.RandomBytes(1_000_000, i));
        var shell = new TroubledShell { LosesAfter = 3_000_000, Losses = 1 };
        var snapshot = await BackupAsync(shell, _lab.Request());
        Assert.Single(_activity.Warnings);
        Assert.Equal(BackupStatus.Complete, snapshot.Status);
        await AssertAsOnTheServerAsync(snapshot);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_of_an_archive_that_was_cut_count_once(bool isSilent)
    {
        for (int i = 0; i < 10; i++) _lab.Write($"file{i}", TestRepository.RandomBytes(1_000_000, i));
        var shell = new TroubledShell { LosesAfter = 3_500_000, Losses = 1, LosesSilently = isSilent };
        var snapshot = await BackupAsync(shell, _lab.Request());
        Assert.Single(_activity.Warnings);
        Assert.Equal((10, 10_000_000), (snapshot.Summary!.FilesNew, snapshot.Summary.TotalBytesProcessed));
    }

    [Fact]
    public async Task A_server_that_prints_nonsense_without_end_is_told_of()
    {
        _lab.Write("file", [1]);
        var shell = new TroubledShell { Listing = _ => "yes nonsense" };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(shell, _lab.Request()).WaitAsync(Patience));
        Assert.Equal("ListingNotUnderstood", error.ErrorId);
        Assert.Empty(_lab.FilesOf("snapshots"));
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_ends_the_run()
    {
        _lab.Write("file", [1]);
        var shell = new TroubledShell { BeforeArchive = _ => throw new TaskCanceledException("not the run's") };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BackupAsync(shell, _lab.Request()).WaitAsync(Patience));
        Assert.Empty(_lab.FilesOf("snapshots"));
    }

    [Fact]
    public async Task A_file_that_is_listed_twice_is_in_the_backup_once()
    {
        _lab.Write("file", TestRepository.RandomBytes(1000, 1));
        var shell = new TroubledShell
        {
            Listing = text => Regex.Replace(text, @"(-printf '(?!!)[^']*')(?=; c E)", @"$1 \( -type f $1 -o -true \)"),
            ExitCode = _ => 1,
        };
        var snapshot = await BackupAsync(shell, _lab.Request());
        Assert.Empty(_activity.Errors);
        await AssertAsOnTheServerAsync(snapshot);
    }

    [Theory]
    [InlineData(137)]
    [InlineData(127)]
    public async Task A_listing_whose_find_did_not_come_to_its_end_is_an_error(int code)
    {
        _lab.Write("file", [1]);
        var shell = new TroubledShell { Listing = text => text.Replace("; c E $?", $"; (exit {code}); c E $?", StringComparison.Ordinal) };
        var snapshot = await BackupAsync(shell, _lab.Request());
        var error = Assert.Single(_activity.Errors);
        Assert.Equal("ServerListingIncomplete", error.ErrorId);
        Assert.Contains($"{code}", error.Message, StringComparison.Ordinal);
        Assert.Equal(BackupStatus.Incomplete, snapshot.Status);
    }

    private async Task<(BackupSnapshot Remote, BackupSnapshot Local)> BackUpTortureAsync(TroubledShell shell)
    {
        var remote = await BackupAsync(shell, _lab.Request(source.Folder));
        Assert.Empty(_activity.Errors.Select(error => error.Message));
        Assert.Equal(BackupStatus.Complete, remote.Status);
        var local = await _lab.BackupWhollyAsync(_lab.Request(source.Folder) with { Force = true });
        Assert.Equal(local.Summary!.FilesNew, remote.Summary!.FilesNew);
        Assert.Equal(local.Summary.DirectoriesNew, remote.Summary.DirectoriesNew);
        return (remote, local);
    }

    /// <summary>The entries of a snapshot's trees as text, one a line, without the ids of the trees.</summary>
    private async Task<IReadOnlyList<string>> EntriesAsync(string id)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        var lines = new List<string>();
        // Folders above it may change at any time.
        await AddAsync(await _lab.TreeOfAsync(id, source.Folder), "");
        return lines;

        async Task AddAsync(ObjectId tree, string path)
        {
            foreach (var node in TreeReader.Parse(await repository.ReadBlobAsync(new BlobHandle(BlobType.Tree, tree), default)))
            {
                var subtree = node.Subtree;
                node.Subtree = null;
                // getfattr sorts them.
                node.ExtendedAttributes = [.. node.ExtendedAttributes.OrderBy(attribute => attribute.Name, StringComparer.Ordinal)];
                var text = new Utf8Buffer(1024);
                TreeWriter.WriteNode(text, node, Rfc3339.Utc);
                lines.Add($"{path} {Encoding.UTF8.GetString(text.WrittenMemory.Span)}");
                if (subtree is { } below) await AddAsync(below, $"{path}/{FileNames.Decode(node.Name)}");
            }
        }
    }

    private static void If(bool condition, Action action)
    {
        if (condition) action();
    }

    /// <summary>The source is as a backup on the server itself has it. The folders above are not compared: others may be at work in them.</summary>
    private async Task AssertAsOnTheServerAsync(BackupSnapshot snapshot)
    {
        var local = await _lab.BackupWhollyAsync(_lab.Request() with { Force = true });
        Assert.Equal(await _lab.TreeOfAsync(local.Id, _lab.Source), await _lab.TreeOfAsync(snapshot.Id, _lab.Source));
    }

    private async Task<BackupSnapshot> BackupWhollyAsync()
    {
        var snapshot = await BackupAsync(new TroubledShell(), _lab.Request());
        Assert.Empty(_activity.Errors);
        Assert.Equal(BackupStatus.Complete, snapshot.Status);
        return snapshot;
    }

    private async Task<BackupSnapshot> BackupAsync(IServerShell shell, BackupRequest request)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        return await ServerBackup.RunAsync(Task.FromResult(repository), shell, request with { HostName = "", UserName = "" }, asRoot: false, _activity, default);
    }
}
