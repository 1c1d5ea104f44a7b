using System.Text;

namespace ProdOps.Backup.Selection;

/// <summary>
/// A file of patterns, one a line, as restic reads it: white space around a line, empty lines and those that begin
/// with <c>#</c> do not count; <c>$NAME</c> and <c>${NAME}</c> are variables, <c>$$</c> is a dollar sign.
/// </summary>
internal static class PatternFile
{
    // Patterns are written by hand; whoever names a disk image here has made a mistake.
    private const long MaxSize = 16 * 1024 * 1024;

    public static List<string> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxSize) throw new IOException("the file is too large to hold patterns");
            using var reader = new StreamReader(path, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true);
            return Parse(reader.ReadToEnd(), Environment.GetEnvironmentVariable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BackupErrors.PatternFileUnreadable(path, e);
        }
    }

    public static List<string> Parse(string text, Func<string, string?> variable)
    {
        var patterns = new List<string>();
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Trim();
            if (line.Length > 0 && line[0] != '#') patterns.Add(Expand(line, variable));
        }
        return patterns;
    }

    /// <summary>Go's os.Expand, its treatment of broken syntax included.</summary>
    public static string Expand(string text, Func<string, string?> variable)
    {
        if (!text.Contains('$')) return text;
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            var (name, length) = ReadName(text.AsSpan(i + 1));
            if (name.Length > 0) result.Append(name == "$" ? "$" : variable(name));
            else if (length == 0) result.Append('$');
            i += length;
        }
        return result.ToString();
    }

    private static (string Name, int Length) ReadName(ReadOnlySpan<char> text)
    {
        if (text[0] == '{')
        {
            if (text.Length > 2 && IsSpecial(text[1]) && text[2] == '}') return (text[1].ToString(), 3);
            int end = text.IndexOf('}');
            return end < 0 ? ("", 1) : (text[1..end].ToString(), end + 1);
        }
        if (IsSpecial(text[0])) return (text[0].ToString(), 1);
        int length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] == '_')) length++;
        return (text[..length].ToString(), length);
    }

    private static bool IsSpecial(char c) => char.IsAsciiDigit(c) || "*#$@!?-".Contains(c);
}
