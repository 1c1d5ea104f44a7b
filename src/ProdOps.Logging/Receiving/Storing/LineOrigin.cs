namespace ProdOps.Logging.Receiving.Storing;

/// <summary>Where lines come from: a connection, or a port of UDP. It knows how much of it waits to be stored, which bounds what it may bring.</summary>
/// <param name="counters">What counts its lines.</param>
/// <param name="maximumWaiting">How many bytes may wait before no more should be taken from it.</param>
/// <param name="isAcknowledged">Whether it waits for the answer that a line is stored, and sends it again if it is not.</param>
internal sealed class LineOrigin(ListenerCounters counters, long maximumWaiting, bool isAcknowledged)
{
    private long _waiting;

    /// <summary>Whether enough of it waits.</summary>
    public bool IsFull => Interlocked.Read(ref _waiting) >= maximumWaiting;

    /// <summary>Whether none of it waits.</summary>
    public bool IsEmpty => Interlocked.Read(ref _waiting) == 0;

    public bool IsAcknowledged => isAcknowledged;

    public ListenerCounters Counters { get; } = counters;

    /// <summary>A line was taken over.</summary>
    public void Add(int bytes) => Interlocked.Add(ref _waiting, bytes);

    /// <summary>Lines are stored, or were given up.</summary>
    public void Complete(int bytes, int lines, bool areStored)
    {
        Interlocked.Add(ref _waiting, -bytes);
        if (areStored) Counters.AddStored(lines);
        else if (!isAcknowledged) Counters.Drop(DropReason.NotStored, lines);
    }
}
