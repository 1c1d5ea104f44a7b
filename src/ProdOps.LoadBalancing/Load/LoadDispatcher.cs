using System.Threading.Tasks.Sources;

namespace ProdOps.LoadBalancing.Load;

/// <summary>
/// Hands due requests to free connections, the one that has been free for longest first, so that all are used alike. Requests that find none wait; there are never more of them than
/// become due within the time-out.
/// </summary>
internal sealed class LoadDispatcher(int connections)
{
    private readonly Lock _lock = new();
    private readonly Queue<Seat> _free = new(connections);
    private readonly Queue<long> _waiting = new();
    private bool _ended;

    /// <summary>Hands on a request.</summary>
    public void Add(long due)
    {
        Seat seat;
        lock (_lock)
        {
            if (!_free.TryDequeue(out seat!))
            {
                _waiting.Enqueue(due);
                return;
            }
        }

        seat.Give(due);
    }

    /// <summary>Takes away the requests that were due before a moment and still wait.</summary>
    /// <returns>When they were due.</returns>
    public IReadOnlyList<long> TakeOverdue(long before)
    {
        List<long>? overdue = null;
        lock (_lock)
            while (_waiting.TryPeek(out long due) && due < before) (overdue ??= []).Add(_waiting.Dequeue());
        return overdue ?? (IReadOnlyList<long>)[];
    }

    /// <summary>No more requests come. Those that wait are still handed on.</summary>
    public void End()
    {
        Seat[] free;
        lock (_lock)
        {
            _ended = true;
            free = [.. _free];
            _free.Clear();
        }

        foreach (var seat in free) seat.Give(null);
    }

    /// <summary>A connection's place among the free ones.</summary>
    public sealed class Seat(LoadDispatcher dispatcher) : IValueTaskSource<long?>
    {
        private ManualResetValueTaskSourceCore<long?> _core = new() { RunContinuationsAsynchronously = true };

        /// <summary>The next request; <see langword="null"/> at the end.</summary>
        public ValueTask<long?> NextAsync()
        {
            lock (dispatcher._lock)
            {
                if (dispatcher._waiting.TryDequeue(out long due)) return new(due);
                if (dispatcher._ended) return new((long?)null);
                _core.Reset();
                dispatcher._free.Enqueue(this);
                return new(this, _core.Version);
            }
        }

        public void Give(long? due) => _core.SetResult(due);

        long? IValueTaskSource<long?>.GetResult(short token) => _core.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<long?>.GetStatus(short token) => _core.GetStatus(token);

        void IValueTaskSource<long?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
