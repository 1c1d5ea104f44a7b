using ProdOps.Logging.Collecting;
using ProdOps.Logging.Files;
using ProdOps.Logging.Formats;
using ProdOps.Logging.Searching;
using ProdOps.Logging.Store;

namespace ProdOps.Benchmarks.Logs;

/// <summary>The logging engine, without the shell around it.</summary>
internal static class EngineRuns
{
    // One file is read while another one's lines are compressed.
    private const int StreamsAtOnce = 2;

    public static async Task IngestAsync(string corpus, string folder, CancellationToken cancellationToken)
    {
        var activity = new EngineActivity();
        using var store = new LogStore(folder, FormatCatalog.BuiltIn, new LogStoreOptions(), activity);
        var importer = new LogImporter(store, TimeProvider.System, activity) { Zone = TimeZoneInfo.Utc };
        await Parallel.ForEachAsync(
            Sets(corpus, "*"),
            new ParallelOptions { MaxDegreeOfParallelism = StreamsAtOnce, CancellationToken = cancellationToken },
            async (item, stop) => await importer.ImportAsync(item.Set, new LogStream(item.Server, item.Set.SourceName), static _ => { }, stop));
    }

    /// <summary>Packs all segments for good, as is done with those that nothing more is added to.</summary>
    public static void Seal(string folder, CancellationToken cancellationToken)
    {
        var options = new LogStoreOptions();
        using var store = new LogStore(folder, FormatCatalog.BuiltIn, options, new EngineActivity());
        using var encoder = new FrameEncoder(options.SealedLevel, options.Degree);
        var packer = new SegmentPacker(options, FormatCatalog.BuiltIn);
        foreach (string segment in store.GetStreams().SelectMany(store.GetSegments))
            packer.Pack(segment, encoder, seal: true, cancellationToken);
    }

    /// <summary>Searches a store; returns how many entries are found.</summary>
    public static async Task<long> SearchStoreAsync(string folder, LogWork work, string linesFile, CancellationToken cancellationToken)
    {
        var activity = new EngineActivity();
        using var store = new LogStore(folder, FormatCatalog.BuiltIn, new LogStoreOptions(), activity);
        var search = new StoreSearch(store, activity);
        return work.WantsLines
            ? await WriteAsync(search.SearchAsync(work.Query, cancellationToken), linesFile, cancellationToken)
            : await search.CountAsync(work.Query, cancellationToken);
    }

    /// <summary>Searches files where they lie.</summary>
    public static async Task<long> SearchFilesAsync(string corpus, LogWork work, string linesFile, CancellationToken cancellationToken)
    {
        var search = new FileSearch(FormatCatalog.BuiltIn, new EngineActivity()) { Zone = TimeZoneInfo.Utc };
        var found = search.SearchAsync([.. Sets(corpus, work.Files).Select(item => item.Set)], work.Query, cancellationToken);
        if (work.WantsLines)
            return await WriteAsync(found, linesFile, cancellationToken);
        long count = 0;
        await foreach (var batch in found)
            count += batch.Count;
        return count;
    }

    private static async Task<long> WriteAsync(IAsyncEnumerable<IReadOnlyList<LogEntry>> found, string linesFile, CancellationToken cancellationToken)
    {
        long count = 0;
        await using var file = new FileStream(linesFile, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);
        await foreach (var batch in found.WithCancellation(cancellationToken))
        {
            count += batch.Count;
            foreach (var entry in batch)
            {
                file.Write(entry.Line.Span);
                file.WriteByte((byte)'\n');
            }
        }
        return count;
    }

    private static IEnumerable<(string Server, RotatedSet Set)> Sets(string corpus, string files) => Directory.GetDirectories(corpus).Order(StringComparer.Ordinal)
        .SelectMany(folder => RotatedSet.Group(Directory.GetFiles(folder, files)).Select(set => (Path.GetFileName(folder), set)));
}
