using System.Diagnostics;
using System.Globalization;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Files;
using ProdOps.Servers.Tests.Connections;

namespace ProdOps.Servers.Tests.Files;

/// <summary>Copies over a real sshd.</summary>
public sealed class CopyOverSshTests : IDisposable
{
    private readonly FileLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [SshdFact]
    public async Task A_tree_goes_there_and_back_as_it_is()
    {
        string source = _lab.MakeTree("source");
        await using var ssh = await SshShellFixture.StartAsync();
        var shell = await ssh.OpenAsync();
        var there = await (await SendAsync(shell, source, "there")).Run(CancellationToken.None);
        Assert.True(there.Verified);
        Assert.Equal(_lab.Describe(source), _lab.Describe(_lab["there"]));
        var back = await (await Copier(shell).FetchAsync(_lab["there"], _lab["back"], CancellationToken.None)).Run(CancellationToken.None);
        Assert.True(back.Verified);
        Assert.Equal(_lab.Describe(source), _lab.Describe(_lab["back"]));
        Assert.Equal((0, 0), ((await (await SendAsync(shell, source, "there")).Run(CancellationToken.None)).Files, back.Errors));
    }

    [SshdFact]
    public async Task A_copy_whose_sshd_dies_is_gone_on_with_by_the_next_one()
    {
        _lab.Bash("head -c 60000000 /dev/urandom > source");
        await using var ssh = await SshShellFixture.StartAsync();
        var shell = await ssh.OpenAsync();
        var killer = new SlowingShell(shell, () => KillSessions(ssh.Sshd.Port));
        var error = await Assert.ThrowsAnyAsync<Exception>(async () => await (await SendAsync(killer, _lab["source"], "there")).Run(CancellationToken.None));
        Assert.True(error is ProdOpsException, error.ToString());
        Assert.False(File.Exists(_lab["there"]));
        // What the dead session was doing ends when it notices.
        _lab.Bash("f=$(ls -d .prodops*); for i in $(seq 100); do kill -0 ${f##*.} 2>/dev/null || exit 0; read -t 0.1 <> <(:) || :; done; ls -la; exit 1");
        var result = await (await SendAsync(await ssh.OpenAsync(), _lab["source"], "there")).Run(CancellationToken.None);
        Assert.True(result.Resumed > 0, error + _lab.Bash("ls -la; ps -ef | tail -20"));
        _lab.Bash("cmp source there; test -z \"$(find . -name '.prodops*')\"");
    }

    private ItemCopier Copier(IServerShell shell) => new(shell, new CopyOptions(), _lab.Context());

    private Task<CopyJob> SendAsync(IServerShell shell, string path, string destination) =>
        Copier(shell).SendAsync(path, LocalTree.Read(path, error => throw error, CancellationToken.None), _lab[destination], CancellationToken.None);

    /// <summary>Ends the sshd processes that serve this port's sessions, and leaves the one that listens.</summary>
    internal static void KillSessions(int port)
    {
        using var find = Process.Start(new ProcessStartInfo("ss", ["-Htnp", "state", "established", $"( sport = :{port.ToString(CultureInfo.InvariantCulture)} )"]) { RedirectStandardOutput = true })!;
        string text = find.StandardOutput.ReadToEnd();
        foreach (System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(text, "\"sshd\",pid=([0-9]+)"))
        {
            using var process = Process.GetProcessById(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            process.Kill();
        }
    }

    /// <summary>A server that dies after the first megabytes of a command's input.</summary>
    private sealed class SlowingShell(IServerShell inner, Action die) : IServerShell
    {
        public string Name => inner.Name;

        public async Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) => new DyingProcess(await inner.StartAsync(command, cancellationToken), die);
    }

    private sealed class DyingProcess(IServerProcess inner, Action die) : IServerProcess
    {
        private readonly DyingStream _input = new(inner.StandardInput, die);

        public Stream StandardInput => _input;

        public Stream StandardOutput => inner.StandardOutput;

        public Stream StandardError => inner.StandardError;

        public Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken) => inner.WaitForExitAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await _input.DisposeAsync();
            await inner.DisposeAsync();
        }
    }

    private sealed class DyingStream(Stream inner, Action die) : Stream
    {
        private long _written;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            bool wasSmall = _written < 20_000_000;
            _written += buffer.Length;
            if (wasSmall && _written >= 20_000_000) die();
        }

        public override async ValueTask DisposeAsync() => await inner.DisposeAsync();
    }
}
