using ProdOps.Monitoring.Probing.Reading;

namespace ProdOps.Recovery.Capture.Reading;

/// <summary>What the script printed, cut into its sections. What is read of it is bounded and holds nothing that a terminal would take for a command.</summary>
internal sealed class CaptureText
{
    /// <summary>The most lines of a section that are looked at.</summary>
    public const int MaximumLines = 200_000;

    /// <summary>The longest line that is looked at; Linux's paths are no longer than 4096 bytes.</summary>
    private const int MaximumLine = 16 * 1024;

    private readonly Sections _sections;

    private CaptureText(Sections sections) => _sections = sections;

    /// <summary>Finds both marks and what is between them.</summary>
    /// <exception cref="ProdOpsException">A mark is missing.</exception>
    public static CaptureText Find(string server, string nonce, string text) => new(Sections.Find(server, nonce, text));

    public bool Has(string section) => _sections.Has(section);

    /// <summary>Whether the section is there and what printed it ended with 0.</summary>
    public bool Succeeded(string section) => _sections.Succeeded(section);

    /// <summary>The section's lines of content, without their colon; control characters but tabs are question marks.</summary>
    public List<string> Lines(string section)
    {
        var lines = new List<string>();
        foreach (var line in _sections.LinesOf(section))
        {
            if (lines.Count == MaximumLines) break;
            if (line[0] == ':' && line.Length is > 1 and <= MaximumLine) lines.Add(Clean(line[1..]));
        }

        return lines;
    }

    /// <summary>The section's files: each path with its lines; none for one that could not be read.</summary>
    public List<(string Path, List<string>? Lines)> Files(string section)
    {
        var files = new List<(string, List<string>?)>();
        List<string>? current = null;
        int count = 0;
        foreach (var line in _sections.LinesOf(section))
        {
            if (++count > MaximumLines) break;
            if (line.Length is 1 or > MaximumLine) continue;
            switch (line[0])
            {
                case '>':
                    files.Add((Clean(line[1..]), current = []));
                    break;
                case '!':
                    files.Add((Clean(line[1..]), null));
                    break;
                case ':':
                    current?.Add(Clean(line[1..]));
                    break;
            }
        }

        return files;
    }

    /// <summary>A text of which nothing moves a terminal's cursor; whether it was changed shows in <c>\ufffd</c>.</summary>
    public static string Clean(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
            if (IsBad(c)) return string.Create(text.Length, text, static (clean, source) => { for (int i = 0; i < clean.Length; i++) clean[i] = IsBad(source[i]) ? '\ufffd' : source[i]; });
        return text.ToString();
    }

    // Besides control characters: line and paragraph separators, and what turns the direction of writing.
    private static bool IsBad(char c) => (char.IsControl(c) && c != '\t') || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') || char.IsSurrogate(c);
}
