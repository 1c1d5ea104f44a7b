using System.Buffers;
using ProdOps.Logging.Collecting;
using ProdOps.Logging.Receiving.Protocol;

namespace ProdOps.Logging.Receiving.Storing;

/// <summary>Lines of one stream that are stored together. Whoever holds the stream's lock fills it; afterwards it belongs to who stores it.</summary>
/// <param name="receivedTime">When its first line came.</param>
internal sealed class PendingBatch(DateTimeOffset receivedTime)
{
    /// <summary>A batch is not filled further than that, in bytes.</summary>
    public const int MaximumLength = 1024 * 1024;

    private const int FirstLength = 4096;

    // Continuations must not run where the next batch waits to be stored.
    private readonly TaskCompletionSource<bool> _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Share> _shares = [];
    private byte[] _lines = ArrayPool<byte>.Shared.Rent(FirstLength);

    public int Length { get; private set; }

    public int LineCount { get; private set; }

    /// <summary>Ends when it is clear whether the lines are stored.</summary>
    public Task<bool> Stored => _stored.Task;

    /// <summary>Whether a message may still fit.</summary>
    public bool HasRoomFor(int length) => Length + length <= MaximumLength;

    /// <summary>Adds a message as a line.</summary>
    /// <param name="message">The message, trimmed.</param>
    /// <param name="isCut">Whether it was longer; set where the line had to be cut.</param>
    /// <param name="origin">Where it came from.</param>
    /// <returns>How long the line is, in bytes.</returns>
    public int Add(ReadOnlySpan<byte> message, ref bool isCut, LineOrigin origin)
    {
        int needed = Length + LineText.GetMaximumLength(message);
        if (needed > _lines.Length) Grow(needed);
        int length = LineText.Write(message, ref isCut, _lines.AsSpan(Length));
        Length += length;
        LineCount++;
        // A connection's lines come by the buffer: one entry for all that came together.
        if (_shares.Count > 0 && _shares[^1].Origin == origin) _shares[^1] = _shares[^1] with { Bytes = _shares[^1].Bytes + length, Lines = _shares[^1].Lines + 1 };
        else _shares.Add(new Share(origin, length, 1));
        return length;
    }

    public LogBatch ToLogBatch(LogStream stream, TimeZoneInfo zone) => new(stream, _lines.AsMemory(0, Length)) { ReceivedTime = receivedTime, Zone = zone };

    /// <summary>Tells all whom it concerns. It is of no use afterwards.</summary>
    public void Complete(bool areStored)
    {
        foreach (var share in _shares) share.Origin.Complete(share.Bytes, share.Lines, areStored);
        ArrayPool<byte>.Shared.Return(_lines);
        _lines = [];
        _stored.TrySetResult(areStored);
    }

    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _lines.Length * 2));
        _lines.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_lines);
        _lines = larger;
    }

    private readonly record struct Share(LineOrigin Origin, int Bytes, int Lines);
}
