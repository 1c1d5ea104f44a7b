using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Checks;

/// <summary>A server's shell as checks use it: opened for each look, since a connection may be gone since the last one.</summary>
/// <param name="server">The server.</param>
/// <param name="open">Connects to it, or takes a connection that is kept.</param>
internal sealed class CheckShell(Server server, Func<Server, CancellationToken, Task<IServerShell>> open)
{
    /// <summary>What is longer than this is no answer to a check.</summary>
    public const int MostOutput = 256 * 1024;

    /// <summary>Connects to the server.</summary>
    /// <param name="limit">The limit of the check.</param>
    /// <exception cref="ProdOpsException">The server cannot be reached, not even within the limit.</exception>
    public async Task<IServerShell> OpenAsync(CancellationToken limit)
    {
        try
        {
            return await open(server, limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // That the way to it is slow says nothing about what is checked.
            throw MonitoringErrors.CheckServerLate(server.Name);
        }
    }

    /// <summary>Runs a command whose output is parsed.</summary>
    /// <param name="shell">The server's shell.</param>
    /// <param name="command">The command.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="limit">The limit of the check.</param>
    /// <exception cref="ProdOpsException">The connection was lost, or the command printed without end.</exception>
    public static Task<CommandOutput> RunAsync(IServerShell shell, ServerCommand command, ReadOnlyMemory<byte> input, CancellationToken limit) =>
        shell.RunAsync(command with { PosixLocale = true }, new CommandRunOptions { Input = input, MaximumOutput = MostOutput }, limit);

    /// <summary>Connects, and runs a command that reads nothing.</summary>
    /// <exception cref="ProdOpsException">As above.</exception>
    public async Task<CommandOutput> RunAsync(ServerCommand command, CancellationToken limit) =>
        await RunAsync(await OpenAsync(limit).ConfigureAwait(false), command, default, limit).ConfigureAwait(false);
}
