using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Store;

/// <summary>A segment, as retention and lists see it.</summary>
internal sealed record SegmentFacts
{
    public required LogStream Stream { get; init; }

    public required string Path { get; init; }

    public required SegmentHeader Header { get; init; }

    /// <summary>The earliest and the latest time of its lines.</summary>
    public required DateTimeOffset From { get; init; }

    /// <inheritdoc cref="From"/>
    public required DateTimeOffset To { get; init; }

    /// <summary>When the last of its lines came.</summary>
    public required DateTimeOffset Received { get; init; }

    public required long Entries { get; init; }

    /// <summary>The length of its content, of the file, and of its index; in bytes.</summary>
    public required long RawLength { get; init; }

    /// <inheritdoc cref="RawLength"/>
    public required long StoredLength { get; init; }

    /// <inheritdoc cref="RawLength"/>
    public required long IndexLength { get; init; }

    /// <summary>Whether it is the stream's newest, which holds the checkpoint.</summary>
    public required bool IsNewest { get; init; }

    /// <summary>When something came to it last of which nothing can be read, as behind a damaged place.</summary>
    public DateTimeOffset? Unread { get; init; }

    /// <summary>How old it is for retention: a clock that ran ahead keeps nothing longer than since it came, and what cannot be read counts as young as it may be.</summary>
    public DateTimeOffset Age => (To < Received ? To : Received) is var known && Unread > known ? Unread.Value : known;
}

/// <summary>Looks what a store holds.</summary>
internal static class StoreContents
{
    /// <summary>The segments of a stream, oldest first. One that cannot be read is told as an error.</summary>
    public static IEnumerable<SegmentFacts> Read(LogStore store, LogStream stream, IActivity activity)
    {
        var paths = store.GetSegments(stream);
        for (int i = 0; i < paths.Count; i++)
        {
            if (TryRead(store, stream, paths[i], i == paths.Count - 1, activity) is { } facts) yield return facts;
        }
    }

    /// <summary>What must not be removed of a stream.</summary>
    public static IReadOnlyList<HoldEntry> Holds(LogStore store, LogStream stream)
    {
        string path = Path.Combine(StoreNames.FolderOf(store.Folder, stream), StoreNames.HoldName);
        return File.Exists(path) ? HoldFile.Read(path) : [];
    }

    private static SegmentFacts? TryRead(LogStore store, LogStream stream, string path, bool newest, IActivity activity)
    {
        try
        {
            using var view = SegmentView.Open(path, store.Formats);
            var frames = view.Frames;
            var received = new DateTimeOffset(frames.Count == 0 ? File.GetLastWriteTimeUtc(path).Ticks : frames.Max(frame => frame.ReceivedTime), TimeSpan.Zero);
            string index = StoreNames.IndexOf(path);
            return new SegmentFacts
            {
                Stream = stream,
                Path = path,
                Header = view.File.Header,
                From = frames.Count == 0 ? received : new DateTimeOffset(frames.Min(frame => frame.MinTime), TimeSpan.Zero),
                To = frames.Count == 0 ? received : new DateTimeOffset(frames.Max(frame => frame.MaxTime), TimeSpan.Zero),
                Received = received,
                Unread = view.End < view.File.Length ? new DateTimeOffset(File.GetLastWriteTimeUtc(path)) : null,
                Entries = frames.Sum(frame => (long)frame.Levels.Total),
                RawLength = view.RawLength,
                StoredLength = view.File.Length,
                IndexLength = File.Exists(index) ? new FileInfo(index).Length : 0,
                IsNewest = newest,
            };
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            activity.Error(LoggingErrors.StoreNotRead(path, error));
            return null;
        }
        catch (ProdOpsException error)
        {
            activity.Error(error);
            return null;
        }
    }
}
