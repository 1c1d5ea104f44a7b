using ProdOps.Servers.FileSystem;
using System.Collections.Concurrent;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Store;

/// <summary>
/// A folder of logs: a folder a server, in it a folder a source, in that segments, each an ordinary zstd file of raw lines. Several processes may append, search and remove at the
/// same time.
/// </summary>
internal sealed class LogStore : ILogSink, IDisposable
{
    private readonly ConcurrentDictionary<LogStream, StreamAppender> _appenders = new();
    private readonly ConcurrentDictionary<string, byte> _told = new();
    private readonly Compressors _compressors;
    private readonly IActivity _activity;

    /// <param name="folder">The store's folder; it is made when something is first appended.</param>
    /// <param name="formats">The formats that lines may have.</param>
    /// <param name="options">How it works.</param>
    /// <param name="activity">Is told what was cut off or mended.</param>
    public LogStore(string folder, IFormatCatalog formats, LogStoreOptions options, IActivity activity)
    {
        Folder = folder;
        Formats = formats;
        Options = options;
        _activity = activity;
        _compressors = new Compressors(options);
    }

    public string Folder { get; }

    public IFormatCatalog Formats { get; }

    public LogStoreOptions Options { get; }

    /// <summary>Where a user's logs are unless told otherwise, or <see langword="null"/> for a user without a home.</summary>
    public static string? DefaultFolder => UserFolders.Data is { } data ? Path.Combine(data, "logs") : null;

    /// <summary>
    /// What is in the store, by server and source. What else lies there is passed over: a disk of its own has a lost+found, which most users may not read. A folder that is closed to this user is
    /// told as an error.
    /// </summary>
    public IEnumerable<LogStream> GetStreams()
    {
        if (!Directory.Exists(Folder)) yield break;
        foreach (string server in Folders(Folder))
        {
            foreach (string source in Folders(server)) yield return new LogStream(StoreNames.Decode(Path.GetFileName(server)), StoreNames.Decode(Path.GetFileName(source)));
        }

        List<string> Folders(string folder) => Readable(folder, static folder => [.. Directory.EnumerateDirectories(folder).Where(IsOurs).Order(StringComparer.Ordinal)]);

        static bool IsOurs(string path) => Path.GetFileName(path) is var name && StoreNames.Encode(StoreNames.Decode(name)) == name;
    }

    /// <summary>The paths of a stream's segments, oldest first. A folder that cannot be read is told as an error.</summary>
    public List<string> GetSegments(LogStream stream) => Readable(StoreNames.FolderOf(Folder, stream), StoreFolder.Segments);

    public Task AppendAsync(LogBatch batch, CancellationToken cancellationToken) => AppenderOf(batch.Stream).AppendAsync(batch, _compressors, _activity, cancellationToken);

    public Task<string?> GetCheckpointAsync(LogStream stream, CancellationToken cancellationToken) => AppenderOf(stream).GetCheckpointAsync(_activity, cancellationToken);

    public Task<IAsyncDisposable> LockAsync(LogStream stream, CancellationToken cancellationToken)
    {
        string folder = StoreNames.FolderOf(Folder, stream);
        try
        {
            StoreFolder.Create(folder);
            return FileLock.TryTake(Path.Combine(folder, StoreNames.CollectLockName)) is { } taken
                ? Task.FromResult<IAsyncDisposable>(taken)
                : throw LoggingErrors.StreamBeingCollected(stream.ToString());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.StoreNotWritten(folder, error);
        }
    }

    /// <summary>Runs something that changes a stream's files, with nobody appending.</summary>
    public Task<T> ChangeAsync<T>(LogStream stream, Func<T> change, CancellationToken cancellationToken) => AppenderOf(stream).ChangeAsync(change, cancellationToken);

    public void Dispose()
    {
        foreach (var (stream, appender) in _appenders)
        {
            if (_appenders.TryRemove(stream, out _)) appender.Dispose();
        }

        _compressors.Dispose();
    }

    private List<string> Readable(string folder, Func<string, List<string>> read)
    {
        try
        {
            return read(folder);
        }
        catch (DirectoryNotFoundException)
        {
            // It was removed meanwhile.
            return [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whose logs these are may be nobody else's business; all others are there. Who follows a store looks again and again.
            if (_told.TryAdd(folder, 0)) _activity.Error(LoggingErrors.StoreNotRead(folder, error));
            return [];
        }
    }

    private StreamAppender AppenderOf(LogStream stream) => _appenders.GetOrAdd(stream, static (key, store) => new StreamAppender(store.Folder, key, store.Options, store.Formats), this);
}
