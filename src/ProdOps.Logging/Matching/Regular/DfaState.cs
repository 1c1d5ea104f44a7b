namespace ProdOps.Logging.Matching.Regular;

/// <summary>A state of the deterministic automaton: the nodes it may be in, and what stands before the next character.</summary>
/// <param name="Nodes">In order.</param>
/// <param name="AtStart">No character of the line stands before.</param>
/// <param name="BehindWord">The character before is part of a word.</param>
/// <param name="EndsBeforeReturn">The character before is a carriage return, and the line matches if it ended before that.</param>
internal sealed record DfaState(int[] Nodes, bool AtStart, bool BehindWord, bool EndsBeforeReturn)
{
    public bool Equals(DfaState? other) => other is not null && AtStart == other.AtStart && BehindWord == other.BehindWord
        && EndsBeforeReturn == other.EndsBeforeReturn && Nodes.AsSpan().SequenceEqual(other.Nodes);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(AtStart);
        hash.Add(BehindWord);
        hash.Add(EndsBeforeReturn);
        foreach (int node in Nodes)
            hash.Add(node);
        return hash.ToHashCode();
    }
}
