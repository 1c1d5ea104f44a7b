using System.Collections.Concurrent;
using System.Text;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Tests.Collecting;

/// <summary>Keeps batches in memory, lines and checkpoint at once, as a store does.</summary>
internal sealed class RecordingSink : ILogSink
{
    private readonly ConcurrentDictionary<LogStream, (MemoryStream Lines, string? Checkpoint)> _streams = new();
    private readonly ConcurrentDictionary<LogStream, bool> _locks = new();

    public ConcurrentQueue<LogBatch> Batches { get; } = new();

    /// <summary>Called before a batch is kept; what it throws the append fails with.</summary>
    public Action<LogBatch>? BeforeAppend { get; set; }

    public IEnumerable<LogStream> Streams => _streams.Keys;

    public Task AppendAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BeforeAppend?.Invoke(batch);
        Assert.True(batch.Lines.IsEmpty || batch.Lines.Span[^1] == '\n');
        var (lines, checkpoint) = _streams.GetOrAdd(batch.Stream, _ => (new MemoryStream(), null));
        lines.Write(batch.Lines.Span);
        _streams[batch.Stream] = (lines, batch.Checkpoint ?? checkpoint);
        Batches.Enqueue(batch with { Lines = batch.Lines.ToArray() });
        return Task.CompletedTask;
    }

    public Task<IAsyncDisposable> LockAsync(LogStream stream, CancellationToken cancellationToken) => _locks.TryAdd(stream, true)
        ? Task.FromResult<IAsyncDisposable>(new Release(() => _locks.TryRemove(stream, out _)))
        : throw new ProdOpsException("LogStreamLocked", ErrorKind.ResourceBusy, $"{stream} is being collected.");

    public Task<string?> GetCheckpointAsync(LogStream stream, CancellationToken cancellationToken) => Task.FromResult(_streams.TryGetValue(stream, out var kept) ? kept.Checkpoint : null);

    public byte[] Bytes(LogStream stream) => _streams.TryGetValue(stream, out var kept) ? kept.Lines.ToArray() : [];

    public string Text(LogStream stream) => Encoding.UTF8.GetString(Bytes(stream));

    public string[] Lines(LogStream stream) => Text(stream).Split('\n')[..^1];

    private sealed class Release(Action action) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            action();
            return default;
        }
    }
}
