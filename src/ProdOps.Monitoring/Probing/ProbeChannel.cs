using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ProdOps.Monitoring.Metrics;
using ProdOps.Servers;
using ProdOps.Servers.Commands;

namespace ProdOps.Monitoring.Probing;

/// <summary>
/// Asks one server round after round by a shell that stays there. It is told the probe once; from then on a round is a line to it and its answer, and
/// neither side begins a command or a channel for that. The shell ends with its standard input, whoever closes it.
/// </summary>
/// <param name="open">Connects to the server, or takes a connection that is kept.</param>
/// <param name="time">The clock.</param>
internal sealed class ProbeChannel(Func<CancellationToken, Task<IServerShell>> open, TimeProvider time) : IAsyncDisposable
{
    private const int UsualAnswer = 16 * 1024;

    private static readonly TimeSpan GoodBye = TimeSpan.FromSeconds(1);

    // What it complains about is not looked at, and would fill a window that nobody empties.
    private static readonly ServerCommand Shell = new("exec /bin/sh 2>/dev/null") { Idempotent = true };

    [SuppressMessage("Reliability", "CA2213:Disposable fields should be disposed", Justification = "Who waits for it must still get an answer, and without a wait handle it holds nothing.")]
    private readonly SemaphoreSlim _one = new(1, 1);
    private string _server = "";
    private IServerProcess? _shell;
    private bool _disposed;

    /// <summary>Asks; one question at a time. A shell that turns out to have ended, with its connection or without, is followed by another at once.</summary>
    /// <exception cref="ProdOpsException">The server could not be asked, not even by a new shell, or its answer is not understood.</exception>
    /// <exception cref="OperationCanceledException">It was called off: the shell, which may hang, is ended, and the next round begins with another.</exception>
    public async Task<ProbeAnswer> AskAsync(ProbeRequest request, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            bool kept = _shell is not null;
            try
            {
                return await AskOnceAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (ProdOpsException error) when (error.ErrorId == ServersErrors.ConnectionLostId || (kept && MonitoringErrors.IsAnswer(error)))
            {
                return await AskOnceAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Has the shell end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            await CloseAsync(mayHang: false).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<ProbeAnswer> AskOnceAsync(ProbeRequest request, CancellationToken cancellationToken)
    {
        string line = HealthProbe.Line(request), question = _shell is null ? HealthProbe.Definitions(ProbeParts.All) + line : line;
        bool ended = false, answered = false;
        try
        {
            var shell = _shell ??= await StartAsync(cancellationToken).ConfigureAwait(false);
            var sent = time.GetUtcNow();
            long begun = time.GetTimestamp();
            await SendAsync(shell.StandardInput, question, cancellationToken).ConfigureAwait(false);
            (string text, ended) = await ReadAsync(shell.StandardOutput, request.Nonce, line, cancellationToken).ConfigureAwait(false);
            var roundTrip = time.GetElapsedTime(begun);
            var report = ProbeParser.Parse(_server, request, text);
            answered = true;
            return new ProbeAnswer(report, new ProbeTiming(sent, roundTrip));
        }
        finally
        {
            if (!answered) await CloseAsync(mayHang: !ended).ConfigureAwait(false);
        }
    }

    private async Task<IServerProcess> StartAsync(CancellationToken cancellationToken)
    {
        var server = await open(cancellationToken).ConfigureAwait(false);
        _server = server.Name;
        return await server.StartAsync(Shell, cancellationToken).ConfigureAwait(false);
    }

    private static async Task SendAsync(Stream input, string question, CancellationToken cancellationToken)
    {
        try
        {
            await input.WriteAsync(Encoding.UTF8.GetBytes(question), cancellationToken).ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The shell has ended; what it left behind on its output says why.
        }
    }

    /// <summary>Reads until the answer's end mark has come, or the shell has ended.</summary>
    /// <exception cref="ProdOpsException">The connection was lost, or it is more than an answer can be.</exception>
    private async Task<(string Text, bool Ended)> ReadAsync(Stream output, string nonce, string line, CancellationToken cancellationToken)
    {
        byte[] mark = Encoding.ASCII.GetBytes($"\n@end {nonce}"), buffer = ArrayPool<byte>.Shared.Rent(UsualAnswer);
        try
        {
            for (int length = 0, from = 0; ;)
            {
                if (length == buffer.Length) Grow(ref buffer);
                int read = await output.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                length += read;
                if (read == 0 || HasMark(buffer.AsSpan(0, length), mark, ref from)) return (Encoding.UTF8.GetString(buffer, 0, length), read == 0);
                if (length > HealthProbe.RunOptions.MaximumOutput) throw ServersErrors.OutputTooLarge(_server, line, HealthProbe.RunOptions.MaximumOutput);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="answer">What has come.</param>
    /// <param name="mark">The beginning of its last line.</param>
    /// <param name="from">Before this there is no mark.</param>
    private static bool HasMark(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> mark, ref int from)
    {
        int at = answer[from..].IndexOf(mark);
        from = at < 0 ? Math.Max(from, answer.Length - mark.Length + 1) : from + at;
        return at >= 0 && answer[(from + mark.Length)..].Contains((byte)'\n');
    }

    private static void Grow(ref byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    /// <summary>Ends the shell: it goes by itself once nothing more comes, and is only killed, with what it runs, where it does not.</summary>
    private async Task CloseAsync(bool mayHang)
    {
        if (_shell is not { } shell) return;
        _shell = null;
        await using (shell.ConfigureAwait(false))
        {
            if (mayHang) return;
            await shell.StandardInput.DisposeAsync().ConfigureAwait(false);
            using var limit = new CancellationTokenSource(GoodBye);
            // That the connection is lost is one way to have ended.
            await ((Task)shell.WaitForExitAsync(limit.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
