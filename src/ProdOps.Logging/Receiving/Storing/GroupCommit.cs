using System.Collections.Concurrent;
using System.Threading.Channels;
using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Receiving.Storing;

/// <summary>
/// Stores lines of many senders in groups: what came for a stream within some time, or while the group before it was being stored, is one batch. A batch that could
/// not be stored is tried again until it is; one whose senders wait for an answer is given up at once, since they send it again.
/// </summary>
internal sealed class GroupCommit : IAsyncDisposable
{
    private readonly ILogSink _sink;
    private readonly GroupCommitOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<(LogStream Stream, bool IsAcknowledged), StreamBuffer> _streams = new();
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationToken _ended;
    private readonly Round _ordinary;
    private readonly Round _acknowledged;
    private readonly Task[] _loops;
    private readonly TaskCompletionSource _drain = NewSignal();
    private TaskCompletionSource _progress = NewSignal();
    private long _waiting;
    private volatile bool _isDraining;

    public GroupCommit(ILogSink sink, GroupCommitOptions options, IActivity activity, TimeProvider time)
    {
        _sink = sink;
        _options = options;
        _time = time;
        _ended = _end.Token;
        _slots = new SemaphoreSlim(options.Parallel);
        Health = new SinkHealth(activity, time);
        _ordinary = new Round(options.BatchAge);
        _acknowledged = new Round(options.AcknowledgedBatchAge);
        _loops = [Task.Run(() => RunAsync(_ordinary)), Task.Run(() => RunAsync(_acknowledged))];
    }

    public SinkHealth Health { get; }

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>How many bytes wait to be stored, of all senders.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>A stream's lines that wait.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="isAcknowledged">Whether the senders wait for the answer that a line is stored.</param>
    public StreamBuffer Find(LogStream stream, bool isAcknowledged) =>
        _streams.GetOrAdd((stream, isAcknowledged), static (key, owner) => new StreamBuffer(owner, key.Stream, key.IsAcknowledged), this);

    /// <summary>Whether enough waits, of this origin or of all.</summary>
    public bool IsFull(LineOrigin origin) => origin.IsFull || Waiting >= _options.MaximumWaiting;

    /// <summary>Waits until more may be taken from an origin.</summary>
    public async ValueTask WaitForRoomAsync(LineOrigin origin)
    {
        while (true)
        {
            // Before the look: what ends between the two is noticed.
            var progress = Volatile.Read(ref _progress).Task;
            if (!IsFull(origin)) return;
            // Who may send no more has nothing to wait for.
            (origin.IsAcknowledged ? _acknowledged : _ordinary).Hurry();
            await progress.ConfigureAwait(false);
        }
    }

    /// <summary>Stores what waits without waiting for more.</summary>
    /// <param name="limit">How long that may take.</param>
    /// <returns>Whether all is stored.</returns>
    public async Task<bool> DrainAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        _isDraining = true;
        _drain.TrySetResult();
        _ordinary.Hurry();
        _acknowledged.Hurry();
        while (true)
        {
            var progress = Volatile.Read(ref _progress).Task;
            if (Waiting == 0) return true;
            try
            {
                await progress.WaitAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return Waiting == 0;
            }
        }
    }

    /// <summary>Ends. What is not stored yet is given up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _ordinary.Due.Writer.TryComplete();
        _acknowledged.Due.Writer.TryComplete();
        await Task.WhenAll(_loops).ConfigureAwait(false);
        // Every one that stores has a slot: with all of them in hand nobody does any more.
        for (int i = 0; i < _options.Parallel; i++) await _slots.WaitAsync().ConfigureAwait(false);
        _slots.Dispose();
        _end.Dispose();
        foreach (var stream in _streams.Values) GiveUp(stream);
    }

    /// <summary>Whether nothing is stored any more.</summary>
    internal bool IsEnded => _ended.IsCancellationRequested;

    internal void GiveUp(StreamBuffer stream)
    {
        while (stream.Take() is { } batch) Complete(batch, false);
    }

    internal void AddWaiting(int bytes) => Interlocked.Add(ref _waiting, bytes);

    internal void Schedule(StreamBuffer stream, bool isNew, bool isUrgent)
    {
        var round = RoundOf(stream);
        if (isNew) round.Due.Writer.TryWrite(stream);
        if (isUrgent || _isDraining) round.Hurry();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Round RoundOf(StreamBuffer stream) => stream.IsAcknowledged ? _acknowledged : _ordinary;

    /// <summary>Waits until lines have come, then for more of them, then has all streams stored that have some.</summary>
    private async Task RunAsync(Round round)
    {
        while (await round.Due.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            if (!_isDraining)
            {
                using var enough = CancellationTokenSource.CreateLinkedTokenSource(_ended);
                var age = Task.Delay(round.Age, _time, enough.Token);
                await Task.WhenAny(age, round.Urgent.Task).ConfigureAwait(false);
                await enough.CancelAsync().ConfigureAwait(false);
            }

            round.Reset();
            while (round.Due.Reader.TryRead(out var stream)) _ = StoreAsync(stream);
        }
    }

    private async Task StoreAsync(StreamBuffer stream)
    {
        if (_ended.IsCancellationRequested) return;
        try
        {
            await _slots.WaitAsync(_ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var delay = TimeSpan.Zero;
        try
        {
            if (stream.Take() is { } batch) delay = await StoreAsync(stream, batch).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }

        // The slot is free for other streams while this one waits.
        if (delay > TimeSpan.Zero) await DelayAsync(delay).ConfigureAwait(false);
        if (stream.Continue(out bool isUrgent)) Schedule(stream, true, isUrgent);
    }

    /// <returns>How long to wait before the next try.</returns>
    private async Task<TimeSpan> StoreAsync(StreamBuffer stream, PendingBatch batch)
    {
        try
        {
            // Cancelled only when the receiver has waited long enough for its end: what was begun is either kept or not.
            await _sink.AppendAsync(batch.ToLogBatch(stream.Stream, _options.Zone), _ended).ConfigureAwait(false);
            stream.Failures = 0;
            Health.Succeed();
            Complete(batch, true);
            return TimeSpan.Zero;
        }
        catch (Exception exception)
        {
            // Whatever it is, the receiver goes on: others' lines may be stored, and these later.
            if (!_ended.IsCancellationRequested) Health.Fail(exception);
            if (stream.IsAcknowledged) Complete(batch, false);
            else stream.PutBack(batch);
            return SinkHealth.DelayAfter(++stream.Failures);
        }
    }

    private void Complete(PendingBatch batch, bool areStored)
    {
        int length = batch.Length;
        batch.Complete(areStored);
        Interlocked.Add(ref _waiting, -length);
        Interlocked.Exchange(ref _progress, NewSignal()).TrySetResult();
    }

    /// <summary>Waits before the next try; at the end there is no time to.</summary>
    private async Task DelayAsync(TimeSpan delay)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_ended);
        if (_isDraining) delay = SinkHealth.DelayAfter(1);
        await Task.WhenAny(Task.Delay(delay, _time, over.Token), _drain.Task.IsCompleted ? Task.Delay(Timeout.Infinite, over.Token) : _drain.Task).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Streams that have lines, and how long to wait for more of them.</summary>
    private sealed class Round(TimeSpan age)
    {
        private TaskCompletionSource _urgent = NewSignal();

        public TimeSpan Age { get; } = age;

        public TaskCompletionSource Urgent => Volatile.Read(ref _urgent);

        // Bounded by the number of streams: each is in it once.
        public Channel<StreamBuffer> Due { get; } = Channel.CreateUnbounded<StreamBuffer>(new UnboundedChannelOptions { SingleReader = true });

        public void Hurry() => Urgent.TrySetResult();

        public void Reset()
        {
            if (Urgent.Task.IsCompleted) Volatile.Write(ref _urgent, NewSignal());
        }
    }
}

/// <summary>How lines are gathered and stored.</summary>
internal sealed record GroupCommitOptions
{
    /// <summary>How long lines wait for others to be stored with.</summary>
    public TimeSpan BatchAge { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The same where a sender waits for the answer: rsyslog sends no more than 128 lines before it has some.</summary>
    public TimeSpan AcknowledgedBatchAge { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How many bytes may wait in all before nothing more is taken from anybody.</summary>
    public long MaximumWaiting { get; init; } = 64L * 1024 * 1024;

    /// <summary>How many streams are stored at the same time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>The zone of times that leave it out: this machine's.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Local;
}
