namespace ProdOps.Servers.Commands;

/// <summary>A server's POSIX shell: what runs commands there, over SSH or, for this machine, directly.</summary>
internal interface IServerShell
{
    /// <summary>The server's name, for messages.</summary>
    string Name { get; }

    /// <summary>Starts a command. It is running, or has failed to start, when this returns.</summary>
    /// <exception cref="ProdOpsException">The connection is lost, or sudo refuses.</exception>
    Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken);
}

/// <summary>
/// A command that runs on a server. Its streams are binary-safe and hold back the sender: what nobody reads stays on the server.
/// Disposing it ends what still runs, children included.
/// </summary>
internal interface IServerProcess : IAsyncDisposable
{
    /// <summary>Its standard input; disposing it is the end of file.</summary>
    Stream StandardInput { get; }

    /// <summary>Its standard output, without what a login shell's start-up files print.</summary>
    Stream StandardOutput { get; }

    /// <summary>Its standard error, likewise.</summary>
    Stream StandardError { get; }

    /// <summary>Waits until it has ended. Cancelling stops the waiting, not the command.</summary>
    /// <exception cref="ProdOpsException">The connection was lost: how it ended is not known.</exception>
    Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken);
}

/// <summary>How a command ended.</summary>
/// <param name="Code">The exit code; 128 + the number for a signal, as shells have it.</param>
/// <param name="Signal">The signal that ended it, e.g. <c>KILL</c>, or <see langword="null"/>.</param>
internal readonly record struct CommandExit(int Code, string? Signal = null)
{
    public bool Succeeded => Code == 0;
}
