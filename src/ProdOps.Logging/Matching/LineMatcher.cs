namespace ProdOps.Logging.Matching;

/// <summary>
/// A condition on the bytes of a line, compiled. It may keep caches of its own: one thread at a time, and <see cref="Clone"/> for every other.
/// </summary>
internal abstract class LineMatcher
{
    /// <summary>What any line that matches holds. An empty list says nothing.</summary>
    public abstract RequiredLiterals Required { get; }

    /// <summary>
    /// Finds the first line that matches and begins at <paramref name="start"/> or later.
    /// </summary>
    /// <param name="lines">Whole lines, each ended by a line feed (the last one may lack it).</param>
    /// <param name="start">The beginning of a line.</param>
    /// <param name="lineStart">Where the line begins.</param>
    /// <param name="lineLength">Its length without the line feed.</param>
    public abstract bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength);

    /// <summary>Whether one line matches; without its line feed.</summary>
    public virtual bool IsMatch(ReadOnlySpan<byte> line) => TryFind(line, 0, out _, out _);

    /// <summary>The same for another thread.</summary>
    public abstract LineMatcher Clone();
}

/// <summary>
/// Literals that a matching line holds: one at least of each group. What prunes frames reads it.
/// </summary>
/// <remarks>
/// Where case does not matter, an s or a k in a literal puts <see cref="Literals.FoldedLetters.LongS"/> or
/// <see cref="Literals.FoldedLetters.KelvinSign"/> beside it in the group. They are too short for an index of parts of words, which can keep
/// <see cref="Literals.FoldedLetters.AreIn"/> of each frame instead.
/// </remarks>
/// <param name="Groups">All of these groups hold. Within a group any one literal is enough.</param>
internal sealed record RequiredLiterals(IReadOnlyList<IReadOnlyList<Literal>> Groups)
{
    public static RequiredLiterals None { get; } = new([]);
}

/// <summary>A run of bytes that must stand in the line.</summary>
/// <param name="Bytes">The bytes; in lower case where case does not matter.</param>
/// <param name="IgnoreCase">ASCII letters match in either case.</param>
internal sealed record Literal(ReadOnlyMemory<byte> Bytes, bool IgnoreCase);
