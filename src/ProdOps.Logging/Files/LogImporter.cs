using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Files;

/// <summary>
/// Brings log files into a store. What was brought in once is known by its content, whatever it is called by then, so that importing a folder again adds only what is new.
/// </summary>
internal sealed class LogImporter(ILogSink sink, TimeProvider time, IActivity activity)
{
    // How much is appended at once, at most.
    private const int BatchLength = 8 * 1024 * 1024, HeadLength = 4096;

    // The checkpoint remembers this many files: more than any rotation keeps.
    private const int MostRemembered = 256;

    private static readonly TimeSpan StillWritten = TimeSpan.FromMinutes(1);

    // Buffers of logs that are through, for the next: logs are many and the buffers large.
    private readonly ConcurrentBag<byte[]> _idle = [];

    /// <summary>The format of all files, or <see langword="null"/> to find it by content.</summary>
    public string? Format { get; init; }

    /// <summary>Which lines begin an entry, if not the format decides.</summary>
    public string? MultiLine { get; init; }

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Local;

    /// <summary>Whether to bring in again what was brought in before.</summary>
    public bool Again { get; init; }

    /// <summary>Brings in the files of one log, oldest first. A file that cannot be read is an error, and the others go on.</summary>
    public async Task<LogImport> ImportAsync(RotatedSet set, LogStream stream, Action<long> onProgress, CancellationToken cancellationToken)
    {
        await using var alone = await sink.LockAsync(stream, cancellationToken).ConfigureAwait(false);
        var known = Again ? [] : ImportedFiles.Read(await sink.GetCheckpointAsync(stream, cancellationToken).ConfigureAwait(false));
        var result = new Tally();
        if (!_idle.TryTake(out byte[]? buffer)) buffer = GC.AllocateUninitializedArray<byte>(BatchLength);
        foreach (string path in set.Files)
        {
            try
            {
                await ImportFileAsync(path, stream, known, buffer, result, onProgress, cancellationToken).ConfigureAwait(false);
                result.Files++;
            }
            catch (ProdOpsException error) when (error.ErrorId is not LoggingErrors.StoreNotWrittenId)
            {
                activity.Error(error);
            }
            catch (Exception error) when (error is IOException or InvalidDataException)
            {
                activity.Error(LoggingErrors.FileDamaged(path, error));
            }
        }

        _idle.Add(buffer);
        return new LogImport
        {
            Path = set.Base, Server = stream.Server, Source = stream.Source, Files = result.Files, Lines = result.Lines, Bytes = result.Bytes,
            KnownBytes = result.Known, CutLines = result.Cut,
        };
    }

    private async Task ImportFileAsync(string path, LogStream stream, List<ImportedFile> known, byte[] buffer, Tally result, Action<long> onProgress, CancellationToken cancellationToken)
    {
        var changed = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
        await using var content = LogFileStream.Open(path);
        byte[] head = new byte[HeadLength];
        int headLength = content.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false);
        if (headLength == 0) return;
        var file = Recognize(known, head.AsSpan(0, headLength));
        if (file is null && head.AsSpan(0, headLength).Contains((byte)0) && LooksBinary(head.AsSpan(0, headLength))) throw LoggingErrors.NotALog(path);
        var rest = new PrefixedStream(head.AsMemory(0, headLength), content);
        long skipped = file?.Length ?? 0;
        if (!TrySkip(rest, skipped))
        {
            // It is shorter than what was brought in under its head: another file that begins alike.
            activity.Verbose($"'{path}' was brought in before.");
            result.Known += skipped;
            return;
        }

        result.Known += skipped;
        file ??= new ImportedFile();
        known.Remove(file);
        known.Add(file);
        if (known.Count > MostRemembered) known.RemoveAt(0);
        var blocks = new LineBlocks(rest, buffer);
        long counted = 0;
        var lines = blocks.Read();
        while (true)
        {
            if (blocks.EndsPartial && time.GetUtcNow() - changed < StillWritten) lines = lines[..(lines.Span[..^1].LastIndexOf((byte)'\n') + 1)];
            counted += lines.Span.Count((byte)'\n');
            bool ended = lines.IsEmpty || blocks.IsLast;
            if (blocks.HasRoom && !ended)
            {
                lines = blocks.ReadBehind();
                continue;
            }

            var batch = blocks.InRow(lines);
            if (batch.Length > 0)
            {
                var brought = file with { };
                brought.Remember(head.AsSpan(0, headLength), skipped + blocks.ConsumedBy(lines));
                await sink.AppendAsync(new LogBatch(stream, batch)
                {
                    ReceivedTime = time.GetUtcNow(), TimeReference = changed, Format = Format, MultiLine = MultiLine, Zone = Zone, Checkpoint = ImportedFiles.Write([.. known.SkipLast(1), brought]),
                }, cancellationToken).ConfigureAwait(false);
                // Only what is kept: the files that follow are kept with the same list.
                known[^1] = file = brought;
                result.Lines += counted;
                result.Bytes += batch.Length;
                onProgress(batch.Length);
                counted = 0;
            }

            if (ended) break;
            lines = blocks.Read();
        }

        result.Cut += blocks.Cut;
    }

    /// <summary>The file that was brought in before and begins as this one.</summary>
    private static ImportedFile? Recognize(List<ImportedFile> known, ReadOnlySpan<byte> head)
    {
        foreach (var file in known)
        {
            if (file.HeadLength > 0 && file.HeadLength <= head.Length && file.Head == ImportedFile.HashOf(head[..file.HeadLength])) return file;
        }

        return null;
    }

    private static bool TrySkip(Stream content, long length)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            while (length > 0)
            {
                int read = content.Read(buffer, 0, (int)Math.Min(buffer.Length, length));
                if (read == 0) return false;
                length -= read;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A log may hold a NUL; wtmp, journals and databases are full of them.
    private static bool LooksBinary(ReadOnlySpan<byte> head) => head.Count((byte)0) * 20 > head.Length || !head.Contains((byte)'\n');

    private sealed class Tally
    {
        public int Files { get; set; }

        public long Lines { get; set; }

        public long Bytes { get; set; }

        public long Known { get; set; }

        public long Cut { get; set; }
    }
}

/// <summary>A file that was brought in: how it begins, and how much of its content is in the store.</summary>
internal sealed record ImportedFile
{
    public string Head { get; set; } = "";

    public int HeadLength { get; set; }

    public long Length { get; set; }

    public static string HashOf(ReadOnlySpan<byte> head) => Convert.ToHexString(SHA256.HashData(head)[..16]);

    /// <summary>Takes as much of the head as is in the store: what comes behind may still be written.</summary>
    public void Remember(ReadOnlySpan<byte> head, long length)
    {
        HeadLength = (int)Math.Min(head.Length, length);
        Head = HashOf(head[..HeadLength]);
        Length = length;
    }
}

/// <summary>The importer's checkpoint.</summary>
internal static class ImportedFiles
{
    public static List<ImportedFile> Read(string? checkpoint)
    {
        if (checkpoint is null) return [];
        try
        {
            return JsonSerializer.Deserialize(checkpoint, ImportJson.Default.ImportCheckpoint)?.Imported ?? [];
        }
        catch (JsonException)
        {
            // Another collector's.
            return [];
        }
    }

    public static string Write(List<ImportedFile> files) => JsonSerializer.Serialize(new ImportCheckpoint { Imported = files }, ImportJson.Default.ImportCheckpoint);
}

internal sealed record ImportCheckpoint
{
    public List<ImportedFile> Imported { get; init; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportCheckpoint))]
internal sealed partial class ImportJson : JsonSerializerContext;
