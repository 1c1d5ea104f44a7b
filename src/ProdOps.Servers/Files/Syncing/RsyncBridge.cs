using System.Buffers;
using ProdOps.Servers.Commands;

namespace ProdOps.Servers.Files.Syncing;

/// <summary>
/// Joins rsync on one server to rsync on another: two commands, and two loops that carry bytes between them. What the one has not read the
/// other does not send, so that memory does not depend on the data.
/// </summary>
internal sealed class RsyncBridge(IServerShell source, IServerShell target, TimeProvider time)
{
    private const int BufferSize = 128 * 1024, MaximumLine = 64 * 1024;

    private long _sent, _received;

    /// <summary>The two end together: one that has lost the other is not waited for without end.</summary>
    public TimeSpan Patience { get; init; } = new SyncOptions().Patience;

    /// <summary>Told how many bytes more went to the target.</summary>
    public Action<long>? OnSent { get; init; }

    /// <summary>Runs both to their end.</summary>
    /// <param name="sourceCommand">The source's command, which says first what is to be run on the target.</param>
    /// <param name="targetCommand">Makes the target's command of that, or throws.</param>
    /// <param name="onLine">Told each line that the source's says.</param>
    /// <param name="cancellationToken">Ends both.</param>
    /// <exception cref="ProdOpsException">One of the connections was lost, or one of the two does not end. Both are ended then.</exception>
    public async Task<RsyncEnd> RunAsync(ServerCommand sourceCommand, Func<IReadOnlyList<string>, ServerCommand> targetCommand, Action<string> onLine, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var from = await source.StartAsync(sourceCommand, cancellationToken).ConfigureAwait(false);
        var said = Watch(ReadLinesAsync(from.StandardError, onLine, stop.Token), stop);
        try
        {
            if (await RsyncHello.ReadAsync(from.StandardOutput, stop.Token).ConfigureAwait(false) is not { } hello)
            {
                var early = await from.WaitForExitAsync(stop.Token).ConfigureAwait(false);
                await said.ConfigureAwait(false);
                return new RsyncEnd(early, null, "", 0, 0);
            }

            await using var to = await target.StartAsync(targetCommand(hello.Words), stop.Token).ConfigureAwait(false);
            return await JoinAsync(from, to, hello.Rest, said, stop, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await said.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<RsyncEnd> JoinAsync(IServerProcess from, IServerProcess to, ReadOnlyMemory<byte> first, Task said, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        var errors = BoundedStream.ReadStartAsync(to.StandardError, stop.Token);
        var sourceEnd = from.WaitForExitAsync(stop.Token);
        var targetEnd = to.WaitForExitAsync(stop.Token);
        Task[] all =
        [
            said, Watch(errors, stop), Watch(sourceEnd, stop), Watch(targetEnd, stop),
            Watch(CarryAsync(first, from.StandardOutput, to.StandardInput, count => { _sent += count; OnSent?.Invoke(count); }, stop.Token), stop),
            Watch(CarryAsync(default, to.StandardOutput, from.StandardInput, count => _received += count, stop.Token), stop),
        ];
        var end = Task.WhenAll(all);
        try
        {
            await Task.WhenAny(sourceEnd, targetEnd).ConfigureAwait(false);
            await end.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Of one that failed its own words tell more than that the other does not notice.
            var ended = targetEnd.IsCompleted ? targetEnd : sourceEnd;
            await stop.CancelAsync().ConfigureAwait(false);
            if (!ended.IsCompletedSuccessfully || ended.Result.Succeeded) throw ServersErrors.SyncHangs(ended == targetEnd ? source.Name : target.Name, Patience);
            return new RsyncEnd(ended.Result, ended.Result, errors.IsCompletedSuccessfully ? errors.Result : "", _sent, _received);
        }
        catch when (Array.Find(all, task => task.IsFaulted) is { } failed && !cancellationToken.IsCancellationRequested)
        {
            await failed.ConfigureAwait(false);
            throw;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new RsyncEnd(await sourceEnd.ConfigureAwait(false), await targetEnd.ConfigureAwait(false), await errors.ConfigureAwait(false), _sent, _received);
    }

    /// <summary>Carries what one says to the other until it has said all, or the other takes no more.</summary>
    private static async Task CarryAsync(ReadOnlyMemory<byte> first, Stream from, Stream to, Action<long> count, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var piece = first;
            while (true)
            {
                if (!piece.IsEmpty && !await TryWriteAsync(to, piece, cancellationToken).ConfigureAwait(false))
                {
                    // How the one that takes no more has ended tells why. The other must not wait for us.
                    await from.DisposeAsync().ConfigureAwait(false);
                    return;
                }

                count(piece.Length);
                int length = await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (length == 0) return;
                piece = buffer.AsMemory(0, length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await CloseAsync(to).ConfigureAwait(false);
        }
    }

    private static async Task<bool> TryWriteAsync(Stream to, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        try
        {
            await to.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            await to.FlushAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static async Task CloseAsync(Stream stream)
    {
        try
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It has ended before.
        }
    }

    private static async Task ReadLinesAsync(Stream stream, Action<string> onLine, CancellationToken cancellationToken)
    {
        await foreach (string line in OutputLines.ReadAsync(stream, cancellationToken, MaximumLine).ConfigureAwait(false)) onLine(line);
    }

    /// <summary>What fails ends the others.</summary>
    private static async Task Watch(Task task, CancellationTokenSource stop)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}

/// <summary>How the two ended.</summary>
/// <param name="Source">The source's rsync.</param>
/// <param name="Target">The target's; <see langword="null"/> if it was never begun.</param>
/// <param name="TargetErrors">The beginning of what the target's complained by itself.</param>
/// <param name="Sent">Bytes that went from the source to the target.</param>
/// <param name="Received">Bytes that went back.</param>
internal sealed record RsyncEnd(CommandExit Source, CommandExit? Target, string TargetErrors, long Sent, long Received);
