using ProdOps.Logging.Matching.Literals;

namespace ProdOps.Logging.Matching;

/// <summary>Lines that hold a literal, or any of several.</summary>
/// <remarks>
/// Where case does not matter the literal is ASCII: other letters may change their length with their case, and a regular expression
/// looks for those.
/// </remarks>
internal sealed class SubstringMatcher : LineMatcher
{
    private readonly LiteralSearch _search;
    private readonly Literal[] _folded;
    private readonly LiteralFolding _folding;

    private SubstringMatcher(IReadOnlyList<Literal> literals, LiteralFolding folding, LiteralSearch search)
    {
        _search = search;
        Required = new RequiredLiterals([folding.Alternatives(literals)]);
        _folded = [.. literals.Where(literal => literal.IgnoreCase)];
        _folding = new LiteralFolding(
            folding.LongS && _folded.Any(literal => FoldedLetters.HasLetter(literal, 's')),
            folding.KelvinSign && _folded.Any(literal => FoldedLetters.HasLetter(literal, 'k')));
    }

    public override RequiredLiterals Required { get; }

    /// <summary>Makes one, unless there are too many literals or an empty one.</summary>
    public static SubstringMatcher? For(IReadOnlyList<Literal> literals, LiteralFolding folding) =>
        LiteralSearch.For(literals) is { } search ? new SubstringMatcher(literals, folding, search) : null;

    private bool HasFolded => _folding != default;

    public override bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        (lineStart, lineLength) = (-1, 0);
        if (start >= lines.Length) return false;
        int found = _search.IndexOf(lines[start..]);
        int end = lines.Length;
        if (found >= 0)
        {
            (lineStart, lineLength) = Lines.Around(lines, start, start + found);
            end = lineStart;
        }

        if (HasFolded && TryFindFolded(lines[..end], start, out int foldedStart, out int foldedLength))
            (lineStart, lineLength) = (foldedStart, foldedLength);
        return lineStart >= 0;
    }

    public override bool IsMatch(ReadOnlySpan<byte> line) => _search.IndexOf(line) >= 0
        || (HasFolded && TryFindFolded(line, 0, out _, out _));

    /// <summary>Nothing in it changes.</summary>
    public override LineMatcher Clone() => this;

    private bool TryFindFolded(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        while (FoldedLetters.IndexOf(lines[start..], _folding) is >= 0 and var found)
        {
            (lineStart, lineLength) = Lines.Around(lines, start, start + found);
            var line = lines.Slice(lineStart, lineLength);
            foreach (var literal in _folded)
            {
                if (FoldedLetters.IsIn(literal.Bytes.Span, line, _folding)) return true;
            }

            start = lineStart + lineLength;
        }

        (lineStart, lineLength) = (-1, 0);
        return false;
    }
}
