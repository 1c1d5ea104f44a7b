namespace ProdOps.Logging.Matching;

/// <summary>Lines that meet all of several conditions. The first one searches, so it should be the rarest.</summary>
internal sealed class AllOfMatcher(IReadOnlyList<LineMatcher> matchers) : LineMatcher
{
    public override RequiredLiterals Required { get; } = new([.. matchers.SelectMany(matcher => matcher.Required.Groups)]);

    public override bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        while (matchers[0].TryFind(lines, start, out lineStart, out lineLength))
        {
            if (OthersMatch(lines.Slice(lineStart, lineLength))) return true;
            start = lineStart + lineLength + 1;
        }

        (lineStart, lineLength) = (-1, 0);
        return false;
    }

    public override bool IsMatch(ReadOnlySpan<byte> line) => matchers[0].IsMatch(line) && OthersMatch(line);

    public override LineMatcher Clone() => new AllOfMatcher([.. matchers.Select(matcher => matcher.Clone())]);

    private bool OthersMatch(ReadOnlySpan<byte> line)
    {
        for (int i = 1; i < matchers.Count; i++)
        {
            if (!matchers[i].IsMatch(line)) return false;
        }

        return true;
    }
}
