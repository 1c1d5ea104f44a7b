namespace ProdOps.Logging.Formats;

/// <summary>Finds the format of a source by its first lines.</summary>
internal static class FormatDetector
{
    /// <summary>How much of a source is looked at, in bytes.</summary>
    public const int SampleSize = 256 * 1024;

    private const int MostLines = 1000;

    // After so many lines it is seen whether they are all alike: most logs are, and looking on would only take longer.
    private const int LinesAlike = 100;

    /// <summary>
    /// The most specific format that three of five lines parse in; of two that are as specific, the one that more lines parse in, and then the one that the file's name speaks for.
    /// Plain if there is none.
    /// </summary>
    /// <param name="sample">The first lines; what is cut off at the end counts for nothing, and neither do empty lines.</param>
    /// <param name="fileName">The file's name or path, if there is one.</param>
    public static LogFormat Detect(ReadOnlySpan<byte> sample, string? fileName = null)
    {
        if (sample.Length > SampleSize) sample = sample[..SampleSize];
        var ranks = FormatRank.All;
        var parsed = new int[ranks.Count];
        var asked = new int[ranks.Count];
        var fields = new FieldList();
        for (int lines = 0; lines < MostLines && sample.Length > 0; lines++)
        {
            if (lines == LinesAlike && AreAlike(ranks, parsed, asked)) break;
            int end = sample.IndexOf((byte)'\n');
            // The sample may cut its last line.
            if (end < 0 && lines > 0) break;
            var line = end < 0 ? sample : sample[..end];
            sample = end < 0 ? default : sample[(end + 1)..];
            if (LineText.WithoutReturn(line).Trim((byte)' ').Length == 0) continue;
            // What goes on with the line before counts for nothing; at the beginning there is none.
            for (int i = 0; i < ranks.Count; i++)
            {
                var rank = ranks[i];
                if (rank.Recognizes(line, AnyContext.Value, fields))
                {
                    asked[i]++;
                    parsed[i]++;
                }
                else if (parsed[i] == 0 || !rank.Format.IsContinuation(line))
                {
                    asked[i]++;
                }
            }
        }

        return Choose(ranks, parsed, asked, fileName);
    }

    /// <summary>Whether one format parses every line, and none that is more specific parses any.</summary>
    private static bool AreAlike(IReadOnlyList<FormatRank> ranks, int[] parsed, int[] asked)
    {
        int best = int.MaxValue, least = int.MaxValue;
        for (int i = 0; i < ranks.Count; i++)
        {
            if (parsed[i] == 0) continue;
            least = Math.Min(least, ranks[i].Rank);
            if (parsed[i] == asked[i]) best = Math.Min(best, ranks[i].Rank);
        }

        return best != int.MaxValue && best == least;
    }

    private static LogFormat Choose(IReadOnlyList<FormatRank> ranks, int[] parsed, int[] asked, string? fileName)
    {
        int best = -1;
        for (int i = 0; i < ranks.Count; i++)
        {
            if (parsed[i] == 0 || parsed[i] * 5 < asked[i] * 3) continue;
            if (best < 0 || ranks[i].Rank < ranks[best].Rank || (ranks[i].Rank == ranks[best].Rank && IsBetter(i, best))) best = i;
        }

        return best < 0 ? LogFormats.Plain : ranks[best].Format;

        bool IsBetter(int one, int other)
        {
            long left = (long)parsed[one] * asked[other], right = (long)parsed[other] * asked[one];
            if (left != right) return left > right;
            return ranks[one].IsHintedBy(fileName) && !ranks[other].IsHintedBy(fileName);
        }
    }
}
