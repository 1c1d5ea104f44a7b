using System.Collections.Concurrent;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Formats;

namespace ProdOps.Logging.Engines;

/// <summary>Keeps lines in an engine elsewhere, and on this machine how far they were collected: at least once, and exactly once unless something fails between the two.</summary>
internal sealed class EngineSink(IEnginePush engine, EngineOptions options) : ILogSink
{
    private readonly EngineState _state = new(options.StateFolder);
    private readonly ConcurrentDictionary<LogStream, Progress> _streams = new();

    public async Task AppendAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var progress = _streams.GetOrAdd(batch.Stream, static _ => new Progress());
        // One at a time: the order of a source's lines is that in which they come.
        await progress.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var known = progress.Known ??= _state.Read(batch.Stream) ?? new Collected(null, null);
            progress.Note ??= known.Note;
            var format = batch.Lines.IsEmpty ? null
                : (known.Format is null ? null : BatchFormat.Correct(batch, known.Format, known.Length, options.Formats)) ?? BatchFormat.Of(batch, known.Format, options.Formats);
            if (format is not null)
            {
                var cut = CutBatch.Cut(batch, format, progress.Ticks, Math.Max(Microseconds(batch.ReceivedTime), progress.NextReceived));
                progress.Note = await engine.PushAsync(cut, progress.Note, cancellationToken).ConfigureAwait(false);
                progress.Ticks = cut.Places[^1].Ticks;
                progress.NextReceived = cut.Places[^1].Received + 1;
            }

            // No more than matters, so that it does not change, and is not written, with each batch.
            long length = Math.Min((format is null || format.Name == known.Format ? known.Length : 0) + batch.Lines.Length, BatchFormat.FewBytes);
            var now = new Collected(batch.Checkpoint ?? known.Checkpoint, format?.Name ?? known.Format, known.Note, length);
            if (now == known) return;
            now = now with { Note = progress.Note };
            // The lines are there: not even a cancellation keeps the checkpoint back.
            _state.Write(batch.Stream, now);
            progress.Known = now;
        }
        finally
        {
            progress.Gate.Release();
        }
    }

    public Task<IAsyncDisposable> LockAsync(LogStream stream, CancellationToken cancellationToken) => _state.LockAsync(stream);

    public async Task<string?> GetCheckpointAsync(LogStream stream, CancellationToken cancellationToken)
    {
        var progress = _streams.GetOrAdd(stream, static _ => new Progress());
        await progress.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Another process may have collected meanwhile.
            progress.Known = _state.Read(stream) ?? new Collected(null, null);
            progress.Note = progress.Known.Note;
            return progress.Known.Checkpoint;
        }
        finally
        {
            progress.Gate.Release();
        }
    }

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private sealed class Progress
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public Collected? Known { get; set; }

        public string? Note { get; set; }

        public long? Ticks { get; set; }

        public long NextReceived { get; set; }
    }
}
