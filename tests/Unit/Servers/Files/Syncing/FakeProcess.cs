using System.IO.Pipelines;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Tests.Files.Syncing;

/// <summary>A server on which a command does what a test says.</summary>
internal sealed class FakeServer(string name, Func<FakeProcess, Task<int>> run) : IServerShell
{
    public string Name => name;

    public FakeProcess? Process { get; private set; }

    public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken)
    {
        Process = new FakeProcess();
        Process.Begin(run);
        return Task.FromResult<IServerProcess>(Process);
    }
}

/// <summary>A command with pipes of 64 KiB, as systems have them.</summary>
internal sealed class FakeProcess : IServerProcess
{
    private const int PipeSize = 64 * 1024;
    private readonly Pipe _input = NewPipe(), _output = NewPipe(), _error = NewPipe();
    private readonly TaskCompletionSource<CommandExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Stream StandardInput => _input.Writer.AsStream();

    public Stream StandardOutput => _output.Reader.AsStream();

    public Stream StandardError => _error.Reader.AsStream();

    /// <summary>The command's side.</summary>
    public Stream Reads => _input.Reader.AsStream();

    public Stream Writes => _output.Writer.AsStream();

    public Stream Says => _error.Writer.AsStream();

    /// <summary>Cancelled when the command is ended from outside.</summary>
    public CancellationTokenSource Ended { get; } = new();

    public bool IsDisposed { get; private set; }

    public Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken) => _exit.Task.WaitAsync(cancellationToken);

    /// <summary>The connection to its server breaks.</summary>
    public void Break(ProdOpsException error)
    {
        _output.Writer.Complete(error);
        _error.Writer.Complete(error);
        _exit.TrySetException(error);
    }

    public void Begin(Func<FakeProcess, Task<int>> run) => _ = Task.Run(async () =>
    {
        int code = 255;
        try
        {
            code = await run(this);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or InvalidOperationException)
        {
            code = 143;
        }

        await _output.Writer.CompleteAsync();
        await _error.Writer.CompleteAsync();
        await _input.Reader.CompleteAsync();
        _exit.TrySetResult(new CommandExit(code));
    });

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        await Ended.CancelAsync();
    }

    private static Pipe NewPipe() => new(new PipeOptions(pauseWriterThreshold: PipeSize, resumeWriterThreshold: PipeSize / 2));
}
