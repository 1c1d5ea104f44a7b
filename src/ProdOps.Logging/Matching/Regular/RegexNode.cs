namespace ProdOps.Logging.Matching.Regular;

/// <summary>A part of a regular expression.</summary>
internal abstract record RegexNode
{
    /// <summary>Matches the empty text.</summary>
    public static RegexNode Empty { get; } = new ConcatNode([]);

    /// <summary>How many characters and branches it is with all repetitions written out; no more than <paramref name="limit"/> is counted.</summary>
    public long SizeUpTo(long limit) => Math.Min(limit, this switch
    {
        ConcatNode concat => concat.Parts.Sum(part => part.SizeUpTo(limit)),
        AlternateNode alternate => alternate.Parts.Sum(part => part.SizeUpTo(limit) + 1),
        RepeatNode repeat => Math.Max(1, repeat.Maximum ?? repeat.Minimum + 1) * (repeat.Body.SizeUpTo(limit) + 1),
        _ => 1,
    });
}

/// <summary>One character of a set.</summary>
internal sealed record SetNode(CharSet Set) : RegexNode;

/// <summary>One part after the other.</summary>
internal sealed record ConcatNode(IReadOnlyList<RegexNode> Parts) : RegexNode;

/// <summary>One of the parts.</summary>
internal sealed record AlternateNode(IReadOnlyList<RegexNode> Parts) : RegexNode;

/// <summary>A part over and over; <see cref="Maximum"/> is null where there is no end.</summary>
internal sealed record RepeatNode(RegexNode Body, int Minimum, int? Maximum) : RegexNode;

/// <summary>Nothing, at a certain place.</summary>
internal sealed record AssertNode(Assertion Assertion) : RegexNode;

/// <summary>What only .NET can match. Any text may stand there, the empty one too.</summary>
internal sealed record ForeignNode : RegexNode;

/// <summary>What holds at a place.</summary>
internal enum Assertion : byte
{
    LineStart,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
}
