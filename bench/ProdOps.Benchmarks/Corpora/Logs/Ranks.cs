namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>Draws ranks below a size as often as Zipf's law says: drawn log-uniformly, which is its exponent 1.</summary>
internal sealed class Ranks
{
    private readonly ushort[] _drawn = new ushort[1 << 16];

    public Ranks(int size)
    {
        for (int i = 0; i < _drawn.Length; i++)
            _drawn[i] = (ushort)Math.Min(size - 1, (int)Math.Pow(size, (i + 0.5) / _drawn.Length) - 1);
    }

    public int Draw(ref SeededRandom random) => _drawn[random.Next() & 0xFFFF];
}
