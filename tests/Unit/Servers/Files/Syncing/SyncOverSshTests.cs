using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Syncing;
using ProdOps.Servers.Tests.Connections;

namespace ProdOps.Servers.Tests.Files.Syncing;

/// <summary>Synchronising over a real sshd.</summary>
public sealed class SyncOverSshTests : IDisposable
{
    private readonly FileLab _lab = new();

    public SyncOverSshTests() => _lab.Bash("chmod 755 .; mkdir web1 web2 web1/data web2/data");

    public void Dispose() => _lab.Dispose();

    [ProgramFact("sshd", "ssh-keygen", "ssh", "rsync")]
    public async Task Megabytes_and_odd_names_go_from_one_server_to_another()
    {
        _lab.MakeTree("web1/data");
        _lab.Bash("head -c 12000000 /dev/urandom > web1/data/large");
        await using var ssh = await SshShellFixture.StartAsync();
        var shell = await ssh.OpenAsync();
        var options = new SyncOptions { Verify = true, Delete = true };
        var done = await SyncAsync(new FolderShell("web1", shell, _lab["web1"]), new FolderShell("web2", shell, _lab["web2"]), options);
        Assert.Equal((null, true), (done.Result.Problem, done.Result.Verified));
        Assert.InRange(done.Result.BytesSent, 12_000_000, 12_600_000);
        Assert.Equal(_lab.Describe(_lab["web1/data"], fractions: false), _lab.Describe(_lab["web2/data"], fractions: false));
        Assert.Equal(0, (await SyncAsync(new FolderShell("web1", shell, _lab["web1"]), new FolderShell("web2", shell, _lab["web2"]), options)).Result.Files);
    }

    [ProgramFact("sshd", "ssh-keygen", "ssh", "ss", "rsync")]
    public Task A_source_that_is_cut_off_leaves_the_former_file_and_no_rsync() => CutAsync(isSource: true);

    [ProgramFact("sshd", "ssh-keygen", "ssh", "ss", "rsync")]
    public Task A_target_that_is_cut_off_keeps_the_former_file_and_no_rsync() => CutAsync(isSource: false);

    private async Task CutAsync(bool isSource)
    {
        _lab.Bash("head -c 20000000 /dev/urandom > web1/data/big; echo former > web2/data/big");
        await using var ssh = await SshShellFixture.StartAsync();
        IServerShell far = await ssh.OpenAsync(), near = new LocalShell("here");
        FolderShell source = new("web1", isSource ? far : near, _lab["web1"]), target = new("web2", isSource ? near : far, _lab["web2"]);
        var run = SyncAsync(source, target, new SyncOptions { BandwidthLimit = 200_000 });
        while (!run.IsCompleted && Directory.GetFiles(_lab["web2/data"], ".big.*").Length == 0) await Task.Delay(10);
        CopyOverSshTests.KillSessions(ssh.Sshd.Port);
        var error = await Assert.ThrowsAsync<ProdOpsException>(() => run);
        Assert.Equal("TransferCut", error.ErrorId);
        // The far one ends when it notices.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (_lab.Bash("cd web2/data; ls -A") != "big\n" || Rsyncs() != "") await Task.Delay(20, limit.Token);
        Assert.Equal("former\n", _lab.Bash("cat web2/data/big"));
    }

    private string Rsyncs() => _lab.Bash("for p in /proc/[0-9]*; do c=$(readlink $p/cwd 2>/dev/null) || continue; case $c in $PWD/*) cat $p/comm 2>/dev/null || :;; esac; done");

    private static async Task<SyncOutcome> SyncAsync(IServerShell source, IServerShell target, SyncOptions options) =>
        await (await ItemSyncer.OpenAsync(source, "data", options, SilentActivity.Instance, TimeProvider.System, default)).SyncAsync(target, default);
}
