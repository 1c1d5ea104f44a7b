namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>What a corpus of logs holds; kept beside it.</summary>
/// <param name="Seed">What it was made from.</param>
/// <param name="Size">The size that was asked for.</param>
/// <param name="Generation">Which generator made it.</param>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">How long they are together.</param>
/// <param name="Lines">How many lines they hold.</param>
/// <param name="First">The first day.</param>
/// <param name="Days">How many days.</param>
internal sealed record LogFacts(ulong Seed, long Size, int Generation, int Files, long Bytes, long Lines, DateOnly First, int Days)
{
    /// <summary>A request's id that stands in exactly three lines, of three servers.</summary>
    public string Needle => NeedleOf(Seed, 1);

    /// <summary>One that stands in none.</summary>
    public string Absent => NeedleOf(Seed, 2);

    public override string ToString() => FormattableString.Invariant($"{Bytes:N0} bytes, {Lines:N0} lines in {Files} files, {Days} days from {First:yyyy-MM-dd}, seed {Seed}");

    private static string NeedleOf(ulong seed, int part)
    {
        var random = SeededRandom.ForPart(seed ^ 0x4E65, part);
        return $"{random.Next():x16}{random.Next():x16}";
    }
}
