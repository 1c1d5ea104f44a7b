using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Files;

/// <summary>Searches log files where they lie, rotated and compressed ones with them, and puts what it finds in the order of time.</summary>
internal sealed class FileSearch(IFormatCatalog formats, IActivity activity)
{
    private const int BatchLength = 512;

    // A file's last change says when its last line was written, but for clocks that differ.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <summary>The server that entries are said to be of.</summary>
    public string Server { get; init; } = Environment.MachineName;

    /// <summary>The format of all files, or <see langword="null"/> to find it by content.</summary>
    public string? Format { get; init; }

    /// <summary>Which lines begin an entry, if not the format decides.</summary>
    public string? MultiLine { get; init; }

    /// <summary>The zone of times without one.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Local;

    public async IAsyncEnumerable<IReadOnlyList<LogEntry>> SearchAsync(IReadOnlyList<RotatedSet> sets, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var test = new LineTest(query);
        var cursors = new List<Cursor>();
        int order = 0;
        foreach (var set in sets)
        {
            var stream = new LogStream(Server, set.SourceName);
            if (!query.Wants(stream.Server, stream.Source)) continue;
            var progress = Channel.CreateBounded<Progress>(2);
            var work = Task.Run(() => ReadAsync(set, stream, query, test.Clone(), progress.Writer, stop.Token), CancellationToken.None);
            cursors.Add(new Cursor(progress.Reader, work, order++));
        }

        var merge = new TimeMerge();
        var newest = query.Newest is { } most ? new Queue<LogEntry>(Math.Min(most, 4096)) : null;
        long left = query.First ?? long.MaxValue;
        int found = 0;
        var tail = query.First is not null && query.ContextAfter > 0 ? new ContextTail(query.ContextAfter) : null;
        try
        {
            while (left > 0 && await AdvanceAsync(cursors, merge, cancellationToken).ConfigureAwait(false) is { } bound)
            {
                while (left > 0 && merge.Take(bound, (int)Math.Min(left, BatchLength)) is { Count: > 0 } batch)
                {
                    left -= batch.Count(static entry => !entry.IsContext);
                    tail?.Add(batch);
                    if (newest is null) yield return batch;
                    else Keep(newest, batch, query.Newest!.Value, ref found);
                }
            }

            if (tail?.Rest(merge) is { Count: > 0 } rest) yield return rest;
            if (newest is not null)
            {
                foreach (var batch in ContextTail.KeepNewest([.. newest], query.Newest!.Value, query.ContextBefore).Chunk(BatchLength)) yield return batch;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(cursors.Select(cursor => cursor.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var cursor in cursors) await cursor.Work.ConfigureAwait(false);
    }

    /// <summary>Keeps the latest entries that were found, each with what stands around it.</summary>
    private static void Keep(Queue<LogEntry> newest, List<LogEntry> batch, int most, ref int found)
    {
        foreach (var entry in batch)
        {
            newest.Enqueue(entry);
            if (entry.IsContext || ++found <= most) continue;
            while (newest.Dequeue().IsContext)
            {
                // It stood before the one that goes now.
            }

            found--;
        }
    }

    /// <summary>Takes what the set that lags behind has found next, and tells up to where the order is certain; <see langword="null"/> when all is out.</summary>
    private static async Task<long?> AdvanceAsync(List<Cursor> cursors, TimeMerge merge, CancellationToken cancellationToken)
    {
        var behind = cursors.Where(cursor => !cursor.Ended).MinBy(cursor => cursor.Bound);
        if (behind is null) return merge.IsEmpty ? null : long.MaxValue;
        if (await behind.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && behind.Reader.TryRead(out var progress))
        {
            merge.Add(progress.Found, behind.Order);
            behind.Bound = Math.Max(behind.Bound, progress.Bound);
        }
        else
        {
            behind.Ended = true;
        }

        return cursors.Where(cursor => !cursor.Ended).Select(cursor => (long?)cursor.Bound).Min() ?? long.MaxValue;
    }

    private async Task ReadAsync(RotatedSet set, LogStream stream, LogQuery query, LineTest test, ChannelWriter<Progress> found, CancellationToken cancellationToken)
    {
        try
        {
            var search = new BlockSearch(query, test);
            byte[] buffer = GC.AllocateUninitializedArray<byte>(LineBlocks.LongestBlock);
            long carried = 0;
            foreach (string path in set.Files)
            {
                try
                {
                    carried = await ReadFileAsync(path, buffer, stream, query, search, carried, found, cancellationToken).ConfigureAwait(false);
                }
                catch (ProdOpsException error) when (error.ErrorId != LoggingErrors.RegexTimeoutId)
                {
                    activity.Error(error);
                }
                catch (Exception error) when (error is IOException or InvalidDataException)
                {
                    activity.Error(LoggingErrors.FileDamaged(path, error));
                }
            }
        }
        finally
        {
            found.Complete();
        }
    }

    private async Task<long> ReadFileAsync(string path, byte[] buffer, LogStream stream, LogQuery query, BlockSearch search, long carried, ChannelWriter<Progress> found, CancellationToken cancellationToken)
    {
        var changed = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
        if (query.After is { } after && changed + Margin < after) return carried;
        await using var content = LogFileStream.Open(path);
        var blocks = new LineBlocks(content, buffer);
        var context = new TimeContext(changed, Zone);
        LogFormat? format = null;
        if (carried == 0) carried = changed.UtcTicks;
        while (blocks.Read() is { IsEmpty: false } lines)
        {
            cancellationToken.ThrowIfCancellationRequested();
            format ??= formats.Find(MultiLineFormat.NameOf(Format ?? formats.Detect(lines.Span[..Math.Min(lines.Length, FormatDetector.SampleSize)], path).Name, MultiLine));
            int length = blocks.IsLast ? lines.Length : LastEntry(lines.Span, format);
            if (length < lines.Length) blocks.Unread(lines.Length - length);
            var block = new LineBlock
            {
                Stream = stream, File = path, Offset = blocks.Offset, Format = format, Context = context, CarriedTime = carried, HasContinuations = true,
            };
            var span = lines.Span[..length];
            var entries = search.Find(span, block);
            if (query.ContextBefore > 0 || query.ContextAfter > 0) BlockContext.Add(entries, span, block, query);
            var result = BlockSearch.Make(entries, span, block);
            carried = new EntryBlock(format, context, continued: false).TimeOf(span, LastLine(span), carried).UtcTicks;
            await found.WriteAsync(new Progress(result, carried), cancellationToken).ConfigureAwait(false);
        }

        return carried;
    }

    /// <summary>Where the last entry of a block begins: lines that follow may belong to it. All of the block if it is a single entry.</summary>
    private static int LastEntry(ReadOnlySpan<byte> lines, LogFormat format)
    {
        int start = lines.Length;
        while (start > 0)
        {
            start = lines[..(start - 1)].LastIndexOf((byte)'\n') + 1;
            int length = lines[start..].IndexOf((byte)'\n');
            if (!format.IsContinuation(lines.Slice(start, length))) break;
        }

        return start == 0 ? lines.Length : start;
    }

    private static int LastLine(ReadOnlySpan<byte> lines) => lines[..^1].LastIndexOf((byte)'\n') + 1;

    private readonly record struct Progress(FoundEntries Found, long Bound);

    private sealed class Cursor(ChannelReader<Progress> reader, Task work, int order)
    {
        public ChannelReader<Progress> Reader => reader;

        public Task Work => work;

        public int Order => order;

        public long Bound { get; set; } = long.MinValue;

        public bool Ended { get; set; }
    }
}
