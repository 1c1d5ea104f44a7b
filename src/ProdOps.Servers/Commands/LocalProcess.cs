using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ProdOps.Servers.Commands;

/// <summary>A command on this machine. With a session of its own, its process group's id is its process id.</summary>
/// <param name="process">The process.</param>
/// <param name="leadsGroup">Whether it has a session of its own.</param>
/// <param name="bySudo">How it was started by sudo; <see langword="null"/> when it was not.</param>
/// <param name="killByRoot">Ends what sudo started.</param>
internal sealed partial class LocalProcess(
    Process process, bool leadsGroup, CommandStart? bySudo = null, Func<CommandStart, CancellationToken, Task>? killByRoot = null) : IServerProcess
{
    private const int SigTerm = 15;
    private const int SigKill = 9;
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);
    private int _disposed;

    public Stream StandardInput { get; } = process.StandardInput.BaseStream;

    public Stream StandardOutput { get; } = bySudo is null ? process.StandardOutput.BaseStream : bySudo.Output;

    public Stream StandardError { get; } = bySudo is null ? process.StandardError.BaseStream : bySudo.Error;

    public async Task<CommandExit> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        // .NET gives 128 + n for a signal, just as a shell whose child was killed does: which of the two it was cannot be told.
        return new CommandExit(process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (!process.HasExited) await EndAsync().ConfigureAwait(false);
        process.Dispose();
    }

    /// <summary>TERM, and KILL for what is left after the grace. While the leader is not reaped, nobody else can have its id.</summary>
    private async Task EndAsync()
    {
        if (bySudo is { InnerProcess: > 1 } && killByRoot is not null) await KillByRootAsync(bySudo).ConfigureAwait(false);
        // sudo that waits for an answer ends with its input.
        if (bySudo is not null) await StandardInput.DisposeAsync().ConfigureAwait(false);
        if (leadsGroup) _ = Kill(-process.Id, SigTerm);
        else KillTree();
        using var grace = new CancellationTokenSource(Grace);
        try
        {
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }

        // A group outlives its leader and keeps its number from being used again, so what ignored TERM is found even when sh is gone.
        if (leadsGroup) _ = Kill(-process.Id, SigKill);
        else KillTree();
    }

    private async Task KillByRootAsync(CommandStart started)
    {
        using var limit = new CancellationTokenSource(KillTimeout);
        try
        {
            await killByRoot!(started, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ProdOpsException or OperationCanceledException)
        {
            // sudo does not serve us any more; what is ours is ended below.
        }
    }

    private void KillTree()
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself meanwhile, or belongs to root and ends with its closed streams.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
