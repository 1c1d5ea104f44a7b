namespace ProdOps.Logging.Matching;

/// <summary>Each line: what an empty pattern stands for.</summary>
internal sealed class EveryLineMatcher : LineMatcher
{
    public override RequiredLiterals Required => RequiredLiterals.None;

    public override bool TryFind(ReadOnlySpan<byte> lines, int start, out int lineStart, out int lineLength)
    {
        bool isThere = start < lines.Length;
        (lineStart, lineLength) = isThere ? (start, Lines.LengthAt(lines, start)) : (-1, 0);
        return isThere;
    }

    public override bool IsMatch(ReadOnlySpan<byte> line) => true;

    public override LineMatcher Clone() => this;
}
