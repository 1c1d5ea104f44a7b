namespace ProdOps.Logging.Store;

/// <summary>
/// Segments that stay open between the searches of a process, so that the next one neither opens them nor reads and checks their indexes again. What is handed out is as the files are now: their
/// lengths and times are looked at each time. What was not asked for in half a minute is closed, for a removed file takes its place on disk until then.
/// </summary>
internal sealed class SegmentViews(TimeProvider time)
{
    // Entries of some 100 GB of lines; what goes beyond is opened anew each time.
    private const long MostBytes = 32 * 1024 * 1024;
    private const int MostViews = 512;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30), Settled = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private long _bytes;

    /// <summary>Those of this process.</summary>
    public static SegmentViews Shared { get; } = new(TimeProvider.System);

    /// <summary>A segment as it is now. Whoever takes it disposes of it.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="ProdOpsException">It is not a segment.</exception>
    public SegmentView Open(string path, IFormatCatalog formats)
    {
        // A mapped file cannot be replaced there.
        if (OperatingSystem.IsWindows()) return SegmentView.Open(path, formats);
        // Before it is opened: what is appended in between is seen the next time.
        var state = FileState.Of(path);
        lock (_lock)
        {
            if (_kept.TryGetValue(path, out var kept))
            {
                if (kept.State == state && ReferenceEquals(kept.View.Format, formats.Find(kept.View.File.Header.Format)))
                {
                    kept.Used = time.GetTimestamp();
                    return kept.View.Share();
                }

                Forget(path, kept);
            }
        }

        var view = SegmentView.Open(path, formats);
        // Times of files tick slowly: what was just written may change without their telling.
        if (time.GetUtcNow().UtcDateTime - state.LastChange < Settled) return view;
        lock (_lock)
        {
            if (_bytes + view.Size > MostBytes || _kept.Count >= MostViews || !_kept.TryAdd(path, new Kept(view, state) { Used = time.GetTimestamp() })) return view;
            _bytes += view.Size;
            _timer ??= time.CreateTimer(static self => ((SegmentViews)self!).CloseIdle(), this, Idle, Idle);
            return view.Share();
        }
    }

    private void CloseIdle()
    {
        lock (_lock)
        {
            foreach (var (path, kept) in _kept)
            {
                if (time.GetElapsedTime(kept.Used) >= Idle) Forget(path, kept);
            }

            if (_kept.Count > 0) return;
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void Forget(string path, Kept kept)
    {
        _kept.Remove(path);
        _bytes -= kept.View.Size;
        kept.View.Dispose();
    }

    private sealed class Kept(SegmentView view, FileState state)
    {
        public SegmentView View => view;

        public FileState State => state;

        /// <summary>When it was last asked for.</summary>
        public long Used { get; set; }
    }

    /// <summary>What tells that a segment or its index has changed.</summary>
    private readonly record struct FileState(long Length, DateTime Changed, long IndexLength, DateTime IndexChanged)
    {
        public DateTime LastChange => Changed > IndexChanged ? Changed : IndexChanged;

        public static FileState Of(string path)
        {
            var segment = new FileInfo(path);
            var index = new FileInfo(StoreNames.IndexOf(path));
            return new FileState(segment.Exists ? segment.Length : -1, segment.LastWriteTimeUtc, index.Exists ? index.Length : -1, index.LastWriteTimeUtc);
        }
    }
}
