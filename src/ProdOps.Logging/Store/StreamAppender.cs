using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Logging.Store;

/// <summary>
/// Appends to one stream. A batch is one write to one file, synced: that is the moment in which its lines and its checkpoint are kept. Whatever a crash leaves
/// behind the last whole batch is cut off when the stream is next appended to.
/// </summary>
internal sealed class StreamAppender(string store, LogStream stream, LogStoreOptions options, IFormatCatalog formats) : IDisposable
{
    // Where none of so many lines has a time, those after them hardly have one.
    private const int LinesLookedAt = 20;

    private readonly string _folder = StoreNames.FolderOf(store, stream);
    private readonly SemaphoreSlim _gate = new(1);
    private ActiveSegment? _active;

    /// <summary>Appends a batch and returns when it is on disk.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="compressors">What all streams compress with. They are taken last: whoever waits for a stream keeps none of the others from them.</param>
    /// <param name="activity">Is told what was cut off.</param>
    /// <param name="cancellationToken">Stops before anything is written.</param>
    public async Task AppendAsync(LogBatch batch, Compressors compressors, IActivity activity, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await using var taken = await TakeAsync(cancellationToken).ConfigureAwait(false);
            await compressors.UseAsync(encoder => Append(batch, encoder, activity, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _active?.Dispose();
            _active = null;
            throw LoggingErrors.StoreNotWritten(_folder, error);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The newest checkpoint.</summary>
    public async Task<string?> GetCheckpointAsync(IActivity activity, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!Directory.Exists(_folder)) return null;
            await using var taken = await TakeAsync(cancellationToken).ConfigureAwait(false);
            return OpenNewest(activity)?.Checkpoint;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LoggingErrors.StoreNotRead(_folder, error);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs something that changes the stream's files, with nobody appending.</summary>
    public async Task<T> ChangeAsync<T>(Func<T> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!Directory.Exists(_folder)) return change();
            await using var taken = await TakeAsync(cancellationToken).ConfigureAwait(false);
            _active?.Dispose();
            _active = null;
            return await Task.Run(change, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _active?.Close();
        _gate.Dispose();
    }

    private async Task<FileStream> TakeAsync(CancellationToken cancellationToken)
    {
        StoreFolder.Create(_folder);
        return await FileLock.TakeAsync(Path.Combine(_folder, StoreNames.LockName), options.LockTimeout, options.Time, cancellationToken).ConfigureAwait(false)
            ?? throw LoggingErrors.StreamBusy(stream.ToString(), (int)options.LockTimeout.TotalSeconds);
    }

    private void Append(LogBatch batch, FrameEncoder encoder, IActivity activity, CancellationToken cancellationToken)
    {
        var active = OpenNewest(activity);
        if (active is not null)
        {
            var corrected = BatchFormat.Correct(batch, active.Header.Format, active.RawLength, formats);
            if (corrected is not null || MustRoll(active, batch))
            {
                active.Close();
                _active = null;
                active = Begin(batch, active, corrected);
            }
        }

        if (active is { } crowded && crowded.Batches >= options.BatchLimit)
        {
            // Many small frames compress badly and are slow to search.
            crowded.Close();
            _active = null;
            new SegmentPacker(options, formats).Pack(crowded.Path, encoder, seal: false, cancellationToken);
            active = OpenNewest(activity);
        }

        active ??= Begin(batch, before: null);
        _active = active;
        active.Append(batch, encoder, cancellationToken);
    }

    /// <summary>The newest segment, as it is on disk now: another process may have appended to it, or begun another.</summary>
    private ActiveSegment? OpenNewest(IActivity activity)
    {
        if (_active is { } known && known.IsUnchanged && StoreFolder.NewestSegment(_folder) == known.Path) return known;
        _active?.Dispose();
        _active = null;
        while (StoreFolder.NewestSegment(_folder) is { } path)
        {
            if (ActiveSegment.TryOpen(path, formats, activity) is { } active) return _active = active;
            // Not even its first batch is whole: the crash came before anything in it was acknowledged.
            ActiveSegment.SetAside(path, activity);
        }

        return null;
    }

    private bool MustRoll(ActiveSegment active, LogBatch batch) =>
        active.Header.Sealed || active.RawLength >= options.SegmentLength
        || !MultiLineFormat.IsSame(MultiLineFormat.NameOf(batch.Format ?? active.Header.Format, batch.MultiLine), active.Header.Format)
        || (batch.Zone is { } zone && zone.Id != active.Header.Zone && zone.Id != "UTC")
        || (active.RawLength > 0 && active.Day is { } day && !batch.Lines.IsEmpty && day != batch.ReceivedTime.UtcDateTime.Date && active.RawLength >= options.DayLength);

    private ActiveSegment Begin(LogBatch batch, ActiveSegment? before, LogFormat? format = null)
    {
        var zone = batch.Zone ?? TimeZoneInfo.Utc;
        format ??= BatchFormat.Of(batch, before?.Header.Format, formats);
        var context = new TimeContext(batch.TimeReference ?? batch.ReceivedTime, zone);
        var first = FirstTime(batch.Lines.Span, format, context) ?? context.Reference;
        var header = new SegmentHeader
        {
            Version = SegmentHeader.CurrentVersion,
            Server = stream.Server,
            Source = stream.Source,
            Format = format.Name,
            Zone = zone.Id,
            Generation = options.NewGeneration(),
        };
        return ActiveSegment.Create(StoreFolder.NextSegment(_folder, first), header, format, zone, before?.Checkpoint, before?.LastTime ?? first.UtcTicks);
    }

    private static DateTimeOffset? FirstTime(ReadOnlySpan<byte> lines, LogFormat format, TimeContext context)
    {
        for (int looked = 0; !lines.IsEmpty && looked < LinesLookedAt; looked++)
        {
            int length = lines.IndexOf((byte)'\n');
            if (format.TryReadTime(length < 0 ? lines : lines[..length], context, out var time)) return time;
            if (length < 0) break;
            lines = lines[(length + 1)..];
        }

        return null;
    }
}
