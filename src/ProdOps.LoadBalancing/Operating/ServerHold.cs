using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.LoadBalancing.Operating;

/// <summary>
/// A process on a server that holds a lock there. It ends when its input does: so the lock is free at once when we die, and after <see cref="Silence"/> when the network between us does.
/// </summary>
internal sealed class ServerHold : IAsyncDisposable
{
    /// <summary>How long the process goes on without hearing of us.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>What it ends with when somebody else has the lock.</summary>
    public const int Busy = 75;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5), EndTime = TimeSpan.FromSeconds(5);

    private readonly IServerProcess _process;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating, _ended;

    private ServerHold(IServerProcess process, TimeProvider time)
    {
        _process = process;
        _beating = BeatAsync(time);
        _ended = process.WaitForExitAsync(_stop.Token);
    }

    /// <summary>True once the process there has ended, or the connection to it: the lock may be another's.</summary>
    public bool IsLost => _ended.IsCompleted || _beating.IsCompleted;

    /// <summary>Starts the process, which says <c>held</c> when it has the lock, and <c>busy</c> with the holder behind it when it has not.</summary>
    /// <param name="shell">The server.</param>
    /// <param name="command">The process.</param>
    /// <param name="busy">Makes the error when somebody else has it.</param>
    /// <param name="failed">Makes the error when it cannot be taken.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<ServerHold> TakeAsync(IServerShell shell, ServerCommand command, Func<string, ProdOpsException> busy, Func<string, ProdOpsException> failed, TimeProvider time, CancellationToken cancellationToken)
    {
        var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        try
        {
            using var reader = new StreamReader(process.StandardOutput, Encoding.UTF8, leaveOpen: true);
            string line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? "";
            if (line == "held") return new ServerHold(process, time);
            var exit = await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (exit.Code == Busy) throw busy(line.StartsWith("busy ", StringComparison.Ordinal) ? line["busy ".Length..] : "");
            using var errors = new StreamReader(process.StandardError, Encoding.UTF8);
            throw failed((await errors.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).Trim());
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StandardInput.DisposeAsync().ConfigureAwait(false);
        // Its end frees the lock: whoever comes next on this machine must find it free.
        await Task.WhenAny(_ended, Task.Delay(EndTime, CancellationToken.None)).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task BeatAsync(TimeProvider time)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Heartbeat, time, _stop.Token).ConfigureAwait(false);
                await _process.StandardInput.WriteAsync(new byte[] { (byte)'\n' }, _stop.Token).ConfigureAwait(false);
                await _process.StandardInput.FlushAsync(_stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or ProdOpsException)
        {
            // Lost: what is held is free again there, and whoever asks is told.
        }
    }
}
