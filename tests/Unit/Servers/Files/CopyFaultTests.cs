using System.Buffers;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files;
using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Tests.Files;

/// <summary>What a copy leaves when something goes wrong: what was there, and nothing of its own.</summary>
public sealed class CopyFaultTests : IDisposable
{
    private readonly FileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [UnixTheory]
    [InlineData("gnu")]
    [ProgramData("busybox", "busybox")]
    public async Task A_folder_that_was_cut_leaves_the_destination_as_it_was(string tools)
    {
        string before = MakePair();
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => SendAsync(new CuttingShell(_lab.Shell(tools), sendAtMost: 500_000)));
        Assert.Equal("TransferCut", error.ErrorId);
        Assert.Equal(before, Below());
        error = await Assert.ThrowsAsync<ProdOpsException>(() => FetchAsync(new CuttingShell(_lab.Shell(tools), receiveAtMost: 500_000)));
        Assert.Equal("TransferCut", error.ErrorId);
        Assert.Equal(before, Below());
    }

    [UnixFact]
    public async Task A_folder_that_was_stopped_leaves_the_destination_as_it_was()
    {
        string before = MakePair();
        using var stop = new CancellationTokenSource();
        var activity = new StoppingActivity(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendAsync(_lab.Shell(), activity, token: stop.Token));
        Assert.Equal(before, Below());
    }

    [FullDiskFact]
    public async Task A_full_disk_is_one_clear_error_and_changes_nothing()
    {
        _lab.Bash("mkdir source; head -c 3000000 /dev/urandom > source/a; head -c 3000000 /dev/urandom > source/b; head -c 6000000 /dev/zero > single");
        using var disk = SmallDisk.Mount(_lab.Path, 5);
        _lab.Bash("mkdir disk/copy; echo old > disk/copy/a");
        foreach (var copy in new Func<Task>[]
        {
            () => SendAsync(_lab.Shell(), destination: "disk/copy"),
            () => SendAsync(new BlindShell(_lab.Shell()), destination: "disk/copy"),
            () => FetchAsync(_lab.Shell(), destination: "disk/copy"),
            () => CopyFileAsync(_lab.Shell(), send: true),
            () => CopyFileAsync(new BlindShell(_lab.Shell()), send: true),
            () => CopyFileAsync(_lab.Shell(), send: false),
        })
        {
            var error = await Assert.ThrowsAsync<ProdOpsException>(copy);
            Assert.True(error.ErrorId == "DestinationFull", error.ToString());
            Assert.Equal("old", _lab.Bash("cd disk/copy; cat $(ls -A)").Trim());
            _lab.Bash("rm -f disk/.prodops-copy-*; test ! -e disk/single");
        }
    }

    [UnixFact]
    public async Task Two_copies_of_a_folder_at_once_both_end_well()
    {
        string source = _lab.MakeTree("source");
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(_lab.Shell())));
        Assert.All(results, result => Assert.Equal(0, result.Errors));
        Assert.Equal(_lab.Describe(source), _lab.Describe(_lab["copy"]));
        Assert.Equal("", _lab.Bash("find . -name '.prodops*'"));
    }

    [UnixTheory]
    [InlineData("../evil", "")]
    [InlineData("/tmp/evil", "")]
    [InlineData("./folder/../../evil", "")]
    [InlineData("./unasked", "")]
    [InlineData("./file", "../../evil")]
    [InlineData("./file", "/etc/passwd")]
    [InlineData("./folder/", "directory")]
    public async Task A_hostile_archive_is_refused_and_nothing_is_put_in_place(string name, string hardLink)
    {
        _lab.Bash("mkdir -p source/folder; echo good > source/file; echo good > source/folder/file");
        bool isFolder = hardLink == "directory";
        var entry = new TarEntry { Name = name, Type = isFolder ? FileType.Directory : FileType.File, IsHardLink = !isFolder && hardLink.Length > 0, LinkName = isFolder ? "" : hardLink };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => FetchAsync(new LyingShell(_lab.Shell(), [entry])));
        Assert.Equal("ArchiveHostile", error.ErrorId);
        Assert.Equal("single source", string.Join(' ', Directory.GetFileSystemEntries(_lab.Path).Select(Path.GetFileName).Append("single").Distinct().Order()));
    }

    [UnixFact]
    public async Task An_entry_of_another_kind_or_sent_twice_is_not_put_in_place()
    {
        _lab.Bash("mkdir source; echo good > source/file; echo good > source/other");
        var link = new TarEntry { Name = "./file", Type = FileType.SymbolicLink, LinkName = "/etc" };
        var activity = new ErrorList();
        var result = await FetchAsync(new LyingShell(_lab.Shell(), [link]), activity);
        Assert.Equal((2, 0), (result.Errors, result.Files));
        Assert.Empty(Directory.GetFileSystemEntries(_lab["copy"]));
        var file = new TarEntry { Name = "./file" };
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => FetchAsync(new LyingShell(_lab.Shell(), [file, file])));
        Assert.Equal("ArchiveHostile", error.ErrorId);
    }

    [UnixFact]
    public async Task A_link_planted_at_the_destination_is_replaced_and_not_followed()
    {
        _lab.Bash("mkdir -p source/folder outside copy; echo new > source/folder/file; ln -s ../outside copy/folder");
        await SendAsync(_lab.Shell());
        Assert.Empty(Directory.GetFileSystemEntries(_lab["outside"]));
        Assert.Equal("new", File.ReadAllText(_lab["copy/folder/file"]).Trim());
        _lab.Bash("rm -r copy/folder; ln -s ../outside copy/folder");
        await FetchAsync(_lab.Shell());
        Assert.Empty(Directory.GetFileSystemEntries(_lab["outside"]));
        Assert.Equal("new", File.ReadAllText(_lab["copy/folder/file"]).Trim());
    }

    private string MakePair()
    {
        _lab.Bash("mkdir source copy; head -c 1000000 /dev/urandom > source/big; echo new > source/file; echo old > copy/file; touch -d 2020-01-01 copy/file");
        return Below();
    }

    /// <summary>The destination without its own time: a name that came and went has changed that.</summary>
    private string Below() => string.Join('\n', _lab.Describe(_lab["copy"]).Split('\n').Where(line => !line.StartsWith("|d|", StringComparison.Ordinal)));

    private async Task<ServerCopyResult> SendAsync(IServerShell shell, IActivity? activity = null, string destination = "copy", CancellationToken token = default)
    {
        var context = _lab.Context(activity);
        var source = LocalTree.Read(_lab["source"], error => throw error, token);
        return await new TreeSender(shell, new CopyRequest(_lab["source"], _lab[destination], new CopyOptions()), context).SendAsync(source, token);
    }

    private async Task<ServerCopyResult> FetchAsync(IServerShell shell, IActivity? activity = null, string destination = "copy")
    {
        var context = _lab.Context(activity);
        var job = await new ItemCopier(shell, new CopyOptions(), context).FetchAsync(_lab["source"], _lab[destination], CancellationToken.None);
        return await job.Run(CancellationToken.None);
    }

    private async Task CopyFileAsync(IServerShell shell, bool send)
    {
        var copier = new ItemCopier(shell, new CopyOptions(), _lab.Context());
        var source = LocalTree.Read(_lab["single"], error => throw error, CancellationToken.None);
        var job = send
            ? await copier.SendAsync(_lab["single"], source, _lab["disk/single"], CancellationToken.None)
            : await copier.FetchAsync(_lab["single"], _lab["disk/single"], CancellationToken.None);
        await job.Run(CancellationToken.None);
    }

    /// <summary>A server without df, so that a disk turns out to be full only when it is.</summary>
    private sealed class BlindShell(IServerShell inner) : IServerShell
    {
        public string Name => inner.Name;

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) =>
            inner.StartAsync(command with { Text = "df() { :; }\n" + command.Text }, cancellationToken);
    }

    /// <summary>A server whose tar sends what it wants to.</summary>
    private sealed class LyingShell(IServerShell inner, IReadOnlyList<TarEntry> entries) : IServerShell
    {
        public string Name => inner.Name;

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            if (!command.Text.Contains("exec tar", StringComparison.Ordinal)) return inner.StartAsync(command, cancellationToken);
            var archive = new ArrayBufferWriter<byte>();
            foreach (var entry in entries) TarWriter.Write(archive, entry);
            archive.Write(TarWriter.End);
            return inner.StartAsync(command with { Text = $"cat >/dev/null; base64 -d <<'E'\n{Convert.ToBase64String(archive.WrittenSpan)}\nE\n" }, cancellationToken);
        }
    }

    /// <summary>Stops the copy when the archive is on its way.</summary>
    private sealed class StoppingActivity(CancellationTokenSource stop) : IActivity
    {
        public void Verbose(string message)
        {
            if (message.Contains("archive", StringComparison.Ordinal)) stop.CancelAfter(20);
            if (message.Contains("in place", StringComparison.Ordinal)) stop.Cancel();
        }

        public void Warning(string message)
        {
        }

        public void Error(ProdOpsException error)
        {
        }

        public void Progress(ActivityProgress progress)
        {
        }
    }
}
