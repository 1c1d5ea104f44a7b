namespace ProdOps.Servers.Inventory;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class Nearest
{
    private const int MaximumLength = 128;

    /// <summary>The nearest of the names, if one is near enough to be a slip of the hand.</summary>
    public static string? Find(string text, IEnumerable<string> names)
    {
        if (text.Length is 0 or > MaximumLength) return null;
        string? best = null;
        // One slip in four characters, three at most: more is another name.
        int bound = Math.Clamp((text.Length + 2) / 4, 1, 3) + 1;
        foreach (string name in names)
        {
            if (name.Length > MaximumLength) continue;
            int distance = Distance(text, name);
            if (distance >= bound || distance >= Math.Max(text.Length, name.Length)) continue;
            bound = distance;
            best = name;
        }

        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that lead from one to the other; case does not count.</summary>
    public static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int width = b.Length + 1;
        Span<int> rows = width * 3 <= 512 ? stackalloc int[width * 3] : new int[width * 3];
        var before = rows[..width];
        var above = rows[width..(2 * width)];
        var row = rows[(2 * width)..];
        for (int j = 0; j < width; j++) above[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j < width; j++)
            {
                bool same = Same(a[i - 1], b[j - 1]);
                int cost = Math.Min(Math.Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1])) cost = Math.Min(cost, before[j - 2] + 1);
                row[j] = cost;
            }

            var spare = before;
            before = above;
            above = row;
            row = spare;
        }

        return above[b.Length];
    }

    private static bool Same(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
