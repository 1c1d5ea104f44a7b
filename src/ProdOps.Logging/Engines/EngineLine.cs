using ProdOps.Logging.Collecting;

namespace ProdOps.Logging.Engines;

/// <summary>An entry as an engine gives it back.</summary>
internal sealed class EngineLine
{
    /// <summary>The line as it was sent, but for what is not UTF-8.</summary>
    public required byte[] Text { get; init; }

    /// <summary>Its time, in UTC ticks.</summary>
    public required long Ticks { get; init; }

    public required LogStream Stream { get; init; }

    /// <summary>The name of its format; <see langword="null"/> for a line that others have sent.</summary>
    public string? Format { get; init; }

    /// <summary>The zone of times without one.</summary>
    public string? Zone { get; init; }

    /// <summary>When it came, in microseconds since 1970; each line of a source has a later one than the line before. 0 for a line that others have sent.</summary>
    public long Received { get; init; }

    /// <summary>The order of time; of one moment by source, and then as they came.</summary>
    public static int Compare(EngineLine one, EngineLine other)
    {
        int order = one.Ticks.CompareTo(other.Ticks);
        if (order == 0) order = string.CompareOrdinal(one.Stream.Server, other.Stream.Server);
        if (order == 0) order = string.CompareOrdinal(one.Stream.Source, other.Stream.Source);
        return order == 0 ? one.Received.CompareTo(other.Received) : order;
    }

    /// <summary>Whether it is the same line, sent twice.</summary>
    public bool IsAgain(EngineLine? before) => before is not null && Received != 0 && Compare(before, this) == 0 && Text.AsSpan().SequenceEqual(before.Text);
}

/// <summary>Tells lines apart by what they are.</summary>
internal sealed class LineIdentity : IEqualityComparer<EngineLine>
{
    public static LineIdentity Instance { get; } = new();

    public bool Equals(EngineLine? one, EngineLine? other) =>
        ReferenceEquals(one, other) || (one is not null && other is not null && EngineLine.Compare(one, other) == 0 && one.Text.AsSpan().SequenceEqual(other.Text));

    public int GetHashCode(EngineLine line) => HashCode.Combine(line.Ticks, line.Received, line.Stream);
}
