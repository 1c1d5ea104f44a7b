using System.Collections.Concurrent;
using System.Text;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Tests.Receiving.TestTools;

/// <summary>Keeps lines in memory, or refuses them for a while.</summary>
internal sealed class RecordingSink : ILogSink
{
    private readonly ConcurrentDictionary<LogStream, List<string>> _lines = new();
    private readonly ConcurrentDictionary<LogStream, int> _busy = new();
    private volatile Exception? _failure;
    private int _batches;
    private int _refusals;

    /// <summary>How many batches were kept.</summary>
    public int Batches => Volatile.Read(ref _batches);

    /// <summary>How many were refused.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    /// <summary>How long keeping a batch takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>All lines, by stream.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Lines =>
        _lines.ToDictionary(entry => entry.Key.ToString(), entry => { lock (entry.Value) return (IReadOnlyList<string>)[.. entry.Value]; });

    public IReadOnlyList<string> All => [.. Lines.Values.SelectMany(lines => lines)];

    public int Count => _lines.Values.Sum(lines => { lock (lines) return lines.Count; });

    /// <summary>Refuses batches from now on, or no longer.</summary>
    public void Fail(bool fails) => _failure = fails ? new ProdOpsException("DiskFull", ErrorKind.WriteError, "The disk is full.") : null;

    public async Task AppendAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        Assert.Equal(1, _busy.AddOrUpdate(batch.Stream, 1, (_, count) => count + 1));
        if (Delay > TimeSpan.Zero) await Task.Delay(Delay, cancellationToken);
        else await Task.Yield();
        _busy.AddOrUpdate(batch.Stream, 0, (_, count) => count - 1);
        if (_failure is { } failure)
        {
            Interlocked.Increment(ref _refusals);
            throw failure;
        }

        Interlocked.Increment(ref _batches);
        string text = Encoding.UTF8.GetString(batch.Lines.Span);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = _lines.GetOrAdd(batch.Stream, _ => []);
        lock (lines) lines.AddRange(text[..^1].Split('\n'));
    }

    public Task<IAsyncDisposable> LockAsync(LogStream stream, CancellationToken cancellationToken) => throw new NotSupportedException("Whoever receives needs no lock.");

    public Task<string?> GetCheckpointAsync(LogStream stream, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Waits until so many lines are kept.</summary>
    public async Task WaitForAsync(int count, double seconds = 15)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (Count < count)
        {
            if (limit.IsCancellationRequested) Assert.Fail($"{Count} lines came instead of {count}.");
            await Task.Delay(10, CancellationToken.None);
        }
    }
}
