using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Syncing;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Files.Syncing;

/// <summary>Folders made the same by real rsyncs: of two "servers" that are folders of this machine.</summary>
public sealed class ItemSyncerTests : IDisposable
{
    private readonly FileLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public ItemSyncerTests()
    {
        _lab.Bash("mkdir web1 web2 bin");
    }

    public void Dispose() => _lab.Dispose();

    [ProgramFact("rsync")]
    public async Task A_tree_becomes_the_same_and_only_what_differs_is_sent()
    {
        _lab.MakeTree("web1/data");
        _lab.Bash("mkfifo web1/data/fifo");
        var first = (await SyncAsync()).Result;
        Assert.Contains(_activity.Warnings, warning => warning.Contains("non-regular file", StringComparison.Ordinal));
        _lab.Bash("rm web1/data/fifo");
        Assert.Null(first.Problem);
        Assert.Equal(("web1", "web2", "data"), (first.Source, first.Server, first.Path));
        Assert.InRange(first.BytesSent, 300_000, 400_000);
        Assert.Equal(300_000 + 40, first.TotalSize, 100.0);

        // Another content of the same size and time, permissions, a file less, one more.
        _lab.Bash("""
            cp -p web1/data/script.sh time; echo t > web1/data/script.sh; touch -r time web1/data/script.sh
            chmod 755 web2/data/-dash; rm web2/data/a/b/two; echo more > web2/data/more; printf x | dd of=web1/data/a/big bs=1 seek=1000 conv=notrunc 2>/dev/null
            """);
        var steps = await PlanAsync();
        Assert.Equal(["-dash Metadata .f.", "a/b/two Create <f+", "a/big Replace <fc", "script.sh Replace <fc"],
            steps.Where(step => step.Itemized[1] != 'd').Select(step => $"{step.Path["data/".Length..]} {step.Action} {step.Itemized[..3]}").Order(StringComparer.Ordinal));
        var second = (await SyncAsync()).Result;
        Assert.Equal((3, 0), (second.Files, second.Deleted));
        Assert.InRange(second.BytesSent, 1, 20_000);
        Assert.True(second.SpeedUp > 10, $"{second.SpeedUp}");
        Assert.Equal("more\n", _lab.Bash("cat web2/data/more"));
        Assert.Equal(1, (await SyncAsync(new SyncOptions { Delete = true })).Result.Deleted);
        // rsync compares times by the second.
        Assert.Equal(_lab.Describe(_lab["web1/data"], fractions: false), _lab.Describe(_lab["web2/data"], fractions: false));
        Assert.Empty(await PlanAsync(new SyncOptions { Delete = true }));
    }

    [ProgramFact("rsync")]
    public async Task A_plan_changes_nothing_and_is_what_is_done()
    {
        _lab.MakeTree("web1/data");
        _lab.Bash("mkdir -p web2/data/old/er; echo x > web2/data/old/er/file");
        string before = _lab.Describe(_lab["web2"]);
        var options = new SyncOptions { Delete = true, Exclude = ["/a/b/", "+ *", "*.sh"], Compress = true, BandwidthLimit = 100_000_000 };
        var steps = await PlanAsync(options);
        Assert.Equal(before, _lab.Describe(_lab["web2"]));
        var done = (await SyncAsync(options)).Result;
        Assert.Equal(3, steps.Count(step => step.Action == ServerCopyAction.Delete));
        Assert.Equal(done.Deleted, steps.Count(step => step.Action == ServerCopyAction.Delete));
        Assert.Equal(done.Files, steps.Count(step => step.Action is ServerCopyAction.Create or ServerCopyAction.Replace && step.Itemized[1] != 'd'));
        Assert.False(Directory.Exists(_lab["web2/data/a/b"]) || File.Exists(_lab["web2/data/script.sh"]));
        Assert.True(File.Exists(_lab["web2/data/a/one"]));

        // Of a path that nobody has made yet.
        _lab.Bash("mkdir -p web1/x/y/z; echo 1 > web1/x/y/z/f");
        Assert.Equal(["x/y/z", "x/y/z/f"], (await PlanAsync(path: "x/y/z/")).Select(step => step.Path));
        Assert.False(Directory.Exists(_lab["web2/x"]));
        await SyncAsync(path: "x/y/z");
        Assert.Equal("1\n", _lab.Bash("cat web2/x/y/z/f"));
    }

    [ProgramFact("rsync")]
    public async Task What_only_checksums_tell_apart_is_found_unless_time_is_believed()
    {
        _lab.Bash("mkdir web1/data web2/data; echo one > web1/data/f; echo two > web2/data/f; touch -d 2020-01-01 web1/data/f web2/data/f; touch -d 2020-01-01 web1/data web2/data; echo a > web1/data/skip; touch -d 2020-01-01 web1/data");
        var quick = await SyncAsync(new SyncOptions { Quick = true, Verify = true, Exclude = ["skip"] });
        Assert.Equal(("SyncNotVerified", false, 0L), (quick.Error!.ErrorId, quick.Result.Verified, quick.Result.Files));
        Assert.Contains("data/f", quick.Result.Problem, StringComparison.Ordinal);
        var sure = await SyncAsync(new SyncOptions { Verify = true, Exclude = ["skip"] });
        Assert.Equal((null, true, 1L), (sure.Result.Problem, sure.Result.Verified, sure.Result.Files));
        Assert.False(File.Exists(_lab["web2/data/skip"]));
        _lab.Bash("echo extra > web2/data/extra");
        Assert.True((await SyncAsync(new SyncOptions { Verify = true })).Result.Verified);
    }

    [ProgramFact("rsync")]
    public async Task A_file_is_synchronised_by_itself_and_a_folder_never_takes_a_files_place()
    {
        _lab.Bash("mkdir web1/sub; echo one > 'web1/sub/a:b'; echo dash > web1/-f; echo no > web1/sub/other; mkdir web1/kind; echo file > web2/kind");
        var done = await SyncAsync(new SyncOptions { Verify = true }, "sub/a:b");
        Assert.Equal((1L, true), (done.Result.Files, done.Result.Verified));
        Assert.Equal("a:b\n", _lab.Bash("ls web2/sub"));
        await SyncAsync(path: "-f");
        Assert.Equal("dash\n", _lab.Bash("cat web2/-f"));
        Assert.Equal("DestinationInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(path: "kind"))).ErrorId);
        _lab.Bash("rm -r web1/kind; echo f > web1/kind; rm web2/kind; mkdir web2/kind");
        Assert.Equal("CopyFailed", (await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(path: "kind"))).ErrorId);
    }

    [ProgramFact("rsync")]
    public async Task What_cannot_or_must_not_be_done_is_said_before_anything_is()
    {
        _lab.Bash("mkdir web1/empty web2/empty; echo x > web2/empty/precious");
        Assert.Equal("SyncSourceEmpty", (await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(new SyncOptions { Delete = true }, "empty"))).ErrorId);
        Assert.Equal("SourceNotFound", (await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(path: "nothing"))).ErrorId);
        foreach (string root in (string[])["/", "//", "/.", "/../"]) Assert.Equal("SyncPathInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(path: root))).ErrorId);
        // Opened only, since what is wrong here would copy all of this machine.
        File.CreateSymbolicLink(_lab["root"], "/");
        foreach (string root in (string[])["/srv/..", "/srv/x/../..//./", "a/..", _lab["root"], _lab["root"] + "/"])
        {
            var opening = ItemSyncer.OpenAsync(new FolderShell("web1", _lab.Shell(), _lab["web1"]), root, new SyncOptions { Delete = true }, _activity, TimeProvider.System, default);
            Assert.Equal("SyncPathInvalid", (await Assert.ThrowsAsync<ProdOpsException>(() => opening)).ErrorId);
        }

        Assert.Null((await SyncAsync(path: "empty")).Error);
        Assert.True(File.Exists(_lab["web2/empty/precious"]));

        _lab.Bash("mkdir web1/data; echo 1 > web1/data/f");
        var bare = new FolderShell("web2", _lab.ShellWithOnly("sh", "ls", "sed", "cat", "mkdir"), _lab["web2"]);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(target: bare));
        Assert.Equal(("RsyncMissing", "web2"), (error.ErrorId, error.Target));
        Assert.Contains("apt-get install rsync", error.Recommendation, StringComparison.Ordinal);
        Assert.Equal("RsyncTooOld", (await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(target: Server("web2", Wrapper("echo 'openrsync: protocol version 29'; echo 'rsync version 2.6.9 compatible'"))))).ErrorId);
    }

    [ProgramFact("rsync")]
    public async Task Files_that_cannot_be_read_or_written_are_named_and_the_rest_is_there()
    {
        _lab.Bash("mkdir -p web1/data web2/data/taken; echo 1 > web1/data/f; echo 2 > web1/data/taken; echo x > web2/data/taken/x");
        var outcome = await SyncAsync();
        Assert.Equal("SyncIncomplete", outcome.Error!.ErrorId);
        Assert.Contains("taken", outcome.Result.Problem, StringComparison.Ordinal);
        Assert.Equal("1\n", _lab.Bash("cat web2/data/f"));
    }

    [Theory]
    [ProgramData("rsync", 30)]
    [ProgramData("rsync", 31)]
    public async Task Two_that_speak_different_protocols_agree(int protocol)
    {
        _lab.MakeTree("web1/data");
        // As an older program would: with its letters and its file lists.
        string wrapper = Wrapper($"case $1 in --version) exec {Tool.Find("rsync")} \"$@\";; esac; exec {Tool.Find("rsync")} \"$@\" --protocol={protocol}", appendsOptions: true);
        Assert.Null((await SyncAsync(source: Server("web1", wrapper))).Error);
        // rsync compares times by the second.
        Assert.Equal(_lab.Describe(_lab["web1/data"], fractions: false), _lab.Describe(_lab["web2/data"], fractions: false));
    }

    [Theory]
    [ProgramData("rsync", @"printf 'prodops\0rsync\0--server\0--sender\0-lHogtprcSe.iLsfxCIvu\0--log-format=%%i\0--timeout=300\0.\0target\0\0'", "SyncRefused")]
    [ProgramData("rsync", @"printf 'prodops\0rsync\0--server\0-lHogtprcSe.iLsfxCIvu\0--log-format=%%i\0--timeout=300\0.\0/etc\0\0'", "SyncRefused")]
    [ProgramData("rsync", "while :; do echo garbage; done", "SyncRefused")]
    [ProgramData("rsync", @"printf 'prodops\0rsync\0--server\0-lHogtprcSe.iLsfxCIvu\0--log-format=%%i\0--timeout=300\0.\0target\0\0'; while :; do echo garbage; done", "SyncFailed")]
    [ProgramData("rsync", "echo why >&9; exit 5", "SyncFailed")]
    public async Task A_source_that_was_broken_into_gets_nothing_done(string script, string id)
    {
        _lab.Bash("mkdir web1/data web2/data; echo 1 > web2/data/f; echo 2 > web1/data/f");
        string before = _lab.Describe(_lab["web2"]);
        var hostile = Server("web1", Wrapper($"case $1 in --version) exec {Tool.Find("rsync")} --version;; esac; exec 9>&2 >&4; {script}"));
        Assert.Equal(id, (await Assert.ThrowsAsync<ProdOpsException>(() => SyncAsync(new SyncOptions { Patience = TimeSpan.FromMilliseconds(500) }, source: hostile))).ErrorId);
        Assert.Equal(before, _lab.Describe(_lab["web2"]));
    }

    [ProgramFact("rsync")]
    public async Task Stopped_in_the_midst_of_a_file_it_leaves_the_former_one_and_no_rsync()
    {
        _lab.Bash("mkdir web1/data web2/data; head -c 20000000 /dev/urandom > web1/data/big; echo former > web2/data/big");
        using var stop = new CancellationTokenSource();
        var run = SyncAsync(new SyncOptions { BandwidthLimit = 200_000 }, cancellationToken: stop.Token);
        while (!run.IsCompleted && Directory.GetFiles(_lab["web2/data"], ".big.*").Length == 0) await Task.Delay(10);
        Assert.Contains("rsync", RsyncsHere(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal("big former\n", _lab.Bash("cd web2/data; echo $(ls -A) $(cat big)"));
        Assert.Equal("", RsyncsHere());
    }

    /// <summary>The rsyncs that work in the lab's folder.</summary>
    private string RsyncsHere() => _lab.Bash("for p in /proc/[0-9]*; do c=$(readlink $p/cwd 2>/dev/null) || continue; case $c in $PWD/*) tr '\\0' ' ' < $p/cmdline 2>/dev/null || :;; esac; done");

    private async Task<SyncOutcome> SyncAsync(SyncOptions? options = null, string path = "data", IServerShell? source = null, IServerShell? target = null, CancellationToken cancellationToken = default) =>
        await (await OpenAsync(options, path, source, cancellationToken)).SyncAsync(target ?? Server("web2"), cancellationToken);

    private async Task<IReadOnlyList<ServerSyncStep>> PlanAsync(SyncOptions? options = null, string path = "data") =>
        await (await OpenAsync(options, path, null, CancellationToken.None)).PlanAsync(Server("web2"), CancellationToken.None);

    private Task<ItemSyncer> OpenAsync(SyncOptions? options, string path, IServerShell? source, CancellationToken cancellationToken) =>
        ItemSyncer.OpenAsync(source ?? Server("web1"), path, options ?? new SyncOptions(), _activity, TimeProvider.System, cancellationToken);

    private FolderShell Server(string name, string? path = null) => new(name, new LocalShell(name), _lab[name], path);

    /// <summary>A folder with an rsync of the test's own.</summary>
    private string Wrapper(string script, bool appendsOptions = false)
    {
        // Options come before the paths, which are behind two dashes.
        string text = appendsOptions ? script.Replace("\"$@\" --", "--", StringComparison.Ordinal) + " \"$@\"" : script;
        string folder = _lab[$"bin/{Guid.NewGuid():n}"];
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "rsync"), $"#!/bin/sh\n{text}\n");
        Tool.SetMode(Path.Combine(folder, "rsync"), (UnixFileMode)0b111_101_101);
        return folder;
    }
}
