namespace ProdOps.Logging.Matching.Literals;

/// <summary>
/// How frequent a byte is in logs. A search looks for the rarest bytes of a literal, so that it is seldom stopped by something else.
/// </summary>
internal static class ByteFrequency
{
    /// <summary>The printable characters as web, system, proxy and JSON logs hold them, the most frequent first.</summary>
    private const string MostFrequentFirst =
        " 0123e.t4:5a-os/6\"9i8r7ndclp,muhgf=_b)(vy[]wTkMPSEGAxCO;LDNRI{}qzWFB+HUjVJ?&X%KYZQ@'><*|#\\!$~^`\t\r";

    private static readonly byte[] Ranks = Rank();

    /// <summary>Its place in the order of frequency; 0 is the most frequent, 255 stands for what is hardly ever there.</summary>
    public static int RankOf(byte value, bool ignoreCase) => ignoreCase && char.IsAsciiLetter((char)value)
        ? Math.Min(Ranks[value | 0x20], Ranks[value & ~0x20])
        : Ranks[value];

    private static byte[] Rank()
    {
        var ranks = new byte[256];
        Array.Fill(ranks, byte.MaxValue);
        // Any text but English is made of these, so they are neither rare nor frequent.
        ranks.AsSpan(0x80).Fill(120);
        for (int i = 0; i < MostFrequentFirst.Length; i++)
            ranks[MostFrequentFirst[i]] = (byte)i;
        return ranks;
    }
}
