using ProdOps.Backup.Archiving.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Backup.Archiving.Streams;

/// <summary>A command that prints a file. Disposing it ends it if it still runs.</summary>
internal sealed class CommandStream : IAsyncDisposable
{
    private readonly StreamFile _file;
    private readonly string _server;
    private readonly IServerProcess _process;
    private readonly Task _sending;
    private readonly Task<Complaints> _complaints;

    private CommandStream(string server, StreamFile file, IServerProcess process, byte[] input, CancellationToken cancellationToken)
    {
        (_server, _file, _process) = (server, file, process);
        _sending = SendAsync(process, input, cancellationToken);
        _complaints = Complaints.ReadAsync(process.StandardError, cancellationToken);
    }

    public Stream Output => _process.StandardOutput;

    public static async Task<CommandStream> StartAsync(IServerShell shell, StreamFile file, CancellationToken cancellationToken)
    {
        byte[] input = await PasswordInput.ReadLineAsync(file.Password, cancellationToken);
        IServerProcess process;
        try
        {
            process = await shell.StartAsync(file.Command, cancellationToken);
        }
        catch
        {
            Array.Clear(input);
            throw;
        }
        return new CommandStream(shell.Name, file, process, input, cancellationToken);
    }

    /// <summary>Waits for the end, after all output was read.</summary>
    /// <exception cref="ProdOpsException"><c>DumpFailed</c>, or the connection was lost.</exception>
    public async Task EnsureSuccessAsync(CancellationToken cancellationToken)
    {
        var exit = await _process.WaitForExitAsync(cancellationToken);
        var complaints = await _complaints;
        if (!exit.Succeeded) throw BackupErrors.DumpFailed(_server, _file.Title, exit, complaints.Lines);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await Task.WhenAll(_sending, _complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task SendAsync(IServerProcess process, byte[] input, CancellationToken cancellationToken)
    {
        try
        {
            await process.SendInputAsync(new CommandRunOptions { Input = input }, cancellationToken);
        }
        finally
        {
            Array.Clear(input);
        }
    }
}
