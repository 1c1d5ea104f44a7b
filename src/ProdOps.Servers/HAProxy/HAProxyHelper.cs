using System.Security.Cryptography;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.HAProxy;

/// <summary>The process on a server that connects to HAProxy's sockets for us, see <see cref="HAProxySocket.Serve"/>.</summary>
internal sealed class HAProxyHelper : IAsyncDisposable
{
    private readonly IServerProcess _process;
    private readonly Task<string> _complaint;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private HAProxyHelper(IServerProcess process, string mark)
    {
        (_process, Mark) = (process, mark);
        _complaint = BoundedStream.ReadStartAsync(process.StandardError, CancellationToken.None);
    }

    /// <summary>What the line behind each answer begins with.</summary>
    public string Mark { get; }

    public static async Task<HAProxyHelper> StartAsync(IServerShell shell, bool asRoot, int limit, CancellationToken cancellationToken)
    {
        string mark = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var command = HAProxySocket.Serve(mark, limit) with { AsRoot = asRoot, PosixLocale = true };
        return new HAProxyHelper(await shell.StartAsync(command, cancellationToken).ConfigureAwait(false), mark);
    }

    /// <returns>False if it has ended, or the way to it.</returns>
    public async Task<bool> TrySendAsync(byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            await _process.StandardInput.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException || exception is ProdOpsException { ErrorId: ServersErrors.ConnectionLostId })
        {
            return false;
        }
    }

    /// <returns>What it printed; nothing at its end. It is overwritten by the next call.</returns>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) =>
        _buffer.AsMemory(0, await _process.StandardOutput.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false));

    /// <summary>Why it has ended.</summary>
    public async Task<ProdOpsException> ExplainAsync(string server, string address, CancellationToken cancellationToken)
    {
        var exit = await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (exit.Code == HAProxySocket.Unable) return ServersErrors.HAProxyToolMissing(server);
        string said = (await _complaint.WaitAsync(cancellationToken).ConfigureAwait(false)).Trim();
        return ServersErrors.HAProxyUnreachable(server, address, said.Length > 0 ? ServersErrors.Shorten(said) : $"what asks it there ended with {exit.Code}");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync().ConfigureAwait(false);
        await ((Task)_complaint).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
