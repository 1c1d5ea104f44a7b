using ProdOps.Logging.Collecting;
using ProdOps.Logging.Receiving.Protocol;

namespace ProdOps.Logging.Receiving.Storing;

/// <summary>The lines of one stream that wait to be stored. Any thread may add; one at a time stores, so that their order stays.</summary>
/// <param name="owner">What stores them.</param>
/// <param name="stream">The stream.</param>
/// <param name="isAcknowledged">Whether senders wait for the answer that a line is stored, and send it again if it is not.</param>
internal sealed class StreamBuffer(GroupCommit owner, LogStream stream, bool isAcknowledged)
{
    private readonly Lock _lock = new();
    private readonly Queue<PendingBatch> _full = new();
    private PendingBatch? _open;
    private PendingBatch? _failed;
    private bool _isScheduled;

    public LogStream Stream { get; } = stream;

    public bool IsAcknowledged { get; } = isAcknowledged;

    /// <summary>How often in a row storing has failed. For who stores.</summary>
    public int Failures { get; set; }

    /// <summary>Adds a message as a line.</summary>
    /// <param name="message">The message, trimmed and not empty.</param>
    /// <param name="isCut">Whether it was longer.</param>
    /// <param name="origin">Where it came from.</param>
    /// <returns>The batch it is part of.</returns>
    public PendingBatch Append(ReadOnlySpan<byte> message, bool isCut, LineOrigin origin)
    {
        PendingBatch batch;
        bool isNew, isUrgent = false;
        int length;
        lock (_lock)
        {
            if (_open is not null && !_open.HasRoomFor(LineText.GetMaximumLength(message)))
            {
                _full.Enqueue(_open);
                _open = null;
                isUrgent = true;
            }

            batch = _open ??= new PendingBatch(owner.Now);
            length = batch.Add(message, ref isCut, origin);
            // Before the lock is left: the batch may be stored right after.
            origin.Add(length);
            owner.AddWaiting(length);
            isNew = !_isScheduled;
            _isScheduled = true;
        }

        origin.Counters.AddReceived(isCut);
        if (owner.IsEnded) owner.GiveUp(this);
        else if (isNew || isUrgent) owner.Schedule(this, isNew, isUrgent);
        return batch;
    }

    /// <summary>The next batch to store.</summary>
    public PendingBatch? Take()
    {
        lock (_lock)
        {
            PendingBatch? batch;
            if (_failed is not null) (batch, _failed) = (_failed, null);
            else if (!_full.TryDequeue(out batch)) (batch, _open) = (_open, null);
            return batch;
        }
    }

    /// <summary>Keeps a batch that could not be stored for the next time.</summary>
    public void PutBack(PendingBatch batch)
    {
        lock (_lock) _failed = batch;
    }

    /// <summary>Ends a round of storing.</summary>
    /// <returns>Whether there is more: then the next round is to come.</returns>
    public bool Continue(out bool isUrgent)
    {
        lock (_lock)
        {
            isUrgent = _full.Count > 0;
            return _isScheduled = isUrgent || _open is not null || _failed is not null;
        }
    }
}
