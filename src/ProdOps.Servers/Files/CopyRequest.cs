using ProdOps.Servers.Commands;
using ProdOps.Servers.Files.Tar;

namespace ProdOps.Servers.Files;

/// <summary>One copy between this machine and a server.</summary>
/// <param name="Source">The path to copy.</param>
/// <param name="Destination">The path that the copy will have.</param>
/// <param name="Options">How.</param>
internal sealed record CopyRequest(string Source, string Destination, CopyOptions Options)
{
    /// <summary>What the content comes from, if not from files of this machine.</summary>
    public ITreeContent? Content { get; init; }
}

/// <summary>Content of a tree that is sent, where it is not this machine's files.</summary>
internal interface ITreeContent
{
    /// <summary>Whether anything has extended attributes that the server can take.</summary>
    bool HasAttributes { get; }

    /// <summary>Adds to an entry what only the content's keeper knows: attributes, a device's number.</summary>
    TarEntry Describe(TreeItem item, TarEntry entry);

    /// <summary>Where a file's data lies if it is to be sent with holes, as <see cref="DataLayout.Align"/> has it; the rest are zeros. <see langword="null"/> sends it whole.</summary>
    IReadOnlyList<(long Offset, long Size)>? DataOf(TreeItem item);

    /// <summary>Writes a file's content, holes as zeros, at most its size; what is missing is the reason that is returned.</summary>
    Task<string?> SendAsync(TreeItem item, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellationToken);
}

/// <summary>What copies tell and by which clock.</summary>
internal sealed record CopyContext(IActivity Activity, CopyProgress Progress, TimeProvider Time);

/// <summary>Commands that take a stream while they run.</summary>
internal static class StreamingCommands
{
    private static readonly TimeSpan CutPatience = TimeSpan.FromSeconds(5);

    /// <summary>Runs a command with what <paramref name="feed"/> writes as its standard input. That it ends before it has taken all is for its exit code to tell.</summary>
    public static async Task<CommandOutput> FeedAsync(
        this IServerShell shell, ServerCommand command, Func<Stream, CancellationToken, Task> feed, int maximumOutput, CancellationToken cancellationToken)
    {
        await using var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var output = ReadAsync(shell, command, process.StandardOutput, maximumOutput, stop);
        var errors = ReadAsync(shell, command, process.StandardError, maximumOutput, stop);
        Exception? broken = null;
        try
        {
            await feed(process.StandardInput, stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException and not FileSystem.FileSystemException or ObjectDisposedException)
        {
            broken = e; // The command has gone; how it ended says why.
        }
        catch (Exception e)
        {
            await EndAsync(e, stop, [output, errors], cancellationToken).ConfigureAwait(false);
            throw;
        }
        try
        {
            await process.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            broken ??= e;
        }
        await Task.WhenAll(output, errors).ConfigureAwait(false);
        var exit = await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (broken is not null && exit.Succeeded) throw ServersErrors.ArchiveCut(shell.Name);
        return new CommandOutput(shell.Name, command, exit, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
    }

    /// <summary>Runs a command that gets <paramref name="input"/> and whose standard output <paramref name="drain"/> reads to its end.</summary>
    public static async Task<CommandOutput> DrainAsync(
        this IServerShell shell, ServerCommand command, ReadOnlyMemory<byte> input, Func<Stream, CancellationToken, Task> drain, int maximumOutput, CancellationToken cancellationToken)
    {
        await using var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var errors = ReadAsync(shell, command, process.StandardError, maximumOutput, stop);
        var feeding = process.SendInputAsync(new CommandRunOptions { Input = input }, stop.Token);
        ProdOpsException? cut = null;
        try
        {
            await drain(process.StandardOutput, stop.Token).ConfigureAwait(false);
        }
        catch (ProdOpsException e) when (e.ErrorId == "TransferCut")
        {
            cut = e; // Why the command stopped, its own words may tell.
        }
        catch (Exception e)
        {
            await EndAsync(e, stop, [errors, feeding], cancellationToken).ConfigureAwait(false);
            throw;
        }
        // Whose output is cut has ended, or nobody hears of its end any more.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (cut is not null) patience.CancelAfter(CutPatience);
        CommandExit exit;
        try
        {
            exit = await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cut is not null && !cancellationToken.IsCancellationRequested)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(errors, feeding)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw cut;
        }
        await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var output = new CommandOutput(shell.Name, command, exit, default, await errors.ConfigureAwait(false));
        if (cut is null) return output;
        throw exit.Succeeded || output.StandardError.IsEmpty ? cut : ServersErrors.FetchFailed(shell.Name, command.Text, output.ErrorText);
    }

    /// <summary>Stops what still runs, and waits for it. One that failed by itself has stopped the others: its reason is the one to tell.</summary>
    private static async Task EndAsync(Exception error, CancellationTokenSource stop, Task[] others, CancellationToken cancellationToken)
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(others).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (error is OperationCanceledException && Array.Find(others, task => task.IsFaulted) is { } failed) await failed.ConfigureAwait(false);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(IServerShell shell, ServerCommand command, Stream stream, int limit, CancellationTokenSource stop)
    {
        try
        {
            using var text = new MemoryStream();
            byte[] buffer = new byte[32 * 1024];
            int count;
            while ((count = await stream.ReadAsync(buffer, stop.Token).ConfigureAwait(false)) > 0)
            {
                if (text.Length + count > limit) throw ServersErrors.OutputTooLarge(shell.Name, command.Text, limit);
                text.Write(buffer, 0, count);
            }
            return text.ToArray();
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
