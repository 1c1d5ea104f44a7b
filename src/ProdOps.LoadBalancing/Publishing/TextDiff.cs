using System.Globalization;
using System.Text;

namespace ProdOps.LoadBalancing.Publishing;

/// <summary>The difference of two texts as a unified diff (POSIX diff -u), with three lines around each change.</summary>
internal static class TextDiff
{
    private const int Context = 3;

    // Beyond it the middle is shown as replaced as a whole: no table of a configuration's size squared is made for hostile input.
    private const long MostCells = 16_000_000;

    /// <returns>Empty if they are the same.</returns>
    public static string Unified(string path, string? before, string after)
    {
        if (before == after) return "";
        string[] old = Lines(before ?? ""), fresh = Lines(after);
        var edits = Edits(old, fresh);
        var text = new StringBuilder();
        text.Append(before is null ? "--- /dev/null\n" : $"--- {path}\n").Append($"+++ {path}\n");
        for (int i = 0; i < edits.Count;)
        {
            if (edits[i].Kind == ' ')
            {
                i++;
                continue;
            }

            int begin = Math.Max(0, i - Context), end = i, quiet = 0;
            // A change within twice the context of the last one is in the same hunk.
            for (int j = i; j < edits.Count && quiet <= 2 * Context; j++)
            {
                quiet = edits[j].Kind == ' ' ? quiet + 1 : 0;
                if (quiet == 0) end = j;
            }

            end = Math.Min(edits.Count, end + 1 + Context);
            Hunk(text, edits, begin, end);
            i = end;
        }

        return text.ToString();
    }

    private static void Hunk(StringBuilder text, List<(char Kind, string Line)> edits, int begin, int end)
    {
        int oldBefore = edits.Take(begin).Count(edit => edit.Kind != '+'), newBefore = edits.Take(begin).Count(edit => edit.Kind != '-');
        var hunk = edits.GetRange(begin, end - begin);
        int oldLines = hunk.Count(edit => edit.Kind != '+'), newLines = hunk.Count(edit => edit.Kind != '-');
        text.Append(CultureInfo.InvariantCulture, $"@@ -{Range(oldBefore, oldLines)} +{Range(newBefore, newLines)} @@\n");
        foreach (var (kind, line) in hunk) text.Append(kind).Append(line).Append('\n');
    }

    // An empty range is named by the line before it.
    private static string Range(int before, int lines) => string.Create(CultureInfo.InvariantCulture, $"{(lines == 0 ? before : before + 1)},{lines}");

    private static List<(char Kind, string Line)> Edits(string[] old, string[] fresh)
    {
        int head = 0, tail = 0;
        while (head < old.Length && head < fresh.Length && old[head] == fresh[head]) head++;
        while (tail < old.Length - head && tail < fresh.Length - head && old[^(tail + 1)] == fresh[^(tail + 1)]) tail++;
        var edits = new List<(char, string)>();
        edits.AddRange(old.Take(head).Select(line => (' ', line)));
        edits.AddRange(Middle(old[head..(old.Length - tail)], fresh[head..(fresh.Length - tail)]));
        edits.AddRange(old.TakeLast(tail).Select(line => (' ', line)));
        return edits;
    }

    /// <summary>By the longest common subsequence.</summary>
    private static IEnumerable<(char Kind, string Line)> Middle(string[] old, string[] fresh)
    {
        if ((long)old.Length * fresh.Length > MostCells) return [.. old.Select(line => ('-', line)), .. fresh.Select(line => ('+', line))];
        int[,] common = new int[old.Length + 1, fresh.Length + 1];
        for (int i = old.Length - 1; i >= 0; i--)
            for (int j = fresh.Length - 1; j >= 0; j--) common[i, j] = old[i] == fresh[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        var edits = new List<(char, string)>();
        int x = 0, y = 0;
        while (x < old.Length || y < fresh.Length)
        {
            if (x < old.Length && y < fresh.Length && old[x] == fresh[y])
            {
                edits.Add((' ', old[x++]));
                y++;
            }
            else if (y == fresh.Length || (x < old.Length && common[x + 1, y] >= common[x, y + 1])) edits.Add(('-', old[x++]));
            else edits.Add(('+', fresh[y++]));
        }

        return edits;
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
}
