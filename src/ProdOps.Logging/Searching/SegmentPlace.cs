using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;

namespace ProdOps.Logging.Searching;

/// <summary>A segment among those of its source.</summary>
/// <param name="store">The store.</param>
/// <param name="stream">The server and source.</param>
/// <param name="paths">All segments of the source, oldest first.</param>
/// <param name="number">Which of them.</param>
internal sealed class SegmentPlace(LogStore store, LogStream stream, IReadOnlyList<string> paths, int number)
{
    private string? _file;

    public LogStream Stream => stream;

    public int Number => number;

    /// <summary>How many segments the source has.</summary>
    public int Count => paths.Count;

    /// <summary>The segment's path below the store's folder.</summary>
    public string File => _file ??= FileOf(number);

    /// <summary>The path of one of the source's segments below the store's folder.</summary>
    public string FileOf(int segment) => Path.GetRelativePath(store.Folder, paths[segment]);

    /// <summary>Opens one of the source's segments.</summary>
    /// <exception cref="FileNotFoundException">Retention has removed it meanwhile.</exception>
    /// <exception cref="ProdOpsException">It cannot be read.</exception>
    public SegmentView Open(int segment)
    {
        try
        {
            return SegmentViews.Shared.Open(paths[segment], store.Formats);
        }
        catch (Exception error) when (error is (IOException and not FileNotFoundException) or UnauthorizedAccessException)
        {
            throw LoggingErrors.StoreNotRead(paths[segment], error);
        }
    }
}
