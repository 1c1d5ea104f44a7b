namespace ProdOps.Logging.Matching;

/// <summary>Lines that meet one of several conditions.</summary>
internal sealed class AnyOfMatcher(IReadOnlyList<LineMatcher> matchers) : LineMatcher
{
    /// <summary>The literals of one group of each condition, together: which groups is free to choose, and the longest literals say most.</summary>
    public override RequiredLiterals Required { get; } = Together(matchers);

    public override bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        (lineStart, lineLength) = (-1, 0);
        foreach (var matcher in matchers)
        {
            // Only an earlier line than the one found is still of interest, so no byte is looked at twice by one condition.
            if (!matcher.TryFind(lineStart < 0 ? lines : lines[..lineStart], start, out int otherStart, out int otherLength)) continue;
            (lineStart, lineLength) = (otherStart, otherLength);
            if (lineStart == start) break;
        }

        return lineStart >= 0;
    }

    public override bool IsMatch(ReadOnlySpan<byte> line)
    {
        foreach (var matcher in matchers)
        {
            if (matcher.IsMatch(line)) return true;
        }

        return false;
    }

    public override LineMatcher Clone() => new AnyOfMatcher([.. matchers.Select(matcher => matcher.Clone())]);

    private static RequiredLiterals Together(IReadOnlyList<LineMatcher> matchers)
    {
        var group = new List<Literal>();
        foreach (var matcher in matchers)
        {
            if (matcher.Required.Groups.Count == 0) return RequiredLiterals.None;
            group.AddRange(matcher.Required.Groups.MaxBy(candidate => candidate.Min(literal => literal.Bytes.Length))!);
        }

        return new RequiredLiterals([group]);
    }
}
