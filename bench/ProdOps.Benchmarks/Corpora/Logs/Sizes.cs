namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>Sizes and durations scatter log-normally; drawn from a table, since a logarithm a line costs more than the line.</summary>
internal sealed class Sizes
{
    private readonly int[] _drawn = new int[1 << 16];

    public Sizes(ulong seed, double median, double sigma)
    {
        var random = new SeededRandom(seed);
        for (int i = 0; i < _drawn.Length; i++)
            _drawn[i] = (int)Math.Min(50_000_000, random.LogNormal(median, sigma));
    }

    public int Draw(ref SeededRandom random) => _drawn[random.Next() & 0xFFFF];
}
