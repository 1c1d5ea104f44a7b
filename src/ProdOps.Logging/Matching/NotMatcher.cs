namespace ProdOps.Logging.Matching;

/// <summary>The lines that another condition leaves.</summary>
internal sealed class NotMatcher(LineMatcher inner) : LineMatcher
{
    public override RequiredLiterals Required => RequiredLiterals.None;

    public override bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        // Line by line: a search for the next match, behind which the others stand, would begin anew behind each line it leaves.
        for (lineStart = start; lineStart < lines.Length; lineStart += lineLength + 1)
        {
            lineLength = Lines.LengthAt(lines, lineStart);
            if (!inner.IsMatch(lines.Slice(lineStart, lineLength))) return true;
        }

        (lineStart, lineLength) = (-1, 0);
        return false;
    }

    public override bool IsMatch(ReadOnlySpan<byte> line) => !inner.IsMatch(line);

    public override LineMatcher Clone() => inner.Clone() is var clone && ReferenceEquals(clone, inner) ? this : new NotMatcher(clone);
}
