using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using ProdOps.Logging.Collecting.Files;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Compression;

namespace ProdOps.Logging.Collecting.Journal;

/// <summary>Collects systemd's journal of a server: each entry is one line of JSON, once.</summary>
/// <param name="writer">Keeps the lines.</param>
/// <param name="shell">The server's shell.</param>
/// <param name="source">What is collected.</param>
internal sealed class JournalSource(BatchWriter writer, IServerShell shell, LogSourceDefinition source)
{
    /// <summary>Files that are removed or archived while they are read end journalctl with "Bad message": then it goes on from the last entry.</summary>
    private const int MaximumTries = 4;

    private static readonly byte[] EndName = "__PRODOPS_END"u8.ToArray();

    /// <summary>Whether entries were gone before they were collected.</summary>
    public bool HasGap { get; private set; }

    /// <summary>From when to when entries are gone.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Gap { get; private set; }

    public long BytesReceived { get; private set; }

    /// <summary>Collects what is new.</summary>
    /// <param name="facts">What is known of the server.</param>
    /// <param name="window">How far back a first round goes.</param>
    /// <param name="activity">What happens.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ProdOpsException">journalctl is not there, or fails.</exception>
    public async Task RunAsync(ServerFacts facts, TimeSpan window, IActivity activity, CancellationToken cancellationToken)
    {
        string units = string.Join(' ', source.JournalUnit);
        string? json = await writer.LoadAsync(cancellationToken).ConfigureAwait(false);
        var checkpoint = json is null ? null : JournalCheckpoint.TryParse(json) ?? throw LoggingErrors.CheckpointNotUnderstood(writer.Stream);
        for (int attempt = 1; ; attempt++)
        {
            long since = (facts.Now / 1_000_000) - (long)Math.Min(window.TotalSeconds, 1e10);
            (checkpoint, var code, string said) = await ReadAsync(checkpoint, units, Math.Max(0, since), facts, cancellationToken).ConfigureAwait(false);
            if (code == 0) return;
            if (attempt >= MaximumTries || !said.Contains("Bad message", StringComparison.OrdinalIgnoreCase)) throw LoggingErrors.JournalFailed(shell.Name, source.Name, code, said);
            activity.Verbose($"The journal of {shell.Name} changed while it was read: going on from the last entry.");
        }
    }

    private async Task<(JournalCheckpoint? Checkpoint, int Code, string Said)> ReadAsync(JournalCheckpoint? checkpoint, string units, long since, ServerFacts facts, CancellationToken cancellationToken)
    {
        string? compressor = facts.Tools.Contains("zstd") ? "zstd" : facts.Tools.Contains("gzip") ? "gzip" : null;
        var command = new ServerCommand(Script(checkpoint?.Cursor, since, compressor)) { AsRoot = source.AsRoot, PosixLocale = true };
        await using var process = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        await process.StandardInput.DisposeAsync().ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var complaints = BoundedStream.ReadStartAsync(process.StandardError, stop.Token);
        await using var counted = new CountingStream(process.StandardOutput);
        await using Stream output = compressor switch { "zstd" => new ZstdReadStream(counted), "gzip" => new GZipStream(counted, CompressionMode.Decompress), _ => counted };
        using var reader = new JournalReader(output, shell.Name);
        int? code = null;
        try
        {
            (checkpoint, code) = await TakeAsync(reader, checkpoint, units, cancellationToken).ConfigureAwait(false);
            if (code is null) throw LoggingErrors.ReplyCut(shell.Name);
            return (checkpoint, code.Value, code == 0 ? "" : (await complaints.WaitAsync(cancellationToken).ConfigureAwait(false)).Trim());
        }
        finally
        {
            BytesReceived += counted.Count;
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)complaints).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<(JournalCheckpoint? Checkpoint, int? Code)> TakeAsync(JournalReader reader, JournalCheckpoint? checkpoint, string units, CancellationToken cancellationToken)
    {
        var entry = new JournalEntry();
        var json = new ArrayBufferWriter<byte>();
        // An unknown cursor is no error: reading begins somewhere near. The entry itself, or the one after it, must come first then, or entries are gone.
        var last = checkpoint;
        bool isFound = checkpoint is null || checkpoint.Units != units;
        int? code = null;
        try
        {
            while (code is null && await reader.ReadAsync(entry, cancellationToken).ConfigureAwait(false))
            {
                if (entry.Count == 1 && entry.NameOf(0).SequenceEqual(EndName))
                {
                    code = int.TryParse(entry.ValueOf(0), NumberStyles.None, CultureInfo.InvariantCulture, out int ended) ? ended : 1;
                    continue;
                }

                string cursor = JournalCheckpoint.CursorOf(entry);
                if (cursor.Length is 0 or > 1024) throw LoggingErrors.ReplyNotUnderstood(shell.Name, "an entry of the journal has no cursor");
                isFound |= last is not null && (cursor == last.Cursor || last.IsNext(cursor));
                if (last?.Has(cursor) == true) continue;
                long time = JournalCheckpoint.TimeOf(entry);
                if (!isFound)
                {
                    isFound = HasGap = true;
                    Gap = (Moment(last!.Time), Moment(time));
                }

                json.ResetWrittenCount();
                JournalJson.Write(entry, json);
                writer.Lines.Add(json.WrittenSpan);
                last = (last ?? new JournalCheckpoint("", 0, units, new Dictionary<string, ulong>())).With(cursor, time) with { Units = units };
                if (writer.IsFull) await writer.CommitAsync(last.ToJson(), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (last is not null && !cancellationToken.IsCancellationRequested) await writer.CommitAsync(last.ToJson(), cancellationToken).ConfigureAwait(false);
        }

        return (last, code);
    }

    private string Script(string? cursor, long since, string? compressor)
    {
        var text = new StringBuilder("if ! command -v journalctl >/dev/null 2>&1; then echo 'journalctl is not installed' >&2; printf '\\n__PRODOPS_END=127\\n\\n'");
        string through = compressor switch { "zstd" => " | zstd -1 -q -c", "gzip" => " | gzip -1 -c", _ => "" };
        text.Append(through).Append("; exit; fi\n{ journalctl --no-pager -q -o export ");
        text.Append(cursor is null ? string.Create(CultureInfo.InvariantCulture, $"--since=@{since}") : $"--cursor={ShellQuote.Word(cursor)}");
        foreach (string unit in source.JournalUnit) text.Append(" -u ").Append(ShellQuote.Word(unit));
        return text.Append("; printf '\\n__PRODOPS_END=%s\\n\\n' $?; }").Append(through).Append('\n').ToString();
    }

    private static DateTimeOffset Moment(long microseconds) => DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Clamp(microseconds, 0, 253_402_300_799_000_000));
}
