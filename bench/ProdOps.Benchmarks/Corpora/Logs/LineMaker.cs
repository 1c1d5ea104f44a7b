namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>Makes the lines of one file, one after the other.</summary>
internal abstract class LineMaker
{
    /// <summary>More than the longest line.</summary>
    public const int LongestLine = 4096;

    /// <summary>About how long a line is, in bytes.</summary>
    public abstract int TypicalLength { get; }

    /// <summary>Adds a line, with its line feed.</summary>
    /// <param name="line">Takes it.</param>
    /// <param name="random">What decides.</param>
    /// <param name="clock">The time.</param>
    /// <param name="trace">The request's id that the line must hold; empty for one of its own.</param>
    public abstract void Add(ref ByteWriter line, ref SeededRandom random, LogClock clock, ReadOnlySpan<byte> trace);
}
