using System.Buffers;

namespace ProdOps.Servers.Commands;

/// <summary>Runs commands to their end.</summary>
internal static class ServerShellExtensions
{
    /// <summary>Runs a command and returns all it printed, whatever its exit code.</summary>
    /// <remarks>A command that may run twice (<see cref="ServerCommand.Idempotent"/>) is run once more when the connection was lost under it.</remarks>
    /// <exception cref="ProdOpsException">It could not be started, the connection was lost, or it printed too much.</exception>
    public static Task<CommandOutput> RunAsync(this IServerShell shell, string text, CancellationToken cancellationToken) =>
        shell.RunAsync(new ServerCommand(text), CommandRunOptions.Default, cancellationToken);

    /// <inheritdoc cref="RunAsync(IServerShell, string, CancellationToken)"/>
    public static Task<CommandOutput> RunAsync(this IServerShell shell, ServerCommand command, CancellationToken cancellationToken) =>
        shell.RunAsync(command, CommandRunOptions.Default, cancellationToken);

    /// <inheritdoc cref="RunAsync(IServerShell, string, CancellationToken)"/>
    public static async Task<CommandOutput> RunAsync(this IServerShell shell, ServerCommand command, CommandRunOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await RunOnceAsync(shell, command, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ProdOpsException error) when (error.ErrorId == ServersErrors.ConnectionLostId && command.Idempotent && options.InputStream is null)
        {
            return await RunOnceAsync(shell, command, options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a command all of its input and the end of it. That the command does not want more of it is no failure.</summary>
    public static async Task SendInputAsync(this IServerProcess process, CommandRunOptions options, CancellationToken cancellationToken)
    {
        await using var sink = process.StandardInput;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            if (!options.Input.IsEmpty && !await TryWriteAsync(sink, options.Input, cancellationToken).ConfigureAwait(false)) return;
            if (options.InputStream is not { } source) return;
            int length;
            while ((length = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                if (!await TryWriteAsync(sink, buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false)) return;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<CommandOutput> RunOnceAsync(IServerShell shell, ServerCommand command, CommandRunOptions options, CancellationToken cancellationToken)
    {
        await using var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var inputWanted = CancellationTokenSource.CreateLinkedTokenSource(failed.Token);
        var input = process.SendInputAsync(options, inputWanted.Token);
        var output = StopOnFailure(ReadAllAsync(shell, command, process.StandardOutput, options.MaximumOutput, failed.Token), failed);
        var error = StopOnFailure(ReadAllAsync(shell, command, process.StandardError, options.MaximumOutput, failed.Token), failed);
        await ThrowFirstAsync(output, error).ConfigureAwait(false);
        var exit = await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        // A command need not read its input to the end.
        await inputWanted.CancelAsync().ConfigureAwait(false);
        await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (input.Exception?.InnerException is { } failure and not OperationCanceledException) throw failure;
        return new CommandOutput(shell.Name, command, exit, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    private static async Task<bool> TryWriteAsync(Stream sink, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await sink.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(IServerShell shell, ServerCommand command, Stream stream, int limit, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        int length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length) Grow(ref buffer);
                int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0) return buffer.AsSpan(0, length).ToArray();
                length += read;
                if (length > limit) throw ServersErrors.OutputTooLarge(shell.Name, command.Text, limit);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Grow(ref byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private static async Task<T> StopOnFailure<T>(Task<T> task, CancellationTokenSource others)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch
        {
            await others.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for both; of two failures the one that is not the other's cancellation is thrown.</summary>
    private static async Task ThrowFirstAsync(Task first, Task second)
    {
        await Task.WhenAll(first, second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (first.IsFaulted ? first : second.IsFaulted ? second : first.IsCanceled ? first : second).ConfigureAwait(false);
    }
}
