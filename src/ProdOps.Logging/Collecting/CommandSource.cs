using System.Globalization;
using System.Text.Json;
using ProdOps.Logging.Collecting.Rotation;
using ProdOps.Servers.Commands;

namespace ProdOps.Logging.Collecting;

/// <summary>Collects the lines that a command prints. A run that is cut short is not repeated before its time, and what it printed is kept.</summary>
/// <param name="writer">Keeps the lines.</param>
/// <param name="shell">The server's shell.</param>
/// <param name="source">What is run.</param>
/// <param name="time">The clock.</param>
internal sealed class CommandSource(BatchWriter writer, IServerShell shell, LogSourceDefinition source, TimeProvider time)
{
    public long CutLines { get; private set; }

    public long BytesReceived { get; private set; }

    /// <summary>Runs the command, unless it ran a short while ago.</summary>
    /// <exception cref="ProdOpsException">It ended with another code than 0; its lines are kept.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await writer.LoadAsync(cancellationToken).ConfigureAwait(false) is { } json && now - LastRun(json) < source.Interval) return;
        string checkpoint = string.Create(CultureInfo.InvariantCulture, $$"""{"v":1,"ran":{{now.ToUnixTimeMilliseconds()}}}""");
        await using var process = await shell.StartAsync(new ServerCommand(source.Command!) { AsRoot = source.AsRoot }, cancellationToken).ConfigureAwait(false);
        await process.StandardInput.DisposeAsync().ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var complaints = BoundedStream.ReadStartAsync(process.StandardError, stop.Token);
        try
        {
            await TakeAsync(process.StandardOutput, checkpoint, cancellationToken).ConfigureAwait(false);
            var exit = await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            await writer.CommitAsync(checkpoint, cancellationToken).ConfigureAwait(false);
            if (!exit.Succeeded) throw LoggingErrors.CommandSourceFailed(shell.Name, source.Name, exit.Code, await complaints.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeAsync(Stream output, string checkpoint, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[LineCutter.MaximumLine + (256 * 1024)];
        int length = 0, count;
        bool skips = false;
        do
        {
            count = await output.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            length += count;
            BytesReceived += count;
            (int used, int cut, skips) = LineCutter.Take(buffer.AsSpan(0, length), skips, isEnd: count == 0, writer.Lines);
            CutLines += cut;
            length -= used;
            buffer.AsSpan(used, length).CopyTo(buffer);
            if (writer.IsFull) await writer.CommitAsync(checkpoint, cancellationToken).ConfigureAwait(false);
        }
        while (count > 0);
    }

    private static DateTimeOffset LastRun(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("ran", out var ran) && ran.TryGetInt64(out long value) && value is > 0 and < 253_402_300_799_000 ? DateTimeOffset.FromUnixTimeMilliseconds(value) : default;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return default;
        }
    }
}
