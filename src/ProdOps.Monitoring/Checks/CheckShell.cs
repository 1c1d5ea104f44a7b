using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Checks;

/// <summary>A server's shell as checks use it: opened for each look, since a connection may be gone since the last one.</summary>
/// <param name="server">The server.</param>
/// <param name="open">Connects to it, or takes a connection that is kept.</param>
internal sealed class CheckShell(Server server, Func<Server, CancellationToken, Task<IServerShell>> open)
{
    /// <summary>What is longer than this is no answer to a check.</summary>
    private const int MostOutput = 256 * 1024;

    /// <summary>Whose shell it is.</summary>
    public Server Server => server;

    /// <summary>Runs a command whose output is parsed.</summary>
    /// <param name="command">The command.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="limit">The limit of the check.</param>
    /// <exception cref="ProdOpsException">The server cannot be reached, not even within the limit, or the command printed without end.</exception>
    public async Task<CommandOutput> RunAsync(ServerCommand command, ReadOnlyMemory<byte> input, CancellationToken limit)
    {
        IServerShell shell;
        try
        {
            shell = await open(server, limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // That the way to it is slow says nothing about what is checked.
            throw MonitoringErrors.CheckServerLate(server.Name);
        }

        return await shell.RunAsync(command with { PosixLocale = true }, new CommandRunOptions { Input = input, MaximumOutput = MostOutput }, limit).ConfigureAwait(false);
    }
}
