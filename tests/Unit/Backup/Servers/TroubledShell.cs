using System.Collections.Concurrent;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Tests.Servers;

/// <summary>This machine's shell as a server's, with a test's hand in between: other tools, archives that are cut, files that change meanwhile.</summary>
internal sealed class TroubledShell : IServerShell
{
    private static readonly Lazy<string> BusyBox = new(MakeBusyBox);
    private readonly LocalShell _shell = new("web1");
    private int _archives, _losses;
    private long _left = long.MaxValue;

    public string Name => "web1";

    /// <summary>BusyBox's tools come before GNU's.</summary>
    public bool UsesBusyBox { get; init; }

    /// <summary>getfattr works.</summary>
    public bool HasGetfattr { get; init; } = true;

    /// <summary>What was run.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    /// <summary>Called before the n-th archive is begun.</summary>
    public Action<int>? BeforeArchive { get; init; }

    /// <summary>Called when all of the n-th archive was read.</summary>
    public Action<int>? BeforeExit { get; init; }

    /// <summary>The exit code that the n-th archive's tar is said to have ended with, if not its own.</summary>
    public Func<int, int?>? ExitCode { get; init; }

    /// <summary>The connection is lost after that many bytes of archives, however many there are.</summary>
    public long LosesAfter { get => _left; init => _left = value; }

    /// <summary>A lost connection looks like the end of what the server sends, and how the command ended is never known.</summary>
    public bool LosesSilently { get; init; }

    /// <summary>What the listing's script is to be instead.</summary>
    public Func<string, string>? Listing { get; init; }

    /// <summary>How often it is lost.</summary>
    public int Losses { get; init; } = int.MaxValue;

    /// <summary>How many archives were begun.</summary>
    public int Archives => _archives;

    public async Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        Commands.Enqueue(command.Text);
        bool isArchive = command.Text.Contains(" -cf - -T -", StringComparison.Ordinal) || command.Text.Contains("xargs -0 tar -cf -", StringComparison.Ordinal);
        int number = isArchive ? Interlocked.Increment(ref _archives) : 0;
        if (isArchive) BeforeArchive?.Invoke(number);
        if (Listing is not null && command.Text.Contains("c E $?", StringComparison.Ordinal)) command = command with { Text = Listing(command.Text) };
        if (UsesBusyBox) command = command with { Text = $"PATH={BusyBox.Value}:$PATH; export PATH\n{command.Text}" };
        if (!HasGetfattr) command = command with { Text = $"getfattr() {{ echo unknown >&2; }}\n{command.Text}" };
        var process = await _shell.StartAsync(command, cancellationToken);
        if (!isArchive) return process;
        return new TroubledProcess(this, number, process, isLimited: Interlocked.Increment(ref _losses) <= Losses);
    }

    private static string MakeBusyBox()
    {
        string program = Array.Find(["/bin/busybox", "/usr/bin/busybox"], File.Exists)!;
        string folder = Directory.CreateTempSubdirectory("prodops-busybox-").FullName;
        foreach (string tool in (string[])["find", "stat", "tar", "xargs", "sh", "cat", "id", "uname", "printf", "head", "od", "tr"]) File.CreateSymbolicLink(Path.Combine(folder, tool), program);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private sealed class TroubledProcess(TroubledShell shell, int number, IServerProcess inner, bool isLimited) : IServerProcess
    {
        private readonly LosingStream _output = new(inner.StandardOutput, shell, isLimited);

        public Stream StandardInput => inner.StandardInput;

        public Stream StandardOutput => _output;

        public Stream StandardError => inner.StandardError;

        public async Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken)
        {
            if (_output.IsLost && shell.LosesSilently) await Task.Delay(Timeout.Infinite, cancellationToken);
            if (_output.IsLost) throw ServersErrors.ConnectionLost(shell.Name, null);
            var exit = await inner.WaitForExitAsync(cancellationToken);
            shell.BeforeExit?.Invoke(number);
            return shell.ExitCode?.Invoke(number) is { } code ? new CommandExit(code) : exit;
        }

        public async ValueTask DisposeAsync()
        {
            await _output.DisposeAsync();
            await inner.DisposeAsync();
        }
    }

    private sealed class LosingStream(Stream inner, TroubledShell shell, bool isLimited) : Stream
    {
        public bool IsLost { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!isLimited) return await inner.ReadAsync(buffer, cancellationToken);
            if (shell._left == 0)
            {
                IsLost = true;
                if (shell.LosesSilently) return 0;
                throw ServersErrors.ConnectionLost("web1", null);
            }
            int count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, shell._left)], cancellationToken);
            shell._left -= count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
