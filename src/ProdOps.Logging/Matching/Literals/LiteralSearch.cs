namespace ProdOps.Logging.Matching.Literals;

/// <summary>Finds literals in bytes. It keeps no state: any thread may use it.</summary>
internal abstract class LiteralSearch
{
    /// <summary>
    /// Finds where a literal stands.
    /// </summary>
    /// <returns>
    /// The beginning of an occurrence in the first line that holds any (no literal has a line feed in it), or -1.
    /// With one literal it is the first occurrence.
    /// </returns>
    public abstract int IndexOf(ReadOnlySpan<byte> text);

    /// <summary>The fastest search for any of some literals.</summary>
    /// <returns><see langword="null"/> if there are too many, or an empty one, which stands everywhere.</returns>
    public static LiteralSearch? For(IReadOnlyList<Literal> literals)
    {
        if (!IsPossibleFor(literals)) return null;
        return literals.Count == 1 ? new SingleLiteralSearch(literals[0]) : new PackedLiteralSearch(literals);
    }

    /// <summary>Whether there are not too many literals, and no empty one.</summary>
    public static bool IsPossibleFor(IReadOnlyList<Literal> literals) =>
        literals.Count is > 0 and <= PackedLiteralSearch.MaximumCount && literals.All(literal => !literal.Bytes.IsEmpty);
}
