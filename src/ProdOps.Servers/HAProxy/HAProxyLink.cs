using System.Runtime.CompilerServices;
using System.Text;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.HAProxy;

/// <summary>
/// Asks an HAProxy over a server's shell. The helper there is kept for the next request, and becomes root's as soon as a socket demands it. One request at a time.
/// </summary>
/// <param name="shell">The server.</param>
/// <param name="time">The clock.</param>
internal sealed class HAProxyLink(IServerShell shell, TimeProvider time) : IAsyncDisposable
{
    private const int FewestAttempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private HAProxyHelper? _helper;

    /// <summary>How many bytes an answer may have. The table of a thousand servers has half a megabyte.</summary>
    public int Limit { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to try again when nobody takes the connection: HAProxy's sockets refuse them for some milliseconds while it executes itself anew.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The server's shell.</summary>
    public IServerShell Shell => shell;

    /// <summary>True if it turned out that only root may ask.</summary>
    public bool AsRoot { get; private set; }

    /// <summary>Asks, and returns the whole answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="addresses">Sockets, of which the first that is there is asked.</param>
    /// <param name="cancellationToken">Stops. Whether the command was carried out is not known then.</param>
    /// <exception cref="ProdOpsException">Nobody answers, or nobody may ask.</exception>
    public async Task<string> AskAsync(string command, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        var answer = new StringBuilder();
        await foreach (string piece in ReadAsync(command, addresses, cancellationToken).ConfigureAwait(false)) answer.Append(piece);
        return answer.ToString();
    }

    /// <summary>Tells something to which there may be no answer at all: a master that reloads executes itself anew before it could give one.</summary>
    /// <returns>The answer; empty without one.</returns>
    /// <inheritdoc cref="AskAsync"/>
    public async Task<string> TellAsync(string command, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        var answer = new StringBuilder();
        await foreach (string piece in ReadAsync(command, addresses, mayBeSilent: true, cancellationToken).ConfigureAwait(false)) answer.Append(piece);
        return answer.ToString();
    }

    /// <summary>Asks, and returns the answer in pieces as they come.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public IAsyncEnumerable<string> ReadAsync(string command, IReadOnlyList<string> addresses, CancellationToken cancellationToken) => ReadAsync(command, addresses, mayBeSilent: false, cancellationToken);

    private async IAsyncEnumerable<string> ReadAsync(string command, IReadOnlyList<string> addresses, bool mayBeSilent, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] request = HAProxySocket.Request(command, addresses);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        bool whole = false;
        try
        {
            long began = time.GetTimestamp(), length = 0;
            for (int attempt = 1; !whole; attempt++)
            {
                var answer = await InTimeAsync(() => SendAsync(request, addresses[0], stop.Token)).ConfigureAwait(false);
                while (answer.End is null)
                {
                    string piece = await InTimeAsync(() => NextAsync(answer, addresses[0], stop.Token)).ConfigureAwait(false);
                    if ((length += piece.Length) > Limit) throw ServersErrors.HAProxyAnswerTooLarge(shell.Name, addresses[0], Limit);
                    if (piece.Length > 0) yield return piece;
                }

                if (answer.End is { IsForbidden: true } && !AsRoot)
                {
                    AsRoot = true;
                    await DropAsync().ConfigureAwait(false);
                    continue;
                }

                // The shortest answer is an empty line. Nothing at all means that the connection was refused, or taken by a process that was about to end.
                whole = answer.End is { IsGood: true } && (length > 0 || mayBeSilent);
                if (!whole && !MayTryAgain(answer.End.Value, length, attempt, began)) throw Explain(answer.End.Value, addresses[0]);
                if (!whole) await InTimeAsync(() => WaitAsync(stop.Token)).ConfigureAwait(false);
            }
        }
        finally
        {
            // What was not read to its end would be the beginning of the next answer.
            if (!whole) await DropAsync().ConfigureAwait(false);
            _turn.Release();
        }

        async Task<T> InTimeAsync<T>(Func<Task<T>> step)
        {
            try
            {
                return await step().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw ServersErrors.HAProxySilent(shell.Name, addresses[0], Timeout);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    // A slow server may have used up the time for one attempt: a few there are in any case.
    private bool MayTryAgain(HAProxyAnswerEnd end, long length, int attempt, long began) =>
        length == 0 && !end.IsCut && !end.IsAbsent && !end.IsForbidden && (attempt < FewestAttempts || time.GetElapsedTime(began) < Patience);

    private ProdOpsException Explain(HAProxyAnswerEnd end, string address) =>
        end.IsCut ? ServersErrors.HAProxyAnswerTooLarge(shell.Name, address, Limit)
        : end.IsForbidden ? ServersErrors.HAProxyForbidden(shell.Name, address, sudo: null)
        : ServersErrors.HAProxyUnreachable(shell.Name, address, end.Text is { Length: > 0 } text ? text : "the connection is closed without an answer");

    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<HAProxyAnswer> SendAsync(byte[] request, string address, CancellationToken cancellationToken)
    {
        if (_helper is { } kept)
        {
            if (await kept.TrySendAsync(request, cancellationToken).ConfigureAwait(false)) return new HAProxyAnswer(kept.Mark);
            await DropAsync().ConfigureAwait(false);
        }

        var helper = _helper = await StartAsync(address, cancellationToken).ConfigureAwait(false);
        if (!await helper.TrySendAsync(request, cancellationToken).ConfigureAwait(false)) throw await helper.ExplainAsync(shell.Name, address, cancellationToken).ConfigureAwait(false);
        return new HAProxyAnswer(helper.Mark);
    }

    private async Task<HAProxyHelper> StartAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            return await HAProxyHelper.StartAsync(shell, AsRoot, Limit, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (AsRoot && error.Kind is ErrorKind.PermissionDenied or ErrorKind.Authentication or ErrorKind.NotFound)
        {
            AsRoot = false;
            throw ServersErrors.HAProxyForbidden(shell.Name, address, error);
        }
    }

    private async Task<string> NextAsync(HAProxyAnswer answer, string address, CancellationToken cancellationToken)
    {
        var helper = _helper!;
        var bytes = await helper.ReadAsync(cancellationToken).ConfigureAwait(false);
        return bytes.IsEmpty ? throw await helper.ExplainAsync(shell.Name, address, cancellationToken).ConfigureAwait(false) : answer.Read(bytes.Span);
    }

    private async Task DropAsync()
    {
        if (Interlocked.Exchange(ref _helper, null) is { } helper) await helper.DisposeAsync().ConfigureAwait(false);
    }
}
