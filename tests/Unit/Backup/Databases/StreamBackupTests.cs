using ProdOps.Backup.Archiving.Streams;
using ProdOps.Backup.Tests.Repositories;
using ProdOps.Backup.Tests.TestTools;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Tests.Databases;

/// <summary>What a command prints is a file of the snapshot, and only if it ended well.</summary>
public sealed class StreamBackupTests : IAsyncLifetime, IDisposable
{
    private readonly BackupLab _lab = new();
    private readonly RecordingActivity _activity = new();

    public Task InitializeAsync() => _lab.InitializeAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _lab.Dispose();

    [ResticFact]
    public async Task Restic_reads_back_just_what_the_command_printed()
    {
        byte[] content = TestRepository.RandomBytes(9_000_000, 3);
        _lab.Write("content", content);
        string command = $"cat '{_lab.Source}/content'; printf end; cat >&2 < /dev/null";
        var first = await BackupAsync(new StreamFile("/dumps/a b.bin", new ServerCommand(command), "it"));
        Assert.Equal(BackupStatus.Complete, first.Status);
        Assert.Equal((1, 9_000_003), (first.Summary!.FilesNew, first.Summary.TotalBytesProcessed));
        Assert.Equal(["/dumps/a b.bin"], first.Paths);
        _lab.Restic.Run("restore", first.Id, "--target", _lab["back"]);
        byte[] back = File.ReadAllBytes(Path.Combine(_lab["back"], "dumps/a b.bin"));
        Assert.Equal([.. content, .. "end"u8], back);

        var second = await BackupAsync(new StreamFile("/dumps/a b.bin", new ServerCommand(command), "it"));
        Assert.Equal(first.Id, second.Parent);
        Assert.Equal((0, 1, 0), (second.Summary!.FilesNew, second.Summary.FilesChanged, second.Summary.DataBlobs));
        _lab.Check(readData: true);
        _lab.AssertNothingIsLeftBehind();
    }

    [Theory]
    [InlineData("printf half; echo table is gone >&2; exit 3", "ended with 3: table is gone")]
    [InlineData("head -c 3000000 /dev/zero; kill -9 $$", "ended with 137")]
    [InlineData("no-such-program-at-all", "is not installed")]
    [InlineData("exit 1", "ended with 1.")]
    public async Task A_command_that_fails_leaves_no_snapshot(string command, string says)
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(
            new StreamFile("/good", new ServerCommand("echo good"), "the good one"), new StreamFile("/bad", new ServerCommand(command), "the bad one")));
        Assert.Equal("DumpFailed", error.ErrorId);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("the bad one", error.Message, StringComparison.Ordinal);
        Assert.Empty(_lab.FilesOf("snapshots"));
        _lab.AssertNothingIsLeftBehind();
    }

    [Fact]
    public async Task A_command_that_fails_late_leaves_what_it_printed_for_the_next_run()
    {
        string content = Path.Combine(_lab.Source, "content");
        File.WriteAllBytes(content, TestRepository.RandomBytes(20_000_000, 7));
        await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(new StreamFile("/dump", new ServerCommand($"cat '{content}'; exit 3"), "it")));
        Assert.Empty(_lab.FilesOf("snapshots"));
        var snapshot = await BackupAsync(new StreamFile("/dump", new ServerCommand($"cat '{content}'"), "it"));
        // All but the last piece, which the failure left unfinished.
        Assert.InRange(snapshot.Summary!.DataAdded, 1, 9_000_000);
    }

    [Fact]
    public async Task A_lost_connection_leaves_no_snapshot_even_if_the_output_seemed_to_end()
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(new LosingShell(), new StreamFile("/dump", new ServerCommand("echo LOSE; head -c 3000000 /dev/zero"), "it")));
        Assert.Equal(ServersErrors.ConnectionLostId, error.ErrorId);
        Assert.Empty(_lab.FilesOf("snapshots"));
        _lab.AssertNothingIsLeftBehind();
    }

    [Fact]
    public async Task Stopping_ends_the_command_and_leaves_no_snapshot()
    {
        using var stop = new CancellationTokenSource();
        string mark = Path.Combine(_lab.Source, "mark");
        var file = new StreamFile("/dump", new ServerCommand($"echo $$ > '{mark}'; while :; do head -c 1000000 /dev/zero; done"), "it");
        var running = BackupAsync(new LocalShell("web1"), [file], stop.Token);
        while (!File.Exists(mark) || File.ReadAllText(mark).Length == 0) await Task.Yield();
        int process = int.Parse(File.ReadAllText(mark), System.Globalization.CultureInfo.InvariantCulture);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(Directory.Exists($"/proc/{process}") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal));
        Assert.Empty(_lab.FilesOf("snapshots"));
        _lab.AssertNothingIsLeftBehind();
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("/")]
    public async Task A_path_that_a_snapshot_cannot_have_is_refused(string path) =>
        Assert.Equal("StreamPathUnusable", (await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(new StreamFile(path, new ServerCommand("echo"), "it")))).ErrorId);

    [Fact]
    public async Task A_file_cannot_stand_where_a_folder_is_needed()
    {
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => BackupAsync(
            new StreamFile("/a", new ServerCommand("echo"), "one"), new StreamFile("/a/b", new ServerCommand("echo"), "two")));
        Assert.Equal("StreamPathTwice", error.ErrorId);
    }

    private Task<BackupSnapshot> BackupAsync(params StreamFile[] files) => BackupAsync(new LocalShell("web1"), files);

    private async Task<BackupSnapshot> BackupAsync(IServerShell shell, StreamFile file) => await BackupAsync(shell, [file]);

    private async Task<BackupSnapshot> BackupAsync(IServerShell shell, StreamFile[] files, CancellationToken cancellationToken = default)
    {
        await using var repository = await TestRepository.OpenAsync(_lab.Storage());
        return await StreamBackup.RunAsync(repository, shell, files, _lab.Request() with { Paths = [.. files.Select(file => file.Path)] }, _activity, cancellationToken);
    }

    /// <summary>Loses the connection of a command that says so, after all of its output has come.</summary>
    private sealed class LosingShell : IServerShell
    {
        private readonly LocalShell _shell = new("web1");

        public string Name => "web1";

        public async Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
        {
            var process = await _shell.StartAsync(command, cancellationToken);
            return command.Text.Contains("LOSE", StringComparison.Ordinal) ? new Lost(process) : process;
        }

        private sealed class Lost(IServerProcess inner) : IServerProcess
        {
            public Stream StandardInput => inner.StandardInput;

            public Stream StandardOutput => inner.StandardOutput;

            public Stream StandardError => inner.StandardError;

            public Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken) => throw ServersErrors.ConnectionLost("web1", null);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
