using System.Management.Automation;
using ProdOps.LoadBalancing.Operating;
using ProdOps.LoadBalancing.Rolling;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Cmdlets.LoadBalancing;

/// <summary>What an admin wants done on each server: a script block of the session, which runs on the pipeline thread, or a command for the server's shell; and how the server is asked whether it is well.</summary>
/// <param name="cmdlet">The command.</param>
/// <param name="servers">The servers by their names in the pool.</param>
/// <param name="open">Connects to one.</param>
/// <param name="announce">Tells the monitor that a server is out, and that it is back.</param>
internal sealed class RollingWork(
    Common.AsyncCmdlet cmdlet, IReadOnlyDictionary<string, RollingServer> servers, Func<Server, CancellationToken, Task<IServerShell>> open, Func<string, bool, CancellationToken, Task> announce) : IRollingWork
{
    private const int MostLines = 1000, MostOutput = 16 * 1024 * 1024;

    /// <summary>A block of the session.</summary>
    public ScriptBlock? Block { get; init; }

    /// <summary>Text for the server's shell.</summary>
    public ServerCommand? Command { get; init; }

    /// <summary>How long the command may take; zero for any time.</summary>
    public TimeSpan CommandTimeout { get; init; }

    /// <summary>A block of the session that looks whether a server is well.</summary>
    public ScriptBlock? CheckBlock { get; init; }

    /// <summary>The path that a server that is well answers with 2xx or 3xx.</summary>
    public string? CheckPath { get; init; }

    /// <summary>The Host header.</summary>
    public string CheckHost { get; init; } = "";

    public string Description => Block is not null ? $"{{{ServersErrors.Shorten(Block.ToString())}}}" : $"{ServersErrors.Shorten(Command!.Text)}{(Command.AsRoot ? ", as root" : "")}";

    public string? CheckDescription => CheckBlock is not null ? $"{{{ServersErrors.Shorten(CheckBlock.ToString())}}}" : CheckPath is null ? null : $"GET {CheckPath}, from the server itself";

    public bool IsSideBySide => Block is null;

    public Task AnnounceAsync(string server, CancellationToken cancellationToken) => announce(server, true, cancellationToken);

    public Task EndAnnouncementAsync(string server, CancellationToken cancellationToken) => announce(server, false, cancellationToken);

    public async Task<RollingWorkResult> RunAsync(string server, CancellationToken cancellationToken)
    {
        var target = servers[server].Server;
        if (Block is not null) return await cmdlet.InvokeAsync(() => Invoke(Block, target));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (CommandTimeout > TimeSpan.Zero) limit.CancelAfter(CommandTimeout);
        try
        {
            var shell = await open(target, limit.Token);
            var output = await shell.RunAsync(Command!, new CommandRunOptions { MaximumOutput = MostOutput }, limit.Token);
            IReadOnlyList<string> lines = [.. output.Lines.Concat(output.ErrorLines).TakeLast(MostLines).Select(ServersErrors.Printable)];
            return new RollingWorkResult(lines, output.Exit.Succeeded ? null : ServersErrors.CommandFailed(shell.Name, Command!.Text, output.Exit, output.ErrorText).Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new RollingWorkResult([], ServersErrors.CommandTimedOut(target.Name, Command!.Text, CommandTimeout).Message);
        }
    }

    public async Task<RollingWorkResult> CheckAsync(string server, CancellationToken cancellationToken)
    {
        var (target, endpoint) = servers[server];
        if (CheckBlock is not null)
        {
            var result = await cmdlet.InvokeAsync(() => Invoke(CheckBlock, target));
            return result.Error is null && result.Output is [.., "False"] ? result with { Error = "the health check says $false" } : result;
        }

        var shell = await open(target, cancellationToken);
        var output = await shell.RunAsync(ServerHealthCheck.Command(endpoint.Address, endpoint.Port, CheckPath!, CheckHost), cancellationToken);
        return ServerHealthCheck.Read(output.Text);
    }

    /// <summary>
    /// Runs a block with <c>$_</c> the server. Its errors end it, whatever the session says about errors: a command in it that failed has failed the update.
    /// </summary>
    private static RollingWorkResult Invoke(ScriptBlock block, Server server)
    {
        try
        {
            var values = block.InvokeWithContext(null, [new PSVariable("_", server), new PSVariable("ErrorActionPreference", ActionPreference.Stop)]);
            return new RollingWorkResult([.. values.SelectMany(Lines).TakeLast(MostLines)]);
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            return new RollingWorkResult([], error.ErrorRecord.ToString());
        }
    }

    private static IEnumerable<string> Lines(PSObject? value) => value?.BaseObject switch
    {
        null => [],
        ServerCommandResult result => result.StandardOutput.Concat(result.StandardError).Select(ServersErrors.Printable),
        _ => value.ToString().Split('\n').Select(line => ServersErrors.Printable(line.TrimEnd())),
    };
}

/// <summary>A server of a pool.</summary>
/// <param name="Server">The server as the environment knows it, or by its address.</param>
/// <param name="Endpoint">Where its application listens.</param>
internal sealed record RollingServer(Server Server, BackendEndpoint Endpoint);
