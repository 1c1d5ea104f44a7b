using System.Text;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>
/// Made-up words used as often as words are (Zipf's law), and for each file a topic: the few words it keeps
/// coming back to. That is what makes generated text compress like written text.
/// </summary>
internal sealed class Vocabulary
{
    private static readonly string[] Onsets =
        ["b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "w", "br", "cl", "cr", "gr", "pl", "pr", "sh", "st", "th", "tr", ""];

    private static readonly string[] Vowels = ["a", "e", "i", "o", "u", "ai", "ea", "io", "ou", "e", "a"];

    private static readonly string[] Codas = ["", "", "", "n", "r", "s", "t", "l", "m", "nd", "nt", "ck", "ng", "st"];

    private readonly byte[][] _words;
    private readonly ushort[] _byRank = new ushort[1 << 16];

    public Vocabulary(ulong seed, int size)
    {
        var random = new SeededRandom(seed);
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (known.Count < size)
            known.Add(MakeWord(ref random));
        // The words used most are the short ones.
        _words = [.. known.OrderBy(word => word.Length).ThenBy(word => word, StringComparer.Ordinal).Select(Encoding.ASCII.GetBytes)];

        // A rank drawn log-uniformly is a Zipf distribution with exponent 1.
        for (int i = 0; i < _byRank.Length; i++)
            _byRank[i] = (ushort)Math.Min(size - 1, (int)Math.Pow(size, (i + 0.5) / _byRank.Length) - 1);
    }

    public ReadOnlySpan<byte> Any(ref SeededRandom random) => _words[_byRank[random.Next() & 0xFFFF]];

    public ReadOnlySpan<byte> Rare(ref SeededRandom random) => _words[random.Below(_words.Length)];

    public byte[][] Topic(ref SeededRandom random, int words)
    {
        var topic = new byte[words][];
        for (int i = 0; i < words; i++)
            topic[i] = random.Chance(50) ? _words[random.Below(_words.Length)] : _words[_byRank[random.Next() & 0xFFFF]];
        return topic;
    }

    /// <summary>The square makes a topic's first words its favourites.</summary>
    public static ReadOnlySpan<byte> OfTopic(byte[][] topic, ref SeededRandom random)
    {
        double fraction = random.Fraction();
        return topic[(int)(fraction * fraction * topic.Length)];
    }

    private static string MakeWord(ref SeededRandom random)
    {
        var word = new StringBuilder();
        for (int syllables = 1 + random.Below(3); syllables > 0; syllables--)
            word.Append(Onsets[random.Below(Onsets.Length)]).Append(Vowels[random.Below(Vowels.Length)]).Append(Codas[random.Below(Codas.Length)]);
        return word.ToString();
    }
}
